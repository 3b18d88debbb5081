"""What text in the transcript has to offer so that it can be searched.

Knows texts and patterns; must not know who searches. A place is a row of numbers that only the
widget that gave it understands; places of one widget are in order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Protocol

from textual.content import Content
from textual.visual import VisualType
from textual.widget import Widget
from textual.widgets import Static

from chat_tui.ui.clusters import Signs

Place = tuple[int, ...]
HIT = "$background on $text-warning"
HERE = "$background on $text-accent"
"""The style of the one hit that the reader was brought to."""


class Searchable(Protocol):
    """A widget with text to find."""

    @property
    def is_searchable(self) -> bool:
        """Whether there is anything to search now."""

    def search(self, pattern: re.Pattern[str]) -> Iterable[list[Place]]:
        """Where the pattern is, some places at a time: a long text takes a while."""

    def mark(self, pattern: re.Pattern[str] | None, here: Place | None) -> None:
        """Mark what matches, and one place above the others; None takes the marks away."""

    def spot(self, place: Place) -> tuple[Widget, int]:
        """The widget, itself or one within it, and the line of it that the place is in, from 0."""


def places(text: str, pattern: re.Pattern[str]) -> list[Place]:
    """Where the pattern is in plain text: a line and how far into it, both from 0.

    Not how far into the whole, since something may be written at the end of a line later.
    """
    found: list[Place] = []
    line = at = 0
    for match in pattern.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        found.append((line, at - (text.rfind("\n", 0, at) + 1)))
    return found


def offset(text: str, place: Place) -> int:
    """How far into plain text one of its ``places`` is."""
    at = 0
    for _line in range(place[0]):
        at = text.find("\n", at) + 1
    return at + place[1]


def marked(text: Content, pattern: re.Pattern[str] | None, here: int | None) -> Content:
    """``text`` with its matches marked, the one that begins at ``here`` above the others."""
    if pattern is None:
        return text
    signs = Signs(text.plain)
    for match in pattern.finditer(text.plain):
        style = HERE if match.start() == here else HIT
        text = text.stylize(style, *signs.whole(*match.span()))
    return text


class SearchableText(Static):
    """Plain text that can be searched."""

    def __init__(self, text: Content | str = "", *, classes: str | None = None) -> None:
        super().__init__(text, classes=classes, markup=False)
        self._plain = text if isinstance(text, Content) else Content(text)
        self._marks: tuple[re.Pattern[str] | None, Place | None] = (None, None)

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        """Show another text."""
        self._plain = content if isinstance(content, Content) else Content(str(content))
        self._show(layout)

    @property
    def lines(self) -> int:
        """How many lines the text has, however they are broken."""
        return self._plain.plain.count("\n") + 1

    def search(self, pattern: re.Pattern[str]) -> list[list[Place]]:
        """See ``Searchable``."""
        return [places(self._plain.plain, pattern)]

    def mark(self, pattern: re.Pattern[str] | None, here: Place | None) -> None:
        """See ``Searchable``."""
        if (pattern, here) != self._marks:
            self._marks = (pattern, here)
            self._show(layout=False)

    def spot(self, place: Place) -> tuple[Widget, int]:
        """See ``Searchable``."""
        before = self._plain[: offset(self._plain.plain, place) + 1]
        return self, len(before.wrap(max(1, self.content_size.width or self.app.size.width))) - 1

    def _show(self, layout: bool) -> None:
        pattern, here = self._marks
        at = offset(self._plain.plain, here) if here else None
        super().update(marked(self._plain, pattern, at), layout=layout)
