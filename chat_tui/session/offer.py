"""What tools there are: those that could be built, and why the others could not.

Knows the registry and the sandbox's tiers; must not know who approves a call, or a face.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from chat_tui.conversation import Message
from chat_tui.sandbox.base import NONE, Tier
from chat_tui.tools.base import Result
from chat_tui.tools.registry import Registry

if TYPE_CHECKING:
    from chat_tui.tools.library import Library

Finished = Callable[[Message, Result], None]


class Patches(Protocol):
    """What can be taken back."""

    def undo(self) -> str:
        """Take the last edit back and say so. Raises ToolError."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The tools that could be built, and why the others could not."""

    registry: Registry
    tier: Tier = NONE
    """What holds code of the model."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """For each tool that is not offered why, and what to install."""
    useless: Callable[[str], str] = lambda _name: ""
    """Why a tool that is there is of no use now, so that the model is not told of it."""
    patches: Patches | None = None
    library: Library | None = None
    begin: Callable[[Sequence[str]], None] = lambda _answers: None
    """Brings the tools to a conversation in which the browser has said this; nothing of another
    conversation is known to them any more."""


@dataclass(frozen=True, slots=True)
class State:
    """One tool for a list of them."""

    name: str
    on: bool
    problem: str = ""
    """Why it cannot be had."""


def name_of(recipient: str) -> str:
    """The tool behind a recipient: ``apply_patch`` for ``functions.apply_patch``."""
    namespace, _, function = recipient.partition(".")
    return function if namespace == "functions" and function else namespace
