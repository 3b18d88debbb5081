"""All that was said in this conversation, from top to bottom.

Knows turns and notices; must not know the chat. It follows the end while it is at the end, and
stays where the reader has scrolled to otherwise. Only the turns near the reader and the end are
there as widgets, however long the conversation is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from textual.layout import DockArrangeResult
from textual.widget import Widget

from chat_tui.conversation import Effort
from chat_tui.settings import ReasoningView
from chat_tui.ui.past import Past
from chat_tui.ui.widgets.document import Document
from chat_tui.ui.widgets.earlier import Dress, Earlier
from chat_tui.ui.widgets.place import Hold, line_of
from chat_tui.ui.widgets.reasoning import Reasoning
from chat_tui.ui.widgets.room import MarkCard
from chat_tui.ui.widgets.steady import Steady
from chat_tui.ui.widgets.turn_view import TurnView

FAR = 3
"""Screens above what is seen from which on a turn is not kept built."""


class Transcript(Steady, can_focus=False):
    """The scrolling middle of the screen."""

    DEFAULT_CSS = """
    Transcript {
        height: 1fr; padding: 1 0 0 0; align-vertical: bottom; scrollbar-size-vertical: 1;
        & > Notice, & > ErrorCard { margin: 0 2 1 2; }
    }
    """

    def __init__(self, view: ReasoningView) -> None:
        super().__init__()
        self.view = view
        """How much reasoning is shown."""
        self.earlier = Earlier()
        """The turns that are views only near the reader: all that were opened but the last, and
        those since then that are far above."""
        self.on_built: list[Callable[[int, TurnView], None]] = []
        """Called with the number and the view of a turn that came in sight again."""
        self.cautioned: set[bool] = set()
        """Whether it has been said what reasoning is: of a live thought, of another."""
        self._building = asyncio.Lock()

    @property
    def last_answer(self) -> str:
        """The text of the latest answer, as it came; empty where there is none."""
        answers = [turn.answer for turn in self.live if turn.answer]
        answers += [turn.answer for turn in self.earlier.turns if not answers and turn.answer]
        return answers[-1] if answers else ""

    @property
    def last_turn(self) -> TurnView | None:
        """The latest question with what came of it; None where nothing was asked."""
        return self.live[-1] if self.live else None

    @property
    def live(self) -> list[TurnView]:
        """The turns that are always built: the last ones."""
        past = self.earlier.window.widgets.values()
        return [
            turn
            for turn in self.children
            if isinstance(turn, TurnView) and turn.display and turn not in past
        ]

    @property
    def count(self) -> int:
        """How many turns there are, built or not."""
        return len(self.earlier) + len(self.live)

    @property
    def built(self) -> list[tuple[int, TurnView]]:
        """The turns that there are views of, with their numbers; see ``on_built``."""
        past = sorted(self.earlier.window.widgets.items())
        found = [(number, turn) for number, turn in past if isinstance(turn, TurnView)]
        return [*found, *enumerate(self.live, len(self.earlier))]

    def number_of(self, turn: TurnView) -> int | None:
        """The number of a turn from 0; None where it is not there any more."""
        return next((number for number, other in self.built if other is turn), None)

    @property
    def first_in_sight(self) -> int:
        """The number of the first turn that is on the screen."""
        bottom = {place.widget: place.region.bottom for place in self._arranged.placements}
        top = self.scroll_y
        return next((number for number, turn in self.built if bottom.get(turn, 0) > top), 0)

    def on_mount(self) -> None:
        """Follow the end."""
        self.anchor()

    async def recall(
        self, turns: Sequence[Past], dress: Dress, pages: Callable[[], Sequence[str]] = tuple
    ) -> None:
        """Show turns of an earlier time below what is there, and go to the end.

        ``pages`` are what the browser has said in the conversation.
        """
        if not turns:
            return
        async with self._building:
            earlier = Earlier(turns[:-1], self.view, dress, pages)
            if self.live:
                # Some of the same conversation is there already: the rest stands below it.
                for turn in turns:
                    (await earlier.draw(turn, self, self.children[-1])).display = True
            else:
                self.earlier = earlier
                earlier.measure(self._width, self.view)
                place: Widget = earlier.window.below
                await self.mount(earlier.window.above, place)
                await earlier.build(earlier.last(self.app.size.height))
                (await earlier.draw(turns[-1], self, place)).display = True
        self.anchor()

    async def begin(self, question: str, effort: Effort, *, is_json: bool = False) -> TurnView:
        """Show a question and go to the end."""
        turn = TurnView(question, effort, self.view, is_json=is_json)
        await self.mount(turn)
        self.anchor()
        return turn

    async def again(self, old: TurnView, effort: Effort, *, is_json: bool = False) -> TurnView:
        """Show the same question without its answer, in the same place."""
        turn = TurnView(old.question, effort, self.view, is_json=is_json)
        turn.replaces = old
        old.display = False
        await self.mount(turn, after=old)
        self.anchor()
        return turn

    async def settle(self, turn: TurnView) -> None:
        """An answer in the place of another is over: one of the two remains."""
        old, turn.replaces = turn.replaces, None
        if old is None:
            return
        if turn.has_answer:
            await old.remove()
            return
        later = next((other for other in self.query(TurnView) if other.replaces is turn), None)
        if later is not None:
            later.replaces = old
        else:
            old.display = True
        await turn.remove()

    async def let_go(
        self,
        turns: Sequence[Past],
        count: int,
        dress: Dress,
        pages: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        """Keep the turns far above what is seen as values, from which views are built again.

        ``turns`` are these (see ``far``), of ``count`` in all. Notes between them go: they were of
        the moment.
        """
        async with self._building:
            far = self._far()[: len(turns)]
            if not far or count != self.count:
                return
            if not self.earlier.window.above.is_attached:
                self.earlier = Earlier((), self.view, dress, pages)
                gaps = self.earlier.window.above, self.earlier.window.below
                await self.mount(*gaps, before=far[0][0])
            earlier, last = self.earlier, far[-1][0]
            begin = self.children.index(far[0][0])
            before = far[0][0]
            for widget in self.children[begin : self.children.index(last)]:
                if isinstance(widget, TurnView):
                    before = widget
                    continue
                if isinstance(widget, MarkCard):
                    await before.recall(widget.message)
                widget.remove()
            self.move_child(earlier.window.below, after=last)
            earlier.take([(turn, *shown) for turn, shown in zip(turns, far, strict=False)])
            earlier.measure(self._width, self.view)
        self._look_soon()

    @property
    def far(self) -> int:
        """How many of the turns that are always built need not be: the oldest of them."""
        return len(self._far())

    def _far(self) -> list[tuple[TurnView, int]]:
        """The oldest live turns that are screens above what is seen and the end; their heights."""
        region = {place.widget: place.region for place in self._arranged.placements}
        height = self.scrollable_content_region.height
        end = self._arranged.total_region.bottom - height
        limit = min(round(self.scroll_y), end) - FAR * height
        found = []
        for turn in self.live[:-1]:
            if turn not in region or region[turn].bottom > limit:
                break
            found.append((turn, region[turn].height))
        return found

    async def note(self, card: Widget) -> None:
        """Show something outside of any turn."""
        await self.mount(card)

    async def clear(self) -> None:
        """Forget all."""
        async with self._building:
            self.earlier = Earlier()
            await self.remove_children()

    async def cut(self, first: int) -> None:
        """Take away the turns from number ``first`` on; the one before it is a view for good."""
        async with self._building:
            earlier = self.earlier
            gone = self.live[max(0, first - len(earlier)) :]
            if gone:
                below = self.children[self.children.index(gone[0]) :]
                await self.remove_children([turn for turn in below if isinstance(turn, TurnView)])
            if first <= len(earlier) and len(earlier):
                last = earlier.turns[max(0, first - 1) : first]
                await earlier.cut(max(0, first - 1))
                for turn in last:
                    view = await earlier.draw(turn, self, earlier.window.below)
                    view.display = True
                    self._tell({first - 1: view})

    def set_view(self, view: ReasoningView) -> None:
        """Show as much reasoning as ``view`` says, everywhere."""
        self.view = view
        self.earlier.measure(self._width, view)
        for turn in self.query(TurnView):
            turn.set_view(view)

    async def reach(self, number: int) -> TurnView:
        """Have a turn built, wherever it is; counted from 0 for the first of all.

        Raises IndexError where there is none.
        """
        earlier = self.earlier
        if number >= len(earlier):
            return self.live[number - len(earlier)]
        async with self._building:
            if number not in earlier.window.widgets:
                self._tell(await earlier.build(earlier.around(number)))
                self._hold_on(Hold((earlier.window.widgets[number],), 0))
            turn = earlier.window.widgets[number]
        if not isinstance(turn, TurnView):
            raise IndexError(number)
        return turn

    def _tell(self, fresh: dict[int, TurnView]) -> None:
        for number, turn in fresh.items():
            for told in self.on_built:
                told(number, turn)

    def on_reasoning_opened(self, message: Reasoning.Opened) -> None:
        """The first look at reasoning says what it is: as it comes, and when it is opened."""
        reasoning = message.reasoning
        if reasoning.is_open and message.live not in self.cautioned:
            self.cautioned.add(message.live)
            reasoning.caution()

    def arranged_anew(self, arranged: DockArrangeResult) -> None:
        """Note what is higher or lower than it was thought to be."""
        self.earlier.measured(arranged)

    def on_resize(self) -> None:
        """Other widths have other heights."""
        self.earlier.measure(self._width, self.view)

    async def look(self) -> None:
        """Have built what the reader is near to."""
        async with self._building:
            height = self.scrollable_content_region.height
            if self._moves or not height or not self.is_attached:
                return
            top = round(self.scroll_y)
            window = self.earlier.window
            if len(self.earlier):
                base = line_of(self._arranged, Hold((window.above,), 0)) or 0
                planned = window.plan(top - base, top - base + height)
                if planned != window.built:
                    self._tell(await self.earlier.build(planned))
                    self._moves = True
                    return
            self._hold_within()
            for placement in self._arranged.placements:
                turn, region = placement.widget, placement.region
                if region.bottom > top - height and region.y < top + 2 * height:
                    for document in turn.children:
                        if isinstance(document, Document):
                            self._look_into(document, turn, top, height)

    def _look_into(self, document: Document, turn: Widget, top: int, height: int) -> None:
        y = line_of(self._arranged, Hold((turn, document), 0))
        if y is not None:
            document.look(top - y, top - y + height)

    @property
    def _width(self) -> int:
        return (self.scrollable_content_region.width or self.app.size.width - 1) - 4
