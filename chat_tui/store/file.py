"""The file with the conversations: opened, read beside the one thread that writes, put right.

Knows the schema, the writer's thread and salvage; must not know what is read or written. Any
thread may call any method.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from chat_tui.errors import StoreError, StoreFull
from chat_tui.language import _
from chat_tui.store import queries
from chat_tui.store.leases import BEAT_SECONDS
from chat_tui.store.presence import Presence
from chat_tui.store.salvage import salvage
from chat_tui.store.schema import connect, migrate, private_file
from chat_tui.store.values import Salvage
from chat_tui.store.writer import RETRY_SECONDS, Damaged, Job, Writer, explain

_Result = TypeVar("_Result")


class File:
    """The database at ``path``, made if there is none. Raises StoreError if it cannot be used.

    A damaged file is put aside and its rows are rescued (``salvaged`` tells). ``beat`` is a job
    for now and then. ``told`` hears, in another thread, when writing begins to fail (an error)
    and when it works again (None).
    """

    def __init__(
        self,
        path: Path,
        beat: Job,
        *,
        told: Callable[[StoreError | None], None] = lambda _trouble: None,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self.path = path
        self.salvaged: Salvage | None = None
        self.told = told
        self._reader: sqlite3.Connection | None = None
        self._reading = threading.RLock()
        self._heals = 0
        self._closed = False
        with _plainly():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if path.parent.stat().st_mode & 0o077:
                path.parent.chmod(0o700)
            self._presence = Presence(path.with_name(path.name + ".lock"))
        try:
            self.writer = self._open(beat, retry_seconds)
        except BaseException:
            self._presence.close()
            raise

    def read(
        self, work: Callable[[sqlite3.Connection], _Result], *, locked: bool = True
    ) -> _Result:
        """``work`` with the reading connection; once more after salvage if the file is damaged.

        With ``locked`` nobody else reads meanwhile. Raises StoreError.
        """
        for _attempt in range(2):
            before = self._heals
            try:
                if not locked:
                    return work(self._reading_connection())
                with self._reading:
                    return work(self._reading_connection())
            except sqlite3.Error as error:
                why = explain(error)
                if isinstance(why, StoreError):
                    raise why from error
            except (Damaged, UnicodeDecodeError):
                pass
            self.writer.alone(lambda seen=before: self._heal() if self._heals == seen else None)  # type: ignore[misc]
        raise StoreError(
            _("The conversations are damaged and could not be put right."),
            _("The damaged files are kept in {folder}.").format(folder=self.path.parent),
        )

    def check(self) -> bool:
        """Read the whole file; salvage it if it is damaged. Whether it was sound.

        Takes as long as reading the file does; a face runs it in the background.
        """

        def work(_connection: sqlite3.Connection) -> None:
            with self._other_connection() as connection:
                found = connection.execute("PRAGMA integrity_check(1)").fetchone()
            if found != ("ok",):
                raise Damaged

        before = self._heals
        self.read(work, locked=False)
        return self._heals == before

    def close(self) -> int:
        """Write what waits; return how many changes could not be written (the disk is full)."""
        lost = self.writer.close()
        with self._reading:
            self._closed = True
            self._stop_reading()
        self._presence.close()
        return lost

    def _open(self, beat: Job, retry_seconds: float) -> Writer:
        def writer() -> Writer:
            return Writer(
                self._connect,
                self._heal,
                beat,
                beat_seconds=BEAT_SECONDS,
                retry_seconds=retry_seconds,
                told=self._hear,
            )

        with _plainly():
            try:
                return writer()
            except sqlite3.DatabaseError as error:
                why = explain(error)
                if isinstance(why, StoreError):
                    raise why from error
            except UnicodeDecodeError:
                pass  # SQLite's own words quote a damaged schema
            self._heal()
            return writer()

    def _hear(self, trouble: StoreError | None) -> None:
        self.told(trouble)

    def _connect(self) -> sqlite3.Connection:
        private_file(self.path)
        connection = connect(self.path)
        try:
            migrate(connection, self.path)
            queries.probe(connection)
        except BaseException:
            connection.close()
            raise
        connection.text_factory = _text
        return connection

    @contextmanager
    def _other_connection(self) -> Iterator[sqlite3.Connection]:
        connection = connect(self.path)
        try:
            yield connection
        finally:
            connection.close()

    def _reading_connection(self) -> sqlite3.Connection:
        with self._reading:
            if self._closed:
                raise StoreError(_("The conversations are closed."))
            if self._reader is None:
                self._reader = connect(self.path)
                self._reader.execute("PRAGMA query_only = ON")
                self._reader.text_factory = _text
            return self._reader

    def _stop_reading(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _heal(self) -> None:
        """Salvage the file; nobody else has it open then."""
        with self._reading, self._presence.alone():
            self._stop_reading()
            try:
                self.salvaged = salvage(self.path)
            except OSError as error:
                raise StoreFull(
                    _(
                        "The conversations are damaged, and the disk does not let them be put"
                        " right."
                    ),
                    _("Make room in {folder}.").format(folder=self.path.parent),
                ) from error
            self._heals += 1


def _text(raw: bytes) -> Any:
    return raw.decode("utf-8", "replace")


@contextmanager
def _plainly() -> Iterator[None]:
    """What goes wrong with files and with SQLite while opening, as StoreError."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            _("The conversations cannot be kept: {error}.").format(error=error.strerror or error),
            _("Look at {file}.").format(file=error.filename) if error.filename else "",
        ) from error
    except sqlite3.Error as error:
        why = explain(error)
        raise (why if isinstance(why, StoreError) else StoreError(str(why))) from error
