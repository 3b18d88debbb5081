"""How often something that grows is drawn, so that it takes a bounded part of a core.

Knows times and what a drawing costs; must not know what is drawn. Where somebody types it is drawn
behind the keys.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.timer import Timer
from textual.widget import Widget

from chat_tui.ui.attentive import AttentiveScreen, when

UPDATE_SECONDS = 0.1
SHARE = 0.08
"""The part of a core that it may take, layout and painting included."""


class Pace:
    """Calls ``draw`` soon after it is asked to, but not too often."""

    def __init__(self, widget: Widget, draw: Callable[[], None]) -> None:
        self._widget = widget
        self._draw = draw
        self._due = 0.0
        """The time from which on it may be drawn again."""
        self._waits = False
        self._timer: Timer | None = None

    def ask(self) -> None:
        """There is more to draw."""
        if not self._waits:
            self._plan()

    def draw(self) -> None:
        """Draw it at once, whenever that was last done."""
        self._waits = False
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        began, spent = time.monotonic(), time.thread_time()
        self._draw()
        self._due = began + UPDATE_SECONDS
        if (screen := self._screen) is not None:
            screen.hurry()  # a key that comes meanwhile would have to wait for all of it
        self._widget.call_after_refresh(self._drawn, began, spent)

    def _drawn(self, began: float, spent: float) -> None:
        """It is on the screen: the more that took, the later it is drawn again."""
        self._due = max(self._due, began + (time.thread_time() - spent) / SHARE)

    def _plan(self) -> None:
        now, screen = time.monotonic(), self._screen
        if not self._widget.is_attached:
            self._draw()  # what there is is drawn again once there is a place for it
            return
        at = self._due if screen is None else when(self._due, screen.pressed, now)
        if at <= now:
            self.draw()
            return
        self._waits = True
        self._timer = self._widget.set_timer(at - now, self._time_has_come)
        if screen is not None and at > self._due:
            screen.behind_key(self._key_is_drawn)

    def _time_has_come(self) -> None:
        self._timer = None
        self._plan()

    def _key_is_drawn(self) -> None:
        if self._waits and self._widget.is_attached:
            self.draw()

    @property
    def _screen(self) -> AttentiveScreen | None:
        screen = self._widget.screen if self._widget.is_attached else None
        return screen if isinstance(screen, AttentiveScreen) else None
