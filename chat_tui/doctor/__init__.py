"""What is right and wrong with this installation, and the command that mends it.

``facts`` are values, ``looking`` gathers them, ``judgement`` makes findings of them, ``report``
makes text and JSON of those.
"""
