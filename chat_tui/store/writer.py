"""The one thread that writes: a queue of jobs, each a transaction.

Knows SQLite, threads and what goes wrong with disks; must not know what the jobs write. A job
that must not be lost waits here, in order, while the disk takes nothing, and is tried again until
it is written. No message of a job's content gets into an error.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from chat_tui.errors import StoreError, StoreFull
from chat_tui.language import _
from chat_tui.store.schema import check_version

_Result = TypeVar("_Result")
Job = Callable[[Any], Any]
"""Takes the connection, inside a transaction."""

RETRY_SECONDS = 1.0
FIRST_BEAT_SECONDS = 1.0
"""The first beat waits until what the start needs is done."""


class Damaged(Exception):
    """The file is no longer what SQLite wrote."""


@dataclass(slots=True)
class _Entry:
    work: Job
    lasting: bool = False
    """Whether it waits for room instead of failing."""
    alone: bool = False
    """Whether it runs without the connection, which is closed first."""
    done: Future[Any] = field(default_factory=Future)


def explain(error: sqlite3.Error) -> StoreError | Damaged:
    """What an error of SQLite means for the user; ``Damaged`` for one that salvage can mend."""
    code = getattr(error, "sqlite_errorcode", None) or 0
    match code & 0xFF:
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return Damaged(str(error))
        case sqlite3.SQLITE_FULL:
            what = _("The disk is full: what is said now is not saved yet.")
        case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY:
            what = _("The disk takes no more: what is said now is not saved yet.")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreFull(
                _("Another process holds the conversations: what is said now is not saved yet."),
                _("It is tried again until it can be written."),
            )
        case _:
            name = getattr(error, "sqlite_errorname", type(error).__name__)
            return StoreError(
                _("The conversations could not be read or written ({error}).").format(error=name)
            )
    return StoreFull(what, _("Make room; it is written as soon as there is some."))


class Writer:
    """Runs jobs one after the other, each in a transaction of its own.

    ``connect`` opens the database, ``heal`` puts a damaged one right, ``beat`` is a job for every
    ``beat_seconds`` in which there is nothing else; all three run in the writer's thread. ``told``
    hears of trouble that begins (an error) and ends (None), in that thread too.
    """

    def __init__(
        self,
        connect: Callable[[], sqlite3.Connection],
        heal: Callable[[], None],
        beat: Job,
        *,
        beat_seconds: float,
        retry_seconds: float = RETRY_SECONDS,
        told: Callable[[StoreError | None], None] = lambda _trouble: None,
    ) -> None:
        self._connect, self._heal, self._beat = connect, heal, beat
        self._beat_seconds, self._retry_seconds = beat_seconds, retry_seconds
        self._told = told
        self._queue: deque[_Entry] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._connection: sqlite3.Connection | None = connect()
        self.trouble: StoreError | None = None
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self._thread.start()

    def do(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """Run ``work`` in a transaction; return when it is committed. Raises StoreError."""
        result: _Result = self._put(_Entry(work)).result()
        return result

    def keep(self, work: Job) -> None:
        """The same for what must not be lost.

        With the disk full it returns at once, ``trouble`` is set, and ``work`` is done later.
        Raises StoreError for what no room mends.
        """
        self._put(_Entry(work, lasting=True)).result()

    def later(self, work: Job) -> None:
        """Run ``work`` when its turn comes; its failure is nobody's concern."""
        self._put(_Entry(work))

    def alone(self, work: Callable[[], None]) -> None:
        """Run ``work`` with this thread's connection closed. Raises StoreError."""
        self._put(_Entry(lambda _connection: work(), alone=True)).result()

    def close(self) -> int:
        """Write what waits, end the thread; return how many jobs could not be written."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()
        return len(self._queue)

    def _put(self, entry: _Entry) -> Future[Any]:
        with self._changed:
            if self._closing:
                raise StoreError(_("The conversations are closed."))
            if self.trouble and entry.lasting:
                entry.done.set_result(None)
            self._queue.append(entry)
            self._changed.notify_all()
        return entry.done

    def _run(self) -> None:
        beaten = time.monotonic() - self._beat_seconds + FIRST_BEAT_SECONDS
        while True:
            with self._changed:
                if not self._queue and not self._closing:
                    self._changed.wait(max(0.0, beaten + self._beat_seconds - time.monotonic()))
                entry = self._queue[0] if self._queue else None
                if entry is None and self._closing:
                    break
            if entry is not None:
                if not self._step(entry):
                    if self._closing:
                        break
                    self._pause()
            elif time.monotonic() - beaten >= self._beat_seconds:
                beaten = time.monotonic()
                with suppress(StoreError, Damaged):
                    self._transact(self._beat)
        if self._connection is not None:
            self._connection.close()

    def _pause(self) -> None:
        """Wait for room; jobs that do not last fail meanwhile."""
        until = time.monotonic() + self._retry_seconds
        with self._changed:
            while not self._closing and (left := until - time.monotonic()) > 0:
                for entry in [one for one in self._queue if not one.lasting]:
                    self._queue.remove(entry)
                    entry.done.set_exception(self.trouble or StoreError(_("Not saved.")))
                self._changed.wait(left)

    def _step(self, entry: _Entry) -> bool:
        """Try the first job; whether the queue has moved on."""
        try:
            result = self._attempt(entry)
        except StoreFull as error:
            self._trouble(error)
            if entry.lasting:
                self._answer(entry, None)
                return False
            self._drop(entry, error)
            return True
        except BaseException as error:  # noqa: BLE001 - raised again where the job came from
            self._drop(entry, error)
            return True
        self._trouble(None)
        with self._changed:
            self._queue.popleft()
        self._answer(entry, result)
        return True

    def _attempt(self, entry: _Entry) -> Any:
        if entry.alone:
            return self._alone(lambda: entry.work(None))
        try:
            return self._transact(entry.work)
        except Damaged:
            self._alone(self._heal)
        try:
            return self._transact(entry.work)
        except Damaged as error:
            raise StoreError(
                _("The conversations are damaged and could not be put right."),
                _("The damaged file is kept; start chat-tui again."),
            ) from error

    def _transact(self, work: Job) -> Any:
        try:
            if self._connection is None:
                self._connection = self._connect()
            connection = self._connection
            connection.execute("BEGIN IMMEDIATE")
            try:
                check_version(connection)
                result = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise explain(error) from error
        except UnicodeDecodeError as error:
            raise Damaged from error  # SQLite's own words quote a damaged schema
        return result

    def _alone(self, work: Callable[[], None]) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None
        try:
            work()
        except sqlite3.Error as error:
            why = explain(error)
            raise (why if isinstance(why, StoreError) else StoreError(str(why))) from error

    def _trouble(self, error: StoreError | None) -> None:
        if (error is None) == (self.trouble is None):
            return
        with self._changed:
            self.trouble = error
            if error:
                # Whoever waits for a job that will last may go on.
                for entry in self._queue:
                    if entry.lasting and not entry.done.done():
                        entry.done.set_result(None)
        self._told(error)

    def _drop(self, entry: _Entry, error: BaseException) -> None:
        with self._changed:
            self._queue.remove(entry)
        if not entry.done.done():
            entry.done.set_exception(error)

    def _answer(self, entry: _Entry, result: Any) -> None:
        if not entry.done.done():
            entry.done.set_result(result)
