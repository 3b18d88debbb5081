"""The part of the screen where a conversation is held, as those who talk see it.

Knows the kinds of widgets that are there; must not know where they stand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from textual.timer import Timer

from chat_tui.ui import making_room
from chat_tui.ui.widgets.composer import Composer
from chat_tui.ui.widgets.header import Header
from chat_tui.ui.widgets.line import Line
from chat_tui.ui.widgets.transcript import Transcript


class Place(making_room.Place, Protocol):
    """What a talk draws on, and what it is written in."""

    @property
    def header(self) -> Header:
        """The line that says what this is about."""

    @property
    def transcript(self) -> Transcript:
        """What was said."""

    @property
    def line(self) -> Line:
        """What is said now, and what waits."""

    @property
    def composer(self) -> Composer:
        """Where the user writes."""

    def set_timer(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Call back after so many seconds."""

    def show_progress(self) -> None:
        """Draw what is happening now."""
