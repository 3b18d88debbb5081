"""Conversations as JSON and back, nothing lost.

Knows the shape of the document; must not know files or SQLite. Reading is tolerant of fields that
are missing and strict about those that are there: what cannot be understood is NotUnderstood.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from chat_tui.conversation import Closer, Conversation, Effort, Message, Node, Role
from chat_tui.language import _
from chat_tui.store.rows import usage_from
from chat_tui.store.values import Facts, Stored

FORMAT = "chat-tui conversations"
VERSION = 1


class NotUnderstood(ValueError):
    """A document, or a part of one, that is not what it should be; says where."""


def without(stored: Stored, *, reasoning: bool = True, tools: bool = True) -> Stored:
    """The conversation without its reasoning, or without calls and their results."""
    kept: list[int] = []
    places: dict[int, int | None] = {}
    nodes: list[Node] = []
    for index, node in enumerate(stored.conversation.nodes):
        parent = None if node.parent is None else places[node.parent]
        message = node.message
        is_tool = message.is_call or message.role is Role.TOOL
        if (message.is_reasoning and not reasoning) or (is_tool and not tools):
            places[index] = parent
        else:
            places[index] = len(nodes)
            nodes.append(Node(message, parent))
            kept.append(index)
    head = stored.conversation.head
    return replace(
        stored,
        conversation=Conversation(tuple(nodes), None if head is None else places[head]),
        facts=tuple(stored.facts[index] for index in kept),
    )


def to_document(conversations: Iterable[Stored]) -> str:
    """A JSON document of whole conversations; every character of it is ASCII."""
    document = {
        "format": FORMAT,
        "version": VERSION,
        "conversations": [_conversation(one) for one in conversations],
    }
    return json.dumps(document, indent=1) + "\n"


def from_document(document: Mapping[str, Any]) -> list[Stored]:
    """The conversations of a document. Raises NotUnderstood."""
    version = document.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise NotUnderstood(
            _("it was made by a newer chat-tui (version {version})").format(version=version)
        )
    try:
        return [_stored(one) for one in document["conversations"]]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        what = _("it is not what chat-tui exports ({error})").format(error=type(error).__name__)
        raise NotUnderstood(what) from error


def _conversation(stored: Stored) -> dict[str, Any]:
    nodes = zip(stored.conversation.nodes, stored.facts, strict=True)
    return {
        "id": stored.id,
        "title": stored.title,
        "named": stored.named,
        "created": stored.created,
        "updated": stored.updated,
        "started": stored.started.isoformat(),
        "effort": stored.effort,
        "model": stored.model,
        "pinned": stored.pinned,
        "extra": dict(stored.extra),
        "head": stored.conversation.head,
        "messages": [_node(node, facts) for node, facts in nodes],
    }


def _node(node: Node, facts: Facts) -> dict[str, Any]:
    """A message with its facts; what is empty is left out."""
    message = node.message
    said = {
        "channel": message.channel,
        "recipient": message.recipient,
        "name": message.name,
        "content_type": message.content_type,
        "tokens": list(message.tokens),
        "effort": message.effort,
        "repairs": list(message.repairs),
        "interrupted": message.interrupted,
        "closed_by": message.closed_by,
        "hides": message.hides or None,
        "finished": facts.finished,
        "model": facts.model,
        "usage": asdict(facts.usage) if facts.usage else None,
        "extra": dict(facts.extra),
    }
    return {
        "parent": node.parent,
        "role": message.role,
        "content": message.content,
        "created": facts.created,
        **{name: value for name, value in said.items() if not _says_nothing(value)},
    }


def _says_nothing(value: object) -> bool:
    return value is None or value is False or value in ("", [], {})


def _stored(one: Mapping[str, Any]) -> Stored:
    nodes: list[Node] = []
    facts: list[Facts] = []
    for entry in one["messages"]:
        parent = entry["parent"]
        if parent is not None and not 0 <= parent < len(nodes):
            raise IndexError(parent)
        nodes.append(Node(_message(entry), parent))
        facts.append(_facts(entry))
    effort = one.get("effort")
    return Stored(
        str(one.get("id", "")),
        str(one.get("title", "")),
        bool(one.get("named")),
        float(one.get("created", 0.0)),
        float(one.get("updated", 0.0)),
        date.fromisoformat(one["started"]),
        Effort(effort) if effort else None,
        str(one.get("model", "")),
        bool(one.get("pinned")),
        dict(one.get("extra") or {}),
        Conversation(tuple(nodes)).at(one["head"]),
        tuple(facts),
    )


def _message(entry: Mapping[str, Any]) -> Message:
    effort, closer = entry.get("effort"), entry.get("closed_by")
    return Message(
        Role(entry["role"]),
        _text(entry["content"]),
        _optional(entry.get("channel")),
        _optional(entry.get("recipient")),
        _optional(entry.get("content_type")),
        _optional(entry.get("name")),
        tokens=tuple(map(_token, entry.get("tokens", ()))),
        effort=Effort(effort) if effort else None,
        repairs=tuple(map(str, entry.get("repairs", ()))),
        interrupted=bool(entry.get("interrupted")),
        closed_by=Closer(closer) if closer else None,
        hides=_hides(entry.get("hides", 0)),
    )


def _facts(entry: Mapping[str, Any]) -> Facts:
    usage, finished = entry.get("usage"), entry.get("finished")
    return Facts(
        float(entry.get("created", 0.0)),
        None if finished is None else float(finished),
        str(entry.get("model", "")),
        usage_from(usage) if usage else None,
        dict(entry.get("extra") or {}),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is no string")
    return value


def _optional(value: object) -> str | None:
    return None if value is None else _text(value)


def _hides(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("a mark hides no number of questions")
    return value


def _token(value: object) -> int:
    if type(value) is not int or not 0 <= value < 1 << 32:
        raise ValueError("a token is no id")
    return value
