"""What is asked and what waits: the course of one conversation.

Knows the chat, the worker and the transcript; must not know commands, keys, themes or how the
screen is laid out. What comes back is drawn by ``hearing``, what was said before by ``said``. Its
methods are called in the screen's loop only; the worker only posts.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable

from chat_tui.conversation import Effort, ResponseFormat
from chat_tui.engine.protocol import Engine
from chat_tui.errors import UsageError
from chat_tui.events import LoadProgress, TurnEvent
from chat_tui.language import _
from chat_tui.session.chat import Chat
from chat_tui.session.switching import switch
from chat_tui.settings import ToolMode
from chat_tui.store.titles import title_of
from chat_tui.ui import busy, going_on
from chat_tui.ui.gauge import Gauge
from chat_tui.ui.hearing import Hearing, Turns
from chat_tui.ui.keys import key_name
from chat_tui.ui.lookout import Lookout
from chat_tui.ui.making_room import MakingRoom
from chat_tui.ui.place import Place
from chat_tui.ui.progress import Progress
from chat_tui.ui.said import Said
from chat_tui.ui.turn_worker import Priced, Result, Turn, TurnBatch, TurnWorker
from chat_tui.ui.widgets.turn_view import TurnView


async def _nothing() -> None:
    """Nobody has to know."""


class Talk:
    """One conversation with one model, as it goes on."""

    def __init__(self, chat: Chat, place: Place, worker: TurnWorker) -> None:
        self._chat = chat
        self._place = place
        self._worker = worker
        self._turns = Turns()
        self._said = Said(chat, place)
        self.lookout = Lookout(self, worker.look_ahead)
        self.room = MakingRoom(self, chat, place, worker)
        self.gauge = Gauge(chat, place, worker, lambda: self.draft)
        self.progress = Progress()
        self.hearing = Hearing(self, chat, place, self._turns, self._said)
        self._phase = ""
        self._turning: object | None = None
        """The change to another conversation that is under way."""
        self.set_timer = place.set_timer
        self.changed: Callable[[], Awaitable[None]] = _nothing
        """Called when a turn is over, or the conversation another."""
        self.heard: list[Callable[[TurnBatch], Awaitable[None]]] = []
        """All are called with what the worker tells, once it is drawn."""

    @property
    def is_busy(self) -> bool:
        """Whether the user waits for an answer."""
        return self._turns.active is not None

    @property
    def may_look_ahead(self) -> bool:
        """Whether nothing else is going on."""
        return self._turns.active is None

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
        return self.lookout.text or phase if phase == "ready" and not self.is_busy else phase

    @property
    def wants_json(self) -> bool:
        """Whether the next answer has a form."""
        return self._chat.response_format is not None

    # -- the model, and on what terms it is asked

    def load(self) -> None:
        """Bring the model into memory."""
        if self._chat.engine.model is None:
            # The process that holds it takes a moment before it tells anything.
            self.progress.on(LoadProgress(0.0), time.monotonic())
            self._place.show_progress()
        self._turns.loading = self._worker.load()

    def watch(self, turn: Turn) -> None:
        """The model is being loaded again in this turn."""
        self._turns.loading = turn

    async def switch(self, engine: Engine) -> Turn:
        """Go on with another model; what runs is stopped and kept, what loads is given up."""
        await self.stop()
        if self._turns.loading is not None:
            self._turns.loading.cancel.set()
        self._turns.loading = self._worker.play(
            lambda turn: switch(self._chat, engine, turn.cancel)
        )
        return self._turns.loading

    def recount(self) -> None:
        """What the model sees of the conversation has changed."""
        self.progress.used = self._chat.context_used
        going_on.offer(self, self._chat, self._worker, self._place.transcript)
        self.lookout.look()
        self._place.show_progress()

    def set_effort(self, effort: Effort) -> None:
        """Set how much the model reasons from the next question on."""
        self._chat.effort = effort
        self.lookout.look()

    def set_form(self, form: ResponseFormat | None) -> None:
        """Set the form of the answers from the next question on; None leaves them free."""
        self._chat.response_format = form
        self.lookout.look()

    def drafted(self) -> None:
        """The draft has changed."""
        self.lookout.drafted()

    def set_mode(self, mode: ToolMode) -> None:
        """Set what tools may do, from the next call on."""
        if self._chat.tools is not None:
            self._chat.tools.mode = mode
            self.lookout.look()

    def retold(self) -> None:
        """What the model is told has changed."""
        self.lookout.look()

    # -- asking

    async def send(self, text: str) -> None:
        """Put a question, or let it wait for the answer that is being written."""
        self._stays()
        if self._turns.active is None:
            await self._ask(text)
        else:
            self._place.line.queue(text, self._place.composer.text)

    async def regenerate(self, effort: Effort | None = None) -> None:
        """Answer the last question anew, at the level that is set or at ``effort``.

        Raises UsageError.
        """
        level = effort or self._chat.effort
        await self.answer(None, level, lambda turn: self._chat.regenerate(turn.cancel, level))

    async def answer(
        self, text: str | None, effort: Effort, events: Callable[[Turn], Iterable[TurnEvent]]
    ) -> Turn:
        """Put a question, or answer the last one anew (None), as ``events`` does it.

        Raises UsageError.
        """
        if self._turns.active is not None:
            raise busy.answering()
        self._stays()
        transcript, header = self._place.transcript, self._place.header
        if text is None:
            if (last := transcript.last_turn) is None:
                raise UsageError(_("There is no question to answer anew."))
            view = await transcript.again(last, effort, is_json=self.wants_json)
        else:
            header.title = header.title or title_of(text)
            view = await transcript.begin(text, effort, is_json=self.wants_json)
        turn = self._worker.play(events, text or "")
        self.wait_for(turn, view)
        return turn

    def answer_now(self) -> None:
        """End the reasoning that runs. Raises UsageError where none does."""
        turn, _view = self._turns.thinking()
        turn.cancel.hurry()

    async def lower_effort(self) -> None:
        """Ask the same again at the level below. Raises UsageError where that cannot be."""
        _turn, view = self._turns.thinking()
        lower = view.effort.less()
        if lower is None:
            hint = _("{key} ends the reasoning.").format(key=key_name("answer now"))
            raise UsageError(_("low is the least effort."), hint)
        await self.stop()
        await self.regenerate(lower)

    async def go_on(self) -> None:
        """Let reasoning that goes in circles go on, or an answer that was cut off.

        Raises UsageError.
        """
        view = self._turns.active_view
        if view is None or not await view.withdraw_offer():
            self._stays()
            await going_on.resume(self, self._chat, self._worker, self._place.transcript)

    async def stop(self) -> bool:
        """Stop the answer and keep what came; the input is free at once. False if none runs."""
        turn, self._turns.active = self._turns.active, None
        if turn is None:
            return False
        self.progress.stop()
        if turn.withdraw():
            # Nothing has begun: the question goes back to where it came from.
            view = self._turns.views.pop(turn)
            if turn.resumes:
                await view.stop()
            else:
                await (self._place.transcript.settle(view) if view.replaces else view.remove())
            if turn.text:
                self._place.composer.put_before(turn.text)
            await self.over()
        else:
            await self._turns.views[turn].stop()
        if text := self._place.line.take_all():
            self._place.composer.put_before(text)
        self.lookout.look()
        self._place.show_progress()
        return True

    def take_back(self) -> bool:
        """Give the last message that waits back to the user; False where none does."""
        if text := self._place.line.take():
            self._place.composer.put_before(text)
        return bool(text)

    def wait_for(self, turn: Turn, view: TurnView) -> None:
        """The user waits for this turn, which ``view`` shows."""
        self._place.line.say("", self._place.composer.text)
        self._turns.begin(turn, view)
        going_on.offer(self, self._chat, self._worker, self._place.transcript)
        self.lookout.begin()
        self.progress.begin()
        self._place.show_progress()

    async def _ask(self, text: str) -> None:
        await self.answer(text, self._chat.effort, lambda turn: self._chat.ask(text, turn.cancel))

    # -- what comes back

    async def take_in(self, batch: TurnBatch) -> None:
        """Draw what the worker tells of."""
        await self.hearing.take_in(batch)
        for heard in self.heard:
            await heard(batch)
        was, self._phase = self._phase, self.phase
        if self._phase != was or not self.is_busy:
            # Numbers alone come with the tick: each drawing of them costs one of the screen.
            self._place.show_progress()

    async def settled(self, stop: bool) -> None:
        """The user has answered; ``stop`` ends the turn too."""
        await self.hearing.settled()
        if stop:
            await self.stop()

    def priced(self, message: Priced) -> None:
        """What the next question has to read is known."""
        self.lookout.saw(message.cost)
        if self._chat.conversation.nodes and not self.is_busy:
            # Of a conversation of an earlier time nobody knew it before.
            self.progress.used = self.progress.used or message.cost.total
        self.room.priced(message.cost)
        self.gauge.priced(message.cost)
        self._place.show_progress()

    async def over(self) -> None:
        """A turn is over, or the conversation another."""
        await self.changed()
        if not self.is_busy:
            self._place.line.take_back(busy.passing())
        if not self.is_busy and self._worker.is_free:
            await self._said.let_go()
        going_on.offer(self, self._chat, self._worker, self._place.transcript)

    async def put_waiting(self) -> bool:
        """Put the question that waits; False where none does."""
        text = self._place.line.next()
        if text:
            await self._ask(text)
        return bool(text)

    # -- going elsewhere

    async def show_history(self, first: int = 0) -> None:
        """Draw what was said before, from the turn number ``first`` on, below what is there."""
        await self._said.show(first)
        await self.over()

    async def begin_anew(self) -> None:
        """Leave the conversation for a fresh one; what runs is stopped."""
        await self.stop()
        self._turning = None
        self._worker.new()
        self.lookout.look()
        self._turns.views.clear()
        self.progress.elsewhere(0)
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
            self._turns.views.clear()
            self.progress.elsewhere(self._chat.context_used)
            self._place.header.title = title
            await self._place.transcript.clear()
            await self.show_history()
        finally:
            if self._turning is turning:
                self._turning = None
        self.lookout.look()

    async def with_chat(self, work: Callable[[], Result]) -> Result:
        """What ``work`` gives, in the thread that talks to the chat; raises what it raises."""
        return await self._worker.do(work)

    def close(self) -> None:
        """Stop the worker and look no more."""
        self.lookout.stop()
        self._worker.close()

    def _stays(self) -> None:
        """Raise UsageError while another conversation is being opened."""
        if self._turning is not None:
            raise UsageError(_("Another conversation is being opened."), _("It takes a moment."))
