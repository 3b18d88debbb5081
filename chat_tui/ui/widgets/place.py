"""Where the reader is: a line of a widget, however deep, that stays where it is on the screen.

Knows arrangements of widgets; must not know what they show. A line number of the whole would not
do: what is above may turn out higher or lower than it was thought to be.
"""

from __future__ import annotations

from dataclasses import dataclass

from textual.geometry import Region
from textual.layout import DockArrangeResult
from textual.widget import Widget

from chat_tui.ui.widgets.window import Gap


@dataclass(frozen=True, slots=True)
class Hold:
    """A line of the last widget of ``path``, which begins with a child of what scrolls.

    Where that is the gap above the items of a window, it is a line of one of them, built or not:
    which items are built, and so how high the gaps are, may change at any time.
    """

    path: tuple[Widget, ...]
    line: int
    item: int | None = None


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
        if isinstance(found.widget, Gap):
            return _in_gap(arranged, found.widget, path, y)
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
        region = _region(arranged, widget)
        if region is None:
            return None
        if place.item is not None and isinstance(widget, Gap):
            heights, built = widget.window.heights, widget.window.widgets.get(place.item)
            if place.item >= len(heights):
                return None
            item = _region(arranged, built) if built else None
            return y + (item.y if item else region.y + heights.above(place.item))
        y += region.y
        if number < len(place.path) - 1:
            arranged, top = _inside(widget, region)
            y += top
    return y


def _in_gap(arranged: DockArrangeResult, gap: Gap, path: list[Widget], y: int) -> Hold | None:
    """The item that stands at line ``y``, counted as ``path`` ends, where a gap is."""
    window = gap.window
    above = _region(arranged, window.above)
    if above is None:
        return None
    y -= above.y
    item = window.heights.at(y)
    return Hold((*path, window.above), y - window.heights.above(item), item)


def _region(arranged: DockArrangeResult, widget: Widget) -> Region | None:
    return next((at.region for at in arranged.placements if at.widget is widget), None)


def _inside(widget: Widget, region: Region) -> tuple[DockArrangeResult, int]:
    """How the children stand, and the lines above them; as the screen itself asks for it."""
    gutter = widget.styles.gutter
    return widget.arrange(region.shrink(gutter).size), gutter.top
