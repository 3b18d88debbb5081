"""A screen on which whoever writes comes first.

Knows Textual from within, and when keys come; must not know what is on the screen. What a key has
changed is drawn at once, where Textual waits for the next sixtieth of a second. What grows by
itself is drawn right behind a key, for then the next one is furthest; garbage is looked for when
nobody writes.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

from textual import events
from textual.geometry import Size
from textual.screen import Screen

from chat_tui.ui.compositor import LeanCompositor

TYPING = 0.3
"""Seconds after a key in which another one is likely to follow."""
PATIENCE = 0.25
"""Seconds that what grows waits for a key, at most."""
FRAME = 1 / 60
"""Seconds between two keys that are drawn at once: those of a burst are drawn together."""
WRITTEN = 0.01
"""Seconds in which what was drawn is on its way: another thread writes it to the terminal."""
SWEEP, LATEST = 20.0, 120.0
"""Seconds after which garbage is looked for: when nobody writes, and in any case."""
QUIET = 2.0
"""Seconds without a key in which nobody writes."""
YOUNG = 5_000
"""New objects among which garbage is looked for at any time: that takes a millisecond."""
SELDOM = 200
"""Looks at the middle-aged before all is gone through unasked: where no drawing asks for it."""
_INPUT = (events.MouseScrollDown, events.MouseScrollUp)


def when(due: float, pressed: float, now: float) -> float:
    """The time to draw what grows and is due at ``due``, if no key is drawn before.

    ``pressed`` is when the last key came. While somebody types it is later, by little: it would
    hold up the next key, behind which it is drawn.
    """
    if now - pressed >= TYPING:
        return max(due, now)
    return max(due, min(pressed + TYPING, due + PATIENCE), now)


def sweeps_in(swept: float, pressed: float, now: float) -> float:
    """Seconds until garbage is looked for, as far as is known now; 0 for at once."""
    if now < swept + SWEEP:
        return swept + SWEEP - now
    if now < min(pressed + QUIET, swept + LATEST):
        return min(pressed + QUIET, swept + LATEST) - now
    return 0.0


class AttentiveScreen(Screen[None]):
    """Draws what a key has changed at once, and lets what grows be drawn behind it."""

    def __init__(self) -> None:
        super().__init__()
        self._compositor = LeanCompositor()
        self.pressed = float("-inf")
        """When the last key came."""
        self._is_pressed = False
        """Whether a key came since the screen was drawn."""
        self._drew_key = float("-inf")
        self._hurries = False
        """Whether what changes next is drawn at once."""
        self._behind: list[Callable[[], None]] = []
        self._swept = time.monotonic()
        self._sweeps = False
        """Whether a look for garbage is planned."""
        self._thresholds: tuple[int, int, int] | None = None

    def on_mount(self) -> None:
        """Look for garbage when it suits: to go through all there is takes a tenth of a second."""
        before = gc.get_threshold()
        if before[2] != SELDOM:
            self._thresholds = before
            gc.set_threshold(YOUNG, before[1], SELDOM)

    def on_unmount(self) -> None:
        """Leave that as it was."""
        if self._thresholds is not None:
            gc.set_threshold(*self._thresholds)

    def behind_key(self, draw: Callable[[], None]) -> None:
        """Call ``draw`` once the next key is drawn."""
        if draw not in self._behind:
            self._behind.append(draw)

    def hurry(self) -> None:
        """Draw what changes next at once."""
        self._hurries = True

    def attend(self) -> None:
        """A key has come."""
        self.pressed = time.monotonic()
        self._is_pressed = True
        self._hurries = self._hurries or self.pressed - self._drew_key >= FRAME

    def _forward_event(self, event: events.Event) -> None:
        if isinstance(event, _INPUT) and not event.is_forwarded:
            self.attend()
        super()._forward_event(event)

    async def _on_idle(self, event: events.Idle) -> None:
        del event
        changed = self._layout_required or self._repaint_required or self._dirty_widgets
        if self._hurries and changed and self.is_current:
            self._on_timer_update()

    def _refresh_layout(self, size: Size | None = None, scroll: bool = False) -> None:
        super()._refresh_layout(size, scroll)
        for widget in self._compositor.widgets:
            if widget._layout_required:  # noqa: SLF001 - see below
                # It has not even told yet that its size is another, and may change it once more
                # before it does: Textual would take the size of now for that.
                widget._layout_updates += 1  # noqa: SLF001

    def _on_timer_update(self) -> None:
        super()._on_timer_update()
        self._plan_sweep()
        if self._is_pressed and (at := self.focused) is not None and at.message_queue_size:
            return  # whoever has the focus has not taken the key in yet: it is still to be drawn
        self._hurries = False
        if self._is_pressed:
            self._is_pressed = False
            self._drew_key = time.monotonic()
            if self._behind:
                self.set_timer(WRITTEN, self._draw_behind)

    def _draw_behind(self) -> None:
        behind, self._behind = self._behind, []
        for draw in behind:
            draw()

    def _plan_sweep(self) -> None:
        """What is drawn leaves garbage behind, sooner or later."""
        if not self._sweeps and self.is_attached:
            self._sweeps = True
            seconds = sweeps_in(self._swept, self.pressed, time.monotonic())
            self.set_timer(max(seconds, QUIET), self._sweep)

    def _sweep(self) -> None:
        self._sweeps = False
        if sweeps_in(self._swept, self.pressed, time.monotonic()) > 0:
            self._plan_sweep()
            return
        gc.collect()
        self._swept = time.monotonic()
