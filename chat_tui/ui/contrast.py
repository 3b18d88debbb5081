"""How well one colour can be read on another, and a colour that can.

Knows colours only. The measure is that of the WCAG: 1 for the same, 21 for black on white; 4.5 is
its level AA for text, 7 its level AAA.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.color import BLACK, WHITE, Color

STEPS = 40
"""Steps from a colour to black or to white."""


def contrast(one: Color, other: Color) -> float:
    """The ratio of their luminances, from 1 to 21."""
    return _ratio(_luminance(one), _luminance(other))


def readable(color: Color, grounds: Sequence[Color], wanted: float) -> Color:
    """``color``, as little lighter or darker as makes it readable on all of ``grounds``.

    Where nothing is, the better one of black and white.
    """
    below = [_luminance(ground) for ground in grounds]

    def least(candidate: Color) -> float:
        above = _luminance(candidate)
        return min(_ratio(above, each) for each in below)

    if least(color) >= wanted:
        return color
    pole = max((BLACK, WHITE), key=least)
    for step in range(1, STEPS):
        nearer = _between(color, pole, step / STEPS)
        if least(nearer) >= wanted:
            return nearer
    return pole


def _between(one: Color, other: Color, part: float) -> Color:
    red, green, blue = (
        round(start + (end - start) * part) for start, end in zip(one.rgb, other.rgb, strict=True)
    )
    return Color(red, green, blue)


def _ratio(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


_LINEAR = [
    part / 3294.6 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in range(256)
]
"""The light of each of the 256 steps of a colour's part."""


def _luminance(color: Color) -> float:
    red, green, blue = color.rgb
    return 0.2126 * _LINEAR[red] + 0.7152 * _LINEAR[green] + 0.0722 * _LINEAR[blue]
