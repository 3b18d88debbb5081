"""The terminal that the app is drawn on, which may vanish without a word.

Knows Textual's driver for Unix; must not know the app but for how it is left. Mostly a terminal
that closes sends a signal that ends the program. Where it does not (nohup, a container, a session
of its own), reading gives nothing at once, for ever, and writing fails: Textual would read on and
on, and wait for ever to write.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import IO, Any, cast

from textual.drivers.linux_driver import LinuxDriver

LOOK_SECONDS = 0.5
"""So often is looked whether the terminal is still there."""


class Enduring:
    """A file to write to, which takes everything in silence once writing has failed."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._failed = False

    def write(self, text: str) -> int:
        """Write, or do as if."""
        if not self._failed:
            try:
                self._file.write(text)
            except OSError:
                self._failed = True
        return len(text)

    def flush(self) -> None:
        """Have all of it written."""
        if not self._failed:
            try:
                self._file.flush()
            except OSError:
                self._failed = True

    def fileno(self) -> int:
        """The number of the file."""
        return self._file.fileno()


class TerminalDriver(LinuxDriver):
    """Textual's driver, which leaves the app when the terminal has gone."""

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        self._file = cast("Any", Enduring(cast("IO[str]", self._file)))
        self._next: asyncio.TimerHandle | None = None

    def start_application_mode(self) -> None:
        """Look now and then, from now on."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self.input_tty:
            self._look()

    def stop_application_mode(self) -> None:
        """Look no more."""
        if self._next is not None:
            self._next.cancel()
        super().stop_application_mode()

    def run_input_thread(self) -> None:
        """Textual's; that nothing can be read is no fault of the program."""
        with suppress(OSError):
            super().run_input_thread()

    def _look(self) -> None:
        if os.isatty(self.fileno):
            self._next = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)
            return
        self.exit_event.set()  # nothing will be read any more
        self._app.call_later(self._app.action_quit)
