"""What the store gives back: conversations with their facts, lines of the list, hits of a search.

Knows the conversation's values; must not know SQLite. All texts are raw: whoever shows them
cleans them (see ``untrusted``). Times are seconds since 1970 (UTC).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from chat_tui.conversation import Conversation, Effort
from chat_tui.events import Usage


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a message beside what it says."""

    created: float = 0.0
    finished: float | None = None
    """When it was whole; None for one that was cut off by the end of the process."""
    model: str = ""
    usage: Usage | None = None
    """What the turn took that this message ended."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Approvals, attachments and whatever else belongs to it, as JSON."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A whole conversation; ``facts`` has one entry for each of its nodes."""

    id: str
    title: str = ""
    named: bool = False
    """Whether a person chose the title."""
    created: float = 0.0
    updated: float = 0.0
    started: date = date(1970, 1, 1)
    """The day that the model is told."""
    effort: Effort | None = None
    model: str = ""
    pinned: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)
    conversation: Conversation = field(default_factory=Conversation)
    facts: tuple[Facts, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """A line of the list."""

    id: str
    title: str
    created: float
    updated: float
    pinned: bool = False
    model: str = ""
    messages: int = 0
    """How many messages it has, on all branches."""
    deleted: float | None = None
    """When it was deleted; it can be restored for a while."""


class Part(StrEnum):
    """What of a conversation a search found."""

    TITLE = "title"
    QUESTION = "question"
    ANSWER = "answer"
    REASONING = "reasoning"
    CALL = "call"
    RESULT = "result"
    SUMMARY = "summary"
    """What stands in the place of what the model does not see any more."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where a search found its words."""

    conversation: str
    title: str
    updated: float
    part: Part
    node: int | None
    """The node in the conversation's tree; None for the title."""
    snippet: str
    spans: tuple[tuple[int, int], ...]
    """Where in ``snippet`` the words stand: start and end, in characters."""


@dataclass(frozen=True, slots=True)
class Salvage:
    """What was rescued from a damaged database."""

    conversations: int
    messages: int
    kept: str
    """Where the damaged file lies now."""
