"""From a damaged database to a sound one: the file is put aside, its rows are read page by page.

Knows which tables there are and how their rows look; must not know threads. The damaged file is
never deleted. A message that is lost leaves a mark in its place, so that what came after it keeps
its place in the tree.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from chat_tui.conversation import FINAL, Effort, Role
from chat_tui.store.pages import Pages, Row, Value, rows
from chat_tui.store.rows import COLUMNS, cell_text, from_json, from_row, text_cell
from chat_tui.store.schema import connect, migrate, private_file
from chat_tui.store.titles import title_of
from chat_tui.store.values import Salvage

LOST = "[This message was damaged and could not be rescued.]"

_CONVERSATION = (
    *("key", "id", "title", "named", "created", "updated", "started", "head", "effort"),
    *("model", "extra", "pinned", "deleted"),
)
_MESSAGE = ("key", "conversation", "number", "parent", *COLUMNS[:11], "open", *COLUMNS[11:])
_ID = re.compile(r"[0-9a-f]{12}\Z")
_MOST_MESSAGES = 1_000_000
_MOST_LOST = 10_000
"""Messages missing in a row; more than that is a number that was damaged."""

Record = dict[str, Any]
Place = tuple[str, int]
"""A conversation and the number of a message in it."""


def salvage(path: Path) -> Salvage:
    """Put the file at ``path`` aside and build a sound one from its rows.

    Nobody may have it open. Raises OSError and sqlite3.Error where the disk does not allow it;
    the damaged file is then in its place again.
    """
    pages = Pages(path)
    try:
        conversations, messages, chunks = _collect(rows(pages))
    finally:
        pages.close()
    _complete(conversations, messages, chunks)
    fresh = path.with_name(f"{path.name}.salvage")
    _remove(fresh)
    private_file(fresh)
    with closing(connect(fresh)) as connection:
        migrate(connection, fresh)
        _fill(connection, conversations, messages)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
    kept = _aside(path)
    fresh.replace(path)
    lost = sum(message["content"] == LOST for message in messages.values())
    return Salvage(len(conversations), len(messages) - lost, str(kept))


def _aside(path: Path) -> Path:
    """Rename the damaged file and its WAL; the new name."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    kept = path.with_name(f"{path.name}.damaged-{stamp}")
    number = 1
    while kept.exists():
        number += 1
        kept = path.with_name(f"{path.name}.damaged-{stamp}-{number}")
    for ending in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).rename(kept.with_name(kept.name + ending))
    path.rename(kept)
    return kept


def _remove(path: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _collect(
    found: Iterable[Row],
) -> tuple[dict[str, Record], dict[Place, Record], dict[Place, list[tuple[int, str]]]]:
    conversations: dict[str, Record] = {}
    messages: dict[Place, Record] = {}
    chunks: dict[Place, list[tuple[int, str]]] = {}
    for row in found:
        values = (row.rowid, *row.values[1:])
        match len(values):
            case 11 | 13 if (one := _conversation(values)) is not None:
                conversations[one["id"]] = one
            case 21 | 22 if (one := _message(values)) is not None:
                place = (one["conversation"], one["number"])
                if place not in messages or messages[place]["open"]:
                    messages[place] = one
            case 4 if (chunk := _chunk(values)) is not None:
                place, text = chunk
                chunks.setdefault(place, []).append((row.rowid, text))
    return conversations, messages, chunks


def _conversation(values: Sequence[Value]) -> Record | None:
    """A conversation's row; None for a row of another kind."""
    one: Record = {"pinned": 0, "deleted": None}
    one |= zip(_CONVERSATION, values, strict=False)
    sound = (
        _is_id(one["id"])
        and isinstance(one["title"], str)
        and _is_time(one["created"])
        and _is_time(one["updated"])
        and (one["head"] is None or _is_number(one["head"]))
        and (one["effort"] is None or one["effort"] in list(Effort))
        and isinstance(one["model"], str)
    )
    if not sound:
        return None
    try:
        date.fromisoformat(one["started"])
    except (ValueError, TypeError):
        one["started"] = _day(one["created"])
    try:
        from_json(one["extra"])
    except (ValueError, TypeError):
        one["extra"] = None
    return one


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def _message(values: Sequence[Value]) -> Record | None:
    """A message's row; None for a row of another kind or one that cannot be a message."""
    one = dict(zip(_MESSAGE, values, strict=False))
    if not (_is_id(one["conversation"]) and _is_number(one["number"]) and one["open"] in (0, 1)):
        return None
    if not (one["parent"] is None or _is_number(one["parent"])) or not _is_time(one["created"]):
        return None
    with suppress(ValueError, TypeError, KeyError, AttributeError):
        from_row(tuple(one[name] for name in COLUMNS))
        if isinstance(one["content"], str | bytes) and isinstance(one["model"], str):
            return one
    return None


def _chunk(values: Sequence[Value]) -> tuple[Place, str] | None:
    """Where a chunk belongs, and its text; None for a row of another kind."""
    _, owner, number, text = values
    if _is_id(owner) and _is_number(number) and isinstance(text, str | bytes):
        return (str(owner), int(str(number))), cell_text(text)
    return None


def _is_id(value: Value) -> bool:
    return isinstance(value, str) and _ID.match(value) is not None


def _is_number(value: Value) -> bool:
    return isinstance(value, int) and 0 <= value < _MOST_MESSAGES


def _is_time(value: Value) -> bool:
    return isinstance(value, int | float) and 0 <= value < 1e11


def _complete(
    conversations: dict[str, Record],
    messages: dict[Place, Record],
    chunks: dict[Place, list[tuple[int, str]]],
) -> None:
    """Close what was being written, mark what is lost, name what lost its name."""
    for place, one in messages.items():
        if one["open"]:
            one["content"] = text_cell("".join(text for _, text in sorted(chunks.get(place, []))))
            one["open"], one["interrupted"] = 0, 1
    numbers: dict[str, set[int]] = {}
    for identity, number in messages:
        numbers.setdefault(identity, set()).add(number)
    for identity, present in numbers.items():
        expected = 0
        for number in sorted(present):
            if number > expected + _MOST_LOST:  # no gap, but a number that was damaged
                present.discard(number)
                del messages[identity, number]
            else:
                expected = number
    for identity, present in numbers.items():
        conversation = conversations.get(identity)
        top = max(present)
        head = (conversation and conversation["head"]) or 0
        if top < head <= 2 * top + 100:  # what lies beyond is no message, but a damaged head
            top = head
        for number in range(top + 1):
            if number not in present:
                messages[identity, number] = _lost(messages, identity, number)
        if conversation is None:
            conversations[identity] = _unnamed(messages, identity, top)
    for identity, one in conversations.items():
        if identity not in numbers:
            one["head"] = None
        elif one["head"] is not None and (identity, one["head"]) not in messages:
            one["head"] = max(numbers[identity])
    for (identity, number), one in messages.items():
        parent = one["parent"]
        if parent is not None and (parent >= number or (identity, parent) not in messages):
            one["parent"] = number - 1 if (identity, number - 1) in messages else None


def _lost(messages: dict[Place, Record], identity: str, number: int) -> Record:
    """What stands in the place of a message that is gone; it most likely followed the last one."""
    before = messages.get((identity, number - 1))
    answer = before is not None and before["role"] == Role.USER
    one: Record = dict.fromkeys(_MESSAGE)
    one |= {
        "conversation": identity,
        "number": number,
        "parent": number - 1 if before else None,
        "role": str(Role.ASSISTANT if answer else Role.USER),
        "channel": FINAL if answer else None,
        "content": LOST,
        "interrupted": 1,
        "open": 0,
        "created": before["created"] if before else 0.0,
        "model": "",
        "extra": '{"lost": true}',
    }
    return one


def _unnamed(messages: dict[Place, Record], identity: str, top: int) -> Record:
    """A conversation whose own row is gone."""
    mine = [one for (owner, _number), one in messages.items() if owner == identity]
    times = [one["created"] for one in mine if one["created"]] or [time.time()]
    said = (one for one in sorted(mine, key=lambda one: one["number"]) if one["role"] == "user")
    first = next((str(one["content"]) for one in said if one["content"] != LOST), "")
    one: Record = dict.fromkeys(_CONVERSATION)
    one |= {
        "id": identity,
        "title": title_of(first),
        "named": 0,
        "created": min(times),
        "updated": max(times),
        "started": _day(min(times)),
        "head": top if (identity, top) in messages else max(one["number"] for one in mine),
        "model": "",
        "pinned": 0,
    }
    return one


_INSERT_CONVERSATION = (
    "INSERT INTO conversations (id, title, named, created, updated, started, head, effort, model,"
    " extra, pinned, deleted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_INSERT_MESSAGE = (
    "INSERT INTO messages (conversation, number, parent, role, channel, recipient, name,"
    " content_type, content, tokens, effort, repairs, interrupted, closed_by, open, created,"
    " finished, model, usage, extra)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def _fill(
    connection: sqlite3.Connection,
    conversations: dict[str, Record],
    messages: dict[Place, Record],
) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(
        _INSERT_CONVERSATION,
        ([one[name] for name in _CONVERSATION[1:]] for one in conversations.values()),
    )
    # In the order in which they were said: search shows the newest row first.
    ordered = sorted(messages.values(), key=lambda one: (one["created"], one["number"]))
    connection.executemany(
        _INSERT_MESSAGE, ([one[name] for name in _MESSAGE[1:]] for one in ordered)
    )
    connection.execute("COMMIT")
