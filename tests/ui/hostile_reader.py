"""Reads from a terminal what widgets show there, and compares it with what they should.

Knows cells and what was told of each widget: where it stands and what its text is; must not know
the app. Blanks do not count, for they depend on where lines break; nor do marks without a cell of
their own, which a terminal puts on the character before them, whichever that is.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from tests.ui.vt import VT

SHORT = 8
"""Letters of a text that is cut to a line and yet has to be there."""


def letters(text: str) -> str:
    """What of a text takes a place on the screen."""
    if text.isascii():
        return "".join(text.split())
    return "".join(
        char
        for char in text
        if not char.isspace() and unicodedata.category(char) not in ("Mn", "Me", "Mc", "Cf")
    )


def brief(text: str) -> str:
    """So much of it as has to be there in any case."""
    return letters(text)[:SHORT]


def fits(shown: str, how: str, wanted: Sequence[str]) -> bool:
    """Whether what is shown is what is wanted, in one of these ways."""
    match how:
        case "same":  # all of it and nothing else
            return shown == wanted[0]
        case "start":  # the rest is cut
            return wanted[0].startswith(shown) and bool(shown) is bool(wanted[0])
        case "end":
            return wanted[0].endswith(shown) and bool(shown) is bool(wanted[0])
        case "top":  # this comes first, and not all of the rest is in sight
            return shown.startswith(wanted[0])
        case "part":
            return shown in wanted[0] and bool(shown) is bool(wanted[0])
        case "holds":  # each of these, in this order, among what the app itself says
            at = 0
            for one in wanted:
                at = shown.find(one, at)
                if at < 0:
                    return False
                at += len(one)
            return True
    return how == "seen"


class Reader:
    """Takes what is told of the widgets, one message at a time."""

    def __init__(self, vt: VT) -> None:
        self._vt = vt
        self._rows: dict[int, dict[int, str]] = {}
        self.wrong: list[str] = []
        self.compared = 0
        """Widgets of which the text was compared."""

    def take(self, told: Mapping[str, Any]) -> None:
        """One message; what it says is on the terminal by now."""
        for sequence in (*self._vt.unknown, *self._vt.copied):
            self.wrong.append(f"{sequence!a} was written")
        self._vt.unknown.clear()
        self._vt.copied.clear()
        for key, first, x, y, width, height in told.get("see", ()):
            rows = self._rows.setdefault(key, {})
            for number in range(height):
                rows[first + number] = self._vt.part(y + number, x, width)
        if "all" in told:
            for mine, meant in zip(self._vt.lines, told["all"], strict=True):
                if mine != meant:
                    self.wrong.append(f"{mine!a} stands where {meant!a} is meant")
        for key, name, how, wanted, height in told.get("over", ()):
            self._compare(self._rows.get(key, {}), name, how, wanted, height)
        if "over" in told:
            self._rows.clear()
        self.wrong += told.get("wrong", ())

    def _compare(
        self, rows: dict[int, str], name: str, how: str, wanted: Sequence[str], height: int
    ) -> None:
        self.compared += 1
        missing = [number for number in range(height) if number not in rows]
        if how in ("same", "holds") and missing:
            self.wrong.append(f"{name}: line {missing[0]} of {height} was never seen")
            return
        shown = letters("".join(_run(rows, from_end=how == "end")))
        if not fits(shown, how, wanted):
            if how == "holds":
                wanted = [one for one in wanted if one not in shown] or wanted
            self.wrong.append(f"{name} shows {shown[:400]!a}, not {how} {wanted!a:.600}")


def _run(rows: Mapping[int, str], *, from_end: bool) -> Iterator[str]:
    """The rows from the first one on as far as there is no gap, or those from the last one back."""
    numbers = sorted(rows)
    gaps = [at for at, (one, two) in enumerate(pairwise(numbers), 1) if two != one + 1]
    kept = numbers[gaps[-1] :] if gaps and from_end else numbers[: gaps[0]] if gaps else numbers
    return (rows[number] for number in kept)
