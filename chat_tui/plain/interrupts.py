"""Ctrl+C without a traceback: a signal becomes a cancel flag.

Knows signals and ``Cancel``; must not know what is being cancelled.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from chat_tui.engine.protocol import Cancel


@contextmanager
def cancel_on_interrupt() -> Iterator[Cancel]:
    """A ``Cancel`` that Ctrl+C sets; a second Ctrl+C raises KeyboardInterrupt as usual."""
    cancel = Cancel()

    def handle(signum: int, frame: FrameType | None) -> None:
        if cancel.is_set():
            signal.default_int_handler(signum, frame)
        cancel.set()

    previous = signal.signal(signal.SIGINT, handle)
    try:
        yield cancel
    finally:
        signal.signal(signal.SIGINT, previous)
