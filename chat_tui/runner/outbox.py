"""Gathers events for the pipe, so that a fast model does not send a frame a token.

Knows events and time; must not know what makes them. Deltas of one kind that follow each other
become one.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from chat_tui.events import EngineEvent, LoadProgress, merged

INTERVAL = 0.03
"""Seconds between frames; about what a screen shows and an eye follows."""


class Outbox:
    """Sends lists of events, at most one every INTERVAL unless told to."""

    def __init__(
        self,
        send: Callable[[list[object]], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send = send
        self._clock = clock
        self._events: list[object] = []
        self._last = float("-inf")

    def add(self, event: EngineEvent | LoadProgress) -> None:
        """Put an event in the next frame."""
        self._events.append(event)

    def send_due(self) -> None:
        """Send what is there if the last frame is long enough ago."""
        if self._events and self._clock() - self._last >= INTERVAL:
            self.send()

    def send(self) -> None:
        """Send what is there."""
        events, self._events = self._events, []
        if events:
            self._last = self._clock()
            self._send(list(merged(events)))
