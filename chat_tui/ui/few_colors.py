"""Terminals with few colours, or none: what they are, and what a picture becomes there.

Knows environment variables and rendered segments; must not know widgets. Nothing is told by colour
alone: what stands on a coloured ground, such as the row that is chosen, is shown in reverse, which
every terminal can do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum, auto
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from chat_tui.language import N_

_COLORLESS = re.compile(r"vt\d\d\d?(-.*)?|.*-(m|mono)|dumb|unknown|")
"""Names of terminals that show no colours."""
NO_COLORS = N_("No colours are shown here.")
WHY_NONE = N_("NO_COLOR is set, or TERM says so.")
_NO_COLORS = Style(color="default", bgcolor="default")


class Colors(Enum):
    """How many colours there are."""

    NONE = auto()
    SIXTEEN = auto()
    MANY = auto()


def colors_of(environment: Mapping[str, str], system: str | None) -> Colors:
    """What the terminal shows; ``system`` is Rich's name for what it takes from TERM, COLORTERM.

    NO_COLOR with any text takes all colours away (no-color.org).
    """
    if environment.get("NO_COLOR") or _COLORLESS.fullmatch(environment.get("TERM", "xterm")):
        return Colors.NONE
    return Colors.MANY if system in ("256", "truecolor") else Colors.SIXTEEN


class FewColors(LineFilter):
    """Reverse instead of a coloured ground; without ``colors`` no colour at all."""

    def __init__(self, colors: bool) -> None:
        super().__init__()
        self._colors = colors

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """``segments`` in what the terminal has."""
        del background
        return [Segment(text, style and plain(style, self._colors)) for text, style, _ in segments]


@lru_cache(4096)
def plain(style: Style, colors: bool) -> Style:
    """``style`` in the terminal's sixteen colours, on its own ground or in reverse."""
    ground = style.bgcolor
    if ground is not None and not ground.is_default:
        # In reverse the text has the terminal's ground as its colour, so it can be read.
        style = style + Style(color=ground, bgcolor="default", reverse=True)
    if style.dim:
        style = style + Style(dim=False)
    return style if colors else style + _NO_COLORS
