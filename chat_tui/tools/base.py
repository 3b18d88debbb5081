"""The one shape of a tool, and what passes between a tool and whoever runs it.

Knows the conversation's values; must not know harmony, approvals, a face or any one tool. All
texts are raw here: the registry cleans what the model gets, a face what the user sees.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

from chat_tui.arguments import parse_arguments
from chat_tui.conversation import FunctionSpec, Message, ToolSpec
from chat_tui.errors import ToolError
from chat_tui.language import _


class Risk(Enum):
    """The worst a call can do, mildest first."""

    READS = "reads"
    """Looks at what the user chose to show: needs no question in read-only mode."""
    RUNS = "runs"
    """Runs code inside a sandbox."""
    WRITES = "writes"
    """Changes files of the workspace."""
    OUTSIDE = "outside"
    """Runs without a sandbox, or reaches beyond the workspace or this machine. Never allowed
    for longer than one call."""


class Stop(Protocol):
    """The user's wish to end the turn; ``engine.protocol.Cancel`` is one."""

    def is_set(self) -> bool:
        """Whether to stop. Tools ask at least every 0.1 s."""


@dataclass(frozen=True, slots=True)
class Context:
    """Where a call runs. What a tool remembers between calls lives in the tool object."""

    workspace: Path
    """The folder that the conversation is about; absolute."""
    stop: Stop


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that a call made for the user; the model is told its name only."""

    name: str
    media_type: str
    path: Path


@dataclass(frozen=True, slots=True)
class Progress:
    """More live output."""

    text: str


@dataclass(frozen=True, slots=True)
class Result:
    """How a call ended; every run ends with one."""

    text: str
    """What the model sees."""
    failed: bool = False
    attachments: tuple[Attachment, ...] = ()
    full: str = ""
    """What the user can look up where ``text`` is only a part of it; else empty."""


@dataclass(frozen=True, slots=True)
class CallView:
    """A call as a person judges it: for the approval card and the transcript."""

    title: str
    """One line: what would happen, such as ``Run Python``."""
    body: str
    """The whole arguments, as the person should read them."""
    risk: Risk
    language: str = ""
    """The lexer that highlights ``body``: ``python``, ``json``; empty for plain text."""
    diff: str | None = None
    """A unified diff where the call edits files."""
    touches: tuple[str, ...] = ()
    """What it may read, write or run, in words."""
    rule: str = ""
    """What "always" would allow, in words and exactly, where that is more than this very call:
    ``any Python code in the sandbox``. Empty: only a call with the same arguments."""
    problem: str | None = None
    """Why it cannot run; it is then answered with this instead of being asked about."""
    fingerprint: str = ""
    """What it would act on, in short: another one means that files are not as they were shown."""


class Tool(Protocol):
    """A namespace of functions that the model may call."""

    @property
    def spec(self) -> ToolSpec:
        """What the model is told."""

    def describe(self, call: Message) -> CallView:
        """What ``call`` would do. Has no effect, and raises nothing: see ``CallView.problem``."""

    def run(self, call: Message, context: Context) -> Iterator[Progress | Result]:
        """Do it; ends with a Result. A failure is a Result that the model sees.

        Closing the iterator early stops the call.
        """

    def close(self) -> None:
        """End what the tool holds: processes, files. May be called twice."""


def function_of(call: Message, spec: ToolSpec) -> FunctionSpec | None:
    """Which function of ``spec`` the call is addressed to; None for a tool without functions."""
    for function in spec.functions:
        if call.recipient == f"{spec.namespace}.{function.name}":
            return function
    return None


def unconfined_view(call: Message, title: str, runs: str) -> CallView:
    """The card of a call with JSON arguments that runs outside the sandbox; ``runs`` says what."""
    body, problem = call.content, None
    try:
        body = json.dumps(parse_arguments(call.content), indent=2, ensure_ascii=False)
    except ToolError as error:
        problem = str(error)
    return CallView(
        title=title,
        body=body,
        language="json",
        risk=Risk.OUTSIDE,
        touches=(runs, _("NOT sandboxed")),
        problem=problem,
    )


def canonical_arguments(call: Message) -> str:
    """The arguments of ``call`` in a form in which equal means equal.

    A JSON object has its keys sorted and its spacing fixed. Code, and whatever is not one JSON
    object and nothing else, stays as it is, byte for byte; a mark before it keeps the kinds apart.
    """
    if call.content_type != "code":
        try:
            value = json.loads(call.content)
            if isinstance(value, dict):
                return f"json:{canonical_json(value)}"
        except (ValueError, RecursionError):
            pass
    return f"raw:{call.content}"


def canonical_json(value: Any) -> str:
    """``value`` as JSON with sorted keys and no spaces; ASCII only."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def schema_fingerprint(spec: ToolSpec) -> str:
    """A hash of all that the model is told of a tool; another one means another tool."""
    told = [
        spec.namespace,
        spec.description,
        [[each.name, each.description, each.parameters] for each in spec.functions],
    ]
    return hashlib.sha256(canonical_json(told).encode()).hexdigest()
