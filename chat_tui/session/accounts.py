"""What turns and messages took: tokens, speed, seconds, and how each turn ended.

Knows events and what the store keeps of them; must not know a face. Nodes are those of the
conversation's tree. A face draws from this what it did not see happen, or has let go of.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from chat_tui.events import Delta, MessageCompleted, StopReason, TurnEnded, TurnEvent, Usage
from chat_tui.store.values import Facts

_REASON = "ended"
"""Where the store keeps why a turn ended, if it did not end by itself."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a turn ended."""

    usage: Usage
    reason: StopReason | None = None
    """None where nobody noted it."""


class Accounts:
    """The accounts of one conversation."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.endings: dict[int, Ending] = {}
        """By the last node of each turn."""
        self.seconds: dict[int, float] = {}
        """How long a message took to come, where that is known."""
        self._clock = clock
        self._since: float | None = None

    def hear(self, event: TurnEvent, head: int | None) -> None:
        """This has happened; the conversation's head is then ``head``."""
        if isinstance(event, Delta):
            self._since = self._clock() if self._since is None else self._since
        elif isinstance(event, MessageCompleted):
            if self._since is not None and head is not None:
                self.seconds[head] = self._clock() - self._since
            self._since = None
        elif isinstance(event, TurnEnded):
            self._since = None
            if head is not None:
                self.endings[head] = Ending(event.usage, event.reason)

    def recall(self, facts: Iterable[Facts]) -> None:
        """What was kept of an earlier time, node by node."""
        for node, fact in enumerate(facts):
            if fact.usage is not None:
                self.endings[node] = Ending(fact.usage, _reason(fact.extra))
            if fact.finished is not None and fact.finished > fact.created:
                self.seconds[node] = fact.finished - fact.created


def noted(event: TurnEnded) -> Mapping[str, Any]:
    """What the store keeps of a turn's end beside its usage."""
    whole = event.reason is StopReason.COMPLETE
    return {} if whole else {_REASON: str(event.reason)}


def _reason(extra: Mapping[str, Any]) -> StopReason | None:
    try:
        return StopReason(extra.get(_REASON, StopReason.COMPLETE))
    except ValueError:
        return None  # of a later version
