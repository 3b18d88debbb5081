"""The one turn loop: from a prompt to the end of the answer, by way of tools.

Knows the engine's seam and the conversation's values; must not know a face, a file or llama.cpp.
It is a plain generator of events. What it needs from outside comes in as three small seams:
a toolbox that runs calls, a function that approves them, and one that records messages. Whatever
is recorded is recorded before it is yielded: store, then paint.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Never, Protocol

from chat_tui.conversation import Message, Prompt, Role, ToolSpec
from chat_tui.engine.protocol import Cancel, Engine, GenerateOptions
from chat_tui.errors import UsageError
from chat_tui.events import (
    GenerationEnded,
    MessageCompleted,
    StopReason,
    ToolFinished,
    ToolProgressed,
    ToolStarted,
    TurnEnded,
    TurnEvent,
    Usage,
)
from chat_tui.language import _

MAX_ROUNDS = 50
"""Generations in one turn; a model that still calls tools after that is going in circles."""


class Decision(StrEnum):
    """What a person (or their policy) says to a call."""

    ALLOW = "allow"
    DENY = "deny"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision with what belongs to it."""

    decision: Decision
    reason: str = ""
    """Why it was denied, in words that the model reads; may be empty."""
    call: Message | None = None
    """What is to run in the call's place: its arguments as the user has changed them."""
    answer: str = ""
    """What the model is told where the call could not have run at all; empty: a denial."""


class Toolbox(Protocol):
    """The tools that a turn offers."""

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """What the model is told of them."""

    def run(self, call: Message, cancel: Cancel) -> Iterator[ToolProgressed | ToolFinished]:
        """Run one call; ends with ToolFinished, also when the tool failed."""


class NoTools:
    """The toolbox of a conversation without tools."""

    specs: tuple[ToolSpec, ...] = ()

    def run(self, call: Message, cancel: Cancel) -> Iterator[ToolProgressed | ToolFinished]:
        """Answer that there is no such tool."""
        del cancel
        yield ToolFinished(call, unknown_tool(call, ()))


Keep = Callable[
    [Iterable[TurnEvent], Callable[[], int | None], Callable[[Message], None]], Iterator[TurnEvent]
]
"""Passes a turn's events on, each when it is kept. It is told the node that a message beginning
now follows, and tells of a message that broke off without an event of its own."""


def pass_on(
    events: Iterable[TurnEvent],
    parent: Callable[[], int | None],
    broken: Callable[[Message], None],
) -> Iterator[TurnEvent]:
    """Keep nothing."""
    del parent, broken
    yield from events


def cannot_fork() -> Never:
    """Where nothing is kept a fork would lose the conversation. Raises UsageError."""
    raise UsageError(
        _("Nothing is kept, so a fork would lose this conversation."),
        _("A question edited or answered anew leaves the old one where it is."),
    )


@dataclass(frozen=True, slots=True)
class Seams:
    """What a turn needs from outside; the defaults offer nothing and deny everything."""

    toolbox: Toolbox = field(default_factory=NoTools)
    approve: Callable[[Message, Cancel], Verdict] = lambda _call, _cancel: Verdict(Decision.DENY)
    """May take as long as a person does; returns soon after the cancel is set."""
    record: Callable[[Message], None] = lambda _message: None
    leave: Callable[[], None] = lambda: None
    """The chat has left its conversation and begun a fresh one."""
    move: Callable[[int | None], None] = lambda _head: None
    """The chat has gone to another node of its conversation."""
    fork: Callable[[int | None], str] = lambda _node: cannot_fork()
    """Let the chat go on with a copy of what was said up to a node; the copy's title. Raises
    ChatError."""
    keep: Keep = pass_on


def run_turn(
    engine: Engine, prompt: Prompt, options: GenerateOptions, cancel: Cancel, seams: Seams
) -> Iterator[TurnEvent]:
    """Answer ``prompt``, running tools in between; ends with TurnEnded.

    Raises what the engine raises (see ``Engine.generate``); messages completed until then have
    been recorded and yielded.
    """
    prompt = replace(prompt, tools=seams.toolbox.specs)
    usage = Usage()
    for _round in range(MAX_ROUNDS):
        reason = StopReason.COMPLETE
        last: Message | None = None
        for event in engine.generate(prompt, _left(options, usage), cancel):
            if isinstance(event, GenerationEnded):
                reason, usage = event.reason, usage.plus(event.usage)
                continue
            if isinstance(event, MessageCompleted):
                last = event.message
                seams.record(last)
                before = prompt.messages[:-1] if prompt.continues else prompt.messages
                prompt = replace(prompt, messages=(*before, last), continues=False)
            yield event
        if reason is not StopReason.COMPLETE or last is None or not last.is_call:
            yield TurnEnded(reason, usage)
            return
        result = yield from _answer_call(last, prompt.tools, cancel, seams)
        if result is None or cancel.is_set():
            yield TurnEnded(StopReason.CANCELLED, usage)
            return
        prompt = replace(prompt, messages=(*prompt.messages, result))
    yield TurnEnded(StopReason.LENGTH, usage)


def _left(options: GenerateOptions, usage: Usage) -> GenerateOptions:
    """The options with what the turn has left of its budget: one token, where nothing is left."""
    if options.budget is None:
        return options
    return replace(options, budget=max(1, options.budget - usage.reasoning_tokens))


def _answer_call(
    call: Message, tools: tuple[ToolSpec, ...], cancel: Cancel, seams: Seams
) -> Generator[TurnEvent, None, Message | None]:
    """Yield what happens to a call; return its result, or None when the turn is to stop."""
    offered = tuple(name for tool in tools for name in tool.recipients)
    if call.recipient not in offered:
        result = unknown_tool(call, offered)
    else:
        verdict = seams.approve(call, cancel)
        if verdict.decision is Decision.STOP:
            return None
        if verdict.decision is Decision.DENY:
            result = answer(call, verdict.answer or denial(verdict.reason))
        else:
            changed = verdict.call if verdict.call is not None else call
            call = replace(changed, recipient=call.recipient, channel=call.channel)
            yield ToolStarted(call)
            result = answer(call, "The tool ended without a result.")
            for event in seams.toolbox.run(call, cancel):
                if isinstance(event, ToolFinished):
                    result = event.result
                else:
                    yield event
            if verdict.call is not None:
                result = replace(result, content=_as_changed(call, result))
    seams.record(result)
    yield ToolFinished(call, result)
    return result


def denial(reason: str = "") -> str:
    """What the model is told of a call that the user did not allow."""
    if reason.strip():
        return f"The user did not allow this call. Their reason: {reason.strip()}"
    return "The user did not allow this call. Go on without it."


def _as_changed(call: Message, result: Message) -> str:
    """A result that says what ran: the history keeps the call as the model wrote it."""
    return f"The user changed this call before it ran, to:\n{call.content}\n\n{result.content}"


def answer(call: Message, text: str) -> Message:
    """The tool message that answers ``call``, on the channel that the call came on."""
    return Message(
        Role.TOOL, text, channel=call.channel, recipient="assistant", name=call.recipient
    )


def unknown_tool(call: Message, offered: tuple[str, ...]) -> Message:
    """The answer to a call of a tool that this turn does not offer."""
    names = ", ".join(offered) or "none"
    return answer(call, f"There is no tool of that name. The tools are: {names}.")
