"""Finding what somebody means from a few letters of it.

Knows texts; must not know what they stand for. The time is linear in the text, whatever the
letters: trying every way in which they fit would take for ever on long paths.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import nsmallest
from typing import TypeVar

_T = TypeVar("_T")
_BOUNDARY = frozenset("/_-. \\")


def score(letters: str, text: str) -> float | None:
    """How badly ``letters`` fit ``text``: 0 is the same text, None is not at all.

    The best is the beginning of a name (what follows the last slash), then a name with the letters
    in a row, then a path with them; then letters scattered in their order, best at the beginnings
    of words and close together. Case does not count.
    """
    letters, text = letters.lower(), text.lower()
    if letters == text:
        return 0.0
    length = len(text) / 1000
    name_at = text.rfind("/", 0, len(text) - 1) + 1
    if not letters:
        return 1.0
    if text.startswith(letters):
        return 1 + length
    if text.startswith(letters, name_at):
        return 2 + length
    at = text.find(letters, name_at)
    if at >= 0:
        return 3 + length + (at > 0 and text[at - 1] not in _BOUNDARY)
    at = text.find(letters)
    if at >= 0:
        return 5 + length + (at > 0 and text[at - 1] not in _BOUNDARY)
    in_name = _scattered(letters, text, name_at)
    if in_name is not None:
        return 7 + in_name / 10 + length
    anywhere = _scattered(letters, text, 0)
    return None if anywhere is None else 20 + anywhere / 10 + length


def best(letters: str, items: Iterable[_T], text: Callable[[_T], str], limit: int) -> list[_T]:
    """The items that fit best, the best first; equals stay in their order."""
    scored = ((score(letters, text(item)), number, item) for number, item in enumerate(items))
    found = [(value, number, item) for value, number, item in scored if value is not None]
    return [item for _, _, item in nsmallest(limit, found, key=lambda one: one[:2])]


def _scattered(letters: str, text: str, start: int) -> float | None:
    """What the gaps between the letters cost, from ``start`` on; None where they do not fit."""
    cost, at = 0.0, start
    for number, letter in enumerate(letters):
        found = text.find(letter, at)
        if found < 0:
            return None
        if number and found > at:
            # A letter that begins a word is as good as one that follows.
            cost += 0.5 if text[found - 1] in _BOUNDARY else 1 + min(found - at, 10) / 10
        elif not number and found > start and text[found - 1] not in _BOUNDARY:
            cost += 1
        at = found + 1
    return cost
