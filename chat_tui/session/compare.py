"""One question at several efforts, on the same terms: the same seed, the same options, no tools.

Knows the chat and a turn's events; must not know how anything is shown. Each level is a turn of
its own, kept as every other one: the first puts the question, each next is a version of what came
of it. What an effort costs is gathered in ``Run``, whose methods are told what time it is, in
seconds of a monotonic clock.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from chat_tui.conversation import Effort, Message
from chat_tui.engine.protocol import Cancel, GenerateOptions
from chat_tui.errors import ChatError
from chat_tui.events import (
    AnswerDelta,
    MessageCompleted,
    PreambleDelta,
    PromptProgress,
    ReasoningDelta,
    StopReason,
    StrayDelta,
    TurnEnded,
    TurnEvent,
    TurnFailed,
    Usage,
)
from chat_tui.language import N_
from chat_tui.session.chat import Chat

SEEDS = 1 << 31
"""A seed that is drawn is smaller than this."""


class Comparison:
    """The terms on which levels are compared; ``answer`` is called once for each, in order."""

    def __init__(self, chat: Chat, question: str | None = None, *, seed: int | None = None) -> None:
        """``question`` is new; None compares the last one of the conversation.

        Without a ``seed`` the chat's holds, and where that has none one is drawn.
        """
        self._chat = chat
        self._before = chat.conversation
        self._question = question
        sampling = chat.options.sampling
        if seed is None:
            seed = secrets.randbelow(SEEDS) if sampling.seed is None else sampling.seed
        self.options: GenerateOptions = replace(chat.options, sampling=replace(sampling, seed=seed))
        """How every level answers."""

    def answer(self, effort: Effort, cancel: Cancel) -> Iterator[TurnEvent]:
        """Answer at this level; see ``Chat.ask`` and ``Chat.regenerate``."""
        question, self._question = self._question, None
        with self._chat.alike(self.options):
            if question is None:
                yield from self._chat.regenerate(cancel, effort)
            else:
                yield from self._chat.ask(question, cancel, effort)

    def leave(self) -> bool:
        """Go on with no level: the chat is where it was, and the answers are other branches.

        False where it has stayed there, or is in another conversation.
        """
        now, before = self._chat.conversation, self._before
        if now.head == before.head or now.nodes[: len(before.nodes)] != before.nodes:
            return False
        self._chat.go_to(before.head)
        return True


class State(StrEnum):
    """How far a level is."""

    WAITING = N_("waiting")
    READING = N_("reading")
    THINKING = N_("thinking")
    WRITING = N_("writing")
    DONE = N_("done")
    CUT = N_("cut")
    STOPPED = N_("stopped")
    FAILED = N_("failed")


OVER = frozenset({State.DONE, State.CUT, State.STOPPED, State.FAILED})
_ENDS = {
    StopReason.COMPLETE: State.DONE,
    StopReason.LENGTH: State.CUT,
    StopReason.CANCELLED: State.STOPPED,
}


@dataclass(slots=True)
class Run:
    """What came of a question at one level, and what it took."""

    effort: Effort
    state: State = State.WAITING
    reasoning_tokens: int = 0
    answer_tokens: int = 0
    usage: Usage = field(default_factory=Usage)
    """What the turn took; all zero before its end."""
    first_word: float | None = None
    """Seconds to the first piece of the answer; None before it came."""
    error: ChatError | None = None
    messages: list[Message] = field(default_factory=list)
    """What the model said, as far as it is whole or was cut off."""
    _began: float | None = None
    _took: float = 0.0

    def begin(self, now: float) -> None:
        """It has the model from now on."""
        self._began, self.state = now, State.READING

    def take(self, event: TurnEvent, now: float) -> None:
        """Something happened."""
        if self.is_over:
            return  # nobody waits for it any more
        self._took = now - (now if self._began is None else self._began)
        match event:
            case PromptProgress():
                self.state = State.READING
            case ReasoningDelta(_, tokens):
                self.state, self.reasoning_tokens = State.THINKING, self.reasoning_tokens + tokens
            case AnswerDelta(_, tokens) | PreambleDelta(_, tokens) | StrayDelta(_, tokens):
                self.state, self.answer_tokens = State.WRITING, self.answer_tokens + tokens
                if isinstance(event, AnswerDelta) and self.first_word is None:
                    self.first_word = self._took
            case MessageCompleted(message):
                self.messages.append(message)
            case TurnEnded(reason, usage):
                self._end(_ENDS[reason], usage)
            case TurnFailed(error):
                self.state, self.error = State.FAILED, error
            case _:
                pass

    def give_up(self) -> None:
        """It will not be run, or nobody waits for it any more."""
        if not self.is_over:
            self.state = State.STOPPED

    def _end(self, state: State, usage: Usage) -> None:
        """The engine's own counts take the place of those here; the time is what one waited."""
        self.state, self.usage = state, usage
        self.reasoning_tokens, self.answer_tokens = usage.reasoning_tokens, usage.answer_tokens

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes."""
        return self.state in OVER

    @property
    def answer(self) -> str:
        """The text of the answer."""
        return "\n\n".join(message.content for message in self.messages if message.is_final)

    @property
    def reasoning(self) -> str:
        """The chain of thought."""
        return "\n\n".join(message.content for message in self.messages if message.is_reasoning)

    def seconds(self, now: float | None = None) -> float:
        """How long it has taken up to ``now``, or to its end; 0.0 before it began."""
        if self._began is None or now is None or self.is_over:
            return self._took
        return now - self._began

    @property
    def tokens_per_second(self) -> float:
        """The speed of decoding; 0.0 while it is not known."""
        return self.usage.tokens_per_second
