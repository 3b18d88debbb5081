"""Numbers between bounds, written digit by digit.

Knows decimal notation only. Whatever is written has at most 15 significant digits where it has
a fraction, so that reading it as a double keeps it inside the bounds.
"""

from __future__ import annotations

from collections.abc import Iterator

DIGITS = 15
"""Digits before the point where nothing limits a number, and all digits where there is a point."""

INTEGER = '"-"? ("0" | [1-9] [0-9]{0,14})'
NUMBER = f'{INTEGER} ("." [0-9]{{1,{DIGITS}}})? ([eE] [-+]? [0-9]{{1,2}})?'


def integers(low: int | None, high: int | None) -> list[str]:
    """Ways to write the integers from ``low`` to ``high`` (None: no limit); none if there is none.

    An open side ends some digits beyond the other bound: the grammar has to be finite.
    """
    if low is None:
        low = -_beyond(high)
    if high is None:
        high = _beyond(low)
    found = [f'"-" {way}' for way in _naturals(max(1, -high), -low)] if low < 0 else []
    return found + (list(_naturals(max(0, low), high)) if high >= 0 else [])


def _beyond(bound: int | None) -> int:
    digits = max(DIGITS, len(str(abs(bound or 0))) + 1)
    return int("9" * digits)


def decimals(low: int | None, high: int | None, *, above: bool, below: bool) -> list[str]:
    """Ways to write the numbers from ``low`` to ``high``; ``above``, ``below`` leave out the ends.

    The bounds are integers of fewer than DIGITS digits.
    """
    if low is None:
        low, above = -int("9" * (DIGITS - 1)), False
    if high is None:
        high, below = int("9" * (DIGITS - 1)), False
    found = []
    if low < 0:
        top = max(0, -high)
        # Zero belongs to the other side; what is below it needs something behind the point.
        inner = below or (top == 0)
        found += [f'"-" {way}' for way in _magnitudes(top, -low, above=inner, below=above)]
    if high > 0 or (high == 0 and not below):
        out = above and low >= 0
        found += _magnitudes(max(0, low), high, above=out, below=below)
    return found


def _magnitudes(low: int, high: int, *, above: bool, below: bool) -> list[str]:
    """The same for numbers without a sign."""
    room = max(1, DIGITS - len(str(high)))
    some = f'"." [0-9]{{1,{room}}}'
    not_zero = f'"." "0"{{0,{room - 1}}} [1-9] [0-9]{{0,{room - 1}}}' if room > 1 else '"." [1-9]'
    found = []
    if low < high:
        first = not_zero if above else f"({some})?"
        found.append(f'"{low}" {first}')
        found += [f"{way} ({some})?" for way in _naturals(low + 1, high - 1)]
    if not below and (low < high or not above):
        found.append(f'"{high}" ("." "0")?')
    return found


def _naturals(low: int, high: int) -> Iterator[str]:
    """The integers from ``low`` to ``high``, both at least 0, by their number of digits."""
    for digits in range(len(str(low)), len(str(high)) + 1):
        first = max(low, 10 ** (digits - 1) if digits > 1 else 0)
        last = min(high, 10**digits - 1)
        if first <= last:
            yield from _same_length(str(first), str(last))


def _same_length(low: str, high: str) -> Iterator[str]:
    """The numbers from ``low`` to ``high``, which have the same number of digits."""
    if not low:
        yield ""
        return
    rest = len(low) - 1
    if low[0] == high[0]:
        for tail in _same_length(low[1:], high[1:]):
            yield f'"{low[0]}" {tail}'.strip()
        return
    first, last = int(low[0]), int(high[0])
    if low[1:].strip("0"):
        for tail in _same_length(low[1:], "9" * rest):
            yield f'"{low[0]}" {tail}'.strip()
        first += 1
    if high[1:].strip("9"):
        for tail in _same_length("0" * rest, high[1:]):
            yield f'"{high[0]}" {tail}'.strip()
        last -= 1
    if first <= last:
        any_digits = f" [0-9]{{{rest}}}" if rest else ""
        yield f"[{first}-{last}]{any_digits}"
