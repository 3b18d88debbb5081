"""A picture in half blocks of colour: two pixels in a cell, on any terminal with colours.

Knows where the file lies; must not know who made it. Until it is read, and where it cannot be,
nothing is shown: whoever shows it names the file beside it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from chat_tui.ui.png import NotShown, Pixel, load
from chat_tui.ui.png import Picture as Pixels

MAX_COLUMNS = 80
MAX_LINES = 22


class Picture(Widget):
    """One picture, as wide as there is room and as high as that makes it."""

    DEFAULT_CSS = """
    Picture { width: 1fr; height: auto; margin: 0 0 0 2; display: none; &.read { display: block; } }
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._pixels: Pixels | None = None
        self._drawn: tuple[Size, Sequence[Strip]] = (Size(), ())

    def on_mount(self) -> None:
        """Read it while other things go on."""
        if not self.app.no_color:
            self.run_worker(self._load(), exclusive=True)

    @property
    def is_shown(self) -> bool:
        """Whether there is anything to see."""
        return self._pixels is not None

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Lines of two pixels each; a cell is about twice as high as wide."""
        del container, viewport
        return self._fit(width).height

    def render_line(self, y: int) -> Strip:
        """A line of half blocks."""
        fit = self._fit(self.size.width)
        if self._drawn[0] != fit:
            self._drawn = (fit, self._strips(fit))
        lines = self._drawn[1]
        return lines[y] if y < len(lines) else Strip.blank(self.size.width)

    async def _load(self) -> None:
        try:
            self._pixels = await asyncio.to_thread(load, self._path)
        except (NotShown, OSError):
            return
        self.add_class("read")
        self.refresh(layout=True)

    def _fit(self, width: int) -> Size:
        """Columns and lines."""
        pixels = self._pixels
        if pixels is None or width <= 0:
            return Size(0, 0)
        columns = max(1, min(width, MAX_COLUMNS, pixels.width))
        lines = -(-columns * pixels.height // (2 * pixels.width))
        if lines > MAX_LINES:
            lines = MAX_LINES
            columns = max(1, min(columns, 2 * lines * pixels.width // pixels.height))
        return Size(columns, max(1, lines))

    def _strips(self, fit: Size) -> Sequence[Strip]:
        if self._pixels is None or not fit:
            return ()
        rows = self._pixels.fitted(fit.width, 2 * fit.height).rows
        return [_strip(zip(rows[at], rows[at + 1], strict=True)) for at in range(0, len(rows), 2)]


def _strip(cells: Iterable[tuple[Pixel, Pixel]]) -> Strip:
    """A line: the upper pixels are the blocks, the lower ones what they stand on."""
    return Strip(
        Segment("▀" * len(list(same)), Style.from_color(Color.from_rgb(*over), Color.from_rgb(*on)))
        for (over, on), same in groupby(cells)
    )
