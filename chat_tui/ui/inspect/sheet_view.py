"""The lines of a prompt on the screen: as many as there are, drawn only where one looks.

Knows lines, what was found and where the reader is; must not know where prompts come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from chat_tui.keys import Where
from chat_tui.ui.inspect.lines import Hit, Sheet, drawn
from chat_tui.ui.keys import bind_all

_KEPT = 400
"""Lines that are remembered as they were drawn."""


class SheetView(ScrollView, can_focus=True):
    """A prompt of any length."""

    BINDINGS: ClassVar[list[BindingType]] = bind_all(Where.PROMPT)
    DEFAULT_CSS = """
    SheetView {
        height: 1fr; width: 1fr; text-wrap: nowrap; text-overflow: clip; padding: 0 1;
        scrollbar-size-vertical: 1; scrollbar-gutter: stable; overflow-x: hidden;
    }
    """
    ALLOW_SELECT = False

    class Wanted(Message):
        """A key asks for what is not the view's; ``id`` is that of the key in the table."""

        def __init__(self, id_: str) -> None:
            super().__init__()
            self.id = id_

    class Resized(Message):
        """The lines have to be laid out anew."""

    def __init__(self) -> None:
        super().__init__()
        self._sheet: Sheet | None = None
        self._hits: Sequence[Hit] = ()
        self._here: Hit | None = None
        self._boundaries = False
        self._drawn: dict[int, Strip] = {}

    @property
    def boundaries(self) -> bool:
        """Whether every other token is marked."""
        return self._boundaries

    @property
    def room(self) -> int:
        """The width that lines may have."""
        return max(4, self.scrollable_content_region.width)

    @property
    def top(self) -> int:
        """The first line on the screen."""
        return self.scroll_offset.y

    def show(self, sheet: Sheet) -> None:
        """Show other lines; the reader stays at the same place of the text."""
        old = self._sheet
        place = None
        if old is not None and old.lines and self.top:
            line = old.lines[min(self.top, len(old.lines) - 1)]
            place = (line.entry, max(line.begin, 0))
        self._sheet = sheet
        self.virtual_size = Size(self.room, len(sheet.lines))
        if place is not None:
            self._go(sheet.line_of(*place))
        self._again()

    def mark(self, hits: Sequence[Hit], here: Hit | None) -> None:
        """Show what was found, and bring the reader to ``here``."""
        self._hits, self._here = hits, here
        if here is not None and self._sheet is not None:
            line, height = self._sheet.line_of(here[0], here[1]), self.size.height
            if not self.top <= line < self.top + height:
                self._go(line - height // 3)
        self._again()

    def step(self, direction: int) -> None:
        """Go to the heading after or before what is at the top."""
        if self._sheet is None:
            return
        headings, top = self._sheet.headings, self.top
        later = (at for at in headings if at > top)
        earlier = (at for at in reversed(headings) if at < top)
        found = next(later if direction > 0 else earlier, None)
        if found is not None:
            self._go(found)

    def render_line(self, y: int) -> Strip:
        """One line of the window."""
        number, width = y + self.top, self.room
        sheet = self._sheet
        if sheet is None or number >= len(sheet.lines):
            return Strip.blank(width, self.visual_style.rich_style)
        if number not in self._drawn:
            while len(self._drawn) >= _KEPT:
                self._drawn.pop(next(iter(self._drawn)))
            self._drawn[number] = self._strip(sheet, number, width)
        return self._drawn[number]

    def notify_style_update(self) -> None:
        """The colours are others."""
        super().notify_style_update()
        self._drawn.clear()

    def on_resize(self, event: events.Resize) -> None:
        """Other widths have other lines."""
        del event
        if self._sheet is None or self._sheet.width != self.room:
            self.post_message(self.Resized())

    # -- keys

    def action_boundaries(self) -> None:
        """Show where tokens end, or no longer."""
        self._boundaries = not self._boundaries
        self._again()

    def action_part_before(self) -> None:
        """The message before."""
        self.step(-1)

    def action_part_after(self) -> None:
        """The next message."""
        self.step(1)

    def action_look_for(self) -> None:
        """Look for a text."""
        self.post_message(self.Wanted("look for"))

    def action_next_place(self) -> None:
        """The next place found."""
        self.post_message(self.Wanted("next place"))

    def action_previous_place(self) -> None:
        """The place found before."""
        self.post_message(self.Wanted("previous place"))

    def action_copy_prompt(self) -> None:
        """Copy all of it."""
        self.post_message(self.Wanted("copy prompt"))

    def action_save_prompt(self) -> None:
        """Write all of it to a file."""
        self.post_message(self.Wanted("save prompt"))

    def action_close_prompt(self) -> None:
        """Back to the chat."""
        self.post_message(self.Wanted("close prompt"))

    # -- inside

    def _strip(self, sheet: Sheet, number: int, width: int) -> Strip:
        shown: Content = drawn(
            sheet, number, boundaries=self._boundaries, hits=self._hits, here=self._here
        )
        (strip,) = Visual.to_strips(self, shown, width, 1, self.visual_style)
        return strip

    def _go(self, line: int) -> None:
        self.scroll_to(y=max(0, line), animate=False, immediate=True, force=True)

    def _again(self) -> None:
        self._drawn.clear()
        self.refresh()
