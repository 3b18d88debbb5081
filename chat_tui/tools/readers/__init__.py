"""Texts out of files: plain ones here, the formats of books and papers in a process of their own.

A file is from anywhere and its format may be a trap: what reads it is bounded in size, in time
and, where the format is more than text, in memory, by a child process that can be killed.
"""

from __future__ import annotations

from dataclasses import dataclass

from chat_tui.tools.pages import Anchor

MAX_TEXT = 8 << 20
"""Characters of one document; more is left out."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says."""

    title: str
    """As the file itself gives it; may be empty."""
    pieces: tuple[str | Anchor, ...]
    """The text; an Anchor's address is as the file has it, perhaps relative."""

    @property
    def text(self) -> str:
        """The text alone."""
        return "".join(one if isinstance(one, str) else one.text for one in self.pieces)
