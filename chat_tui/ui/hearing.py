"""What comes back from the worker: which view shows it, and what follows from the end of a turn.

Knows turns, their views and the chat; must not know what can be asked. All of it runs in the
screen's loop.
"""

from __future__ import annotations

import time
from typing import Protocol

from chat_tui.errors import NoRoom, UsageError
from chat_tui.events import Loaded, PromptProgress, StopReason, TurnEnded, TurnFailed
from chat_tui.language import _
from chat_tui.session.chat import Chat
from chat_tui.ui import busy
from chat_tui.ui.lookout import Lookout
from chat_tui.ui.making_room import MakingRoom
from chat_tui.ui.place import Place
from chat_tui.ui.progress import Progress
from chat_tui.ui.said import Said
from chat_tui.ui.turn_worker import Asked, Turn, TurnBatch
from chat_tui.ui.widgets.approval import ApprovalCard
from chat_tui.ui.widgets.cards import ErrorCard, Notice
from chat_tui.ui.widgets.turn_view import TurnView


class Turns:
    """The turns that the worker was given, and the views that show them."""

    def __init__(self) -> None:
        self.views: dict[Turn, TurnView] = {}
        self.active: Turn | None = None
        """The turn that the user waits for; what was stopped may still be winding down."""
        self.loading: Turn | None = None
        """The turn in which the model is being loaded."""

    @property
    def active_view(self) -> TurnView | None:
        """What shows the turn that the user waits for."""
        return self.views.get(self.active) if self.active else None

    def begin(self, turn: Turn, view: TurnView) -> None:
        """The user waits for this turn, which ``view`` shows."""
        self.active = turn
        self.views[turn] = view

    def thinking(self) -> tuple[Turn, TurnView]:
        """The turn that is reasoning now. Raises UsageError."""
        view = self.active_view
        if self.active is None or view is None or not view.is_thinking:
            raise UsageError(_("Nothing is being reasoned about."))
        return self.active, view


class Around(Protocol):
    """The talk that this belongs to."""

    @property
    def lookout(self) -> Lookout:
        """Reads ahead."""

    @property
    def room(self) -> MakingRoom:
        """Sees to a context that fills up."""

    @property
    def progress(self) -> Progress:
        """What is happening now."""

    async def over(self) -> None:
        """A turn is over."""

    async def put_waiting(self) -> bool:
        """Put the question that waits; False where none does."""


class Hearing:
    """Draws what the worker tells of."""

    def __init__(self, around: Around, chat: Chat, place: Place, turns: Turns, said: Said) -> None:
        self._around = around
        self._chat = chat
        self._place = place
        self._turns = turns
        self._said = said
        self._mentioned = ""

    async def take_in(self, batch: TurnBatch) -> None:
        """Draw a batch of events."""
        now, turns = time.monotonic(), self._turns
        view = turns.views.get(batch.turn)
        if view is not None and view.is_attached:
            view.tools, view.pages = self._chat.tools, self._said.pages
            view.model = self._chat.engine.model
            await view.apply(batch.events, now)
        for event in batch.events:
            if isinstance(event, PromptProgress):
                self._around.lookout.reads(event)
            if isinstance(event, Loaded):
                await self._loaded(event)
            if batch.turn in (turns.active, turns.loading):
                self._around.progress.on(event, now)
            if isinstance(event, TurnFailed) and batch.turn is turns.loading and not turns.active:
                # A waiting question tries again by itself and would say the same.
                await self._place.transcript.note(ErrorCard(event.error))
            if isinstance(event, TurnEnded | TurnFailed):
                await self._finish(batch.turn, view, event)

    async def ask(self, asked: Asked) -> ApprovalCard | None:
        """Show a call that waits for the user; None where the turn was stopped."""
        view = self._turns.views.get(asked.turn)
        if asked.turn is not self._turns.active or view is None or not view.is_attached:
            asked.inquiry.deny()
            return None
        view.tools = self._chat.tools
        self._around.progress.waits(asked.inquiry.request.call.recipient)
        self._place.show_progress()
        return await view.ask(asked.inquiry)

    async def settled(self) -> None:
        """The user has answered."""
        if view := self._turns.active_view:
            self._around.progress.answered()
            await view.settle(answered=True)

    def tick(self) -> None:
        """Time has passed."""
        if view := self._turns.active_view:
            view.tick(time.monotonic())

    async def _loaded(self, event: Loaded) -> None:
        """Name the model, and say what is to be known of how it was loaded, once."""
        model, header = event.model, self._place.header
        header.model, header.device, header.host = model.name, model.device, model.host
        if model.note and model.note != self._mentioned:
            self._mentioned = model.note
            await self._place.transcript.note(Notice(model.note))
        self._place.line.take_back((str(busy.loading()),))
        self._around.lookout.look()

    async def _finish(
        self, turn: Turn, view: TurnView | None, event: TurnEnded | TurnFailed
    ) -> None:
        """A turn is over, maybe long after it was stopped."""
        around, transcript = self._around, self._place.transcript
        self._turns.views.pop(turn, None)
        await around.room.finished(turn, view, event)
        if isinstance(event, TurnFailed) and isinstance(event.error, NoRoom):
            await around.room.refused(turn, view)
        elif view is not None and view.replaces:
            nothing_came = not view.has_answer
            await transcript.settle(view)
            if nothing_came and isinstance(event, TurnFailed):
                await transcript.note(ErrorCard(event.error))
        if turn is not self._turns.active:
            await around.over()
            return
        self._turns.active = None
        await around.over()
        around.progress.used = self._chat.context_used
        if isinstance(event, TurnEnded) and self._was_cut_by_context(event):
            around.room.cut()
        if not await around.put_waiting():
            around.lookout.look()

    def _was_cut_by_context(self, event: TurnEnded) -> bool:
        model = self._chat.engine.model
        cut = event.reason is StopReason.LENGTH
        return cut and model is not None and model.is_filled_by(event.usage)
