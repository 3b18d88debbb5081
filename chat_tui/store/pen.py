"""Writing one conversation: messages, whole or as they come, and where its head is.

Knows the tables and the writer's queue; must not know events. A pen holds the conversation's
lease; without it every write fails with StoreBusy. With the disk full the methods return as ever
and what they wrote waits in the queue (see ``Store.trouble``).
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from json import dumps
from typing import Any

from chat_tui.conversation import Effort, Message
from chat_tui.errors import StoreBusy
from chat_tui.events import Usage
from chat_tui.language import _
from chat_tui.store.leases import Holder, is_gone
from chat_tui.store.rows import COLUMNS, cell_text, from_json, text_cell, to_json, to_row, whole
from chat_tui.store.values import Facts
from chat_tui.store.writer import Writer

_PLACE = ("conversation", "number", "parent", "open")
_INSERT = (
    f"INSERT INTO messages ({', '.join((*_PLACE, *COLUMNS))})"  # noqa: S608 - constants
    f" VALUES ({', '.join('?' * (len(_PLACE) + len(COLUMNS)))})"
)
_UPDATE = (
    f"UPDATE messages SET open = 0, {', '.join(f'{name} = ?' for name in COLUMNS)}"  # noqa: S608
    " WHERE conversation = ? AND number = ?"
)


def insert_message(
    connection: sqlite3.Connection,
    conversation: str,
    number: int,
    parent: int | None,
    message: Message,
    facts: Facts,
    *,
    streaming: bool = False,
) -> None:
    """A row for ``message``."""
    connection.execute(
        _INSERT, (conversation, number, parent, int(streaming), *to_row(message, facts))
    )


def settle(connection: sqlite3.Connection, conversation: str) -> None:
    """Make what was being written when its process ended an interrupted message."""
    found = connection.execute(
        "SELECT number FROM messages WHERE conversation = ? AND open", (conversation,)
    ).fetchall()
    for (number,) in found:
        text = shown(connection, conversation, number)
        connection.execute(
            "UPDATE messages SET content = ?, interrupted = 1, open = 0"
            " WHERE conversation = ? AND number = ?",
            (text_cell(text), conversation, number),
        )
        _drop_chunks(connection, conversation, number)


def shown(connection: sqlite3.Connection, conversation: str, number: int) -> str:
    """What has been written so far of a message that is still open."""
    parts = connection.execute(
        "SELECT text FROM chunks WHERE conversation = ? AND number = ? ORDER BY key",
        (conversation, number),
    )
    return "".join(cell_text(text) for (text,) in parts)


def _add_chunk(connection: sqlite3.Connection, conversation: str, number: int, text: str) -> None:
    connection.execute(
        "INSERT INTO chunks (conversation, number, text) VALUES (?, ?, ?)",
        (conversation, number, text_cell(text)),
    )


def _drop_chunks(connection: sqlite3.Connection, conversation: str, number: int) -> None:
    connection.execute(
        "DELETE FROM chunks WHERE conversation = ? AND number = ?", (conversation, number)
    )


def take_lease(
    connection: sqlite3.Connection, conversation: str, holder: Holder, now: float
) -> None:
    """Let ``holder`` write the conversation. Raises StoreBusy while another one does."""
    if (other := holder_of(connection, conversation)) is not None:
        whose, beat = other
        if whose.owner != holder.owner and not is_gone(whose, beat, now):
            raise StoreBusy(
                _("This conversation is open in another chat-tui."),
                _("Here it can be read; fork it to go on from it."),
            )
    connection.execute(
        "INSERT OR REPLACE INTO leases (conversation, owner, pid, machine, born, beat)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (conversation, holder.owner, holder.pid, holder.machine, holder.born, now),
    )


def holder_of(connection: sqlite3.Connection, conversation: str) -> tuple[Holder, float] | None:
    """Who has the lease, and when its heart last beat."""
    row = connection.execute(
        "SELECT owner, pid, machine, born, beat FROM leases WHERE conversation = ?",
        (conversation,),
    ).fetchone()
    return (Holder(*row[:4]), row[4]) if row else None


class Pen:
    """Writes the conversation ``id``, whose nodes are numbered as in the tree."""

    def __init__(
        self,
        writer: Writer,
        conversation: str,
        holder: Holder,
        size: int,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.id = conversation
        self._writer, self._holder, self._now = writer, holder, now
        self._size = size

    @property
    def size(self) -> int:
        """How many messages there are; the next one gets this number."""
        return self._size

    def add(
        self,
        message: Message,
        parent: int | None,
        *,
        model: str = "",
        extra: Mapping[str, Any] | None = None,
    ) -> int:
        """Write a whole message, which is then the head; its number."""
        now = self._now()
        facts = Facts(now, now, model, None, extra or {})
        number = self._size
        self._insert(number, parent, message, facts)
        return number

    def start(
        self, message: Message, parent: int | None, *, model: str = "", text: str = ""
    ) -> int:
        """Begin a message that comes in pieces, of which ``text`` is the first; its number."""
        number = self._size
        facts = Facts(self._now(), None, model)
        self._insert(number, parent, replace(message, content=text), facts, streaming=True)
        return number

    def _insert(
        self,
        number: int,
        parent: int | None,
        message: Message,
        facts: Facts,
        *,
        streaming: bool = False,
    ) -> None:
        def work(connection: sqlite3.Connection) -> None:
            try:
                whole = replace(message, content="") if streaming else message
                insert_message(
                    connection, self.id, number, parent, whole, facts, streaming=streaming
                )
                if streaming and message.content:
                    _add_chunk(connection, self.id, number, message.content)
            except sqlite3.IntegrityError as error:
                raise StoreBusy(
                    _("Another chat-tui went on with this conversation meanwhile."),
                    _("Open it again to see both, or fork it."),
                ) from error
            self._head(connection, number, facts.created)

        self._keep(work)
        self._size = number + 1

    def append(self, number: int, text: str) -> None:
        """More of a message that was begun; returns when it is committed."""
        self._keep(lambda connection: _add_chunk(connection, self.id, number, text))

    def finish(
        self,
        number: int,
        message: Message,
        *,
        model: str = "",
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        """The whole message in place of its pieces."""
        now = self._now()

        def work(connection: sqlite3.Connection) -> None:
            (created,) = connection.execute(
                "SELECT created FROM messages WHERE conversation = ? AND number = ?",
                (self.id, number),
            ).fetchone() or (now,)
            facts = Facts(created, now, model, None, extra or {})
            connection.execute(_UPDATE, (*to_row(message, facts), self.id, number))
            _drop_chunks(connection, self.id, number)
            self._head(connection, number, now)

        self._keep(work)

    def interrupt(self, number: int) -> None:
        """Leave a message that was begun as it is: interrupted, with what was written."""
        del number  # there is never more than one
        self._keep(lambda connection: settle(connection, self.id))

    def move(self, head: int | None) -> None:
        """Set the head: what was said is then the path to it."""
        self._keep(lambda connection: self._head(connection, head, self._now()))

    def note(
        self, number: int, *, usage: Usage | None = None, extra: Mapping[str, Any] | None = None
    ) -> None:
        """Say more of a message: what its turn took, and entries of ``extra`` to add."""

        def work(connection: sqlite3.Connection) -> None:
            row = connection.execute(
                "SELECT usage, extra FROM messages WHERE conversation = ? AND number = ?",
                (self.id, number),
            ).fetchone()
            if row is None:
                return
            taken = dumps(asdict(usage)) if usage else row[0]
            more = to_json({**from_json(row[1]), **(extra or {})})
            connection.execute(
                "UPDATE messages SET usage = ?, extra = ? WHERE conversation = ? AND number = ?",
                (taken, more, self.id, number),
            )

        self._keep(work)

    def set(self, *, effort: Effort | None = None, model: str | None = None) -> None:
        """The level and the model to go on with."""
        self._keep(
            lambda connection: connection.execute(
                "UPDATE conversations SET effort = coalesce(?, effort),"
                " model = coalesce(?, model) WHERE id = ?",
                (effort and str(effort), model and whole(model), self.id),
            )
        )

    def close(self) -> None:
        """Give the lease back."""
        owner = self._holder.owner
        self._writer.keep(
            lambda connection: connection.execute(
                "DELETE FROM leases WHERE conversation = ? AND owner = ?", (self.id, owner)
            )
        )

    def _head(self, connection: sqlite3.Connection, head: int | None, now: float) -> None:
        connection.execute(
            "UPDATE conversations SET head = ?, updated = ? WHERE id = ?", (head, now, self.id)
        )

    def _keep(self, work: Callable[[sqlite3.Connection], object]) -> None:
        def fenced(connection: sqlite3.Connection) -> None:
            found = holder_of(connection, self.id)
            if found is None or found[0].owner != self._holder.owner:
                # Asleep for long, this process was taken for dead; nobody else may have come.
                take_lease(connection, self.id, self._holder, self._now())
            work(connection)

        self._writer.keep(fenced)
