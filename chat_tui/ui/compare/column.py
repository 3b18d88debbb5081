"""One level: its figures, and what it says, drawn as any answer in a conversation is.

Knows a run and the transcript's pieces; must not know the other levels, keys or the chat.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from textual import events
from textual.app import ComposeResult
from textual.message import Message
from textual.widget import MountError, Widget
from textual.widgets import Static

from chat_tui.events import ModelInfo, ReasoningCircles, TurnEvent
from chat_tui.session.compare import Run
from chat_tui.settings import ReasoningView
from chat_tui.ui.compare.figures import facts, title
from chat_tui.ui.widgets.reasoning import Reasoning
from chat_tui.ui.widgets.transcript import Transcript
from chat_tui.ui.widgets.turn_view import TurnView


class Column(Widget):
    """One level: two lines of figures, and what it says."""

    DEFAULT_CSS = """
    Column {
        layout: vertical; height: 1fr; width: 1fr;
        & > .figures { height: 2; width: 1fr; background: $surface; }
        &.-chosen > .figures { background: $primary 25%; }
        & > Transcript { height: 1fr; align-vertical: top; padding: 0; }
        /* What follows its end is drawn at the lower edge, unless it is as high as the place. */
        & TurnView { margin: 0 1; min-height: 100%; }
        & Foot, & Stamp { display: none; }
    }
    """

    class Clicked(Message):
        """It was clicked."""

        def __init__(self, column: Column) -> None:
            super().__init__()
            self.column = column

    def __init__(
        self,
        run: Run,
        number: int,
        view: ReasoningView,
        cautioned: set[bool],
        *,
        is_json: bool,
    ) -> None:
        """``cautioned`` is that of all columns together."""
        super().__init__()
        self.run = run
        self._number = number
        self._is_json = is_json
        # Kept by hand: a last event may come while the screen is being taken down.
        self._figures = Static(classes="figures", markup=False)
        self._transcript = Transcript(view)
        self._transcript.cautioned = cautioned
        self._view: TurnView | None = None
        self.model: ModelInfo | None = None
        """Who answers."""

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self._figures
        yield self._transcript

    async def apply(self, happened: Sequence[TurnEvent], now: float) -> None:
        """Draw what happened."""
        # The offer to end circling reasoning stands in the chat below, with its keys.
        shown = [one for one in happened if not isinstance(one, ReasoningCircles)]
        with suppress(MountError):  # the program may be ending while the last events come
            transcript, effort = self._transcript, self.run.effort
            self._view = self._view or await transcript.begin("", effort, is_json=self._is_json)
            self._view.model = self.model
            await self._view.apply(shown, now)

    def draw(self, now: float) -> None:
        """Draw the figures."""
        if self._view is not None and not self.run.is_over:
            self._view.tick(now)
        width = self._figures.content_size.width
        chosen = self.has_class("-chosen")
        head = title(self.run, self._number, width, chosen=chosen)
        self._figures.update(head + "\n" + facts(self.run, now, width))

    def toggle(self) -> None:
        """Open the reasoning, or fold it."""
        for thought in self.query(Reasoning):
            thought.action_thought()

    def scroll(self, pages: float) -> None:
        """Go so many windows on."""
        transcript = self._transcript
        lines = max(1, round(abs(pages) * (transcript.size.height - 1)))
        transcript.scroll_relative(y=lines if pages > 0 else -lines, animate=False)

    def go(self, *, last: bool) -> None:
        """Go to the beginning or to the end."""
        go = self._transcript.scroll_end if last else self._transcript.scroll_home
        go(animate=False)

    def on_click(self, event: events.Click) -> None:
        """Choose it."""
        del event
        self.post_message(self.Clicked(self))
