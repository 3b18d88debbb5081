"""Signs made of several characters, such as an emoji of two: no style begins or ends within one.

Knows Unicode's clusters; must not know what is styled. What has one style is measured and drawn by
itself: half a sign would be as wide as a whole one, and the end of the line would be cut.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.cells import split_graphemes
from textual.content import Content, Span

_JOINS = re.compile("[\u200d\ufe0f]")
"""What makes one sign of two, or a wider one."""


class Signs:
    """Where the signs of a text begin and end."""

    def __init__(self, text: str) -> None:
        self._within: dict[int, tuple[int, int]] = {}
        """Of places within a sign: where that begins and ends."""
        if not text.isascii() and _JOINS.search(text):
            for start, end, _cells in split_graphemes(text)[0]:
                self._within.update(dict.fromkeys(range(start + 1, end), (start, end)))

    def whole(self, start: int, end: int) -> tuple[int, int]:
        """``start`` and ``end`` moved apart, where they are within a sign."""
        return self._within.get(start, (start, start))[0], self._within.get(end, (end, end))[1]


def styled(text: str, spans: Sequence[Span]) -> Content:
    """``text`` with these styles, each on whole signs."""
    signs = Signs(text)
    return Content(text, [Span(*signs.whole(one.start, one.end), one.style) for one in spans])
