"""A picture on a terminal of 256 colours: the nearest there are, and no less to be read.

Knows rendered segments and the palette that all such terminals share: a cube of 216 colours, and
24 greys between its corners. Rich looks for dark and tinted colours in the cube alone: grounds
became black or navy blue, and what stands on them hard to read.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial

from rich.color import Color as RichColor
from rich.color import ColorType
from rich.segment import Segment
from rich.style import Style
from textual.color import BLACK, WHITE, Color
from textual.filter import LineFilter

from chat_tui.ui.contrast import contrast
from chat_tui.ui.roles import SEEN

_LEVELS = (0, 95, 135, 175, 215, 255)
"""Of each part of a colour in the cube."""
_CUBE, _GREYS = 16, 232
"""The numbers of the first colour of the cube, and of the first grey."""
_WEIGHTS = (3, 4, 2)
"""How much a difference in red, green and blue is seen."""
_ENOUGH = 7.0
"""No text needs more contrast (WCAG's level AAA)."""
_STEPS = 8


class NearColors(LineFilter):
    """The nearest of 256 colours."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """``segments`` in what the terminal has."""
        del background
        return [Segment(text, style and near(style), control) for text, style, control in segments]


@lru_cache(4096)
def near(style: Style) -> Style:
    """``style`` in colours of the palette; what has other ones keeps them."""
    text, ground = _exact(style.color), _exact(style.bgcolor)
    if ground is None:
        return style if text is None else style + Style(color=_numbered(text))
    below = _numbered(ground)
    if text is None:
        return style + Style(bgcolor=below)
    wanted = min(contrast(text, ground), _ENOUGH)
    if wanted < SEEN:  # no text, but a part of a picture
        wanted = 0
    above = next(
        candidate
        for candidate in _farther(text, _shown(below))
        if contrast(_shown(candidate), _shown(below)) >= wanted or candidate.number in (16, 231)
    )
    return style + Style(color=above, bgcolor=below)


def number(color: Color) -> int:
    """The number of the colour of the palette that is nearest to ``color``."""
    cube = [_LEVELS.index(min(_LEVELS, key=partial(_apart, part))) for part in color.rgb]
    grey = min(23, max(0, round((sum(color.rgb) / 3 - 8) / 10)))
    in_cube = _CUBE + 36 * cube[0] + 6 * cube[1] + cube[2]
    return min((_GREYS + grey, in_cube), key=lambda one: _distance(palette(one), color))


def palette(number: int) -> Color:
    """That colour of the palette, from 16 on."""
    if number >= _GREYS:
        grey = 8 + 10 * (number - _GREYS)
        return Color(grey, grey, grey)
    red, rest = divmod(number - _CUBE, 36)
    return Color(_LEVELS[red], _LEVELS[rest // 6], _LEVELS[rest % 6])


def _farther(text: Color, ground: Color) -> Iterator[RichColor]:
    """The nearest to ``text``, then ever nearer to black or white, and that at last."""
    pole = max((BLACK, WHITE), key=lambda one: contrast(one, ground))
    for step in range(_STEPS + 1):
        yield _numbered(text.blend(pole, step / _STEPS, 1.0))


def _apart(one: int, other: int) -> int:
    return abs(one - other)


def _distance(one: Color, other: Color) -> int:
    parts = zip(_WEIGHTS, one.rgb, other.rgb, strict=True)
    return sum(weight * (a - b) ** 2 for weight, a, b in parts)


def _exact(color: RichColor | None) -> Color | None:
    """A colour of red, green and blue; None for the terminal's own, and for none."""
    if color is None or color.type is not ColorType.TRUECOLOR:
        return None
    return Color.from_rich_color(color)


def _numbered(color: Color) -> RichColor:
    return RichColor.from_ansi(number(color))


def _shown(color: RichColor) -> Color:
    return palette(color.number or _CUBE)
