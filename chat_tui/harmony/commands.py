"""``chat-tui harmony render`` and ``parse``: documents in, text out.

Knows the JSON documents of the two commands; must not know files, the command line or the model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from chat_tui.conversation import (
    CHANNELS,
    COMMENTARY,
    FINAL,
    Effort,
    FunctionSpec,
    Message,
    Prompt,
    ResponseFormat,
    Role,
    ToolSpec,
)
from chat_tui.errors import InputError
from chat_tui.events import Delta, MessageCompleted
from chat_tui.harmony.decoder import Decoder
from chat_tui.harmony.prompt import Renderer
from chat_tui.harmony.repairs import Repair
from chat_tui.harmony.tokens import Control, Piece, scan
from chat_tui.harmony.vocabulary import Vocabulary
from chat_tui.language import _

_KEYS = frozenset({"effort", "date", "instructions", "tools", "response_format", "messages"})
_MESSAGE_KEYS = frozenset({"role", "name", "channel", "recipient", "content_type", "content"})
_ROLES = tuple(role for role in Role if role is not Role.MARK)
_EXAMPLE = '{"messages": [{"role": "user", "content": "Hello"}]}'


def render(document: str | bytes, vocabulary: Vocabulary, tokens: bool) -> str:
    """What the model would see of a conversation: text with markup, or a JSON list of ids.

    Raises InputError, with the place in the document, for anything that is no conversation.
    """
    try:
        prompt = _prompt(_object(_loaded(document), _("the conversation"), _KEYS))
        found = Renderer(vocabulary).render(prompt)
    except RecursionError as error:
        raise InputError(_("The conversation is nested too deeply."), _example()) from error
    return json.dumps(found) if tokens else vocabulary.decode(found)


def parse(document: str | bytes, vocabulary: Vocabulary | None, tokens: bool) -> str:
    """What a completion says: a JSON object with ``messages`` and ``repairs``.

    A completion is text with markup or, where there is a vocabulary, a JSON list of ids. It begins
    after ``<|start|>assistant`` or with ``<|start|>``. ``tokens`` adds the ids of each message.
    There is an answer to any input; it is ASCII, so that no terminal obeys what a model wrote.
    """
    text = document if isinstance(document, str) else document.decode("utf-8", "replace")
    text = text.removesuffix("\n")
    ids = _ids(text) if vocabulary else None
    pieces: list[tuple[Piece, int | None]]
    if vocabulary and (ids is not None or tokens):
        found = _encoded(text, vocabulary) if ids is None else ids
        pieces = [(vocabulary.piece(token), token) for token in found]
    else:
        pieces = [(piece, None) for piece in scan(text)]
    messages, repairs = _decoded(pieces)
    described = [_described(message, tokens) for message in messages]
    return json.dumps({"messages": described, "repairs": repairs}, indent=2)


def _decoded(pieces: Sequence[tuple[Piece, int | None]]) -> tuple[list[Message], list[str]]:
    messages: list[Message] = []
    repairs: list[str] = []
    at = 0
    # What a model writes ends with the first turn; a log may go on with another <|start|>.
    while at == 0 or (at < len(pieces) and pieces[at][0] is Control.START):
        decoder = Decoder(None, opened=not pieces or pieces[at][0] is not Control.START)
        events: list[Delta | MessageCompleted] = []
        while at < len(pieces) and not decoder.stopped:
            events += decoder.push(*pieces[at])
            at += 1
        events += decoder.finish(interrupted=False)
        messages += [event.message for event in events if isinstance(event, MessageCompleted)]
        repairs += decoder.repairs
        if not pieces or Repair.ROLE_MADE_UP in decoder.repairs:
            break
    return messages, repairs


def _described(message: Message, tokens: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "role": message.role.value,
        "channel": message.channel,
        "recipient": message.recipient,
        "content_type": message.content_type,
        "content": message.content,
    }
    return {**found, "tokens": list(message.tokens)} if tokens else found


def _encoded(text: str, vocabulary: Vocabulary) -> Iterator[int]:
    for piece in scan(text):
        if isinstance(piece, bytes):
            yield from vocabulary.encode(piece.decode("utf-8"))
        else:
            yield piece.value


def _ids(text: str) -> list[int] | None:
    """The ids that a text lists as JSON; None for any other text."""
    if not text.lstrip().startswith("["):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    # bool is an int in Python and none in JSON.
    return found if all(type(one) is int for one in found) else None


def _example() -> str:
    return _("The least there can be is {example}.").format(example=_EXAMPLE)


def _loaded(document: str | bytes) -> object:
    try:
        return json.loads(document)
    except ValueError as error:
        reason = str(error)
        if isinstance(error, UnicodeError):
            reason = _("it is not UTF-8 ({error})").format(error=error)
        wrong = _("The conversation is not valid JSON: {reason}.").format(reason=reason)
        raise InputError(wrong, _example()) from error


def _prompt(found: dict[str, Any]) -> Prompt:
    return Prompt(
        messages=tuple(
            _message(one, f"messages[{at}]")
            for at, one in enumerate(_list(found, "messages", _("the conversation")))
        ),
        effort=_effort(found.get("effort")),
        date=_date(found.get("date")),
        instructions=_text(found, "instructions", _("the conversation")),
        tools=tuple(
            _tool(one, f"tools[{at}]")
            for at, one in enumerate(_list(found, "tools", _("the conversation")))
        ),
        response_format=_response_format(found.get("response_format")),
    )


def _message(value: object, where: str) -> Message:
    """A message; a role that is none of the five names the tool that answers."""
    found = _object(value, where, _MESSAGE_KEYS)
    word = _name(found, "role", where)
    name = _name(found, "name", where) or None
    if not word:
        raise InputError(
            _("There is no role in {place}.").format(place=where),
            _("Roles: {names}.").format(names=", ".join(_ROLES)),
        )
    role = Role(word) if word in _ROLES else Role.TOOL
    if role is Role.TOOL and word != Role.TOOL:
        name = word
    if role is Role.TOOL and name is None:
        raise InputError(
            _("No tool is named in {place}.").format(place=where), _('Give it a "name".')
        )
    channel = _name(found, "channel", where) or None
    recipient = _name(found, "recipient", where) or None
    if role is Role.ASSISTANT:
        channel = channel or (COMMENTARY if recipient else FINAL)
        if channel not in CHANNELS:
            raise InputError(
                _("There is no channel {name!r}, as in {place}.").format(name=channel, place=where),
                _("Channels: {names}.").format(names=", ".join(CHANNELS)),
            )
    content_type = _text(found, "content_type", where).strip().removeprefix("<|constrain|>")
    return Message(
        role,
        _content(found.get("content", ""), where),
        channel=channel,
        recipient=recipient,
        content_type=content_type or None,
        name=name,
    )


def _content(value: object, where: str) -> str:
    """Text, or the parts of text in which other programs keep it."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        parts = [part.get("text") if isinstance(part, dict) else part for part in value]
        texts = [part for part in parts if isinstance(part, str)]
        if len(texts) == len(parts):
            return "".join(texts)
    raise InputError(_("The content of {place} is no text.").format(place=where), _example())


def _tool(value: object, where: str) -> ToolSpec:
    """A namespace with its functions, or one function in either of its usual notations."""
    if isinstance(value, dict) and "namespace" in value:
        found = _object(value, where, frozenset({"namespace", "description", "functions"}))
        functions = _list(found, "functions", where)
        return ToolSpec(
            _tool_name(found, "namespace", where),
            tuple(_function(one, f"{where}.functions[{at}]") for at, one in enumerate(functions)),
            _text(found, "description", where),
        )
    if isinstance(value, dict) and "function" in value:
        return ToolSpec("functions", (_function(value["function"], f"{where}.function"),))
    return ToolSpec("functions", (_function(value, where),))


def _function(value: object, where: str) -> FunctionSpec:
    keys = frozenset({"type", "name", "description", "parameters", "strict"})
    found = _object(value, where, keys)
    parameters = found.get("parameters")
    if parameters is not None and not isinstance(parameters, dict):
        raise InputError(
            _("The parameters of {place} are no JSON Schema.").format(place=where),
            _("Give an object."),
        )
    name = _tool_name(found, "name", where)
    return FunctionSpec(name, _text(found, "description", where), parameters)


def _tool_name(found: dict[str, Any], key: str, where: str) -> str:
    name = _text(found, key, where)
    if not re.fullmatch(r"[\w-]+", name):
        raise InputError(
            _("The {key} of {place} is no name of a tool.").format(key=key, place=where),
            _("Use letters, digits, _ and - only."),
        )
    return name


def _response_format(value: object) -> ResponseFormat | None:
    if value is None:
        return None
    where = "response_format"
    found = _object(value, where, frozenset({"name", "schema"}))
    if not isinstance(found.get("schema"), dict):
        raise InputError(
            _("There is no schema in {place}.").format(place=where),
            _('Give it a "name" and a "schema".'),
        )
    return ResponseFormat(_tool_name(found, "name", where), found["schema"])


def _effort(value: object) -> Effort:
    if value is None:
        return Effort.MEDIUM
    if isinstance(value, str) and value.lower() in set(Effort):
        return Effort(value.lower())
    raise InputError(
        _("There is no effort {value!r}.").format(value=value),
        _("Levels: {names}.").format(names=", ".join(Effort)),
    )


def _date(value: object) -> date | None:
    if value is None:
        return None
    try:
        if isinstance(value, str):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise InputError(
        _("There is no date {value!r}.").format(value=value), _("Write it as in 2025-06-28.")
    )


def _object(value: object, what: str, keys: frozenset[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InputError(_("A JSON object is expected for {place}.").format(place=what), _example())
    if unknown := sorted(value.keys() - keys):
        raise InputError(
            _("There is an unknown key {key!r} in {place}.").format(key=unknown[0], place=what),
            _("Keys: {names}.").format(names=", ".join(sorted(keys))),
        )
    return value


def _list(found: dict[str, Any], key: str, what: str) -> list[Any]:
    value = found.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        wrong = _('A list is expected for "{key}" of {place}.').format(key=key, place=what)
        raise InputError(wrong, _example())
    return value


def _text(found: dict[str, Any], key: str, what: str) -> str:
    value = found.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        wrong = _('Text is expected for "{key}" of {place}.').format(key=key, place=what)
        raise InputError(wrong, _example())
    return value


def _name(found: dict[str, Any], key: str, what: str) -> str:
    """A word of a header."""
    value = _text(found, key, what)
    if not re.fullmatch(r"[\w.:/+-]*", value):
        raise InputError(
            _('A name is expected for "{key}" of {place}, not {value!r}.').format(
                key=key, place=what, value=value
            ),
            _("A name has no blanks."),
        )
    return value
