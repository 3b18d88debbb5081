"""The find bar: what is looked for, which of how many hits is shown, and the way between them.

Knows the transcript and what in it can be searched; must not know the chat. It is there only
while it is used. A long conversation is searched bit by bit, while keys go on being heard.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static

from chat_tui.keys import Where
from chat_tui.language import _
from chat_tui.ui.keys import bind_all
from chat_tui.ui.seek import Filed, Found, Hit, Seek
from chat_tui.ui.widgets.asked import UserMessage
from chat_tui.ui.widgets.call import CallCard
from chat_tui.ui.widgets.document import Document
from chat_tui.ui.widgets.earlier import Earlier
from chat_tui.ui.widgets.reasoning import Reasoning
from chat_tui.ui.widgets.room import MarkCard
from chat_tui.ui.widgets.searchable import Place
from chat_tui.ui.widgets.transcript import Transcript
from chat_tui.ui.widgets.turn_view import TurnView

Part = UserMessage | Reasoning | CallCard | Document | MarkCard
SLICE_SECONDS = 0.012
"""So long is searched before keys are heard again."""
PAUSE_SECONDS = 0.004
COUNT_SECONDS = 0.2
"""So often is told how many hits there are by now."""


def parts(turn: TurnView) -> list[Part]:
    """What in a turn can be searched, and the marks that follow it, in order."""
    found: list[Part] = [child for child in turn.children if isinstance(child, Part)]
    beside = list(turn.parent.children) if turn.parent else []
    for widget in beside[beside.index(turn) + 1 :] if turn in beside else ():
        if isinstance(widget, TurnView) and widget.display:
            break
        if isinstance(widget, MarkCard):
            found.append(widget)
    return found


class Shown:
    """A turn that may still change."""

    def __init__(self, turn: TurnView) -> None:
        self._turn = turn

    def search(self, pattern: re.Pattern[str], needle: str) -> Iterator[Found]:
        """See ``Source``."""
        del needle
        for number, part in enumerate(parts(self._turn)):
            if part.is_searchable:
                for places in part.search(pattern):
                    yield [(number, place) for place in places]


class FindBar(Widget):
    """One line above the composer."""

    BINDINGS: ClassVar[list[BindingType]] = bind_all(Where.FIND)
    DEFAULT_CSS = """
    FindBar {
        height: 1; layout: horizontal; padding: 0 2; background: $panel; display: none;
        & > .name { width: auto; padding: 0 2 0 0; color: $text-muted; }
        & > Input { width: 1fr; background: $panel; }
        & > .count { width: auto; color: $text-muted; padding: 0 0 0 1; }
    }
    """

    class Closed(Message):
        """The reader is done with finding."""

    def __init__(self, transcript: Transcript) -> None:
        super().__init__()
        self._transcript = transcript
        transcript.on_built.append(self._mark)
        self._here: Hit | None = None
        self._seek: Seek | None = None
        self._filed: list[Filed] = []
        self._filed_of: tuple[Earlier, object, int] | None = None
        self._step = 0
        """Where to go as soon as it is known."""
        self._decided = True
        self._working = False
        self._counts_next = 0.0

    def compose(self) -> ComposeResult:
        """What, and how many."""
        yield Static(_("Find"), classes="name", markup=False)
        yield Input(compact=True, select_on_focus=False)
        yield Static(classes="count", markup=False)

    def open(self, words: str = "", at: tuple[int, int] | None = None) -> None:
        """Begin to look for ``words``, else for what was looked for before.

        The first place that is shown is in the part ``at`` of a turn (both counted from 0), or
        behind it; else it is near the reader.
        """
        field = self.query_one(Input)
        self.display = True
        field.focus()
        if at is not None or (words and words != field.value):
            self._here, self._seek = (*at, ()) if at else None, None
        if words and words != field.value:
            field.value = words
            field.cursor_position = len(words)
        else:
            field.select_all()
            self._look(0)

    async def on_input_changed(self, message: Input.Changed) -> None:
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
        self._seek, self._filed, self._filed_of = None, [], None
        self._mark_all()
        self._here = None
        self.display = False
        self.post_message(self.Closed())

    def _look(self, step: int) -> None:
        """Look for what is written, and go ``step`` hits on from where the reader is."""
        words = self.query_one(Input).value
        earlier = self._transcript.earlier
        if not words:
            self._seek = None
            self._mark_all()
            self.query_one(".count", Static).update("")
            return
        view = self._transcript.view
        if self._filed_of != (earlier, view, len(earlier)):
            self._filed_of = (earlier, view, len(earlier))
            self._filed = [Filed(turn, view, earlier.pages) for turn in earlier.turns]
            self._seek = None
        live = [Shown(turn) for turn in self._transcript.live]
        if self._seek is None or self._seek.words != words:
            start = self._here[0] if self._here else self._first_in_sight()
            self._seek = Seek([*self._filed, *live], words, start)
        else:
            self._seek.renew(len(self._filed), live)
        self._step, self._decided = step, False
        self._work()

    def _work_on(self) -> None:
        self._working = False
        self._work()

    def _work(self) -> None:
        """Search a little, show what is known by now, and go on soon."""
        seek = self._seek
        if seek is None:
            return
        seek.work(SLICE_SECONDS)
        if not seek.is_done:
            if not self._working:
                self._working = True
                self.set_timer(PAUSE_SECONDS, self._work_on)
            if self._decided and time.monotonic() < self._counts_next:
                return
        self._counts_next = time.monotonic() + COUNT_SECONDS
        hits = seek.hits
        if not self._decided:
            number = self._choose(hits, self._step, seek.is_done)
            if number is not None:
                self._decided = True
                if hits:
                    self._here = hits[number]
                self._mark_all()
                if hits:
                    self.call_later(self._show, hits[number])
        count = self.query_one(".count", Static)
        more = "" if seek.is_done else "…"
        if hits and self._here in hits:
            place = hits.index(self._here) + 1
            said = _("{number:,} of {count:,}").format(number=place, count=len(hits))
            count.update(said + more)
        elif seek.is_done:
            count.update(_("nothing found"))
        else:
            count.update("…")

    def _choose(self, hits: list[Hit], step: int, is_done: bool) -> int | None:
        """The number of the hit to show: from where the reader is, ``step`` hits on.

        None while that is not known; 0 too where nothing was found.
        """
        here = self._here or (self._first_in_sight(), 0, (0, 0))
        if step < 0 and self._here is not None:
            if not is_done:
                return None
            return next((n for n in reversed(range(len(hits))) if hits[n] < here), len(hits) - 1)
        if step > 0 and self._here is not None:
            found = next((number for number, hit in enumerate(hits) if hit > here), None)
        else:
            found = next((number for number, hit in enumerate(hits) if hit >= here), None)
        return 0 if found is None and is_done else found

    def _first_in_sight(self) -> int:
        return self._transcript.first_in_sight

    async def _show(self, hit: Hit) -> None:
        """Bring the reader to a hit, wherever it is."""
        number, part, place = hit
        try:
            turn = await self._transcript.reach(number)
            target = parts(turn)[part]
        except IndexError:
            return  # the conversation has changed meanwhile
        if self._seek is None or self._here != hit:
            return
        if isinstance(target, Reasoning | MarkCard):
            target.open()
        if isinstance(target, Document | CallCard):
            target.reach(place)
        self._mark(number, turn)
        self._transcript.show_line(*target.spot(place))
        # What has just been built or opened knows its lines only now.
        self.call_after_refresh(self._come_to, target, place)

    def _come_to(self, target: Part, place: Place) -> None:
        if target.is_attached and self._seek is not None:
            self._transcript.show_line(*target.spot(place))

    def _mark_all(self) -> None:
        for number, turn in self._transcript.built:
            self._mark(number, turn)

    def _mark(self, number: int, turn: TurnView) -> None:
        pattern = self._seek.pattern if self._seek else None
        for at, part in enumerate(parts(turn)):
            if part.is_searchable:
                here = self._here if pattern else None
                is_here = here is not None and here[:2] == (number, at)
                part.mark(pattern, here[2] if here and is_here else None)
