"""What is asked of a server and what it says, whoever it is.

Values only; the modules of the dialects turn them into requests and make them of answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Literal, Protocol

from chat_tui.conversation import Prompt, ResponseFormat
from chat_tui.engine.protocol import Sampling
from chat_tui.engine.remote.lines import JsonLines, ServerEvents


class Stop(Enum):
    """Why a server stopped."""

    END = auto()
    """The model ended its turn."""
    LENGTH = auto()


@dataclass(frozen=True, slots=True)
class Counts:
    """What a server counted; None where it did not say."""

    prompt: int | None = None
    reused: int | None = None
    written: int | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """Tokens that the model is to go on from."""

    tokens: Sequence[int]
    text: Callable[[], str]
    """The same as text with markup, for servers that take no tokens."""
    model: str
    sampling: Sampling
    max_tokens: int | None = None
    form: ResponseFormat | None = None
    """What all that follows has to be; only set where the answer begins."""


@dataclass(frozen=True, slots=True)
class Said:
    """One piece of what a server of tokens says."""

    tokens: tuple[int, ...] = ()
    text: str | None = None
    """With markup; beside ``tokens`` it may hold more than they do (see ``reading``)."""
    read: int | None = None
    """Of the prompt, how many tokens it has read, reused ones included."""
    counts: Counts = Counts()
    stop: Stop | None = None


@dataclass(frozen=True, slots=True)
class CallPart:
    """A piece of a call; its name comes once, its arguments may come in parts."""

    index: int
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class ChatSaid:
    """One piece of what a server of messages says."""

    reasoning: str = ""
    answer: str = ""
    calls: tuple[CallPart, ...] = ()
    counts: Counts = Counts()
    stop: Stop | None = None


Framing = Callable[[], ServerEvents | JsonLines]


class TokenDialect(Protocol):
    """A server that takes the prompt as this program renders it."""

    takes_tokens: Literal[True]
    cuts_errors: bool
    """Whether a stream that fails is just cut off, where a whole answer would say why."""
    name: str
    path: str
    framing: Framing

    def body(self, ask: Ask) -> dict[str, Any]:
        """The request. Raises SchemaError for a form that cannot be enforced."""

    def read(self, value: Mapping[str, Any]) -> Said:
        """What one message means."""


class ChatDialect(Protocol):
    """A server that renders the prompt itself."""

    takes_tokens: Literal[False]
    name: str
    path: str
    framing: Framing

    def body(
        self, prompt: Prompt, model: str, sampling: Sampling, max_tokens: int | None, context: int
    ) -> dict[str, Any]:
        """The request."""

    def read(self, value: Mapping[str, Any]) -> ChatSaid:
        """What one message means."""


Dialect = TokenDialect | ChatDialect


@dataclass(frozen=True, slots=True)
class Found:
    """What was found at an address."""

    dialect: Dialect
    model: str
    """The name under which the model is asked for."""
    context: int
    """Tokens; where the server does not say, what gpt-oss was made for."""
    context_known: bool = True
    trained: int = 0
    """Tokens that it could hold if it were asked to; 0: what it holds now."""
    size_bytes: int = 0
