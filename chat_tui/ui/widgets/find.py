"""The find bar: what is looked for, which of how many hits is shown, and the way between them.

Knows the transcript and what in it can be searched; must not know the chat. It is there only
while it is used.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from chat_tui.keys import Where
from chat_tui.ui.keys import bind_all
from chat_tui.ui.widgets.cards import UserMessage
from chat_tui.ui.widgets.document import Chunk
from chat_tui.ui.widgets.reasoning import Reasoning
from chat_tui.ui.widgets.searchable import Place, Searchable
from chat_tui.ui.widgets.transcript import Transcript
from chat_tui.ui.widgets.turn_view import TurnView

Hit = tuple[int, Place]
"""The number of a widget and a place in it: the order of hits is the order on the screen."""


class FindBar(Widget):
    """One line above the composer."""

    BINDINGS: ClassVar[list[BindingType]] = bind_all(Where.FIND)
    DEFAULT_CSS = """
    FindBar {
        height: 1; layout: horizontal; padding: 0 2; background: $panel; display: none;
        & > .name { width: 6; color: $text-muted; }
        & > Input { width: 1fr; background: $panel; }
        & > .count { width: auto; color: $text-muted; padding: 0 0 0 1; }
    }
    """

    class Closed(Message):
        """The reader is done with finding."""

    def __init__(self, transcript: Transcript) -> None:
        super().__init__()
        self._transcript = transcript
        self._here: Hit | None = None
        self._marked: Sequence[Searchable] = ()

    def compose(self) -> ComposeResult:
        """What, and how many."""
        yield Static("Find", classes="name")
        yield Input(compact=True, select_on_focus=False)
        yield Static(classes="count", markup=False)

    def open(self, words: str = "") -> None:
        """Begin to look for ``words``, else for what was looked for before."""
        field = self.query_one(Input)
        self.display = True
        field.focus()
        if words and words != field.value:
            self._here = None
            field.value = words
            field.cursor_position = len(words)
        else:
            field.select_all()
            self._look(0)

    def on_input_changed(self, message: Input.Changed) -> None:
        """Look while it is being written."""
        message.stop()
        if self.display:
            self._look(0)

    def action_next_hit(self) -> None:
        """On to the next; after the last comes the first."""
        self._look(1)

    def action_previous_hit(self) -> None:
        """Back to the one before."""
        self._look(-1)

    def action_close_find(self) -> None:
        """Take the marks away and go."""
        self._unmark()
        self._here = None
        self.display = False
        self.post_message(self.Closed())

    def _look(self, step: int) -> None:
        words = self.query_one(Input).value
        widgets = self._widgets()
        pattern = re.compile(re.escape(words), re.IGNORECASE) if words else None
        hits = (
            [(at, place) for at, widget in enumerate(widgets) for place in widget.search(pattern)]
            if pattern
            else []
        )
        count = self.query_one(".count", Static)
        if pattern is None or not hits:
            self._unmark()
            count.update("nothing found" if words else "")
            return
        number = self._choose(hits, step)
        self._here = hits[number]
        count.update(f"{number + 1:,} of {len(hits):,}")
        self._unmark(but=widgets)
        for at, widget in enumerate(widgets):
            widget.mark(pattern, self._here[1] if at == self._here[0] else None)
        self._marked = widgets
        target = widgets[self._here[0]]
        if isinstance(target, Reasoning):
            target.open()
        self.call_after_refresh(self._go_to, target, self._here[1])

    def _choose(self, hits: list[Hit], step: int) -> int:
        """The number of the hit to show: from where the reader is, ``step`` hits on."""
        here = self._here or (self._first_in_sight(), (0, 0))
        if not step or self._here is None:
            return next((number for number, hit in enumerate(hits) if hit >= here), 0)
        if step > 0:
            return next((number for number, hit in enumerate(hits) if hit > here), 0)
        return next((n for n in reversed(range(len(hits))) if hits[n] < here), len(hits) - 1)

    def _first_in_sight(self) -> int:
        top = self._transcript.region.y
        widgets = self._widgets()
        return next((at for at, w in enumerate(widgets) if w.region.bottom > top), 0)

    def _widgets(self) -> list[UserMessage | Reasoning | Chunk]:
        return [
            widget
            for turn in self._transcript.query(TurnView).results()
            if turn.display
            for widget in turn.query("*").results()
            if isinstance(widget, UserMessage | Reasoning | Chunk) and widget.is_searchable
        ]

    def _unmark(self, but: list[UserMessage | Reasoning | Chunk] | None = None) -> None:
        for widget in self._marked:
            if widget not in (but or ()):
                widget.mark(None, None)
        self._marked = ()

    def _go_to(self, target: UserMessage | Reasoning | Chunk, place: Place) -> None:
        transcript = self._transcript
        line = target.content_region.y + target.line_of(place) - transcript.content_region.y
        height = transcript.content_size.height
        if not 0 <= line < height:
            y = transcript.scroll_y + line - height // 3
            transcript.scroll_to(y=y, animate=False, immediate=True)
