"""A chunk of Markdown on the screen.

Knows blocks and their layout; must not know where they came from. A link is told of, never opened.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate, takewhile

from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.visual import Visual

from chat_tui.ui.clusters import Signs
from chat_tui.ui.layout import lines, room_of
from chat_tui.ui.markdown import CITED, LINK, Block, Code, Table, plain
from chat_tui.ui.tables import ASIDE, columns, reveal
from chat_tui.ui.widgets.searchable import HERE, HIT, Place
from chat_tui.ui.widgets.tall import Growing


class Chunk(Growing):
    """Some blocks, wrapped to the width."""

    DEFAULT_CSS = """
    Chunk { height: auto; width: 1fr; text-wrap: nowrap; text-overflow: clip; }
    """

    class LinkClicked(Message):
        """A link was clicked; nothing has been opened."""

        def __init__(self, address: str) -> None:
            super().__init__()
            self.address = address

    class CopyRequested(Message):
        """``text``, which is clean, is to be copied; ``what`` names it, such as "python".

        With ``code`` the text may be a part of it: the document tells again of the whole.
        """

        def __init__(self, text: str, what: str, code: Code | None = None) -> None:
            super().__init__()
            self.text = text
            self.what = what
            self.code = code

    class NoteClicked(Message):
        """The mark of a footnote was clicked."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, blocks: Sequence[Block] = ()) -> None:
        super().__init__()
        self._blocks: list[Block] = list(blocks)
        self._width = 0
        self._lines: list[list[Content]] = []
        self._starts: dict[int, int] = {}
        """How many columns of which block are skipped: of a table that is moved aside."""
        self._flat: list[Content] | None = None
        self._pattern: re.Pattern[str] | None = None
        self._here: range = range(0)
        """The lines of the block that the reader was brought to."""

    @property
    def blocks(self) -> Sequence[Block]:
        """What it shows."""
        return self._blocks

    def extend(self, blocks: Sequence[Block]) -> None:
        """Add blocks at the end."""
        self.show([*self._blocks, *blocks])

    def show(self, blocks: Sequence[Block]) -> None:
        """Show other blocks; of those it has shown before, the first ones are not set anew.

        Only the lines that are others then are drawn.
        """
        before = self._all_lines() if self._width else []
        pairs = zip(self._blocks, blocks, strict=False)
        kept = sum(1 for _ in takewhile(lambda pair: pair[0] is pair[1], pairs))
        del self._lines[kept:]
        self._starts = {at: start for at, start in self._starts.items() if at < len(blocks)}
        self._blocks = list(blocks)
        self._flat = None
        if not self._width:
            self.refresh(layout=True)
            return
        first = sum(map(len, self._lines))
        after = self._all_lines()
        fresh = differing(before, after, first)
        if fresh or len(before) != len(after):
            part = Region(0, fresh.start, self._width, len(fresh))
            self.refresh(part, layout=len(before) != len(after))

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """All the width there is."""
        del viewport
        return container.width

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The lines at that width."""
        del container, viewport
        return self._set(width)

    def render(self) -> Content:
        """All wrapped lines; only what is copied is taken from here."""
        return Content("\n").join(self._all_lines())

    def render_line(self, y: int) -> Strip:
        """One line: what is off the screen is not drawn, however long the text."""
        width = self.content_size.width
        lines = self._all_lines()
        if y >= len(lines):
            return Strip.blank(width, self.visual_style.rich_style)
        line = lines[y]
        if self._pattern:
            mark = HERE if y in self._here else HIT
            signs = Signs(line.plain)
            for match in self._pattern.finditer(line.plain):
                line = line.stylize(mark, *signs.whole(*match.span()))
        if self.text_selection and (span := self.text_selection.get_span(y)):
            start, end = span
            style = self.screen.get_visual_style("screen--selection")
            end = len(line) if end == -1 else end
            line = line.stylize(style, *Signs(line.plain).whole(start, end))
        (strip,) = Visual.to_strips(self, line, width, 1, self.visual_style)
        return strip.apply_offsets(0, y)

    def mark(self, pattern: re.Pattern[str] | None, here: Place | None) -> None:
        """Mark what matches; all in the line of ``here`` is marked as the one.

        ``here`` is a block and how far into its text.
        """
        if pattern is not None or self._pattern is not None:
            self._pattern = pattern
            self._here = range(0)
            if here is not None:
                self._reveal(here)
                line = self.line_of(here)
                self._here = range(line, line + 1)
            self.refresh()

    def _reveal(self, place: Place) -> None:
        """Have the column of a place in sight."""
        self._all_lines()
        at, offset = place
        block = self._blocks[at] if at < len(self._lines) else None
        if isinstance(block, Table):
            room = room_of(block, self._width)
            self._begin_at(at, reveal(block, room, self._starts.get(at, 0), offset))

    def line_of(self, place: Place) -> int:
        """The line of a place, from 0."""
        self._all_lines()
        block, offset = place
        before = sum(map(len, self._lines[:block]))
        if self._pattern is None or block >= len(self._lines):
            return before
        text = plain(self._blocks[block])
        number = sum(match.start() < offset for match in self._pattern.finditer(text))
        for at, line in enumerate(self._lines[block]):
            number -= len(self._pattern.findall(line.plain))
            if number < 0:
                return before + at
        return before  # the line breaks in the middle of it

    def on_click(self, event: events.Click) -> None:
        """Move a table, or tell which link, footnote or label of a block of code was clicked."""
        step = event.style.meta.get(ASIDE)
        if isinstance(step, int):
            event.stop()
            self.move_table(event.y, step)
            return
        if (code := self.code_at(event.y)) is not None:
            event.stop()
            self.post_message(self.CopyRequested(code.source, code.language, code))
            return
        number = event.style.meta.get(CITED)
        if isinstance(number, int):
            event.stop()
            self.post_message(self.NoteClicked(number))
            return
        address = event.style.meta.get(LINK)
        if isinstance(address, str):
            event.stop()
            self.post_message(self.LinkClicked(address))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """With Shift or Ctrl a table under the pointer goes on."""
        self._wheel(event, 1 if event.shift or event.ctrl else 0)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """With Shift or Ctrl it goes back."""
        self._wheel(event, -1 if event.shift or event.ctrl else 0)

    def on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        """A table goes on."""
        self._wheel(event, 1)

    def on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        """A table goes back."""
        self._wheel(event, -1)

    def _wheel(self, event: events.MouseEvent, step: int) -> None:
        if step and self.move_table(event.y, step):
            event.stop()
            event.prevent_default()

    def move_table(self, y: int, step: int) -> bool:
        """Move the table in line ``y`` by so many columns; whether there is one that can move."""
        at = self._block_at(y)
        if not (last := self._last_start(at)):
            return False
        self._begin_at(at, max(0, min(self._starts.get(at, 0) + step, last)))
        return True

    def tables(self, top: int, bottom: int) -> list[int]:
        """A line each of the tables that can be moved, of those between two lines."""
        bottom = min(bottom, len(self._all_lines()))
        seen = dict.fromkeys(map(self._block_at, range(top, bottom)))
        return [sum(map(len, self._lines[:at])) for at in seen if self._last_start(at)]

    def _last_start(self, block: int) -> int:
        """How far a block can be moved; 0 for all but wide tables."""
        table = self._blocks[block] if block < len(self._blocks) else None
        found = None
        if isinstance(table, Table):
            found = columns(table, room_of(table, self._width))
        return found.last if found else 0

    def _begin_at(self, block: int, start: int) -> None:
        if self._starts.get(block, 0) != start:
            self._starts[block] = start
            self._lines[block] = lines(self._blocks[block], self._width, start)
            self._flat = None
            self.refresh()

    def _block_at(self, y: int) -> int:
        """The block that line ``y`` is in; behind the last where there is none."""
        ends = accumulate(map(len, self._lines))
        return sum(1 for _ in takewhile(lambda end: end <= y, ends))

    def code_at(self, y: int) -> Code | None:
        """The block of code whose label stands in that line, from 0."""
        self._all_lines()
        for block, found in zip(self._blocks, self._lines, strict=False):
            label = 0 if block.gap is None else 1
            if y < len(found):
                labelled = isinstance(block, Code) and block.language and y == label
                return block if labelled and isinstance(block, Code) else None
            y -= len(found)
        return None

    def _all_lines(self) -> list[Content]:
        self._set(self.content_size.width or self._width)
        if self._flat is None:
            self._flat = [line for block in self._lines for line in block]
        return self._flat

    def rows(self, width: int) -> int:
        """The lines at that width."""
        return self._set(width)

    def _set(self, width: int) -> int:
        """Lay out what is not yet laid out for ``width``; return the number of lines."""
        width = max(1, width)
        if width != self._width:
            self._width, self._lines, self._flat = width, [], None
        for block in self._blocks[len(self._lines) :]:
            self._lines.append(lines(block, width, self._starts.get(len(self._lines), 0)))
        return sum(map(len, self._lines))


def differing(before: Sequence[Content], after: Sequence[Content], first: int) -> range:
    """The lines of which some are others in ``after``, or are gone; all up to ``first`` are not."""
    last = min(len(before), len(after))
    while first < last and before[first].is_same(after[first]):
        first += 1
    return range(first, max(len(before), len(after)))
