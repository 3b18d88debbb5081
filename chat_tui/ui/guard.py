"""Which key presses and clicks count as an answer to a question about a call.

Knows keys and times; must not know widgets, calls or clocks: every method is told when it
happened, in seconds of one monotonic clock. A key that allows something counts only when it stands
alone: not within SETTLE of the question's appearance or of something written, and not when another
key follows within QUIET, as in a word that is being typed or text that is pasted as keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

SETTLE = 0.3
"""Seconds for which a question that has just appeared cannot be answered."""
QUIET = 0.25
"""Seconds without another key that make a key deliberate."""


class Act(Enum):
    """What a person can do about a call, by its key."""

    ONCE = "y"
    ALWAYS = "a"
    EDIT = "e"
    DENY = "n"
    REASON = "r"
    STOP = "s"


_ACTS = {act.value: act for act in Act} | {"enter": Act.DENY}


class Guard:
    """The caution of one question: ``offered`` are the acts that it has, ``acts`` other keys."""

    def __init__(
        self, offered: frozenset[Act] = frozenset(Act), acts: Mapping[str, Act] | None = None
    ) -> None:
        self.offered = offered
        self._acts = _ACTS if acts is None else {**acts, "enter": Act.DENY}
        self._since: float | None = None
        self._armed: tuple[Act, str, float] | None = None
        self._last = float("-inf")

    def appear(self, now: float) -> None:
        """The question is on the screen, or looks different from before."""
        self._since, self._armed = now, None

    def written(self, now: float) -> None:
        """Something was written elsewhere."""
        self._armed = None
        if self._since is not None:
            self._since = max(self._since, now)

    def press(self, key: str, now: float) -> str:
        """A key was pressed on the question: what of it is text for somewhere else.

        A key that counts is armed; ``fire`` says whether it holds.
        """
        act = self._acts.get(key)
        held, self._armed = self._armed, None
        hasty = now - self._last < QUIET
        self._last = now
        typed = key if len(key) == 1 else ""
        if held is not None and hasty:
            return held[1] + typed
        if act is None or act not in self.offered or hasty or not self.is_settled(now):
            return typed
        self._armed = (act, typed, now)
        return ""

    def fire(self, now: float) -> Act | None:
        """The act that is armed, once it has stood alone for long enough; it is done then."""
        if self._armed is None or now - self._armed[2] < QUIET:
            return None
        act, self._armed = self._armed[0], None
        return act

    def click(self, act: Act, now: float) -> Act | None:
        """One of the question's own choices was clicked."""
        self._armed = None
        return act if act in self.offered and self.is_settled(now) else None

    def leave(self) -> None:
        """The focus has gone, or text was pasted: nothing is armed any more."""
        self._armed = None

    def is_settled(self, now: float) -> bool:
        """Whether the question has been there for long enough, with nothing written since."""
        return self._since is not None and now - self._since >= SETTLE
