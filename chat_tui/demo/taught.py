"""Which keys and commands of the app the model is taught to name.

They travel in the model's file, so that a test can tell when the file that ships speaks of a key
that is no longer bound. Knows texts only.
"""

from __future__ import annotations

import re

from chat_tui.demo.app_help import HELP
from chat_tui.demo.data import CANNOT
from chat_tui.demo.small_talk import TALK

METADATA_KEY = "chat_tui.taught_keys"
"""The GGUF metadata key under which the names stand, parted by blanks."""


def keys_in(text: str) -> set[str]:
    """The keys and slash commands that a text names."""
    return set(re.findall(r"Ctrl\+\w|Shift\+\w+|Alt\+\w+|\bF\d+\b|\bEsc\b|(?<!\w)/[a-z]+", text))


def taught_keys() -> set[str]:
    """All that any answer names."""
    texts = (CANNOT, *(topic.answer for topic in (*TALK, *HELP)))
    return {name for text in texts for name in keys_in(text)}
