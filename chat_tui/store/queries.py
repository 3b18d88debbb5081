"""The statements of the store, each a function of a connection.

Knows SQL and the values it makes; must not know threads, files or transactions.
"""

from __future__ import annotations

import sqlite3
from datetime import date
from typing import Any

from chat_tui.conversation import Conversation, Effort, Node
from chat_tui.errors import StoreError
from chat_tui.language import _
from chat_tui.store.leases import Holder, is_gone
from chat_tui.store.pen import insert_message, settle, shown
from chat_tui.store.rows import COLUMNS, cell_text, from_json, from_row, to_json, whole
from chat_tui.store.search import INDEX, UNINDEX
from chat_tui.store.values import Facts, Stored, Summary
from chat_tui.store.writer import Damaged

INDEX_AT_ONCE = 500

_LISTED = """
SELECT c.id, c.title, c.created, c.updated, c.pinned, c.model,
    (SELECT count(*) FROM messages m WHERE m.conversation = c.id), c.deleted
FROM conversations c WHERE deleted IS NULL
ORDER BY pinned DESC, updated DESC LIMIT ? OFFSET ?
"""
_DELETED = """
SELECT c.id, c.title, c.created, c.updated, c.pinned, c.model,
    (SELECT count(*) FROM messages m WHERE m.conversation = c.id), c.deleted
FROM conversations c WHERE deleted IS NOT NULL
ORDER BY deleted DESC LIMIT ? OFFSET ?
"""
_CONVERSATION = """
SELECT id, title, named, created, updated, started, effort, model, pinned, extra, head
FROM conversations WHERE id = ?
"""
_MESSAGES = (
    f"SELECT number, parent, open, {', '.join(COLUMNS)} FROM messages"  # noqa: S608 - constants
    " WHERE conversation = ? ORDER BY number"
)


def probe(connection: sqlite3.Connection) -> None:
    """Touch every table, so that much of what can be wrong with a file shows at once."""
    for statement in (
        "SELECT max(key), max(updated) FROM conversations",
        "SELECT max(key) FROM messages",
        "SELECT max(key) FROM chunks",
        "SELECT count(*) FROM leases",
        "SELECT rowid FROM search WHERE search MATCH 'xyz' LIMIT 1",
    ):
        connection.execute(statement).fetchall()


def listed(
    connection: sqlite3.Connection, limit: int, offset: int, deleted: bool
) -> tuple[Summary, ...]:
    """A page of the list."""
    statement = _DELETED if deleted else _LISTED
    lines = []
    for row in connection.execute(statement, (limit, offset)):
        identity, title, created, updated, pinned, model, messages, gone = row
        texts = all(isinstance(cell, str) for cell in (identity, title, model))
        times = all(isinstance(cell, int | float) for cell in (created, updated, gone or 0))
        if not texts or not times:
            raise Damaged
        lines.append(
            Summary(identity, title, created, updated, bool(pinned), model, messages, gone)
        )
    return tuple(lines)


def count(connection: sqlite3.Connection) -> int:
    """How many conversations there are that are not deleted."""
    found: int = connection.execute(
        "SELECT count(*) FROM conversations WHERE deleted IS NULL"
    ).fetchone()[0]
    return found


def last(connection: sqlite3.Connection) -> str | None:
    """The conversation that was changed last."""
    row = connection.execute(
        "SELECT id FROM conversations WHERE deleted IS NULL ORDER BY updated DESC LIMIT 1"
    ).fetchone()
    return row[0] if row else None


def questions(connection: sqlite3.Connection, limit: int) -> tuple[str, ...]:
    """The latest questions of all conversations that are not deleted, the oldest first."""
    found = connection.execute(
        "SELECT m.content FROM messages m JOIN conversations c ON c.id = m.conversation"
        " WHERE m.role = 'user' AND c.deleted IS NULL ORDER BY m.key DESC LIMIT ?",
        (limit,),
    )
    return tuple(reversed([cell_text(content) for (content,) in found]))


def begins(connection: sqlite3.Connection, beginning: str) -> list[str]:
    """Up to two conversations whose ids begin like this, deleted ones too."""
    found = connection.execute(
        "SELECT id FROM conversations WHERE substr(id, 1, ?) = ? LIMIT 2",
        (len(beginning), whole(beginning)),
    )
    return [identity for (identity,) in found]


def exists(connection: sqlite3.Connection, conversation: str) -> bool:
    """Whether there is such a conversation, deleted or not."""
    found = connection.execute("SELECT 1 FROM conversations WHERE id = ?", (conversation,))
    return found.fetchone() is not None


def load(connection: sqlite3.Connection, conversation: str) -> Stored | None:
    """A whole conversation; None where there is none.

    Raises ``Damaged`` for rows that do not fit together.
    """
    connection.execute("BEGIN")  # one moment for all that is read
    try:
        row = connection.execute(_CONVERSATION, (whole(conversation),)).fetchone()
        return None if row is None else _loaded(connection, conversation, row)
    except (ValueError, TypeError, KeyError) as error:
        raise Damaged from error  # rows that this program did not write
    finally:
        connection.execute("ROLLBACK")


def _loaded(connection: sqlite3.Connection, conversation: str, row: tuple[Any, ...]) -> Stored:
    nodes: list[Node] = []
    facts: list[Facts] = []
    for number, parent, is_open, *cells in connection.execute(_MESSAGES, (conversation,)):
        if number != len(nodes) or (parent is not None and not 0 <= parent < number):
            raise Damaged
        if is_open:
            cells[_CONTENT] = shown(connection, conversation, number)
            cells[_INTERRUPTED] = 1
        message, fact = from_row(tuple(cells))
        nodes.append(Node(message, parent))
        facts.append(fact)
    identity, title, named, created, updated, started, effort, model, pinned, extra, head = row
    if head is not None and not 0 <= head < len(nodes):
        raise Damaged
    if not (isinstance(title, str) and isinstance(model, str)) or min(created, updated) < 0:
        raise Damaged
    return Stored(
        identity,
        title,
        bool(named),
        created,
        updated,
        date.fromisoformat(started),
        Effort(effort) if effort else None,
        model,
        bool(pinned),
        from_json(extra),
        Conversation(tuple(nodes), head),
        tuple(facts),
    )


_CONTENT, _INTERRUPTED = COLUMNS.index("content"), COLUMNS.index("interrupted")


def insert(connection: sqlite3.Connection, stored: Stored) -> None:
    """A whole conversation; its id must be free."""
    connection.execute(
        "INSERT INTO conversations (id, title, named, created, updated, started, head, effort,"
        " model, extra, pinned) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            stored.id,
            whole(stored.title),
            int(stored.named),
            stored.created,
            stored.updated,
            stored.started.isoformat(),
            stored.conversation.head,
            stored.effort and str(stored.effort),
            whole(stored.model),
            to_json(stored.extra),
            int(stored.pinned),
        ),
    )
    for number, (node, facts) in enumerate(
        zip(stored.conversation.nodes, stored.facts, strict=True)
    ):
        insert_message(connection, stored.id, number, node.parent, node.message, facts)


def no_conversation(conversation: str) -> StoreError:
    """None has this id."""
    return StoreError(
        _("There is no conversation {id!r}.").format(id=conversation), _("See chat-tui list.")
    )


def change(connection: sqlite3.Connection, conversation: str, statement: str, value: Any) -> None:
    """Run an UPDATE with one value on a conversation. Raises StoreError if there is none."""
    changed = connection.execute(f"{statement} WHERE id = ?", (value, conversation))
    if not changed.rowcount:
        raise no_conversation(conversation)


def give_back(connection: sqlite3.Connection, conversation: str) -> None:
    """Remove a conversation's lease."""
    connection.execute("DELETE FROM leases WHERE conversation = ?", (conversation,))


def leave(connection: sqlite3.Connection, holder: Holder) -> None:
    """Close what this process was writing, and remove its leases."""
    mine = connection.execute(
        "SELECT conversation FROM leases WHERE owner = ?", (holder.owner,)
    ).fetchall()
    for (conversation,) in mine:
        settle(connection, conversation)
        give_back(connection, conversation)


def purge(connection: sqlite3.Connection, conversation: str) -> None:
    """Remove a deleted conversation and everything of it."""
    if not connection.execute(
        "DELETE FROM conversations WHERE id = ? AND deleted IS NOT NULL", (conversation,)
    ).rowcount:
        return
    connection.execute(UNINDEX, (conversation,))
    connection.execute("DELETE FROM messages WHERE conversation = ?", (conversation,))
    connection.execute("DELETE FROM chunks WHERE conversation = ?", (conversation,))


def purge_old(connection: sqlite3.Connection, before: float) -> None:
    """Remove what was deleted before this time."""
    old = connection.execute("SELECT id FROM conversations WHERE deleted < ?", (before,))
    for (conversation,) in old.fetchall():
        purge(connection, conversation)


def held(connection: sqlite3.Connection, holder: Holder, now: float) -> frozenset[str]:
    """The conversations of which others than ``holder`` have the lease and live."""
    leases = connection.execute(
        "SELECT conversation, beat, owner, pid, machine, born FROM leases WHERE owner != ?",
        (holder.owner,),
    ).fetchall()
    return frozenset(
        conversation
        for conversation, beat, *other in leases
        if not is_gone(Holder(*other), beat, now)
    )


def renew(connection: sqlite3.Connection, holder: Holder, now: float) -> None:
    """Keep this process's leases; free those of dead processes and close what they wrote."""
    leases = connection.execute(
        "SELECT conversation, beat, owner, pid, machine, born FROM leases"
    ).fetchall()
    for conversation, beat, *other in leases:
        if is_gone(Holder(*other), beat, now) and other[0] != holder.owner:
            settle(connection, conversation)
            give_back(connection, conversation)
    connection.execute("UPDATE leases SET beat = ? WHERE owner = ?", (now, holder.owner))


def lags(connection: sqlite3.Connection) -> bool:
    """Whether there are messages that cannot be found yet."""
    found = connection.execute("SELECT 1 FROM messages WHERE NOT indexed AND NOT open LIMIT 1")
    return found.fetchone() is not None


def index(connection: sqlite3.Connection) -> bool:
    """Make messages findable that are not yet; whether there are more."""
    keys = connection.execute(
        "SELECT key FROM messages WHERE NOT indexed AND NOT open LIMIT ?", (INDEX_AT_ONCE,)
    ).fetchall()
    connection.executemany(INDEX, keys)
    connection.executemany("UPDATE messages SET indexed = 1 WHERE key = ?", keys)
    return len(keys) == INDEX_AT_ONCE
