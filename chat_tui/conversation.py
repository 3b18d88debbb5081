"""What is said: pure values, and the conversation as a tree of them.

Knows nothing of tokens, files, widgets or the model. Everything here is immutable; a change makes
a new value, so a snapshot of a conversation can cross threads freely.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from chat_tui.effort import Effort as Effort  # noqa: PLC0414 - part of what is said here

ANALYSIS = "analysis"
COMMENTARY = "commentary"
FINAL = "final"
CHANNELS = (ANALYSIS, COMMENTARY, FINAL)
"""The harmony channels a gpt-oss model is told of, in the order of the system message."""

JsonSchema = Mapping[str, Any]


class Role(StrEnum):
    """Who wrote a message."""

    SYSTEM = "system"
    DEVELOPER = "developer"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"
    MARK = "mark"
    """Nobody: from here on the model sees less, or more, of what came before. See ``hides``."""


class Closer(StrEnum):
    """Who closed a chain of thought in the model's place, so that the answer could begin."""

    USER = "user"
    """Answer now, the user said."""
    BUDGET = "budget"


@dataclass(frozen=True, slots=True)
class Message:
    """One harmony message."""

    role: Role
    content: str
    channel: str | None = None
    """One of CHANNELS; another word only where a model made one up."""
    recipient: str | None = None
    """The tool a call goes to, or ``assistant`` for a tool's answer; None means everyone."""
    content_type: str | None = None
    """What follows ``<|constrain|>``: ``json``, ``code``; None is plain text."""
    name: str | None = None
    """The author of a tool message: ``python``, ``functions.get_weather``."""
    tokens: tuple[int, ...] = ()
    """What the model wrote, verbatim: from after ``<|start|>assistant`` to its terminator.
    Replayed as it is, so that the KV cache of the turn that wrote it stays valid."""
    effort: Effort | None = None
    repairs: tuple[str, ...] = ()
    """What the decoder had to mend, in its own words; empty for well-formed harmony."""
    interrupted: bool = False
    """True when the message was cut off: stopped, out of tokens or out of engine."""
    closed_by: Closer | None = None
    """Who ended this reasoning, where the model did not; it is whole and no fault of the model."""
    hides: int = 0
    """Of a mark: so many questions, from the first one on, that the model sees no more, with all
    that came of them. The mark's content, if any, is the summary that stands in their place. The
    last mark on a path decides."""

    @property
    def is_reasoning(self) -> bool:
        """Whether this is chain of thought and not a call to a built-in tool."""
        return self.role is Role.ASSISTANT and self.channel == ANALYSIS and self.recipient is None

    @property
    def is_final(self) -> bool:
        """Whether this is (a part of) the answer that the user asked for."""
        return self.role is Role.ASSISTANT and self.channel == FINAL

    @property
    def is_mark(self) -> bool:
        """Whether this is no message but says what the model sees of those before it."""
        return self.role is Role.MARK

    @property
    def is_call(self) -> bool:
        """Whether this asks for a tool to run."""
        return self.role is Role.ASSISTANT and self.recipient is not None


def user(text: str) -> Message:
    """A message of the user."""
    return Message(Role.USER, text)


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """One function of a tool as the model is told of it."""

    name: str
    description: str = ""
    parameters: JsonSchema | None = None
    """A JSON Schema of type object; None for a function without arguments."""


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A namespace of functions: ``functions`` for the user's own, ``python``, ``browser``."""

    namespace: str
    functions: tuple[FunctionSpec, ...] = ()
    description: str = ""

    @property
    def recipients(self) -> tuple[str, ...]:
        """Every name a call may be addressed to, such as ``python`` or ``browser.open``."""
        if not self.functions:
            return (self.namespace,)
        return tuple(f"{self.namespace}.{function.name}" for function in self.functions)


@dataclass(frozen=True, slots=True)
class ResponseFormat:
    """A named JSON Schema that the final answer has to follow."""

    name: str
    schema: JsonSchema


@dataclass(frozen=True, slots=True)
class Prompt:
    """All that decides what the model sees before it goes on."""

    messages: tuple[Message, ...]
    effort: Effort = Effort.MEDIUM
    date: date | None = None
    """The day named in the system message; None leaves the line out."""
    instructions: str = ""
    """A persona or standing wishes; they go into the developer message."""
    tools: tuple[ToolSpec, ...] = ()
    response_format: ResponseFormat | None = None
    continues: bool = False
    """Whether the model goes on inside the last message, which was cut off and is no call."""


@dataclass(frozen=True, slots=True)
class Node:
    """A message at its place in the tree."""

    message: Message
    parent: int | None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A tree of messages with a head; the path from the root to the head is what was said.

    Nodes are never removed: editing, regenerating and forking move the head and grow a branch.
    """

    nodes: tuple[Node, ...] = field(default=())
    head: int | None = None

    def add(self, *messages: Message) -> Conversation:
        """This conversation with messages appended, one after the other, below the head."""
        nodes, head = list(self.nodes), self.head
        for message in messages:
            nodes.append(Node(message, head))
            head = len(nodes) - 1
        return Conversation(tuple(nodes), head)

    def at(self, head: int | None) -> Conversation:
        """The same tree seen from another head; IndexError for a node that does not exist."""
        if head is not None and not 0 <= head < len(self.nodes):
            raise IndexError(head)
        return replace(self, head=head)

    def path(self) -> tuple[int, ...]:
        """The node indices from the root to the head."""
        found: list[int] = []
        at = self.head
        while at is not None:
            found.append(at)
            at = self.nodes[at].parent
        return tuple(reversed(found))

    @property
    def messages(self) -> tuple[Message, ...]:
        """The messages on the path to the head."""
        return tuple(self.nodes[index].message for index in self.path())

    def siblings(self, index: int) -> tuple[int, ...]:
        """The nodes that stand in the same place as this one, itself included, oldest first."""
        parent = self.nodes[index].parent
        return tuple(at for at, node in enumerate(self.nodes) if node.parent == parent)
