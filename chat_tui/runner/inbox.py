"""Commands on their way from the thread that reads them to the one that works.

Knows which command ends which work; must not know what any of it is. A stop ends the generation
or load that was asked for last, even where that has not begun; any command ends reading ahead, and
a mere question about a prompt does so without spoiling the batch that is being evaluated.
"""

from __future__ import annotations

import queue
import threading

from chat_tui import wire
from chat_tui.runner.flag import Flag

Questions = wire.Cost | wire.Inspect
Work = wire.Load | wire.Generate | wire.Measure | wire.Prime | Questions | wire.Leave
_STOPPABLE = (wire.Load, wire.Generate, wire.Measure)


class Inbox:
    """``take`` and ``close`` belong to the reading thread, all else to the working one."""

    def __init__(self) -> None:
        self.stop = Flag()
        """Set while what is under way should end."""
        self.hurry = Flag()
        """Set while the answer should begin."""
        self._queue: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._ahead = False
        self._stopped = False  # whether a stop came since the last command that it can end
        self._closed = False

    def take(self, command: object) -> None:
        """Pass a command on; what is no command is ignored."""
        with self._lock:
            if isinstance(command, wire.Stop):
                self._stopped = True
                self.stop.set()
            elif isinstance(command, wire.AnswerNow):
                self.hurry.set()
            elif isinstance(command, Work):
                if isinstance(command, _STOPPABLE):
                    # Here and not when the work begins: a stop that follows must stay.
                    self._stopped = False
                    self.stop.clear()
                    self.hurry.clear()
                if self._ahead and not isinstance(command, Questions):
                    self.stop.set()
                self._queue.put(command)

    def close(self) -> None:
        """Nothing more will come: end what is under way."""
        with self._lock:
            self._closed = True
            self.stop.set()
            self._queue.put(None)

    def next(self) -> Work | None:
        """The next command, waited for; None where nothing will come any more."""
        command = self._queue.get()
        return None if self._closed else command

    def is_set(self) -> bool:
        """Whether reading ahead should pause between two batches."""
        return self.stop.is_set() or not self._queue.empty()

    def begin_ahead(self) -> bool:
        """Whether there is time to read ahead: False where a command waits."""
        with self._lock:
            self._ahead = self._queue.empty() and not self._closed
            if self._ahead:
                self.stop.clear()
            return self._ahead

    def end_ahead(self) -> None:
        """Reading ahead is over; a stop that came meanwhile is for what comes next."""
        with self._lock:
            self._ahead = False
            if self._stopped or self._closed:
                self.stop.set()
            else:
                self.stop.clear()
