"""Conversations kept on disk: what was said is there again after a crash, a reboot, a full disk.

Knows SQLite and the conversation's values; must not know the model, a turn or a face.
"""
