"""One conversation on the screen: what is asked, what comes back, what waits.

Knows the chat, the worker and the widgets; must not know commands, keys or themes. Its handlers
own all that changes; the worker only posts.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from chat_tui.conversation import Effort, ResponseFormat
from chat_tui.errors import ChatError, UsageError
from chat_tui.events import Loaded, PromptProgress, TurnEnded, TurnFailed
from chat_tui.session.chat import Chat
from chat_tui.settings import ReasoningView
from chat_tui.ui.lookout import Lookout
from chat_tui.ui.progress import Progress
from chat_tui.ui.turn_worker import Priced, Turn, TurnBatch, TurnWorker
from chat_tui.ui.widgets.cards import ErrorCard, Notice
from chat_tui.ui.widgets.composer import Composer
from chat_tui.ui.widgets.effort import EffortControl
from chat_tui.ui.widgets.find import FindBar
from chat_tui.ui.widgets.header import Header
from chat_tui.ui.widgets.line import Line
from chat_tui.ui.widgets.status import StatusLine
from chat_tui.ui.widgets.transcript import Transcript
from chat_tui.ui.widgets.turn_view import TurnView

WELCOME = """\
The model runs on this machine and nothing leaves it.
Ctrl+T how much it reasons · Ctrl+O shows the reasoning · F1 the rest"""
TITLE_CHARACTERS = 200
TICK_SECONDS = 0.25


class ChatPane(Widget):
    """Header, transcript, composer and status line of one chat."""

    DEFAULT_CSS = """
    ChatPane {
        layout: vertical; height: 1fr; width: 1fr;
        & > #frame { height: auto; margin: 0 1; }
        & > #frame > Composer { border: round $secondary; border-bottom: none; padding: 0 1; }
        & > #frame:focus-within > Composer { border: round $primary; border-bottom: none; }
        & > #frame:focus-within > EffortControl { color: $primary; }
    }
    """

    def __init__(self, chat: Chat, reasoning: ReasoningView, notes: Sequence[Widget] = ()) -> None:
        super().__init__()
        self._chat = chat
        self._reasoning = reasoning
        self._notes = notes
        self._progress = Progress()
        self._turns: dict[Turn, TurnView] = {}
        self._active: Turn | None = None
        """The turn that the user waits for; what was stopped may still be winding down."""
        self._loading: Turn | None = None
        self._mentioned = ""
        self._down = False

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        transcript = Transcript(self._reasoning)
        yield Header()
        yield transcript
        yield FindBar(transcript)
        yield Line()
        with Vertical(id="frame"):
            yield Composer()
            yield EffortControl()
        yield StatusLine()

    async def on_mount(self) -> None:
        """Paint first, then load."""
        self._worker = TurnWorker(self._chat, self.post_message, asyncio.get_running_loop())
        self._timer = self.set_interval(TICK_SECONDS, self._tick, pause=True)
        self._lookout = Lookout(self, self._worker.look_ahead)
        self.query_one(EffortControl).effort = self._chat.effort
        self.composer.focus()
        for note in (Notice(WELCOME), *self._notes):
            await self.transcript.note(note)
        self.call_after_refresh(self._load)

    def on_unmount(self) -> None:
        """Leave no thread at work."""
        self.shut_down()

    def shut_down(self) -> None:
        """Stop the worker; what it still posts is not drawn. Safe to call twice."""
        if not self._down:
            self._down = True
            self._worker.close()

    @property
    def composer(self) -> Composer:
        """Where the user writes."""
        return self.query_one(Composer)

    @property
    def transcript(self) -> Transcript:
        """What was said."""
        return self.query_one(Transcript)

    @property
    def draft(self) -> str:
        """What is being written, with what its placeholders stand for."""
        return self.composer.whole_text

    @property
    def may_look_ahead(self) -> bool:
        """Whether no answer is on its way."""
        return self._active is None and not self._down

    @property
    def effort(self) -> Effort:
        """How much the model reasons from the next question on."""
        return self._chat.effort

    @effort.setter
    def effort(self, effort: Effort) -> None:
        self._chat.effort = self.query_one(EffortControl).effort = effort
        self._lookout.look()

    def set_form(self, form: ResponseFormat | None) -> None:
        """Set the form of the answers from the next question on; None leaves them free."""
        self._chat.response_format = form
        self.query_one(StatusLine).form = form.name if form else ""
        self._lookout.look()

    def say(self, text: str) -> None:
        """Show a line above the composer until something else is written."""
        self._line.say(text, self.composer.text)

    async def tell(self, problem: ChatError) -> None:
        """Show an error that belongs to no turn."""
        await self.transcript.note(ErrorCard(problem))

    async def send(self, text: str) -> None:
        """Put a question, or let it wait for the answer that is being written.

        Raises UsageError where one waits already.
        """
        if self._active is None:
            await self._ask(text)
        elif self._line.waiting:
            raise UsageError("One message is waiting already.", "Up takes it back to edit it.")
        else:
            self._line.queue(text, self.composer.text)

    async def regenerate(self, effort: Effort | None = None) -> None:
        """Answer the last question anew, at the level that is set or at ``effort``.

        Raises UsageError.
        """
        if self._active is not None:
            raise UsageError("An answer is on its way.", "Esc stops it.")
        last = self.transcript.last_turn
        if last is None:
            raise UsageError("There is no question to answer anew.")
        effort = effort or self._chat.effort
        view = await self.transcript.again(last, effort, is_json=self._wants_json)
        self._wait_for(self._worker.regenerate(effort), view)

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
        """Let reasoning that goes in circles go on."""
        if self._active:
            await self._turns[self._active].withdraw_offer()

    async def stop(self) -> bool:
        """Stop the answer and keep what came; the input is free at once. False if none runs."""
        turn, self._active = self._active, None
        if turn is None:
            return False
        self._progress.stop()
        if turn.withdraw():
            # Nothing has begun: the question goes back to where it came from.
            view = self._turns.pop(turn)
            await (self.transcript.settle(view) if view.replaces else view.remove())
            if turn.text:
                self.composer.put_before(turn.text)
        else:
            await self._turns[turn].stop()
        self._take_back()
        self._lookout.look()
        self._show_progress()
        return True

    async def new_chat(self) -> None:
        """Begin a fresh conversation; what runs is stopped."""
        await self.stop()
        self._worker.new()
        self._lookout.look()
        self._turns.clear()
        self._progress.used = 0
        self.query_one(Header).title = ""
        await self.transcript.clear()
        await self.transcript.note(Notice(WELCOME))
        self._show_progress()

    async def on_turn_batch(self, batch: TurnBatch) -> None:
        """Draw what the worker tells of."""
        batch.stop()
        if self._down or not self.is_attached:
            return
        now = time.monotonic()
        view = self._turns.get(batch.turn)
        if view is not None and view.is_attached:
            view.version, view.model = self._chat.version, self._chat.engine.model
            await view.apply(batch.events, now)
        for event in batch.events:
            if isinstance(event, PromptProgress):
                self._lookout.reads(event)
            if isinstance(event, Loaded):
                header = self.query_one(Header)
                header.model, header.device = event.model.name, event.model.device
                await self._mention(event.model.note)
                self._lookout.look()
            if batch.turn in (self._active, self._loading):
                self._progress.on(event, now)
            if isinstance(event, TurnFailed) and batch.turn is self._loading and not self._active:
                # A waiting question tries again by itself and would say the same.
                await self.tell(event.error)
            if isinstance(event, TurnEnded | TurnFailed):
                await self._finish(batch.turn, view, event)
        self._show_progress()

    def on_priced(self, message: Priced) -> None:
        """What the next question has to read is known; look again when that should be done."""
        message.stop()
        self._lookout.saw(message.cost)
        self._show_progress()

    def on_composer_recall(self) -> None:
        """The queued message is wanted back, else the history."""
        if not self._take_back():
            self.composer.walk(-1)

    def on_text_area_changed(self) -> None:
        """Writing clears the line, except where something waits; a long draft is read early."""
        self._line.written(self.composer.text)
        self._lookout.drafted()

    def on_find_bar_closed(self) -> None:
        """Back to writing."""
        self.composer.focus()

    async def _mention(self, note: str) -> None:
        """Say what is to be known of how the model was loaded, once."""
        if note and note != self._mentioned:
            self._mentioned = note
            await self.transcript.note(Notice(note))

    def _load(self) -> None:
        self._loading = self._worker.load()

    async def _ask(self, text: str) -> None:
        header = self.query_one(Header)
        header.title = header.title or text[:TITLE_CHARACTERS]
        effort = self._chat.effort
        view = await self.transcript.begin(text, effort, is_json=self._wants_json)
        self._wait_for(self._worker.ask(text), view)

    def _wait_for(self, turn: Turn, view: TurnView) -> None:
        self.say("")
        self._active = turn
        self._turns[turn] = view
        self._lookout.begin()
        self._progress.begin()
        self._show_progress()

    async def _finish(
        self, turn: Turn, view: TurnView | None, event: TurnEnded | TurnFailed
    ) -> None:
        """A turn is over, maybe long after it was stopped."""
        if view is not None and view.replaces:
            failed = isinstance(event, TurnFailed) and not view.has_answer
            await self.transcript.settle(view)
            if failed and isinstance(event, TurnFailed):
                await self.tell(event.error)
        if turn is not self._active:
            return
        self._active = None
        self._progress.used = self._chat.context_used
        if waiting := self._line.take():
            await self._ask(waiting)
        else:
            self._lookout.look()

    def _thinking(self) -> tuple[Turn, TurnView]:
        """The turn that is reasoning now. Raises UsageError."""
        view = self._turns.get(self._active) if self._active else None
        if self._active is None or view is None or not view.is_thinking:
            raise UsageError("Nothing is being reasoned about.")
        return self._active, view

    @property
    def _wants_json(self) -> bool:
        return self._chat.response_format is not None

    @property
    def _line(self) -> Line:
        return self.query_one(Line)

    def _take_back(self) -> bool:
        if text := self._line.take():
            self.composer.put_before(text)
        return bool(text)

    def _tick(self) -> None:
        if self._active and (view := self._turns.get(self._active)):
            view.tick(time.monotonic())
        self._show_progress()

    def _show_progress(self) -> None:
        status, progress = self.query_one(StatusLine), self._progress
        phase = progress.describe(time.monotonic())
        ahead = "" if self._active or phase != "ready" else self._lookout.text
        status.phase, status.rate = ahead or phase, progress.rate()
        status.used, status.total = progress.used, progress.total
        if self._active:
            self._timer.resume()
        else:
            self._timer.pause()
