"""When to read ahead: after a turn, after a change, and again until all is read.

Knows the worker, the draft and a timer; must not know widgets other than through what it is
given. It never looks while an answer is on its way.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from textual.timer import Timer

from chat_tui.events import PromptCost, PromptProgress
from chat_tui.ui.ahead import Ahead

LONG_DRAFT = 1_000
"""Characters from which a draft is worth reading while it is still being written."""
DRAFT_SECONDS = 0.6
"""How long a draft has to stay as it is before it is read."""


class Around(Protocol):
    """What is asked of the place that the lookout serves."""

    @property
    def may_look_ahead(self) -> bool:
        """Whether nothing else is going on."""

    @property
    def reads_ahead(self) -> bool:
        """Whether anything is read without a draft."""

    @property
    def draft(self) -> str:
        """What is being written."""

    def set_timer(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Call back after so many seconds."""


class Lookout:
    """Asks ``look_ahead`` (with a draft worth reading) and takes in what it costs."""

    def __init__(self, around: Around, look_ahead: Callable[[str], None]) -> None:
        self._around = around
        self._look_ahead = look_ahead
        self._ahead = Ahead()
        self._timer: Timer | None = None

    @property
    def text(self) -> str:
        """What the next question has to read, in words; empty where there is nothing to tell."""
        return self._ahead.text

    def look(self) -> None:
        """Look now."""
        self.stop()
        if self._around.may_look_ahead:
            draft = self._around.draft
            self._look_ahead(draft if self._is_worth_reading(draft) else "")

    def drafted(self) -> None:
        """The draft has changed: a long one is read as soon as it stays as it is."""
        if self._is_worth_reading(self._around.draft):
            self._look_in(DRAFT_SECONDS)

    def saw(self, cost: PromptCost) -> None:
        """This was seen; look again when that should have been read."""
        if self._around.may_look_ahead:
            self._ahead.look(cost, time.monotonic())
            if self._ahead.wait is not None and self._around.reads_ahead:
                self._look_in(self._ahead.wait)

    def reads(self, event: PromptProgress) -> None:
        """A question's prompt is being read: that tells how fast it goes."""
        self._ahead.read(event.done, event.total, time.monotonic())

    def stop(self) -> None:
        """Do not look by itself any more."""
        if self._timer is not None:
            self._timer.stop()

    def begin(self) -> None:
        """A question is on its way."""
        self.stop()
        self._ahead.begin()

    def _is_worth_reading(self, draft: str) -> bool:
        """Whether a draft is long, or the first sign of what is wanted; a command is none."""
        waited_for = not self._around.reads_ahead and draft.strip() and not draft.startswith("/")
        return len(draft) >= LONG_DRAFT or bool(waited_for)

    def _look_in(self, delay: float) -> None:
        self.stop()
        self._timer = self._around.set_timer(delay, self.look)
