"""The pieces of one turn, one below the other, of which only the last still grows.

Knows which widget takes which kind of text; must not know events.
"""

from __future__ import annotations

from textual.widget import Widget

from chat_tui.settings import ReasoningView
from chat_tui.ui.widgets.approval import ApprovalCard
from chat_tui.ui.widgets.call import CallCard
from chat_tui.ui.widgets.circles import Circles
from chat_tui.ui.widgets.document import Document
from chat_tui.ui.widgets.reasoning import Reasoning

Part = Reasoning | Document | CallCard


class Parts:
    """The parts of ``turn``, which stand before its ``end``."""

    def __init__(self, turn: Widget, end: Widget) -> None:
        self._turn = turn
        self._end = end
        self.last: Part | None = None
        """What grows; None where the next text begins something else."""
        self.call: CallCard | None = None
        """The last call."""
        self.cut: Part | None = None
        """What shows a message that was cut off, if that was the last."""

    @property
    def is_thinking(self) -> bool:
        """Whether the model is reasoning now."""
        return isinstance(self.last, Reasoning) and self.last.is_live

    async def reasoning(self, effort: str, view: ReasoningView, now: float) -> Reasoning:
        """What takes more of a thought."""
        if not isinstance(self.last, Reasoning):
            await self._begin(part := Reasoning(effort, view, now))
            return part
        return self.last

    async def document(self, classes: str) -> Document:
        """What takes more of a text of this kind; the answer has none and alone cites."""
        part = self.last
        if not isinstance(part, Document) or part.classes != frozenset(classes.split()):
            part = Document(cites=not classes)
            part.set_classes(classes)
            await self._begin(part)
        return part

    async def calling(self, recipient: str) -> CallCard:
        """What takes more of a call."""
        if not isinstance(self.last, CallCard):
            await self._begin(part := CallCard(recipient))
            self.call = part
            return part
        return self.last

    async def ask(self, card: ApprovalCard) -> ApprovalCard:
        """Show the card of the call, in its place."""
        if self.call:
            self.call.display = False
        await self._turn.mount(card, before=self._end)
        return card

    async def settle(self, *, answered: bool = False) -> None:
        """Take away the card; where it was not answered, that denies it.

        With ``answered`` only one that was: the same call may have been asked about again.
        """
        cards = list(self._turn.query(ApprovalCard))
        gone = [card for card in cards if card.inquiry.is_settled or not answered]
        for card in gone:
            card.inquiry.deny()
            card.display = False
            await card.remove()
        if self.call and len(gone) == len(cards):
            self.call.display = True

    def tick(self, now: float) -> None:
        """Time has passed."""
        if isinstance(self.last, Reasoning):
            self.last.tick(now)
        if self.call:
            self.call.tick(now)

    def completed(self, *, interrupted: bool) -> None:
        """The message that grew is whole; what comes after it is another, unless it was cut off."""
        self.cut = self.last if interrupted else None
        if not interrupted:
            self.last = None

    def stop(self) -> None:
        """The user does not wait any longer."""
        if self.call:
            self.call.stop()
        if isinstance(self.last, Reasoning):
            self.last.finish("")  # what is still on its way belongs to it
        self._turn.query(Circles).remove()

    def close_thought(self) -> None:
        """A thought that grows does so no more."""
        if isinstance(self.last, Reasoning):
            self.last.finish("")
            self.last = None
        self._turn.query(Circles).remove()

    def take_up(self) -> Part | None:
        """A message that was cut off is written anew; what showed it, which is to go."""
        self.close_thought()
        cut, self.cut, self.last = self.cut, None, None
        return cut

    async def _begin(self, part: Part) -> None:
        self.close_thought()
        self.last = part
        await self._turn.mount(part, before=self._end)
