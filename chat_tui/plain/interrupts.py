"""Ctrl+C without a traceback, and Ctrl+\\ without a core: signals become a cancel's flags.

Knows signals and ``Cancel``; must not know what is being cancelled.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from chat_tui.engine.protocol import Cancel


@contextmanager
def cancel_on_interrupt() -> Iterator[Cancel]:
    """A ``Cancel`` that Ctrl+C sets; a second Ctrl+C raises KeyboardInterrupt as usual.

    Ctrl+\\ asks for the answer now, where there is that signal.
    """
    cancel = Cancel()

    def handle(signum: int, frame: FrameType | None) -> None:
        if cancel.is_set():
            signal.default_int_handler(signum, frame)
        cancel.set()

    def hurry(_signum: int, _frame: FrameType | None) -> None:
        cancel.hurry()

    handlers: dict[int, Callable[[int, FrameType | None], None]] = {signal.SIGINT: handle}
    if hasattr(signal, "SIGQUIT"):
        handlers[signal.SIGQUIT] = hurry
    previous = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield cancel
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
