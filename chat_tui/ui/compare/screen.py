"""The screen on which levels stand side by side, or below each other where it is narrow.

Knows runs, columns and the table of keys; must not know the chat or the worker. What a key asks
for is done by whoever shows the screen.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import ClassVar, Protocol

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.widgets import Static

from chat_tui.conversation import Effort
from chat_tui.events import ModelInfo, TurnEvent
from chat_tui.keys import Where
from chat_tui.language import _
from chat_tui.session.compare import Run
from chat_tui.settings import ReasoningView
from chat_tui.ui.attentive import AttentiveScreen
from chat_tui.ui.compare.column import Column
from chat_tui.ui.keys import bind, bind_all, key_name
from chat_tui.untrusted import clean_line

TICK_SECONDS = 0.25
NARROW = 90
"""Cells below which the levels stand below each other."""
KEEP = ("keep first", "keep second", "keep third")
"""The keys that keep a level, by its place."""


class Deeds(Protocol):
    """What keys ask for."""

    @property
    def is_running(self) -> bool:
        """Whether a level is being answered, or will be."""

    async def stop(self) -> None:
        """End what runs, and what would follow."""

    async def keep(self, effort: Effort) -> None:
        """Go on with the answer of this level."""

    async def leave(self) -> None:
        """Close, and go on with no answer."""

    async def look(self) -> None:
        """Time has passed."""

    def answer_now(self) -> None:
        """End the reasoning that runs."""


class CompareScreen(AttentiveScreen):
    """All levels of one question. ``question`` is shown at the top."""

    BINDINGS: ClassVar[list[BindingType]] = [*bind_all(Where.COMPARE), *bind("answer now")]
    DEFAULT_CSS = """
    CompareScreen {
        layout: vertical;
        & > #name {
            height: 1; padding: 0 1; background: $panel; color: $text-muted; text-wrap: nowrap;
            text-overflow: ellipsis;
        }
        & > #columns { layout: horizontal; height: 1fr; width: 1fr; }
        & > #columns > Column { border-right: tall $panel; }
        & > #columns > Column.-last { border-right: none; }
        &.-stacked > #columns { layout: vertical; }
        &.-stacked > #columns > Column { border-right: none; height: 4; }
        &.-stacked > #columns > Column.-chosen { height: 1fr; }
        & > #said { height: auto; max-height: 3; padding: 0 1; color: $text-accent; display: none; }
        & > #hints { height: auto; max-height: 2; padding: 0 1; color: $text-muted; }
    }
    """

    def __init__(
        self,
        deeds: Deeds,
        runs: Sequence[Run],
        question: str,
        view: ReasoningView,
        *,
        is_json: bool = False,
    ) -> None:
        super().__init__()
        self._deeds = deeds
        self._question = question
        cautioned: set[bool] = set()
        self._columns = [
            Column(run, number, view, cautioned, is_json=is_json)
            for number, run in enumerate(runs, 1)
        ]
        self._top = Static(id="name", markup=False)
        self._said = Static(id="said", markup=False)
        self._hints = Static(id="hints", markup=False)
        self._chosen = 0
        self._by_hand = False
        """Whether the reader has chosen; else the one that runs is shown."""

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self._top
        self._columns[-1].add_class("-last")
        yield Container(*self._columns, id="columns")
        yield self._said
        yield self._hints

    def on_mount(self) -> None:
        """Show what there is."""
        self._timer = self.set_interval(TICK_SECONDS, self._tick)
        self._choose(0)

    def on_resize(self, event: events.Resize) -> None:
        """Beside each other where there is room."""
        self.set_class(event.size.width < NARROW, "-stacked")
        self.call_after_refresh(self._draw)

    # -- what is told

    async def apply(
        self, run: Run, happened: Sequence[TurnEvent], model: ModelInfo | None, now: float
    ) -> None:
        """Draw what happened at one level."""
        for at, column in enumerate(self._columns):
            if column.run is run:
                if not self._by_hand and at != self._chosen:
                    self._choose(at)
                column.model = model
                await column.apply(happened, now)
                column.draw(now)

    def say(self, text: str) -> None:
        """Show a line below."""
        self._said.update(Content(clean_line(text)))
        self._said.display = bool(text)

    def over(self) -> None:
        """Nothing more comes."""
        self._timer.pause()
        self._draw()

    # -- what is asked

    async def action_keep_first(self) -> None:
        """Go on with the first level's answer."""
        await self._keep(0)

    async def action_keep_second(self) -> None:
        """Go on with the second level's answer."""
        await self._keep(1)

    async def action_keep_third(self) -> None:
        """Go on with the third level's answer."""
        await self._keep(2)

    async def action_keep_chosen(self) -> None:
        """Go on with the chosen answer."""
        await self._keep(self._chosen)

    def action_column_left(self) -> None:
        """The level before."""
        self._choose(max(0, self._chosen - 1), by_hand=True)

    def action_column_right(self) -> None:
        """The next level."""
        self._choose(min(len(self._columns) - 1, self._chosen + 1), by_hand=True)

    def action_thoughts(self) -> None:
        """Open or fold the reasoning of the chosen level."""
        self._columns[self._chosen].toggle()

    def action_compared_up(self) -> None:
        """Scroll the chosen level up."""
        self._columns[self._chosen].scroll(-0.1)

    def action_compared_down(self) -> None:
        """Scroll the chosen level down."""
        self._columns[self._chosen].scroll(0.1)

    def action_compared_page_up(self) -> None:
        """Scroll the chosen level a page up."""
        self._columns[self._chosen].scroll(-1)

    def action_compared_page_down(self) -> None:
        """Scroll the chosen level a page down."""
        self._columns[self._chosen].scroll(1)

    def action_compared_first(self) -> None:
        """To the beginning of the chosen level."""
        self._columns[self._chosen].go(last=False)

    def action_compared_last(self) -> None:
        """To the end of the chosen level."""
        self._columns[self._chosen].go(last=True)

    def action_answer_now(self) -> None:
        """End the reasoning that runs."""
        self._deeds.answer_now()

    async def action_end_compare(self) -> None:
        """Stop what runs; where nothing does, close."""
        await (self._deeds.stop() if self._deeds.is_running else self._deeds.leave())

    def on_column_clicked(self, message: Column.Clicked) -> None:
        """The clicked one is chosen."""
        message.stop()
        self._choose(self._columns.index(message.column), by_hand=True)

    # -- inside

    async def _keep(self, at: int) -> None:
        if at < len(self._columns):
            self._choose(at, by_hand=True)
            await self._deeds.keep(self._columns[at].run.effort)

    def _choose(self, at: int, *, by_hand: bool = False) -> None:
        self._chosen, self._by_hand = at, self._by_hand or by_hand
        for number, column in enumerate(self._columns):
            column.set_class(number == at, "-chosen")
        self.call_after_refresh(self._draw)

    async def _tick(self) -> None:
        await self._deeds.look()
        self._draw()

    def _draw(self) -> None:
        if not self.is_attached:
            return
        now = time.monotonic()
        for column in self._columns:
            column.draw(now)
        question = clean_line(self._question) or _("the last question")
        name = [_("Compare"), question, _("one seed, no tools")]
        self._top.update(Content(" · ".join(name)))
        numbers = " ".join(key_name(id_) for id_ in KEEP[: len(self._columns)])
        ends = _("stop") if self._deeds.is_running else _("close")
        columns = f"{key_name('column left')}, {key_name('column right')}"
        hints = [
            " ".join([numbers, _("keep")]),
            f"{key_name('end compare')} {ends}",
            " ".join([key_name("thoughts"), _("reasoning")]),
            " ".join([columns, _("choose")]),
        ]
        self._hints.update(Content(" · ".join(hints)))
