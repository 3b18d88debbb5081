"""Notices when a chain of thought goes in circles.

Knows token ids only; must not know what they mean or who is told. Each token costs constant time.
Two signs count: the same tokens again and again at one distance (a cycle), and long stretches in
which hardly any sequence of eight tokens is new and most have come up twice before. A list or a
table with a number that changes in each row shows neither, and neither does a text that is quoted
once more.
"""

from __future__ import annotations

from collections import deque

GRAM = 8
SHORTEST = 60
"""Tokens that a cycle lasts at least."""
COPIES = 3
"""How often a cycle comes again, beside the first time."""
WINDOW = 400
"""Tokens over which sequences are judged."""
FEW_NEW = 0.12
"""A list in which one number a row changes has more new sequences, up to 65 tokens a row."""
MOST_WORN = 0.6
_BITS = 18  # of a token id
_MASK = (1 << (_BITS * GRAM)) - 1
_NEW, _SEEN, _WORN = 0, 1, 2


class Circles:
    """Follows one chain of thought."""

    def __init__(self) -> None:
        self._tokens: list[int] = []
        self._gram = 0
        self._places: dict[int, tuple[int, int]] = {}
        """For each sequence where it ended last, and how often it has come."""
        self._period = 0
        self._run = 0
        """Tokens that were the same as one period before."""
        self._window: deque[int] = deque(maxlen=WINDOW)
        self._counts = [0, 0, 0]
        self._near_since: int | None = None
        self._next = 0
        """The length of repetition that is told next."""

    def push(self, token: int) -> int:
        """Follow a token; how long it has gone in circles where that is to be told now, else 0.

        Told when it is noticed, and again each time the length has doubled.
        """
        self._tokens.append(token)
        self._gram = (self._gram << _BITS | token) & _MASK
        place, times = self._places.get(self._gram, (-1, 0))
        self._follow_cycle(token, place)
        if len(self._tokens) >= GRAM:
            self._places[self._gram] = (len(self._tokens), times + 1)
            self._judge(min(times, _WORN))
        length = max(self._cycle(), self._near())
        if not length:
            self._next = 0
        if length < max(1, self._next):
            return 0
        self._next = 2 * length
        return length

    def _follow_cycle(self, token: int, place: int) -> None:
        """Keep to the period as long as it holds; else take that of the sequence's last coming."""
        at = len(self._tokens)
        if self._period and self._tokens[at - 1 - self._period] == token:
            self._run += 1
            return
        self._period, self._run = (at - place, GRAM) if place > 0 else (0, 0)

    def _judge(self, kind: int) -> None:
        if len(self._window) == WINDOW:
            self._counts[self._window[0]] -= 1
        self._window.append(kind)
        self._counts[kind] += 1

    def _cycle(self) -> int:
        enough = self._period and self._run >= max(SHORTEST, COPIES * self._period)
        return self._run + self._period if enough else 0

    def _near(self) -> int:
        new, _, worn = self._counts
        if len(self._window) < WINDOW or new > FEW_NEW * WINDOW or worn < MOST_WORN * WINDOW:
            self._near_since = None
            return 0
        if self._near_since is None:
            self._near_since = len(self._tokens) - WINDOW
        return len(self._tokens) - self._near_since
