"""Which of many items, one below the other, stand as widgets: those near what is seen.

Knows heights and ranges; must not know what an item is. What is not built is a gap of the same
height above and below, so that the scrollbar and the reader's place stay as they are.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate

from textual._styles_cache import StylesCache
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

LIMIT = 4
"""Items that are built ahead at a time, above and below."""


class _Unkept(StylesCache):
    """Keeps no lines, and so none that are out of date: Textual would note each of the many."""

    def set_dirty(self, *regions: Region) -> None:
        """Nothing."""


class Gap(Widget):
    """So many empty lines."""

    DEFAULT_CSS = """
    Gap { width: 1fr; height: auto; }
    """
    ALLOW_SELECT = False

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._styles_cache = _Unkept()
        self.window = window
        """Whose items it stands for."""
        self.rows = 0

    def set_rows(self, rows: int) -> None:
        """Be of another height."""
        if rows != self.rows:
            self.rows = rows
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The lines it stands for."""
        del container, viewport, width
        return self.rows

    def render_lines(self, crop: Region) -> list[Strip]:
        """Nothing, however high it is; no line of it is kept."""
        return [Strip.blank(crop.width, self.visual_style.rich_style)] * crop.height


class Heights:
    """The heights of items, measured or guessed, in lines."""

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._heights = list(heights)
        self._sums: list[int] | None = None

    def __len__(self) -> int:
        return len(self._heights)

    def __iter__(self) -> Iterator[int]:
        return iter(self._heights)

    def set(self, at: int, height: int) -> None:
        """Item ``at`` is so high; one behind the last is added."""
        if at == len(self._heights):
            self._heights.append(height)
        elif self._heights[at] == height:
            return
        else:
            self._heights[at] = height
        self._sums = None

    def above(self, at: int) -> int:
        """The line where item ``at`` begins, or where all end."""
        if self._sums is None:
            self._sums = [0, *accumulate(self._heights)]
        return self._sums[at]

    def at(self, y: int) -> int:
        """The item that line ``y`` is in, the nearest if there is none."""
        self.above(0)
        return max(0, min(bisect_right(self._sums or [0], y) - 1, len(self._heights) - 1))

    def span(self, top: int, bottom: int) -> range:
        """The items that touch the lines from ``top`` to before ``bottom``."""
        if not self._heights or bottom <= 0 or top >= self.above(len(self._heights)):
            return range(0)
        return range(self.at(max(0, top)), self.at(bottom - 1) + 1)


def plan(heights: Heights, built: range, top: int, bottom: int) -> range:
    """The items to have built for a reader who sees the lines ``top`` to ``bottom``.

    All that is seen; a screen on either side, a few items at a time; what is three screens away
    goes. Always without a hole.
    """
    height = max(8, bottom - top)
    seen = heights.span(top, bottom)
    kept = _common(built, heights.span(top - 3 * height, bottom + 3 * height))
    if not seen:
        return _common(built, heights.span(top - height, bottom + height))
    if not kept or kept.start > seen.stop or seen.start > kept.stop:
        return seen
    if kept.start > seen.start or kept.stop < seen.stop:
        return range(min(kept.start, seen.start), max(kept.stop, seen.stop))
    near = heights.span(top - height, bottom + height)
    return range(
        max(min(kept.start, near.start), kept.start - LIMIT),
        min(max(kept.stop, near.stop), kept.stop + LIMIT),
    )


class Window:
    """Items, those that are built, and the gaps for the others."""

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self.heights = Heights(heights)
        self.above = Gap(self)
        self.below = Gap(self)
        self.built = range(0)
        self.widgets: dict[int, Widget] = {}

    def plan(self, top: int, bottom: int) -> range:
        """See ``plan``; lines are counted from where the gap above begins."""
        return plan(self.heights, self.built, top, bottom)

    def settle(self) -> None:
        """Make the gaps as high as what they stand for."""
        heights = self.heights
        self.above.set_rows(heights.above(self.built.start))
        self.below.set_rows(heights.above(len(heights)) - heights.above(self.built.stop))


def rows(text: str, width: int) -> int:
    """About how many lines ``text`` takes."""
    width = max(1, width)
    return sum(len(line) // width + 1 for line in text.split("\n"))


def _common(one: range, other: range) -> range:
    start, stop = max(one.start, other.start), min(one.stop, other.stop)
    return range(start, stop) if start < stop else range(0)
