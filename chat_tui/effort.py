"""How much the model reasons.

Knows the three words that gpt-oss was trained with; a module of its own, because the command line
and the first paint need no more of what is said.
"""

from __future__ import annotations

from enum import StrEnum


class Effort(StrEnum):
    """How much the model reasons; gpt-oss has no level that switches reasoning off."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    def next(self) -> Effort:
        """The level that follows in the cycle low → medium → high → low."""
        levels = list(Effort)
        return levels[(levels.index(self) + 1) % len(levels)]

    def less(self) -> Effort | None:
        """The level below; None for the lowest."""
        levels = list(Effort)
        at = levels.index(self)
        return levels[at - 1] if at else None
