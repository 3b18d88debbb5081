"""What the model sees: a prompt as tokens, up to where the model goes on.

Knows how gpt-oss was taught to read system, developer, user and tool messages; must not know
sampling or caches of keys and values. Text from users and tools never becomes a control token.
What the model wrote itself is replayed token for token, so that a KV cache stays valid.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

from chat_tui.conversation import (
    ANALYSIS,
    CHANNELS,
    COMMENTARY,
    FunctionSpec,
    Message,
    Prompt,
    ResponseFormat,
    Role,
    ToolSpec,
)
from chat_tui.harmony import tokens
from chat_tui.harmony.history import visible
from chat_tui.harmony.schema import comment, typescript

IDENTITY = "You are ChatGPT, a large language model trained by OpenAI."
KNOWLEDGE_CUTOFF = "2024-06"
BUILTIN_NAMESPACES = frozenset({"browser", "python"})
"""Tools the model knows by heart; they stand in the system message, all others in developer's."""

_CHANNEL_RULE = (
    f"# Valid channels: {', '.join(CHANNELS)}. Channel must be included for every message."
)
_FUNCTIONS_RULE = "Calls to these tools must go to the commentary channel: 'functions'."


class Encoder(Protocol):
    """Turns text into tokens."""

    def encode(self, text: str) -> list[int]:
        """The tokens of plain text."""


class Renderer:
    """Renders prompts; keeps the tokens of the last one's messages for the next."""

    def __init__(self, vocabulary: Encoder) -> None:
        self._vocabulary = vocabulary
        self._known: dict[Message, Sequence[int]] = {}

    def render(self, prompt: Prompt) -> list[int]:
        """The tokens of a prompt, ending right after ``<|start|>assistant``.

        Where it ``continues``, it ends inside the last message.
        """
        found: list[int] = []
        for _message, rendered in self.parts(prompt):
            found += rendered
        return found

    def parts(self, prompt: Prompt) -> list[tuple[Message | None, Sequence[int]]]:
        """The same, message by message; what the model goes on with is the last part."""
        found: list[tuple[Message | None, Sequence[int]]] = []
        known: dict[Message, Sequence[int]] = {}
        # Without it, because the reasoning that an unfinished answer follows is still needed.
        whole = prompt.messages[:-1] if prompt.continues else prompt.messages
        for message in (*preface(prompt), *_answers_addressed(visible(whole))):
            rendered = self._known.get(message)
            if rendered is None:
                rendered = tuple(self._rendered(message))
            known[message] = rendered
            found.append((message, rendered))
        self._known = known
        goes_on = prompt.messages[-1] if prompt.continues else None
        found.append((goes_on, (tokens.START, tokens.ASSISTANT, *self.unfinished(prompt))))
        return found

    def unfinished(self, prompt: Prompt) -> tuple[int, ...]:
        """What stands of the message that goes on, header included; empty where none does.

        The tokens that the model wrote, where they are kept. Else the text's, up to where a word
        may begin or go on: behind a lone blank the model would be where it never is.
        """
        if not prompt.continues:
            return ()
        encode, message = self._vocabulary.encode, prompt.messages[-1]
        channel = message.channel if message.channel in CHANNELS else ANALYSIS
        head = (tokens.CHANNEL, *encode(channel or ANALYSIS))
        json = (tokens.CONSTRAIN, *encode("json"), tokens.MESSAGE)
        typed = [(*head, *json), (*head, *encode(" "), *json)]
        heads = typed if message.content_type == "json" else [(*head, tokens.MESSAGE)]
        for one in heads if message.interrupted and not message.repairs else ():
            begin, rest = message.tokens[: len(one)], message.tokens[len(one) :]
            if begin == one and all(0 <= token < tokens.FIRST_SPECIAL for token in rest):
                return message.tokens
        return (*heads[-1], *encode(message.content.rstrip(tokens.LOOSE)))

    def _rendered(self, message: Message) -> Iterator[int]:
        yield tokens.START
        if message.role is Role.ASSISTANT:
            yield tokens.ASSISTANT
            if _can_be_replayed(message):
                yield from _ended(message.tokens)
                return
        yield from self._header(message)
        yield tokens.MESSAGE
        yield from self._vocabulary.encode(message.content)
        call = message.role is Role.ASSISTANT and message.is_call and not message.interrupted
        yield tokens.CALL if call else tokens.END

    def _header(self, message: Message) -> Iterator[int]:
        """What stands between ``<|start|>``, or the role of the assistant, and the content."""
        encode = self._vocabulary.encode
        if message.role is Role.TOOL:
            yield from encode(f"{_word(message.name or 'tool')} to=assistant")
            yield tokens.CHANNEL
            yield from encode(_word(message.channel or COMMENTARY))
        elif message.role is Role.ASSISTANT:
            # A call is written as the model writes it: the recipient behind the channel.
            to = f" to={_word(message.recipient)}" if message.recipient else ""
            stray = COMMENTARY if to else ANALYSIS
            yield tokens.CHANNEL
            yield from encode((message.channel if message.channel in CHANNELS else stray) + to)
            if message.content_type == "json":
                yield from encode(" ")
                yield tokens.CONSTRAIN
                yield from encode("json")
            elif message.content_type:
                yield from encode(f" {_word(message.content_type)}")
        else:
            yield from encode(message.role.value)


def preface(prompt: Prompt) -> Iterator[Message]:
    """The system message and, where there is anything to say in it, the developer message."""
    yield Message(Role.SYSTEM, system_text(prompt))
    if text := developer_text(prompt):
        yield Message(Role.DEVELOPER, text)


def system_text(prompt: Prompt) -> str:
    """Identity, dates, effort, built-in tools and the rule of the channels."""
    tools = _by_namespace(prompt.tools)
    top = [IDENTITY, f"Knowledge cutoff: {KNOWLEDGE_CUTOFF}"]
    if prompt.date is not None:
        top.append(f"Current date: {prompt.date.isoformat()}")
    rule = _CHANNEL_RULE
    if any(tool.namespace == "functions" and tool.functions for tool in tools):
        rule += f"\n{_FUNCTIONS_RULE}"
    builtin = [tool for tool in tools if tool.namespace in BUILTIN_NAMESPACES]
    sections = ["\n".join(top), f"Reasoning: {prompt.effort}", tools_text(builtin), rule]
    return "\n\n".join(filter(None, sections))


def developer_text(prompt: Prompt) -> str:
    """Instructions, functions and the form of the answer; empty where there is none of them."""
    sections = []
    if prompt.instructions.strip():
        sections.append(f"# Instructions\n\n{prompt.instructions}")
    tools = _by_namespace(prompt.tools)
    sections.append(tools_text([one for one in tools if one.namespace not in BUILTIN_NAMESPACES]))
    if prompt.response_format is not None:
        sections.append(_response_text(prompt.response_format))
    return "\n\n".join(filter(None, sections))


def tools_text(tools: Sequence[ToolSpec]) -> str:
    """A section that describes namespaces of tools; empty for none."""
    return "\n\n".join(["# Tools", *map(_namespace_text, tools)]) if tools else ""


def _namespace_text(tool: ToolSpec) -> str:
    head = f"## {tool.namespace}\n\n"
    if not tool.functions:
        return head + tool.description.rstrip("\n")
    functions = "".join(map(_function_text, tool.functions))
    return (
        f"{head}{comment(tool.description)}namespace {tool.namespace} {{\n\n"
        f"{functions}}} // namespace {tool.namespace}"
    )


def _function_text(function: FunctionSpec) -> str:
    arguments = "" if function.parameters is None else f"_: {typescript(function.parameters)}"
    return f"{comment(function.description)}type {function.name} = ({arguments}) => any;\n\n"


def _response_text(form: ResponseFormat) -> str:
    schema = json.dumps(form.schema, ensure_ascii=False, separators=(",", ":"), default=dict)
    return f"# Response Formats\n\n## {form.name}\n\n{schema}"


def _by_namespace(tools: Iterable[ToolSpec]) -> list[ToolSpec]:
    """One tool for each namespace, in alphabetical order as openai-harmony has them."""
    found: dict[str, ToolSpec] = {}
    for tool in sorted(tools, key=lambda one: one.namespace):
        before = found.get(tool.namespace, ToolSpec(tool.namespace))
        found[tool.namespace] = replace(
            before,
            functions=(*before.functions, *tool.functions),
            description=before.description or tool.description,
        )
    return list(found.values())


def _answers_addressed(messages: Iterable[Message]) -> Iterator[Message]:
    """The messages, those of tools on the channel of the call that they answer."""
    calls: dict[str | None, str | None] = {}
    for message in messages:
        if message.role is Role.ASSISTANT and message.is_call:
            calls[message.recipient] = message.channel
        if message.role is Role.TOOL and message.channel is None:
            yield replace(message, channel=calls.get(message.name))
        else:
            yield message


def _can_be_replayed(message: Message) -> bool:
    """Whether the raw tokens are one well-formed message; what was mended is written anew."""
    special = [token for token in message.tokens if not 0 <= token < tokens.FIRST_SPECIAL]
    if special and special[-1] in {tokens.END, tokens.RETURN, tokens.CALL}:
        if message.tokens[-1] != special.pop():
            return False
    elif not message.interrupted:
        return False
    header = (tokens.CHANNEL, tokens.MESSAGE), (tokens.CHANNEL, tokens.CONSTRAIN, tokens.MESSAGE)
    return not message.repairs and tuple(special) in header


def _ended(raw: Sequence[int]) -> Sequence[int]:
    """Raw tokens with the end that a message in the history has."""
    if raw[-1] in {tokens.END, tokens.CALL}:
        return raw
    return (*(raw[:-1] if raw[-1] == tokens.RETURN else raw), tokens.END)


def _word(text: str) -> str:
    """A name as it may stand in a header: nothing in it begins another part of the header."""
    return re.sub(r"[^\w.:/+-]", "", text)
