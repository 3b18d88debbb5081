"""Looking for a pattern in a whole conversation, a little at a time.

Knows past turns, texts and places; must not know the screen. It begins where the reader is, so
that the next hit is known long before the last.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from chat_tui.settings import ReasoningView
from chat_tui.ui.longtext import Place
from chat_tui.ui.past import Past, bare

Found = list[tuple[int, Place]]
"""Parts of a turn and places in them."""
Hit = tuple[int, int, Place]
"""A turn, a part of it and a place in that: the order of hits is the order on the screen."""


class Source(Protocol):
    """A turn to search."""

    def search(self, pattern: re.Pattern[str], needle: str) -> Iterator[Found]:
        """Where the pattern is, a little at a time; ``needle`` is what ``bare`` makes of it."""


class Filed:
    """A past turn; what is costly to find out about it is remembered."""

    def __init__(self, turn: Past, view: ReasoningView, pages: Callable[[], Sequence[str]]) -> None:
        self._turn = turn
        self._view = view
        self._pages = pages
        self._bare: str | None = None

    def search(self, pattern: re.Pattern[str], needle: str) -> Iterator[Found]:
        """See ``Source``; it is parsed only where it may hold what is looked for."""
        if self._bare is None:
            self._bare = self._turn.bare()
        if needle in self._bare or self._turn.is_rewritten:
            yield from self._turn.search(pattern, self._view, self._pages)


class Seek:
    """One search through ``sources``, from number ``start`` on and around."""

    def __init__(self, sources: Sequence[Source], words: str, start: int) -> None:
        self.words = words
        self.pattern = re.compile(re.escape(words), re.IGNORECASE)
        self._needle = bare(words)
        self._sources = list(sources)
        count = len(sources)
        start = min(start, count)
        self._left = [*reversed(range(start)), *reversed(range(start, count))]
        self._now: Iterator[Found] | None = None
        self._found: dict[int, list[Hit]] = {}

    @property
    def is_done(self) -> bool:
        """Whether all has been searched."""
        return not self._left

    @property
    def hits(self) -> list[Hit]:
        """All that was found by now, in order."""
        return [hit for number in sorted(self._found) for hit in self._found[number]]

    def work(self, seconds: float) -> None:
        """Search on for so long, one step at least."""
        end = time.monotonic() + seconds
        while self._left:
            number = self._left[-1]
            if self._now is None:
                self._now = self._sources[number].search(self.pattern, self._needle)
            step = next(self._now, None)
            if step is None:
                self._left.pop()
                self._now = None
            elif step:
                found = self._found.setdefault(number, [])
                found += [(number, part, place) for part, place in step]
            if time.monotonic() >= end:
                break

    def renew(self, first: int, sources: Sequence[Source]) -> None:
        """The sources from number ``first`` on are now these: they are searched again."""
        self._sources[first:] = sources
        self._found = {at: hits for at, hits in self._found.items() if at < first}
        left = [number for number in self._left if number < first]
        if left and self._now is not None:
            # Begun and not over: it is searched again too.
            self._found.pop(left[-1], None)
        self._now = None
        self._left = [*left, *reversed(range(first, len(self._sources)))]
