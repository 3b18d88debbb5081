"""What is asked, what comes back, and what waits: the course of one conversation.

Knows the chat, the worker and the transcript; must not know commands, keys, themes or how the
screen is laid out. Its methods are called in the screen's loop only; the worker only posts.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from textual.timer import Timer

from chat_tui.conversation import Effort, ResponseFormat, Role
from chat_tui.engine.protocol import Engine
from chat_tui.errors import NoRoom, UsageError
from chat_tui.events import Loaded, PromptProgress, StopReason, TurnEnded, TurnFailed
from chat_tui.session.chat import Chat
from chat_tui.session.switching import switch
from chat_tui.session.versions import turns
from chat_tui.settings import ToolMode
from chat_tui.store.titles import title_of
from chat_tui.ui import going_on, making_room
from chat_tui.ui.lookout import Lookout
from chat_tui.ui.past import Past, past
from chat_tui.ui.progress import Progress
from chat_tui.ui.turn_worker import Asked, Priced, Turn, TurnBatch, TurnWorker
from chat_tui.ui.widgets.approval import ApprovalCard
from chat_tui.ui.widgets.cards import ErrorCard, Notice
from chat_tui.ui.widgets.composer import Composer
from chat_tui.ui.widgets.header import Header
from chat_tui.ui.widgets.line import Line
from chat_tui.ui.widgets.transcript import Transcript
from chat_tui.ui.widgets.turn_view import TurnView


class Place(making_room.Place, Protocol):
    """The part of the screen where the conversation is held."""

    @property
    def header(self) -> Header:
        """The line that says what this is about."""

    @property
    def transcript(self) -> Transcript:
        """What was said."""

    @property
    def line(self) -> Line:
        """What is said now, and what waits."""

    @property
    def composer(self) -> Composer:
        """Where the user writes."""

    def set_timer(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Call back after so many seconds."""

    def show_progress(self) -> None:
        """Draw what is happening now."""


async def _nothing() -> None:
    """Nobody has to know."""


async def _unheard(_: TurnBatch) -> None:
    """Nobody listens."""


_MANY = 20
"""Turns that are drawn below others one by one; of more, only those near the reader."""


class Talk:
    """One conversation with one model, as it goes on."""

    def __init__(self, chat: Chat, place: Place, worker: TurnWorker) -> None:
        self._chat = chat
        self._place = place
        self._worker = worker
        self._lookout = Lookout(self, worker.look_ahead)
        self.room = making_room.MakingRoom(self, chat, place, worker)
        self.progress = Progress()
        self._turns: dict[Turn, TurnView] = {}
        self._active: Turn | None = None
        """The turn that the user waits for; what was stopped may still be winding down."""
        self._loading: Turn | None = None
        self._mentioned = ""
        self._turning: object | None = None
        """The change to another conversation that is under way."""
        self.set_timer = place.set_timer
        self.changed: Callable[[], Awaitable[None]] = _nothing
        """Called when a turn is over, or the conversation another."""
        self.heard: Callable[[TurnBatch], Awaitable[None]] = _unheard
        """Called with what the worker tells, once it is drawn."""

    @property
    def is_busy(self) -> bool:
        """Whether the user waits for an answer."""
        return self._active is not None

    @property
    def may_look_ahead(self) -> bool:
        """Whether nothing else is going on."""
        return self._active is None

    @property
    def reads_ahead(self) -> bool:
        """Whether the model reads ahead before anything is written."""
        return self._chat.reads_ahead

    @property
    def draft(self) -> str:
        """What is being written, with what its placeholders stand for."""
        return self._place.composer.whole_text

    @property
    def phase(self) -> str:
        """What is happening now, or what the next question has to read first."""
        phase = self.progress.describe(time.monotonic())
        return self._lookout.text or phase if phase == "ready" and not self.is_busy else phase

    async def show_history(self, first: int = 0) -> None:
        """Draw what was said before, from the turn number ``first`` on, below what is there."""
        header, effort = self._place.header, self._chat.effort
        said = [past(turn, effort) for turn in turns(self._chat.conversation.messages)]
        if first and len(said) - first > _MANY:
            await self._place.transcript.cut(0)
            first = 0
        said = said[first:]
        for turn in said if not header.title else ():
            header.title = header.title or title_of(turn.question)
        await self._place.transcript.recall(said, self._dress, self._pages)
        await self._after()

    def load(self) -> None:
        """Bring the model into memory."""
        self._loading = self._worker.load()

    def watch(self, turn: Turn) -> None:
        """The model is being loaded again in this turn."""
        self._loading = turn

    async def switch(self, engine: Engine) -> Turn:
        """Go on with another model; what runs is stopped and kept, what loads is given up."""
        await self.stop()
        if self._loading is not None:
            self._loading.cancel.set()
        self._loading = self._worker.play(lambda turn: switch(self._chat, engine, turn.cancel))
        return self._loading

    def recount(self) -> None:
        """What the model sees of the conversation has changed."""
        self.progress.used = self._chat.context_used
        self._lookout.look()
        self._place.show_progress()

    def set_effort(self, effort: Effort) -> None:
        """Set how much the model reasons from the next question on."""
        self._chat.effort = effort
        self._lookout.look()

    def set_form(self, form: ResponseFormat | None) -> None:
        """Set the form of the answers from the next question on; None leaves them free."""
        self._chat.response_format = form
        self._lookout.look()

    def drafted(self) -> None:
        """The draft has changed."""
        self._lookout.drafted()

    async def send(self, text: str) -> None:
        """Put a question, or let it wait for the answer that is being written.

        Raises UsageError where one waits already.
        """
        self._stays()
        if self._active is None:
            await self._ask(text)
        elif self._place.line.waiting:
            raise UsageError("One message is waiting already.", "Up takes it back to edit it.")
        else:
            self._place.line.queue(text, self._place.composer.text)

    async def regenerate(self, effort: Effort | None = None) -> None:
        """Answer the last question anew, at the level that is set or at ``effort``.

        Raises UsageError.
        """
        if self._active is not None:
            raise UsageError("An answer is on its way.", "Esc stops it.")
        self._stays()
        last = self._place.transcript.last_turn
        if last is None:
            raise UsageError("There is no question to answer anew.")
        effort = effort or self._chat.effort
        view = await self._place.transcript.again(last, effort, is_json=self.wants_json)
        self.wait_for(self._worker.regenerate(effort), view)

    def answer_now(self) -> None:
        """End the reasoning that runs. Raises UsageError where none does."""
        turn, _view = self._thinking()
        turn.cancel.hurry()

    async def lower_effort(self) -> None:
        """Ask the same again at the level below. Raises UsageError where that cannot be."""
        _turn, view = self._thinking()
        lower = view.effort.less()
        if lower is None:
            raise UsageError("low is the least effort.", "Ctrl+S ends the reasoning.")
        await self.stop()
        await self.regenerate(lower)

    async def go_on(self) -> None:
        """Let reasoning that goes in circles go on, or an answer that was cut off.

        Raises UsageError.
        """
        if self._active is None or not await self._turns[self._active].withdraw_offer():
            self._stays()
            await going_on.resume(self, self._chat, self._worker, self._place.transcript)

    async def stop(self) -> bool:
        """Stop the answer and keep what came; the input is free at once. False if none runs."""
        turn, self._active = self._active, None
        if turn is None:
            return False
        self.progress.stop()
        if turn.withdraw():
            # Nothing has begun: the question goes back to where it came from.
            view = self._turns.pop(turn)
            if turn.resumes:
                await view.stop()
            else:
                await (self._place.transcript.settle(view) if view.replaces else view.remove())
            if turn.text:
                self._place.composer.put_before(turn.text)
            await self._after()
        else:
            await self._turns[turn].stop()
        self.take_back()
        self._lookout.look()
        self._place.show_progress()
        return True

    async def begin_anew(self) -> None:
        """Leave the conversation for a fresh one; what runs is stopped."""
        await self.stop()
        self._turning = None
        self._worker.new()
        self._lookout.look()
        self._turns.clear()
        self.progress.used = 0
        self._place.header.title = ""
        await self._place.transcript.clear()

    async def turn_to(self, work: Callable[[], str]) -> None:
        """Leave the conversation: ``work`` leads the chat to another, whose title it gives.

        What runs is stopped and kept. Raises what ``work`` raises; the conversation then stays.
        """
        await self.stop()
        self._turning = turning = object()
        try:
            title = await self._worker.do(work)
            if self._turning is not turning:
                return  # another one has been asked for meanwhile
            self._turns.clear()
            self.progress.used = self._chat.context_used
            self._place.header.title = title
            await self._place.transcript.clear()
            await self.show_history()
        finally:
            if self._turning is turning:
                self._turning = None
        self._lookout.look()

    async def take_in(self, batch: TurnBatch) -> None:
        """Draw what the worker tells of."""
        now = time.monotonic()
        view = self._turns.get(batch.turn)
        if view is not None and view.is_attached:
            view.tools, view.pages = self._chat.tools, self._pages
            view.model = self._chat.engine.model
            await view.apply(batch.events, now)
        for event in batch.events:
            if isinstance(event, PromptProgress):
                self._lookout.reads(event)
            if isinstance(event, Loaded):
                await self._loaded(event)
            if batch.turn in (self._active, self._loading):
                self.progress.on(event, now)
            if isinstance(event, TurnFailed) and batch.turn is self._loading and not self._active:
                # A waiting question tries again by itself and would say the same.
                await self._place.transcript.note(ErrorCard(event.error))
            if isinstance(event, TurnEnded | TurnFailed):
                await self._finish(batch.turn, view, event)
        await self.heard(batch)
        self._place.show_progress()

    async def ask(self, asked: Asked) -> ApprovalCard | None:
        """Show a call that waits for the user; None where the turn was stopped."""
        view = self._turns.get(asked.turn)
        if asked.turn is not self._active or view is None or not view.is_attached:
            asked.inquiry.deny()
            return None
        view.tools = self._chat.tools
        self.progress.waits(asked.inquiry.request.call.recipient or "a tool")
        self._place.show_progress()
        return await view.ask(asked.inquiry)

    async def settled(self, stop: bool) -> None:
        """The user has answered; ``stop`` ends the turn too."""
        if self._active and (view := self._turns.get(self._active)):
            self.progress.answered()
            await view.settle(answered=True)
        if stop:
            await self.stop()

    def set_mode(self, mode: ToolMode) -> None:
        """Set what tools may do, from the next call on."""
        if self._chat.tools is not None:
            self._chat.tools.mode = mode
            self._lookout.look()

    def retold(self) -> None:
        """What the model is told has changed."""
        self._lookout.look()

    def priced(self, message: Priced) -> None:
        """What the next question has to read is known."""
        self._lookout.saw(message.cost)
        if self._chat.conversation.nodes and not self.is_busy:
            # Of a conversation of an earlier time nobody knew it before.
            self.progress.used = self.progress.used or message.cost.total
        self.room.priced(message.cost)
        self._place.show_progress()

    def take_back(self) -> bool:
        """Give the message that waits back to the user; False where none does."""
        if text := self._place.line.take():
            self._place.composer.put_before(text)
        return bool(text)

    def tick(self) -> None:
        """Time has passed."""
        if self._active and (view := self._turns.get(self._active)):
            view.tick(time.monotonic())

    def close(self) -> None:
        """Stop the worker and look no more."""
        self._lookout.stop()
        self._worker.close()

    async def _after(self) -> None:
        """A turn is over, or the conversation another."""
        await self.changed()
        going_on.offer(self, self._chat, self._worker, self._place.transcript)

    def _stays(self) -> None:
        """Raise UsageError while another conversation is being opened."""
        if self._turning is not None:
            raise UsageError("Another conversation is being opened.", "It takes a moment.")

    async def _ask(self, text: str) -> None:
        header, effort = self._place.header, self._chat.effort
        header.title = header.title or title_of(text)
        view = await self._place.transcript.begin(text, effort, is_json=self.wants_json)
        self.wait_for(self._worker.ask(text), view)

    def wait_for(self, turn: Turn, view: TurnView) -> None:
        """The user waits for this turn, which ``view`` shows."""
        self._place.line.say("", self._place.composer.text)
        self._active = turn
        self._turns[turn] = view
        going_on.offer(self, self._chat, self._worker, self._place.transcript)
        self._lookout.begin()
        self.progress.begin()
        self._place.show_progress()

    async def _loaded(self, event: Loaded) -> None:
        """Name the model, and say what is to be known of how it was loaded, once."""
        model, header = event.model, self._place.header
        header.model, header.device = model.name, model.device
        if model.note and model.note != self._mentioned:
            self._mentioned = model.note
            await self._place.transcript.note(Notice(model.note))
        self._lookout.look()

    async def _finish(
        self, turn: Turn, view: TurnView | None, event: TurnEnded | TurnFailed
    ) -> None:
        """A turn is over, maybe long after it was stopped."""
        await self.room.finished(turn, view, event)
        if isinstance(event, TurnFailed) and isinstance(event.error, NoRoom):
            await self.room.refused(turn, view)
        elif view is not None and view.replaces:
            nothing_came = not view.has_answer
            await self._place.transcript.settle(view)
            if nothing_came and isinstance(event, TurnFailed):
                await self._place.transcript.note(ErrorCard(event.error))
        if turn is not self._active:
            await self._after()
            return
        self._active = None
        await self._after()
        self.progress.used = self._chat.context_used
        if isinstance(event, TurnEnded) and self._was_cut_by_context(event):
            self.room.cut()
        if waiting := self._place.line.take():
            await self._ask(waiting)
        else:
            self._lookout.look()

    def _was_cut_by_context(self, event: TurnEnded) -> bool:
        model = self._chat.engine.model
        cut = event.reason is StopReason.LENGTH
        return cut and model is not None and model.is_filled_by(event.usage)

    def _thinking(self) -> tuple[Turn, TurnView]:
        """The turn that is reasoning now. Raises UsageError."""
        view = self._turns.get(self._active) if self._active else None
        if self._active is None or view is None or not view.is_thinking:
            raise UsageError("Nothing is being reasoned about.")
        return self._active, view

    def _dress(self, view: TurnView, turn: Past) -> None:
        """Tell a view of an earlier turn what it has to know."""
        del turn
        view.tools, view.pages = self._chat.tools, self._pages

    def _pages(self) -> tuple[str, ...]:
        """What the browser has said in this conversation."""
        return tuple(
            message.content
            for message in self._chat.conversation.messages
            if message.role is Role.TOOL and (message.name or "").startswith("browser")
        )

    @property
    def wants_json(self) -> bool:
        """Whether the next answer has a form."""
        return self._chat.response_format is not None
