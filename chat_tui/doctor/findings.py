"""What the doctor says: one sentence or two about one thing, and the command that mends it.

Knows words; must not know how anything was found out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chat_tui.language import _, ngettext


class Level(StrEnum):
    """How good or bad it is."""

    OK = "ok"
    ADVICE = "advice"
    """It works, and could be better."""
    PROBLEM = "problem"
    """Something does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    id: str
    """Stable, for programs: ``sandbox``, ``engine.build`` …; the first word is its section."""
    level: Level
    text: str
    command: str = ""
    """What to type to mend it; empty where no single command does."""

    @property
    def section(self) -> str:
        """The heading that it stands under."""
        return self.id.partition(".")[0]


def ok(id_: str, text: str) -> Finding:
    """Nothing to do."""
    return Finding(id_, Level.OK, text)


def advice(id_: str, text: str, command: str = "") -> Finding:
    """It could be better."""
    return Finding(id_, Level.ADVICE, text, command)


def problem(id_: str, text: str, command: str = "") -> Finding:
    """It does not work."""
    return Finding(id_, Level.PROBLEM, text, command)


def size(count: int) -> str:
    """Bytes as people write them."""
    if count >= 100_000_000:
        return _("{size:,.1f} GB").format(size=count / 1e9)
    if count >= 1_000_000:
        return _("{size:,.0f} MB").format(size=count / 1e6)
    if count >= 1000:
        return _("{size:,.0f} kB").format(size=count / 1e3)
    return ngettext("{n} byte", "{n} bytes", count).format(n=count)
