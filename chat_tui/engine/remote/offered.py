"""The tools of a prompt as servers of messages are told of them, and their calls back.

Such a server knows functions with a plain name and an object of arguments. Harmony's built-in
tools are neither, so they are described as functions, and what comes back is turned round.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from chat_tui.conversation import COMMENTARY, Effort, Message, Prompt, Role, ToolSpec
from chat_tui.harmony.history import visible

_NO_ARGUMENTS = {"type": "object", "properties": {}}
_TEXT = "input"
"""The one argument of a tool whose call is plain text."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One function."""

    name: str
    recipient: str
    """As the conversation calls it, such as ``functions.get_weather``."""
    description: str
    parameters: Any
    plain: bool = False
    """Whether a call is plain text; it is wrapped as one argument."""
    code: bool = False
    """Whether that text is code."""


def offers(tools: Sequence[ToolSpec]) -> tuple[Offer, ...]:
    """All functions of these tools, each with a name of its own."""
    found: dict[str, Offer] = {}
    for offer in _offers(tools):
        name, number = offer.name, 1
        while name in found:
            number += 1
            name = f"{offer.name}_{number}"
        found[name] = Offer(
            *(name, offer.recipient, offer.description, offer.parameters, offer.plain, offer.code)
        )
    return tuple(found.values())


def _offers(tools: Sequence[ToolSpec]) -> Iterator[Offer]:
    for tool in tools:
        if not tool.functions:
            yield Offer(
                *(_word(tool.namespace), tool.namespace, tool.description, _wrapped("code")),
                *(True, True),
            )
        for one in tool.functions:
            recipient = f"{tool.namespace}.{one.name}"
            name = one.name if tool.namespace == "functions" else f"{tool.namespace}_{one.name}"
            schema = one.parameters
            plain = schema is not None and schema.get("type") not in ("object", None)
            parameters = _wrapped("text") if plain else dict(schema or _NO_ARGUMENTS)
            yield Offer(_word(name), recipient, one.description, parameters, plain)


def _wrapped(what: str) -> dict[str, Any]:
    text = {"type": "string", "description": f"The {what}."}
    return {"type": "object", "properties": {_TEXT: text}, "required": [_TEXT]}


def _word(name: str) -> str:
    return re.sub(r"[^\w-]", "_", name)[:64]


def described(found: Sequence[Offer]) -> list[dict[str, Any]]:
    """As the field ``tools`` of a request."""
    return [
        {
            "type": "function",
            "function": {
                "name": one.name,
                "description": one.description,
                "parameters": one.parameters,
            },
        }
        for one in found
    ]


def call_message(
    name: str, arguments: str, found: Sequence[Offer], effort: Effort, *, interrupted: bool = False
) -> Message:
    """A call as the conversation has it; one of no known tool keeps its name."""
    offer = next((one for one in found if name in (one.name, one.recipient)), None)
    content = arguments
    if offer is not None and offer.plain:
        content = _unwrapped(arguments)
    return Message(
        Role.ASSISTANT,
        content,
        channel=COMMENTARY,
        recipient=offer.recipient if offer else f"functions.{_word(name) or 'unknown'}",
        content_type="code" if offer and offer.code else "json",
        effort=effort,
        interrupted=interrupted,
    )


def _unwrapped(arguments: str) -> str:
    try:
        value = json.loads(arguments)
    except (ValueError, RecursionError):
        return arguments
    if isinstance(value, dict) and len(value) == 1:
        value = next(iter(value.values()))
    return value if isinstance(value, str) else arguments


@dataclass(frozen=True, slots=True)
class Turn:
    """One message as such a server is told of it; the dialects spell it."""

    role: str
    content: str = ""
    reasoning: str = ""
    call: str = ""
    """The name of the function that is called, or that answers."""
    arguments: str = "{}"
    id: str = ""


def turns(prompt: Prompt, found: Sequence[Offer]) -> list[Turn]:
    """The messages of a prompt; reasoning goes with the call that it led to."""
    names = {one.recipient: one for one in found}
    told: list[Turn] = []
    if prompt.instructions.strip():
        told.append(Turn("system", prompt.instructions))
    reasoning, calls = "", 0
    for message in visible(prompt.messages):
        if message.is_reasoning:
            reasoning += message.content
            continue
        offer = names.get(
            (message.name or "") if message.role is Role.TOOL else message.recipient or ""
        )
        known = message.name or message.recipient or ""
        name = offer.name if offer else _word(known.removeprefix("functions."))
        if message.role is Role.TOOL:
            told.append(Turn("tool", message.content, call=name, id=f"call_{calls}"))
        elif message.is_call:
            calls += 1
            text = (
                json.dumps({_TEXT: message.content}) if offer and offer.plain else message.content
            )
            told.append(Turn("assistant", "", reasoning, name, text, f"call_{calls}"))
            reasoning = ""
        else:
            told.append(Turn(message.role.value, message.content, reasoning))
            reasoning = ""
    return told
