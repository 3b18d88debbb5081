"""The turns of an opened conversation that were over before: built when the reader comes near.

Knows past turns and their views; must not know where the reader is or who opened them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.layout import DockArrangeResult
from textual.widget import Widget

from chat_tui.settings import ReasoningView
from chat_tui.ui.past import Past
from chat_tui.ui.widgets.turn_view import TurnView
from chat_tui.ui.widgets.window import Heights, Window

Dress = Callable[[TurnView, Past], None]
"""Tells a fresh view what it has to know before messages are drawn in it."""


class Earlier:
    """Past turns, oldest first, between two gaps."""

    def __init__(
        self,
        turns: Sequence[Past] = (),
        view: ReasoningView = ReasoningView.FOLDED,
        dress: Dress = lambda _view, _past: None,
        pages: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self.turns = turns
        self.pages = pages
        self.window = Window()
        self._dress = dress
        self._view = view
        self._width = 0

    def __len__(self) -> int:
        return len(self.turns)

    def measure(self, width: int, view: ReasoningView) -> None:
        """Guess the heights of what is not built, where anything is another than before."""
        if (width, view) == (self._width, self._view) or not self.turns:
            return
        self._width, self._view = width, view
        old, window = list(self.window.heights), self.window
        window.heights = Heights(
            old[at] if at in window.widgets else turn.rows(width, view)
            for at, turn in enumerate(self.turns)
        )
        window.settle()

    def measured(self, arranged: DockArrangeResult) -> None:
        """Note how high the built ones are."""
        if self.window.widgets:
            height = {place.widget: place.region.height for place in arranged.placements}
            for at, view in self.window.widgets.items():
                if view in height:
                    self.window.heights.set(at, height[view])

    def last(self, height: int) -> range:
        """As many turns at the end as fill a screen of so many lines."""
        heights = self.window.heights
        end = heights.above(len(heights))
        return heights.span(end - height, end)

    def around(self, number: int) -> range:
        """A turn with its neighbours."""
        return range(max(0, number - 1), min(len(self.turns), number + 2))

    async def cut(self, count: int) -> None:
        """Keep the first ``count`` turns only."""
        window = self.window
        self.turns = self.turns[:count]
        window.heights = Heights(list(window.heights)[:count])
        await self.build(range(min(window.built.start, count), min(window.built.stop, count)))

    def take(self, turns: Sequence[tuple[Past, TurnView, int]]) -> None:
        """Have these turns at the end, with the views that show them and how high they are.

        The views stand before the gap below. Where what is built is elsewhere they are taken away.
        """
        window, count = self.window, len(self.turns)
        joins = not window.built or window.built.stop == count
        self.turns = [*self.turns, *(turn for turn, _view, _height in turns)]
        for at, (_turn, view, height) in enumerate(turns, count):
            window.heights.set(at, height)
            if joins:
                window.widgets[at] = view
            else:
                view.remove()
        if joins:
            window.built = range(window.built.start if window.built else count, len(self.turns))
        window.settle()

    async def build(self, planned: range) -> dict[int, TurnView]:
        """Have ``planned`` built and nothing else; what is new shows when all of it is drawn.

        What was not there before is given back.
        """
        window = self.window
        parent = window.above.parent
        fresh: dict[int, TurnView] = {}
        if not isinstance(parent, Widget):
            return fresh
        place: Widget = window.above
        for at in planned:
            if at in window.widgets:
                place = window.widgets[at]
                continue
            view = fresh[at] = await self.draw(self.turns[at], parent, place)
            place = view
        for at in [at for at in window.widgets if at not in planned]:
            gone = window.widgets.pop(at)
            gone.display = False
            gone.remove()
        for at, view in fresh.items():
            view.display = True
            window.widgets[at] = view
        window.built = planned
        window.settle()
        return fresh

    async def draw(self, turn: Past, parent: Widget, after: Widget) -> TurnView:
        """A view of a turn that is not shown yet."""
        view = TurnView(turn.question, turn.effort, self._view)
        view.display = False
        self._dress(view, turn)
        await parent.mount(view, after=after)
        for at, message in enumerate(turn.messages):
            if not view.is_attached:
                return view  # all is being taken down
            await view.recall(message, turn.seconds.get(at))
        if turn.ending is not None and view.is_attached:
            await view.recall_end(turn.ending)
        return view
