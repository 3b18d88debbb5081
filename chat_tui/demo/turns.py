"""What the training data is made of: turns, calls and whole talks.

Values only; texts may carry the marks of ``phrasing.slot``. Knows no generator and no token.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_tui.conversation import ANALYSIS

if TYPE_CHECKING:
    from chat_tui.conversation import ToolSpec

EFFORTS = ("low", "medium", "high")

Thought = tuple[str, str, str]
"""Reasoning at each effort; an empty text means that there is none."""
SILENT: Thought = ("", "", "")


@dataclass(frozen=True, slots=True)
class Call:
    """A call the model must make, and what the tool answers; ``after`` is thought then."""

    recipient: str
    channel: str
    form: str
    """The content type as the header has it: ``json`` behind ``<|constrain|>``, or ``code``."""
    body: str
    result: str
    after: Thought = SILENT

    @property
    def is_thought(self) -> bool:
        """Whether later turns no longer see it: harmony drops what was part of the reasoning."""
        return self.channel == ANALYSIS


@dataclass(frozen=True, slots=True)
class Turn:
    """A question, the reasoning at each effort, perhaps a call, the answer."""

    kind: str
    ask: str
    think: Thought
    answer: str
    call: Call | None = None


@dataclass(frozen=True, slots=True)
class Talk:
    """One to five turns under one system message; the model answers the last."""

    effort: str
    date: str
    instructions: str
    turns: tuple[Turn, ...]
    tools: tuple[ToolSpec, ...] = ()
