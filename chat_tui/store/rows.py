"""Messages as rows and back.

Knows the columns and the conversation's values; must not know connections. Text that is no valid
Unicode (half a character from a tool) is kept as bytes, so that nothing said is changed.
"""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from chat_tui.conversation import Closer, Effort, Message, Role
from chat_tui.events import Usage
from chat_tui.store.values import Facts

_MESSAGE = (
    *("role", "channel", "recipient", "name", "content_type", "content", "tokens", "effort"),
    *("repairs", "interrupted", "closed_by"),
)
_FACTS = ("created", "finished", "model", "usage", "extra")
COLUMNS = (*_MESSAGE, *_FACTS)
"""What a message's row says of it, beside its place: conversation, number, parent, open."""

Cell = str | bytes | int | float | None
_HIDES = "hides"
"""Where a mark's number is kept: few rows have one, so that it is no column."""
_USAGE = {one.name: one.type for one in fields(Usage)}


def to_row(message: Message, facts: Facts) -> tuple[Cell, ...]:
    """The values of COLUMNS."""
    return (
        str(message.role),
        *map(_text, (message.channel, message.recipient, message.name, message.content_type)),
        _text(message.content),
        _pack(message.tokens),
        message.effort and str(message.effort),
        json.dumps(message.repairs) if message.repairs else None,
        int(message.interrupted),
        message.closed_by and str(message.closed_by),
        facts.created,
        facts.finished,
        whole(facts.model),
        json.dumps(asdict(facts.usage)) if facts.usage else None,
        to_json({**facts.extra, _HIDES: message.hides} if message.is_mark else facts.extra),
    )


def from_row(row: tuple[Any, ...]) -> tuple[Message, Facts]:
    """A message and its facts from the values of COLUMNS.

    Raises ValueError, TypeError or KeyError for a row that this program did not write.
    """
    (role, channel, recipient, name, content_type, content, tokens, effort) = row[:8]
    (repairs, interrupted, closed_by, created, finished, model, usage, extra) = row[8:]
    if not isinstance(model, str) or min(created, finished or 0) < 0:
        raise ValueError("facts that are none")
    more = dict(from_json(extra))
    hides = more.pop(_HIDES, 0) if role == Role.MARK else 0
    if type(hides) is not int or hides < 0:
        raise ValueError("a mark that hides nothing")
    message = Message(
        Role(role),
        _string(content),
        _optional(channel),
        _optional(recipient),
        _optional(content_type),
        _optional(name),
        _unpack(tokens) if tokens else (),
        Effort(effort) if effort else None,
        tuple(map(str, json.loads(repairs))) if repairs else (),
        bool(interrupted),
        Closer(closed_by) if closed_by else None,
        hides,
    )
    facts = Facts(created, finished, model, usage_from(json.loads(usage)) if usage else None, more)
    return message, facts


def usage_from(values: Mapping[str, Any]) -> Usage:
    """A Usage from its fields; ones that it does not have are left out."""
    return Usage(**{name: value for name, value in values.items() if name in _USAGE})


def to_json(extra: Mapping[str, Any]) -> str | None:
    """``extra`` as a column."""
    return json.dumps(dict(extra)) if extra else None


def from_json(column: str | None) -> Mapping[str, Any]:
    """The extra of a column."""
    value = json.loads(column) if column else {}
    return value if isinstance(value, dict) else {}


def _text(text: str | None) -> str | bytes | None:
    if text is None:
        return None
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
    return text


def _string(value: object) -> str:
    if isinstance(value, str):
        return value
    if not isinstance(value, bytes):
        raise TypeError("a cell that is no text")
    try:
        return value.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:  # damage
        return value.decode("utf-8", "replace")


def _optional(value: str | bytes | None) -> str | None:
    return None if value is None else _string(value)


text_cell, cell_text = _text, _string


def whole(text: str) -> str:
    """``text`` with U+FFFD for halves of characters: for names, where that loses nothing."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _pack(tokens: tuple[int, ...]) -> bytes | None:
    """Token ids as little-endian 32-bit words."""
    return _little(array("I", tokens)).tobytes() if tokens else None


def _unpack(cell: bytes) -> tuple[int, ...]:
    return tuple(_little(array("I", cell)))


def _little(words: array[int]) -> array[int]:
    if sys.byteorder == "big":
        words.byteswap()
    return words
