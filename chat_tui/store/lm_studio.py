"""A conversation of LM Studio.

Knows the shape of its ``*.conversation.json``: ``messages``, each with ``versions`` of which
``currentlySelected`` is shown; a version is one step (``content``) or several (``steps``), and a
step's blocks are text, a thought (``style``), a request to a tool or its result.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from chat_tui.conversation import ANALYSIS, COMMENTARY, FINAL, Conversation, Message, Node, Role
from chat_tui.language import _
from chat_tui.store.titles import title_of
from chat_tui.store.values import Facts, Stored

_TOOLS = ("toolCallRequest", "toolCallResult")


def read(entry: dict[str, Any]) -> tuple[Stored, list[str]]:
    """The conversation, other versions as branches, and what was left out.

    Raises ValueError, TypeError, KeyError or AttributeError for what is no such file.
    """
    created = _seconds(entry.get("createdAt"))
    model = str((entry.get("lastUsedModel") or {}).get("identifier") or "")
    nodes: list[Node] = []
    models: list[str] = []
    skipped: Counter[str] = Counter()
    head: int | None = None
    for message in entry["messages"]:
        versions = message.get("versions") if "versions" in message else [message]
        selected = message.get("currentlySelected") or 0
        end = head
        for number, version in enumerate(versions or []):
            at = head
            for one in _version(version, skipped):
                nodes.append(Node(one, at))
                sender = (version.get("senderInfo") or {}).get("senderName")
                models.append(str(sender or model) if one.role is Role.ASSISTANT else "")
                at = len(nodes) - 1
            if number == selected:
                end = at
        head = end
    first = next((node.message.content for node in nodes if node.message.role is Role.USER), "")
    name = entry.get("name")
    stored = Stored(
        "",
        name if isinstance(name, str) and name else title_of(first),
        named=bool(name),
        created=created,
        updated=max(created, _seconds(entry.get("assistantLastMessagedAt"))),
        started=datetime.fromtimestamp(created, UTC).date(),
        model=model,
        pinned=entry.get("pinned") is True,
        extra={"imported_from": "LM Studio"},
        conversation=Conversation(tuple(nodes), head),
        facts=tuple(Facts(created, created, one) for one in models),
    )
    return stored, [f"{count} × {what}" for what, count in sorted(skipped.items())]


def _version(version: dict[str, Any], skipped: Counter[str]) -> Iterator[Message]:
    role = version.get("role")
    if role == "user":
        text = _joined(version.get("content"), skipped)
        if text:
            yield Message(Role.USER, text)
    elif role == "assistant":
        steps: list[dict[str, Any]] = version.get("steps") or [version | {"type": "contentBlock"}]
        for step in steps:
            if step.get("type") == "contentBlock":
                yield from _block(step, skipped)
            elif step.get("type") not in ("debugInfoBlock", "toolStatus"):
                skipped[_("step of the kind {kind}").format(kind=str(step.get("type"))[:40])] += 1
    elif role != "system":
        skipped[_("message of an unknown author")] += 1


def _block(step: dict[str, Any], skipped: Counter[str]) -> Iterator[Message]:
    style = step.get("style") or {}
    channel = ANALYSIS if style.get("type") == "thinking" else FINAL
    content = step.get("content")
    parts = content if isinstance(content, list) else [content]
    tools = [part for part in parts if isinstance(part, dict) and part.get("type") in _TOOLS]
    text = _joined([part for part in parts if part not in tools], skipped)
    if text.strip():
        cut = step.get("genInfo", {}).get("stats", {}).get("stopReason") == "userStopped"
        yield Message(Role.ASSISTANT, text, channel=channel, interrupted=cut)
    for part in tools:
        if part["type"] == "toolCallRequest":
            body = json.dumps(part.get("parameters") or {}, ensure_ascii=False)
            recipient = f"functions.{part.get('name') or 'tool'}"
            yield Message(
                Role.ASSISTANT, body, COMMENTARY, recipient=recipient, content_type="json"
            )
        else:
            result = part.get("content")
            yield Message(
                Role.TOOL,
                result if isinstance(result, str) else json.dumps(result, ensure_ascii=False),
                COMMENTARY,
                recipient="assistant",
                name=f"functions.{part.get('name') or 'tool'}",
            )


def _joined(content: Any, skipped: Counter[str]) -> str:
    if isinstance(content, str):
        return content
    texts = []
    for part in content or []:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, dict) and isinstance(part.get("text"), str):
            texts.append(part["text"])
        elif isinstance(part, dict):
            kind = str(part.get("type", "part"))[:40]
            skipped[kind] += 1
            texts.append(f"[{kind}]")
    return "\n".join(texts)


def _seconds(value: Any) -> float:
    """A time in milliseconds, as seconds."""
    return value / 1000 if isinstance(value, int | float) and 0 <= value < 1e14 else 0.0
