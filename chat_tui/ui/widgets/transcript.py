"""All that was said in this conversation, from top to bottom.

Knows turns and notices; must not know the chat. It follows the end while it is at the end, and
stays where the reader has scrolled to otherwise.
"""

from __future__ import annotations

from textual.containers import VerticalScroll
from textual.widget import Widget

from chat_tui.conversation import Effort
from chat_tui.settings import ReasoningView
from chat_tui.ui.widgets.reasoning import Reasoning
from chat_tui.ui.widgets.turn_view import TurnView


class Transcript(VerticalScroll, can_focus=False):
    """The scrolling middle of the screen."""

    DEFAULT_CSS = """
    Transcript {
        height: 1fr; padding: 1 0 0 0; align-vertical: bottom; scrollbar-size-vertical: 1;
        scrollbar-background: $background; scrollbar-background-hover: $background;
        scrollbar-background-active: $background; scrollbar-color: $panel;
        & > Notice, & > ErrorCard { margin: 0 2 1 2; }
    }
    """

    def __init__(self, view: ReasoningView) -> None:
        super().__init__()
        self._view = view
        self._cautioned: set[bool] = set()

    @property
    def last_answer(self) -> str:
        """The text of the latest answer, as it came; empty where there is none."""
        answers = [turn.answer for turn in self.query(TurnView) if turn.answer and turn.display]
        return answers[-1] if answers else ""

    @property
    def last_turn(self) -> TurnView | None:
        """The latest question with what came of it; None where nothing was asked."""
        turns = [turn for turn in self.query(TurnView) if turn.display]
        return turns[-1] if turns else None

    def on_mount(self) -> None:
        """Follow the end."""
        self.anchor()

    async def begin(self, question: str, effort: Effort, *, is_json: bool = False) -> TurnView:
        """Show a question and go to the end."""
        turn = TurnView(question, effort, self._view, is_json=is_json)
        await self.mount(turn)
        self.anchor()
        return turn

    async def again(self, old: TurnView, effort: Effort, *, is_json: bool = False) -> TurnView:
        """Show the same question without its answer, in the same place."""
        turn = TurnView(old.question, effort, self._view, is_json=is_json)
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

    async def note(self, card: Widget) -> None:
        """Show something outside of any turn."""
        await self.mount(card)

    async def clear(self) -> None:
        """Forget all."""
        await self.remove_children()

    def set_view(self, view: ReasoningView) -> None:
        """Show as much reasoning as ``view`` says, everywhere."""
        self._view = view
        for turn in self.query(TurnView):
            turn.set_view(view)

    def on_reasoning_opened(self, message: Reasoning.Opened) -> None:
        """The first look at reasoning says what it is: as it comes, and when it is opened."""
        reasoning = message.reasoning
        if reasoning.is_open and reasoning.is_live not in self._cautioned:
            self._cautioned.add(reasoning.is_live)
            reasoning.caution()
