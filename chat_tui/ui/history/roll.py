"""The rows on the screen: as many as there are, drawn only where one looks.

Knows rows and which place in them is chosen; must not know what they are for. A conversation in
which a search found something is chosen by the places in it, any other by its title.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from chat_tui.store.values import Hit
from chat_tui.ui.history.rows import INDENT, Entry, Row, height, lines, stops


class Roll(ScrollView, can_focus=False):
    """A list of conversations of any length."""

    DEFAULT_CSS = """
    Roll {
        height: 1fr; width: 1fr; text-wrap: nowrap; text-overflow: clip; padding: 0 1;
        scrollbar-size-vertical: 1; overflow-x: hidden;
    }
    """
    ALLOW_SELECT = False

    class Clicked(Message):
        """A place was clicked; ``again`` when it had been chosen before."""

        def __init__(self, again: bool) -> None:
            super().__init__()
            self.again = again

    def __init__(self) -> None:
        super().__init__()
        self._rows: Sequence[Row] = ()
        self._starts: list[int] = [0]
        """The first line of each row, and after them the number of all lines."""
        self._stops: list[int] = []
        """The lines that can be chosen."""
        self._at: int | None = None
        """The number of the one that is, of these."""

    @property
    def chosen(self) -> Entry | None:
        """The conversation that keys act on; None where there is none."""
        row = None if self._at is None else self._rows[self._row_at(self._stops[self._at])]
        return row if isinstance(row, Entry) else None

    @property
    def chosen_hit(self) -> Hit | None:
        """The place in it that was found; None for the title."""
        entry = self.chosen
        if entry is None or self._at is None:
            return None
        line = self._stops[self._at]
        below = line - self._starts[self._row_at(line)]
        return entry.hits[below - 1] if below else None

    @property
    def chosen_line(self) -> int:
        """Where on the screen the title of the chosen one stands."""
        line = 0 if self._at is None else self._starts[self._row_at(self._stops[self._at])]
        return self.content_region.y + line - self.scroll_offset.y

    def show(self, rows: Sequence[Row], keep: str | None = None) -> None:
        """Show other rows; the one of conversation ``keep`` is chosen, else the first."""
        self._rows = rows
        self._starts = [0, *accumulate(map(height, rows))]
        self.virtual_size = Size(self._width, self._starts[-1])
        found = [(start, row) for start, row in zip(self._starts, rows, strict=False)]
        self._stops = [start + line for start, row in found for line in stops(row)]
        kept = next((start for start, row in found if _is(row, keep)), 0)
        count = len(self._stops)
        self._at = min(bisect_left(self._stops, kept), count - 1) if count else None
        self._into_sight()
        self.refresh()

    def after(self, conversation: str) -> str | None:
        """The conversation that stands below this one, else the one above."""
        names = [row.one.id for row in self._rows if isinstance(row, Entry)]
        if conversation not in names:
            return None
        at = names.index(conversation)
        rest = [*names[at + 1 : at + 2], *names[max(0, at - 1) : at]]
        return rest[0] if rest else None

    def move(self, step: int) -> None:
        """Choose another, so many places on."""
        if self._at is not None:
            self._choose(max(0, min(self._at + step, len(self._stops) - 1)))

    def page(self, direction: int) -> None:
        """Choose one a window further on."""
        if self._at is not None:
            line = self._stops[self._at] + direction * max(1, self.content_size.height - 1)
            self._choose(min(bisect_left(self._stops, line), len(self._stops) - 1))

    def end(self, direction: int) -> None:
        """Choose the first or the last."""
        self.move(direction * len(self._stops))

    def render_line(self, y: int) -> Strip:
        """One line of the window."""
        width, number = self._width, y + self.scroll_offset.y
        if number >= self._starts[-1]:
            return Strip.blank(width, self.visual_style.rich_style)
        at = self._row_at(number)
        shown = lines(self._rows[at], width)[number - self._starts[at]]
        if self._at is not None and number == self._stops[self._at]:
            shown = shown.pad_right(max(0, width - shown.cell_length))
            indent = 0 if number == self._starts[at] else INDENT - 2
            shown = shown[:indent] + Content("▸") + shown[indent + 1 :]
            shown = shown.stylize_before("on $primary 25%")
        (strip,) = Visual.to_strips(self, shown, width, 1, self.visual_style)
        return strip

    def on_click(self, event: events.Click) -> None:
        """Choose what was clicked."""
        number = event.get_content_offset_capture(self).y + self.scroll_offset.y
        if not 0 <= number < self._starts[-1]:
            return
        at = self._row_at(number)
        if isinstance(self._rows[at], Entry):
            # Of a title that is no place of its own, the first place below it; of the last line
            # the last place above it.
            stop = min(bisect_left(self._stops, number), len(self._stops) - 1)
            if self._row_at(self._stops[stop]) != at:
                stop -= 1
            again = stop == self._at
            self._choose(stop)
            self.post_message(self.Clicked(again))

    def on_resize(self) -> None:
        """What was in sight stays in sight."""
        self.virtual_size = Size(self._width, self._starts[-1])
        self._into_sight()

    @property
    def _width(self) -> int:
        """Cells of a line, beside the scrollbar."""
        return self.scrollable_content_region.width

    def _row_at(self, line: int) -> int:
        return min(bisect_right(self._starts, line) - 1, len(self._rows) - 1)

    def _choose(self, at: int) -> None:
        self._at = at
        self._into_sight()
        self.refresh()

    def _into_sight(self) -> None:
        if self._at is None:
            self.scroll_to(y=0, animate=False, immediate=True, force=True)
            return
        # With its title, and the heading, where it is the first below one.
        line = self._stops[self._at]
        at = self._row_at(line)
        below = at > 0 and not isinstance(self._rows[at - 1], Entry)
        is_first = line == self._starts[at] + stops(self._rows[at])[0]
        first, last = (self._starts[at - below] if is_first else line), line + 1
        if is_first:
            last = max(last, min(self._starts[at + 1], first + self.content_size.height))
        top, room = self.scroll_offset.y, self.content_size.height
        target = first if first < top else max(top, min(first, last - room))
        if target != top:
            self.scroll_to(y=target, animate=False, immediate=True, force=True)


def _is(row: Row, conversation: str | None) -> bool:
    return isinstance(row, Entry) and row.one.id == conversation
