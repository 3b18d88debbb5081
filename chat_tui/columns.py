"""How wide a text is in a terminal, and lines that are no wider than asked for.

Knows that Chinese and Japanese characters take two columns and may be parted anywhere; must not
know what a text says. What is measured here has been cleaned.
"""

from __future__ import annotations

import re
import textwrap
from unicodedata import east_asian_width

_BESIDE = "\0"
"""Stands before a wide character while texts are measured by their length."""
_ENDS = "、。，；：？！）》」』】”’"
_PARTS = re.compile(rf"[^{_BESIDE}]+|{_BESIDE}.(?:{_BESIDE}?[{_ENDS},.;:?!)])*", re.DOTALL)


def _spread(text: str) -> str:
    if text.isascii():
        return text
    return "".join(f"{_BESIDE}{one}" if east_asian_width(one) in "WF" else one for one in text)


class _Wrapper(textwrap.TextWrapper):
    """Parts texts before wide characters too, but not before what closes or ends a sentence."""

    def _split(self, text: str) -> list[str]:
        return [part for word in super()._split(text) for part in _PARTS.findall(word)]


def columns(text: str) -> int:
    """Columns that a line of text takes."""
    return len(_spread(text))


def padded(text: str, width: int) -> str:
    """``text`` with blanks behind it, at least ``width`` columns wide."""
    return text + " " * max(0, width - columns(text))


def cut(text: str, width: int) -> str:
    """As much of ``text`` as ``width`` columns hold."""
    return _spread(text)[:width].rstrip(_BESIDE).replace(_BESIDE, "")


def wrapped(
    text: str,
    width: int,
    first: str = "",
    later: str = "",
    *,
    hyphens: bool = True,
    whole: bool = False,
) -> list[str]:
    """``text`` in lines of at most ``width`` columns, which begin with ``first`` and ``later``.

    ``hyphens`` parts words at hyphens; ``whole`` leaves a word that is too long in one piece.
    """
    wrapper = _Wrapper(
        width,
        initial_indent=_spread(first),
        subsequent_indent=_spread(later),
        break_on_hyphens=hyphens,
        break_long_words=not whole,
    )
    return [line.replace(_BESIDE, "") for line in wrapper.wrap(_spread(text))]
