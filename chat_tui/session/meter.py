"""How the context is filled, by kind: the numbers, and how they are drawn as a bar.

Knows numbers and signs; must not know who counts, so that a status line has it at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from chat_tui.language import N_

SIGNS = MappingProxyType({
    N_("system"): "▓",
    N_("tools"): "▓",
    N_("summary"): "█",
    N_("history"): "█",
    N_("tool results"): "█",
    N_("files"): "▒",
    N_("draft"): "▒",
    N_("free"): "░",
})  # fmt: skip
"""How each kind is drawn; it is told by the sign, not by a colour."""


@dataclass(frozen=True, slots=True)
class Meter:
    """What the context holds, in tokens; ``kinds`` is in the order of the prompt."""

    kinds: Mapping[str, int]
    context: int
    reused: int
    """Of all that is held, what the cache has read already."""

    @property
    def used(self) -> int:
        """All together."""
        return sum(self.kinds.values())

    @property
    def free(self) -> int:
        """What is left."""
        return max(0, self.context - self.used)


def bar(meter: Meter, cells: int, used: int | None = None) -> str:
    """All kinds in so many cells; ``used`` tokens are held by now, where that is more.

    What grows meanwhile is the answer, a part of the history.
    """
    grown = max(0, (used or 0) - meter.used)
    found, at = "", 0
    for kind, count in meter.kinds.items():
        at += count + (grown if kind == "history" else 0)
        full = min(round(cells * at / meter.context), cells) if meter.context else 0
        found += SIGNS[kind] * (full - len(found))
    return found + SIGNS["free"] * (cells - len(found))
