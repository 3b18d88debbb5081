"""Widgets that may be tens of thousands of lines high, which costs no more than others.

Knows arrangements; must not know what is shown.
"""

from __future__ import annotations

from textual._spatial_map import SpatialMap
from textual.geometry import Size
from textual.layout import DockArrangeResult, WidgetPlacement
from textual.widget import Widget


class Growing(Widget):
    """A widget that may become higher at any time, of which what was drawn before stays right.

    Its lines must not depend on its height, and nothing in it on how much of it is shown.
    """

    def _size_updated(
        self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True
    ) -> bool:
        """Take in where it stands; only where its width is another all is drawn anew.

        Textual draws all of it and has everything arranged once more, as if that could change
        anything.
        """
        if not size or size.width != self._size.width:
            return super()._size_updated(size, virtual_size, container_size, layout)
        del layout
        changed = size != self._size or virtual_size != self.virtual_size
        changed = changed or container_size != self._container_size
        self._layout_cache.clear()
        if changed:
            self._size = size
            self._container_size = container_size
            self.set_reactive(Widget.virtual_size, virtual_size)
            if self.is_scrollable:
                self._scroll_update(virtual_size)
        return changed


class Tall(Growing):
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
