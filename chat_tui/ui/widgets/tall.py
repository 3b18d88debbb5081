"""Widgets that may be tens of thousands of lines high, which costs no more than others.

Knows arrangements; must not know what is shown.
"""

from __future__ import annotations

from textual._spatial_map import SpatialMap
from textual.geometry import Size
from textual.layout import DockArrangeResult, WidgetPlacement
from textual.widget import Widget


class Tall(Widget):
    """A widget in which something tall may stand."""

    def arrange(self, size: Size, optimal: bool = False) -> DockArrangeResult:
        """Where all stands; see ``map_coarsely``."""
        arranged = super().arrange(size, optimal)
        map_coarsely(arranged)
        return arranged


def map_coarsely(arranged: DockArrangeResult) -> None:
    """Find its widgets by squares of a thousand lines, where Textual takes twenty.

    One that stands for fifty thousand lines is noted in fifty squares then, not in 2,500, each time
    that anything is arranged anew. There are few widgets; looking at them all costs nothing.
    """
    if arranged._spatial_map is not None:  # noqa: SLF001 - it is kept there
        return
    squares: SpatialMap[WidgetPlacement] = SpatialMap(1000, 1000)
    squares.insert(
        (at.region.grow(at.margin), at.offset, at.fixed, at.overlay, at)
        for at in arranged.placements
    )
    arranged._spatial_map = squares  # noqa: SLF001 - as DockArrangeResult.spatial_map makes it
