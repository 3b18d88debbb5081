"""Faces without a screen: one answer for scripts, and a conversation line by line."""
