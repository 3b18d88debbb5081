"""What can be done with the conversations of the list, and what a list ends with.

Knows values alone; must not know widgets or the store.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from chat_tui.session.shelf import Listing
from chat_tui.store.values import Hit, Summary


@dataclass(frozen=True, slots=True)
class Wanted:
    """The conversation to go on with, or a copy of it."""

    conversation: str
    copy: bool = False
    node: int | None = None
    """The message at which it is to be opened; None for the end."""
    words: str = ""
    """What was looked for in it."""


class Deeds(Protocol):
    """Each may raise a ChatError."""

    async def listed(self, limit: int | None = None) -> Listing:
        """The list as it is now, its first ``limit`` lines."""

    async def search(self, words: str) -> tuple[Hit, ...]:
        """Where the words stand."""

    async def retitle(self, one: Summary, title: str) -> None:
        """Give it another title."""

    async def pin(self, one: Summary) -> None:
        """Keep it at the top, or no longer."""

    async def delete(self, one: Summary) -> None:
        """Take it out of the list."""

    async def restore(self) -> Summary | None:
        """Bring back what was deleted last."""
