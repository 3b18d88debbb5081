"""A question that crosses threads: asked in the turn's, answered in the screen's.

Knows requests and replies; must not know widgets. The first answer is the answer. No answer is a
denial: when the turn is stopped, when the screen goes, when nobody takes the question up.
"""

from __future__ import annotations

import threading

from chat_tui.session.gate import Choice, Reply, Request
from chat_tui.tools.base import Stop

_STEP = 0.1
"""Seconds after which a stopped turn notices that it waits in vain."""


class Inquiry:
    """One question."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self._lock = threading.Lock()
        self._done = threading.Event()
        self._reply = Reply(Choice.DENY)

    @property
    def is_settled(self) -> bool:
        """Whether it has been answered."""
        return self._done.is_set()

    def settle(self, reply: Reply) -> bool:
        """Answer it; False where it was answered before, which holds."""
        with self._lock:
            if self._done.is_set():
                return False
            self._reply = reply
            self._done.set()
            return True

    def deny(self) -> None:
        """Nobody will answer it."""
        self.settle(Reply(Choice.DENY))

    def wait(self, stop: Stop) -> Reply:
        """Block until it is answered or ``stop`` is set."""
        while not self._done.wait(_STEP):
            if stop.is_set():
                self.deny()
        return self._reply
