"""The kept conversations: listed, loaded, searched, and who may write which.

Knows the tables and the file they are in; must not know turns or faces. Any thread may call any
method. Reading goes on while another thread writes.
"""

from __future__ import annotations

import re
import secrets
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

from chat_tui.conversation import Conversation, Effort
from chat_tui.errors import StoreError, StoreFull
from chat_tui.language import _
from chat_tui.store import queries
from chat_tui.store.file import File
from chat_tui.store.leases import this_process
from chat_tui.store.pen import Pen, settle, take_lease
from chat_tui.store.rows import whole
from chat_tui.store.search import find
from chat_tui.store.values import Hit, Salvage, Stored, Summary
from chat_tui.store.writer import RETRY_SECONDS

KEEP_DELETED_SECONDS = 30 * 24 * 3600.0
"""How long a deleted conversation can be restored."""


class Store:
    """The database at ``path``, made if there is none. Raises StoreError if it cannot be used.

    A damaged file is put aside and its rows are rescued (``salvaged`` tells). ``told`` hears, in
    another thread, when writing begins to fail (an error) and when it works again (None).
    """

    def __init__(
        self,
        path: Path,
        *,
        now: Callable[[], float] = time.time,
        told: Callable[[StoreError | None], None] = lambda _trouble: None,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self._now = now
        self._holder = this_process()
        self._tidied = False
        self._file = File(path, self._tidy, told=told, retry_seconds=retry_seconds)
        self._writer, self._read = self._file.writer, self._file.read
        self.path = path

    def close(self) -> int:
        """Write what waits; return how many changes could not be written (the disk is full)."""
        with suppress(StoreError):  # else they are free when this process is gone
            self._writer.do(self._leave)
        return self._file.close()

    @property
    def salvaged(self) -> Salvage | None:
        """What was rescued, if the file was damaged."""
        return self._file.salvaged

    @property
    def trouble(self) -> StoreError | None:
        """Why what is said now is not saved yet; None while all is well."""
        return self._writer.trouble

    def tell(self, told: Callable[[StoreError | None], None]) -> None:
        """Let ``told`` hear of trouble from now on."""
        self._file.told = told

    # -- reading

    def list_conversations(
        self, limit: int = 50, offset: int = 0, *, deleted: bool = False
    ) -> tuple[Summary, ...]:
        """A page of the list: pinned ones first, then by the last change; or the deleted ones."""
        return self._read(lambda connection: queries.listed(connection, limit, offset, deleted))

    def count(self) -> int:
        """How many conversations the list has."""
        return self._read(queries.count)

    def last(self) -> str | None:
        """The conversation that was changed last."""
        return self._read(queries.last)

    def held_elsewhere(self) -> frozenset[str]:
        """The conversations that other processes have open."""
        now = self._now()
        return self._read(lambda connection: queries.held(connection, self._holder, now))

    def resolve(self, beginning: str) -> str:
        """The one conversation whose id begins like this. Raises StoreError."""
        found = self._read(lambda connection: queries.begins(connection, beginning))
        if len(found) == 1 or beginning in found:
            return beginning if beginning in found else found[0]
        what = (
            _("Several conversations begin with {id!r}.")
            if found
            else _("No conversation begins with {id!r}.")
        )
        raise StoreError(what.format(id=beginning), _("See chat-tui list."))

    def load(self, conversation: str) -> Stored:
        """A whole conversation, deleted or not. Raises StoreError where there is none.

        A message that another process is writing, or was when it ended, is there as far as it was
        written, marked as interrupted.
        """
        stored = self._read(lambda connection: queries.load(connection, conversation))
        if stored is None:
            raise queries.no_conversation(conversation)
        return stored

    def search(self, query: str, limit: int = 100, each: int | None = None) -> tuple[Hit, ...]:
        """Where all the words stand together: titles first, then messages, newest first.

        ``each`` is the most messages of one conversation.
        """
        with suppress(StoreFull):
            while self._read(queries.lags):
                self._writer.do(queries.index)
        return self._read(lambda connection: find(connection, query, limit, each))

    def check(self) -> bool:
        """See ``File.check``; a face runs it in the background."""
        return self._file.check()

    def questions(self, limit: int = 100) -> tuple[str, ...]:
        """The latest questions of all conversations in the list, the oldest first."""
        return self._read(lambda connection: queries.questions(connection, limit))

    # -- writing

    def create(
        self,
        title: str = "",
        *,
        started: date | None = None,
        effort: Effort | None = None,
        model: str = "",
    ) -> Pen:
        """Begin a conversation, which this process then writes."""
        now = self._now()
        stored = Stored(
            secrets.token_hex(6),
            title,
            created=now,
            updated=now,
            started=started or date.fromtimestamp(now),
            effort=effort,
            model=model,
        )

        def work(connection: sqlite3.Connection) -> None:
            queries.insert(connection, stored)
            take_lease(connection, stored.id, self._holder, now)

        self._writer.keep(work)
        return Pen(self._writer, stored.id, self._holder, 0, self._now)

    def resume(self, conversation: str) -> tuple[Stored, Pen]:
        """A conversation, and the pen to go on with it. Raises StoreBusy if another one has it."""

        def work(connection: sqlite3.Connection) -> None:
            if queries.exists(connection, conversation):
                take_lease(connection, conversation, self._holder, self._now())
                settle(connection, conversation)

        self._writer.do(work)
        stored = self.load(conversation)
        pen = Pen(self._writer, conversation, self._holder, len(stored.facts), self._now)
        return stored, pen

    def rename(self, conversation: str, title: str) -> None:
        """Give it a title of the user's own."""
        self._change(conversation, "UPDATE conversations SET title = ?, named = 1", whole(title))

    def pin(self, conversation: str, pinned: bool = True) -> None:
        """Keep it at the top of the list, or no longer."""
        self._change(conversation, "UPDATE conversations SET pinned = ?", int(pinned))

    def delete(self, conversation: str) -> None:
        """Take it out of the list; ``restore`` brings it back for 30 days. Raises StoreBusy."""

        def work(connection: sqlite3.Connection) -> None:
            take_lease(connection, conversation, self._holder, self._now())
            queries.change(
                connection,
                conversation,
                "UPDATE conversations SET deleted = ?",
                self._now(),
            )
            queries.give_back(connection, conversation)

        self._writer.do(work)

    def restore(self, conversation: str) -> None:
        """Undo ``delete``."""
        self._change(conversation, "UPDATE conversations SET deleted = ?", None)

    def purge(self, conversation: str) -> None:
        """Remove a deleted conversation from the disk now."""
        self._writer.do(lambda connection: queries.purge(connection, conversation))

    def fork(self, conversation: str, node: int | None = None) -> str:
        """A new conversation with what was said up to ``node`` (else the head); its id."""
        stored = self.load(conversation)
        tree = stored.conversation if node is None else stored.conversation.at(node)
        path = tree.path()
        return self.insert(
            replace(
                stored,
                id="",
                pinned=False,
                created=self._now(),
                updated=self._now(),
                extra={**stored.extra, "forked_from": {"id": conversation, "node": tree.head}},
                conversation=Conversation().add(*tree.messages),
                facts=tuple(stored.facts[index] for index in path),
            )
        )

    def insert(self, stored: Stored) -> str:
        """Add a conversation from elsewhere; its id, which is new where its own is taken."""

        def work(connection: sqlite3.Connection) -> str:
            free = re.fullmatch("[0-9a-f]{12}", stored.id) and not queries.exists(
                connection, stored.id
            )
            copy = stored if free else replace(stored, id=secrets.token_hex(6))
            queries.insert(connection, copy)
            return copy.id

        return self._writer.do(work)

    # -- inside

    def _change(self, conversation: str, statement: str, value: object) -> None:
        self._writer.do(
            lambda connection: queries.change(connection, conversation, statement, value)
        )

    def _tidy(self, connection: sqlite3.Connection) -> None:
        """What is done soon after the start and now and then: leases, old deletions, index."""
        self._tidied = True
        now = self._now()
        queries.renew(connection, self._holder, now)
        queries.purge_old(connection, now - KEEP_DELETED_SECONDS)
        if queries.index(connection):
            self._file.writer.later(self._index_more)

    def _leave(self, connection: sqlite3.Connection) -> None:
        queries.leave(connection, self._holder)
        if not self._tidied:
            self._tidy(connection)

    def _index_more(self, connection: sqlite3.Connection) -> None:
        if queries.index(connection):
            self._file.writer.later(self._index_more)
