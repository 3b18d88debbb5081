"""What happens while a model loads and a turn runs, as frozen values.

Knows only the conversation's values. The engine yields the first group, the session adds the
second; a face draws them with one ``match``. All texts are raw: whoever shows them cleans them
(see ``untrusted``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby
from typing import TypeVar

from chat_tui.conversation import Message
from chat_tui.errors import ChatError

NEARLY_FULL = 64
"""Tokens: what ends this close to the end of the context has ended there."""


class StopReason(StrEnum):
    """Why a turn ended."""

    COMPLETE = "complete"
    CANCELLED = "cancelled"
    LENGTH = "length"


@dataclass(frozen=True, slots=True)
class Usage:
    """What a turn took; token counts, and seconds of wall time."""

    prompt_tokens: int = 0
    reused_tokens: int = 0
    """Of the prompt, those that the KV cache still held."""
    evaluated_tokens: int = 0
    """Of the prompt, those that had to be read: prompt minus reused."""
    reasoning_tokens: int = 0
    answer_tokens: int = 0
    first_token_seconds: float = 0.0
    total_seconds: float = 0.0
    decode_seconds: float = 0.0
    """Seconds spent after the first token; what tokens_per_second divides by."""

    @property
    def context_tokens(self) -> int:
        """Tokens that the turn left in the context."""
        return self.prompt_tokens + self.reasoning_tokens + self.answer_tokens

    @property
    def tokens_per_second(self) -> float:
        """Decoding speed; 0.0 before there is anything to measure."""
        tokens = self.reasoning_tokens + self.answer_tokens
        return (tokens - 1) / self.decode_seconds if tokens > 1 and self.decode_seconds > 0 else 0.0

    def plus(self, later: Usage) -> Usage:
        """The usage of two generations of one turn; the first token stays the first one's."""
        return Usage(
            prompt_tokens=later.prompt_tokens,
            reused_tokens=self.reused_tokens + later.reused_tokens,
            evaluated_tokens=self.evaluated_tokens + later.evaluated_tokens,
            reasoning_tokens=self.reasoning_tokens + later.reasoning_tokens,
            answer_tokens=self.answer_tokens + later.answer_tokens,
            first_token_seconds=self.first_token_seconds or later.first_token_seconds,
            total_seconds=self.total_seconds + later.total_seconds,
            decode_seconds=self.decode_seconds + later.decode_seconds,
        )


@dataclass(frozen=True, slots=True)
class PromptCost:
    """What a prompt would take before its first new token."""

    total: int
    """Tokens of the prompt."""
    reused: int
    """Of those, the ones that the cache, a snapshot or a saved state holds right now."""

    @property
    def evaluate(self) -> int:
        """Tokens that would have to be read."""
        return self.total - self.reused


@dataclass(frozen=True, slots=True)
class PromptPart:
    """One message of a prompt as the model reads it, header and ending included."""

    role: str
    text: str
    """All of it, the markup spelled out."""
    ends: tuple[int, ...]
    """Where each token ends in the text; alike where several make one character."""
    specials: tuple[int, ...]
    """Which of the tokens, from 0, are markup; whatever else looks like it is plain text."""
    channel: str | None = None
    recipient: str | None = None
    name: str | None = None
    source: int | None = None
    """Its place among the prompt's messages; None for what stands in no message."""


@dataclass(frozen=True, slots=True)
class PromptInside:
    """A prompt as the model reads it, in order; the last part opens the answer."""

    parts: tuple[PromptPart, ...]
    dropped: tuple[int, ...]
    """The places of the prompt's messages that the format leaves out: earlier reasoning."""
    reused: int
    """Of all tokens, so many from the first one on the cache holds right now."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A loaded model, as far as a face needs to know it."""

    path: str
    name: str
    size_bytes: int
    context: int
    """The tokens that fit this session's KV cache."""
    trained_context: int
    device: str
    """``CPU``, or the name of the GPU that holds layers."""
    note: str = ""
    """What a user should know of how it was loaded: a context below the trained one, parts of
    the model that are not on the GPU. To be said once; empty where there is nothing to say."""
    host: str = ""
    """The host of a server elsewhere that has the model; empty where it is on this machine."""

    def is_filled_by(self, usage: Usage) -> bool:
        """Whether a turn of this usage ended because the context did."""
        return usage.context_tokens >= self.context - NEARLY_FULL


@dataclass(frozen=True, slots=True)
class LoadProgress:
    """How much of the model is in memory, 0.0 to 1.0."""

    fraction: float


@dataclass(frozen=True, slots=True)
class Loaded:
    """The model is ready for its first prompt."""

    model: ModelInfo
    seconds: float


@dataclass(frozen=True, slots=True)
class PromptProgress:
    """How much of the prompt has been read; ``done`` counts reused tokens too."""

    done: int
    total: int
    reused: int = 0


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More chain of thought; ``tokens`` is how many tokens made this text."""

    text: str
    tokens: int = 1


@dataclass(frozen=True, slots=True)
class AnswerDelta:
    """More of the final answer."""

    text: str
    tokens: int = 1


@dataclass(frozen=True, slots=True)
class PreambleDelta:
    """More commentary that is meant for the user, such as a plan before calling a tool."""

    text: str
    tokens: int = 1


@dataclass(frozen=True, slots=True)
class StrayDelta:
    """Text on a channel that does not exist; shown dimmed, never taken for the answer."""

    text: str
    tokens: int = 1


@dataclass(frozen=True, slots=True)
class ToolArgumentsDelta:
    """More of the body of a call."""

    recipient: str
    text: str
    tokens: int = 1


@dataclass(frozen=True, slots=True)
class ReasoningCircles:
    """The chain of thought repeats itself; sent again each time the repetition has doubled.

    The generation goes on. A face may offer to answer now, to ask again with less effort, or to
    let it go on.
    """

    tokens: int
    """How long the repetition has lasted."""


Delta = ReasoningDelta | AnswerDelta | PreambleDelta | StrayDelta | ToolArgumentsDelta


@dataclass(frozen=True, slots=True)
class Resumed:
    """The model goes on with a message that was cut off; deltas that follow are new text of it.

    Comes before the first of them, and not at all where nothing new came.
    """

    message: Message
    """As far as it stood: marked as interrupted, without half a character at its end."""


@dataclass(frozen=True, slots=True)
class MessageCompleted:
    """A whole message, as it will stand in the history."""

    message: Message


@dataclass(frozen=True, slots=True)
class GenerationEnded:
    """The model stopped; what follows (a tool, the user) is the session's to decide."""

    reason: StopReason
    usage: Usage


EngineEvent = (
    PromptProgress | Resumed | Delta | ReasoningCircles | MessageCompleted | GenerationEnded
)


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """An approved call begins to run."""

    call: Message


@dataclass(frozen=True, slots=True)
class ToolProgressed:
    """Live output of a running tool."""

    call: Message
    text: str


@dataclass(frozen=True, slots=True)
class ToolFinished:
    """What a tool answered; also a denial or a failure, which the model sees alike."""

    call: Message
    result: Message


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The turn is over and the composer is the user's."""

    reason: StopReason
    usage: Usage


@dataclass(frozen=True, slots=True)
class TurnFailed:
    """The turn is over because something broke; what was shown before stays."""

    error: ChatError


TurnEvent = (
    LoadProgress
    | Loaded
    | PromptProgress
    | Resumed
    | Delta
    | ReasoningCircles
    | MessageCompleted
    | ToolStarted
    | ToolProgressed
    | ToolFinished
    | TurnEnded
    | TurnFailed
)

_Event = TypeVar("_Event")


def merged(events: Iterable[_Event]) -> Iterator[_Event | Delta]:
    """``events`` with neighbouring deltas of one kind, to one recipient, joined into one."""
    for _, run in groupby(events, _kind):
        first, *others = run
        if not isinstance(first, Delta):
            yield from (first, *others)
            continue
        deltas = [first, *(event for event in others if isinstance(event, Delta))]
        text = "".join(delta.text for delta in deltas)
        yield replace(first, text=text, tokens=sum(delta.tokens for delta in deltas))


def _kind(event: object) -> tuple[type, object]:
    return type(event), getattr(event, "recipient", None)
