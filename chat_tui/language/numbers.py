"""How languages write numbers: the digits in groups, and what stands before the fraction.

Knows languages and digits; must not know texts. Only for people: what a script or the model reads
has its numbers as Python writes them.
"""

from __future__ import annotations

import string
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Style:
    """One language's way."""

    group: str = ","
    point: str = "."
    grouped: int = 4
    """Digits before the point from which they stand in groups."""

    def written(self, number: str) -> str:
        """A number as Python's ``,`` and ``f`` format it, in this way."""
        digits = sum(map(str.isdigit, number.partition(".")[0]))
        group = self.group if digits >= self.grouped else ""
        return number.translate({ord(","): group, ord("."): self.point})


ENGLISH = Style()
STYLES = {
    "ru": Style("\u00a0", ","),
    "fr": Style("\u202f", ","),
    "es": Style(".", ",", 5),
    "pt": Style(".", ","),
}
"""By the language, as the Unicode locale data have it; all others write like English."""


class Filler(string.Formatter):
    """Fills the places of a text; a number that asks for groups or a fraction is written so."""

    def __init__(self, style: Style) -> None:
        self._style = style

    def format_field(self, value: object, format_spec: str) -> str:
        """One place."""
        text: str = super().format_field(value, format_spec)
        is_number = isinstance(value, int | float) and ("," in format_spec or "f" in format_spec)
        return self._style.written(text) if is_number else text


class Template(str):
    """A text with places to fill."""

    __slots__ = ("_filler",)
    _filler: Filler

    def __new__(cls, text: str, filler: Filler) -> Template:
        """``filler`` is how they are filled."""
        made = super().__new__(cls, text)
        made._filler = filler
        return made

    def format(self, *values: object, **named: object) -> str:
        """As ``str.format`` does, with numbers as the language writes them."""
        return self._filler.vformat(self, values, named)
