"""A conversation of ChatGPT's data export.

Knows the shape of one entry of ``conversations.json``: ``mapping`` from node ids to ``message``,
``parent`` and ``children``, ``current_node`` at the end of the path that was shown. What that
program hid from its user (empty system messages, memory) is left out without a word.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from chat_tui.conversation import ANALYSIS, COMMENTARY, FINAL, Conversation, Message, Node, Role
from chat_tui.language import _
from chat_tui.store.titles import title_of
from chat_tui.store.values import Facts, Stored

_HIDDEN = ("model_editable_context", "user_editable_context", "reasoning_recap")


def read(entry: dict[str, Any]) -> tuple[Stored, list[str]]:
    """The conversation with all its branches, and what was left out.

    Raises ValueError, TypeError, KeyError or AttributeError for what is no such entry.
    """
    mapping = entry["mapping"]
    nodes: list[Node] = []
    facts: list[Facts] = []
    places: dict[str, int | None] = {}
    skipped: Counter[str] = Counter()
    waiting: list[tuple[str, int | None]] = [(key, None) for key in reversed(_roots(mapping))]
    while waiting:
        key, parent = waiting.pop()
        if key in places or not isinstance(mapping.get(key), dict):
            continue  # a circle, or a child that is not there
        message = _message(mapping[key].get("message"), skipped)
        if message is None:
            places[key] = parent
        else:
            places[key] = len(nodes)
            nodes.append(Node(message, parent))
            facts.append(_facts(mapping[key]["message"]))
        children = mapping[key].get("children") or []
        waiting += [(child, places[key]) for child in reversed(children)]
    head = places.get(str(entry.get("current_node")))
    if head is None and nodes:
        head = len(nodes) - 1
    created = _time(entry.get("create_time"))
    first = next((node.message.content for node in nodes if node.message.role is Role.USER), "")
    title = entry.get("title")
    stored = Stored(
        "",
        title if isinstance(title, str) and title else title_of(first),
        named=bool(title),
        created=created,
        updated=_time(entry.get("update_time")) or created,
        started=datetime.fromtimestamp(created, UTC).date(),
        model=str(entry.get("default_model_slug") or ""),
        extra={"imported_from": "ChatGPT"},
        conversation=Conversation(tuple(nodes), head),
        facts=tuple(facts),
    )
    return stored, [f"{count} × {what}" for what, count in sorted(skipped.items())]


def _roots(mapping: dict[str, Any]) -> list[str]:
    return [
        key
        for key, node in mapping.items()
        if isinstance(node, dict) and node.get("parent") not in mapping
    ]


def _message(value: Any, skipped: Counter[str]) -> Message | None:
    if not isinstance(value, dict) or not isinstance(value.get("content"), dict):
        return None
    content = value["content"]
    kind = str(content.get("content_type", "text"))
    metadata = value.get("metadata") or {}
    if kind in _HIDDEN or metadata.get("is_visually_hidden_from_conversation"):
        return None
    author = value.get("author") or {}
    text = _text(content, kind, skipped)
    if not text.strip():
        return None
    recipient = value.get("recipient") or "all"
    cut = value.get("status") == "in_progress" or metadata.get("is_complete") is False
    match author.get("role"):
        case "user":
            return Message(Role.USER, text)
        case "tool":
            name = str(author.get("name") or "tool")
            return Message(Role.TOOL, text, channel=COMMENTARY, recipient="assistant", name=name)
        case "assistant" if recipient != "all":
            return Message(
                Role.ASSISTANT, text, channel=COMMENTARY, recipient=str(recipient), interrupted=cut
            )
        case "assistant":
            channel = ANALYSIS if kind == "thoughts" else FINAL
            return Message(Role.ASSISTANT, text, channel=channel, interrupted=cut)
        case "system":
            return None
    skipped[_("message of an unknown author")] += 1
    return None


def _text(content: dict[str, Any], kind: str, skipped: Counter[str]) -> str:
    if kind == "thoughts":
        thoughts = [one for one in content.get("thoughts") or [] if isinstance(one, dict)]
        return "\n\n".join(
            "\n".join(str(one[name]) for name in ("summary", "content") if one.get(name))
            for one in thoughts
        )
    if isinstance(content.get("parts"), list):
        return "\n".join(filter(None, (_part(part, skipped) for part in content["parts"])))
    for name in ("text", "result", "content"):  # code and output, browsing, the rest
        if isinstance(content.get(name), str):
            return str(content[name])
    skipped[_("content of the kind {kind}").format(kind=kind[:40])] += 1
    return ""


def _part(part: Any, skipped: Counter[str]) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, dict):
        if isinstance(part.get("text"), str):  # what was said aloud
            return str(part["text"])
        kind = str(part.get("content_type", "part")).removesuffix("_asset_pointer")[:40]
        skipped[kind] += 1
        return f"[{kind}]"
    return ""


def _facts(value: dict[str, Any]) -> Facts:
    created = _time(value.get("create_time"))
    model = (value.get("metadata") or {}).get("model_slug")
    return Facts(created, _time(value.get("update_time")) or created, str(model or ""))


def _time(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value < 1e11 else 0.0
