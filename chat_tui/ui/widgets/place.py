"""Where the reader is: a line of a widget, however deep, that stays where it is on the screen.

Knows arrangements of widgets; must not know what they show. A line number of the whole would not
do: what is above may turn out higher or lower than it was thought to be.
"""

from __future__ import annotations

from dataclasses import dataclass

from textual.geometry import Region
from textual.layout import DockArrangeResult
from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class Hold:
    """A line of the last widget of ``path``, which begins with a child of what scrolls."""

    path: tuple[Widget, ...]
    line: int


def hold(arranged: DockArrangeResult, y: int) -> Hold | None:
    """The widget at line ``y``, and the line in it; None where nothing is."""
    path: list[Widget] = []
    while True:
        found = next(
            (
                placement
                for placement in arranged.placements
                if placement.region.bottom > y and placement.region.height
            ),
            None,
        )
        if found is None:
            return Hold(tuple(path), y) if path else None
        path.append(found.widget)
        y -= found.region.y
        if y < 0 or not found.widget.children or not found.widget.styles.auto_dimensions:
            return Hold(tuple(path), y)
        arranged, top = _inside(found.widget, found.region)
        y -= top


def line_of(arranged: DockArrangeResult, place: Hold) -> int | None:
    """The line where ``place`` is now; None where its widget is not there any more."""
    y = place.line
    for number, widget in enumerate(place.path):
        region = next((p.region for p in arranged.placements if p.widget is widget), None)
        if region is None:
            return None
        y += region.y
        if number < len(place.path) - 1:
            arranged, top = _inside(widget, region)
            y += top
    return y


def _inside(widget: Widget, region: Region) -> tuple[DockArrangeResult, int]:
    """How the children stand, and the lines above them; as the screen itself asks for it."""
    gutter = widget.styles.gutter
    return widget.arrange(region.shrink(gutter).size), gutter.top
