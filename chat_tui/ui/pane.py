"""One conversation on the screen: where its parts stand, and what they tell each other.

Knows the widgets; must not know commands, keys or themes. What is asked and what comes back is
the talk's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

from chat_tui.conversation import Effort, ResponseFormat
from chat_tui.errors import ChatError
from chat_tui.session.gate import Choice
from chat_tui.settings import ToolMode
from chat_tui.ui.branches import Branches
from chat_tui.ui.busy import waits
from chat_tui.ui.composer.area import LabelledArea
from chat_tui.ui.composer.choices import Choices
from chat_tui.ui.composer.completion import Arguments
from chat_tui.ui.composer.counting import CountWanted, count
from chat_tui.ui.endings import is_done
from chat_tui.ui.front import welcome
from chat_tui.ui.furniture import Furniture
from chat_tui.ui.manners import CALM_SECONDS, Calls
from chat_tui.ui.talk import Talk
from chat_tui.ui.turn_worker import BATCH_SECONDS, Asked, Priced, TurnBatch, TurnWorker
from chat_tui.ui.widgets.approval import ApprovalCard
from chat_tui.ui.widgets.cards import Notice
from chat_tui.ui.widgets.chooser import Chooser
from chat_tui.ui.widgets.composer import Composer
from chat_tui.ui.widgets.effort import EffortControl
from chat_tui.ui.widgets.find import FindBar
from chat_tui.ui.widgets.frame import Frame
from chat_tui.ui.widgets.header import Header
from chat_tui.ui.widgets.line import Line
from chat_tui.ui.widgets.room import RoomCard
from chat_tui.ui.widgets.status import StatusLine
from chat_tui.ui.widgets.transcript import Transcript

TICK_SECONDS = 0.25
IDLE_SECONDS = 1.5
"""Without a key in the composer for so long nobody is writing there."""


class ChatPane(Widget):
    """Header, transcript, composer and status line of one chat.

    ``notes`` stand at the top.
    """

    DEFAULT_CSS = """
    ChatPane { layout: vertical; height: 1fr; width: 1fr; }
    """

    class Up(Message):
        """All of it is there."""

    talk: Talk
    branches: Branches
    """There, like the talk, once the pane is on the screen."""

    def __init__(
        self,
        furniture: Furniture,
        notes: Sequence[Widget] = (),
    ) -> None:
        super().__init__()
        self._chat = furniture.chat
        self._title = furniture.shelf.title if furniture.shelf else ""
        self._reasoning = furniture.reasoning
        self._private = furniture.private
        self._notes = notes
        self._down = self._calm = False
        self.arguments: Arguments = lambda _command: ()
        """The words that may follow a command."""
        self.is_up = False
        """Whether keys find what they work on."""
        self._wrote_at = float("-inf")
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        transcript = Transcript(self._reasoning)
        yield Header()
        yield transcript
        yield FindBar(transcript)
        yield Chooser()
        yield Line()
        composer = Composer()
        composer.completion.arguments = self.arguments
        with Frame():
            yield composer.completion.choices
            yield composer
            yield EffortControl()
        yield StatusLine()

    async def on_mount(self) -> None:
        """Paint first, then load."""
        worker = TurnWorker(self._chat, self.post_message, asyncio.get_running_loop())
        self._worker = worker
        self.talk = Talk(self._chat, self, worker)
        self.branches = Branches(self._chat, self, self.talk, worker)
        self.is_up = True
        self.set_calm(self._calm)
        self.query_one(EffortControl).effort = self._chat.effort
        self.show_mode()
        self.composer.focus()
        for note in (self._welcome(), *self._notes):
            await self.transcript.note(note)
        self.header.private = self._private
        self.header.title, self.header.host = self._title, self._chat.engine.host
        await self.talk.show_history()
        self.call_after_refresh(self.talk.load)
        self.post_message(self.Up())

    def on_unmount(self) -> None:
        """Leave no thread at work."""
        self.shut_down()

    def shut_down(self) -> None:
        """Stop the worker; what it still posts is not drawn. Safe to call twice."""
        if not self._down:
            self._down = True
            self.talk.close()

    @property
    def is_down(self) -> bool:
        """Whether it has been shut down."""
        return self._down

    @property
    def header(self) -> Header:
        """The line that says what this is about."""
        return self.query_one(Header)

    @property
    def transcript(self) -> Transcript:
        """What was said."""
        return self.query_one(Transcript)

    @property
    def line(self) -> Line:
        """What is said now, and what waits."""
        return self.query_one(Line)

    @property
    def chooser(self) -> Chooser:
        """What can be done with the message that is chosen."""
        return self.query_one(Chooser)

    @property
    def composer(self) -> Composer:
        """Where the user writes."""
        return self.query_one(Composer)

    @property
    def effort(self) -> Effort:
        """How much the model reasons from the next question on."""
        return self._chat.effort

    @effort.setter
    def effort(self, effort: Effort) -> None:
        self.query_one(EffortControl).effort = effort
        self.talk.set_effort(effort)

    def show_mode(self) -> None:
        """Show what tools may do."""
        tools = self._chat.tools
        self.header.tools = "" if tools is None else str(tools.mode)
        self.header.unasked = tools is not None and tools.unasked

    def set_mode(self, mode: ToolMode) -> None:
        """Set what tools may do, from the next call on."""
        self.talk.set_mode(mode)
        self.show_mode()

    def set_form(self, form: ResponseFormat | None) -> None:
        """Set the form of the answers from the next question on; None leaves them free."""
        self.query_one(StatusLine).form = form.name if form else ""
        self.talk.set_form(form)

    def set_calm(self, calm: bool) -> None:
        """Whether what changes by itself is drawn seldom."""
        self._calm = calm
        if self.is_up:
            self._worker.pause = CALM_SECONDS if calm else BATCH_SECONDS
            if self._timer is not None:
                self._timer.stop()
            pause = CALM_SECONDS if calm else TICK_SECONDS
            self._timer = self.set_interval(pause, self._tick, pause=not self.talk.is_busy)

    def say(self, text: str) -> None:
        """Show a line above the composer until something else is written."""
        self.line.say(text, self.composer.text)

    def say_for(self, seconds: float, text: str) -> None:
        """Show a line that is true for so long only."""
        self.say(text)
        self.set_timer(seconds, lambda: self.line.take_back((text,)))

    async def new_chat(self) -> None:
        """Begin a fresh conversation; what runs is stopped."""
        await self.talk.begin_anew()
        self.branches.reset()
        await self.transcript.note(self._welcome())
        self.show_progress()

    async def turn_to(self, work: Callable[[], str]) -> None:
        """Go on with the conversation that ``work`` leads to; see ``Talk.turn_to``."""
        await self.talk.turn_to(work)
        self.branches.reset()
        self.effort = self._chat.effort
        if not self._chat.conversation.messages:
            await self.transcript.note(self._welcome())
        self.show_progress()

    def show_progress(self) -> None:
        """Draw what is happening now."""
        status, progress = self.query_one(StatusLine), self.talk.progress
        status.phase, status.rate = self.talk.phase, progress.rate()
        status.used, status.total = progress.used, progress.total
        status.meter = self.talk.gauge.meter
        self.query_one(EffortControl).is_answering = self.talk.is_busy
        if self._timer is not None:
            (self._timer.resume if self.talk.is_busy else self._timer.pause)()

    async def on_turn_batch(self, batch: TurnBatch) -> None:
        """Draw what the worker tells of."""
        batch.stop()
        if self.is_attached and not self._down:
            await self.talk.take_in(batch)
            if is_done(batch.events):
                self.post_message(Calls())

    async def on_asked(self, message: Asked) -> None:
        """A call waits for the user: the card gets the focus only if nobody is writing."""
        message.stop()
        if not self.is_attached or self._down:
            message.inquiry.deny()
            return
        card = await self.talk.hearing.ask(message)
        if card is None:
            return
        self.post_message(Calls())
        idle = time.monotonic() - self._wrote_at >= IDLE_SECONDS
        if idle and not self.composer.text and self.screen.focused in (self.composer, None):
            card.focus(scroll_visible=False)
        else:
            self.say(waits())
        self.transcript.anchor()

    async def on_approval_card_settled(self, message: ApprovalCard.Settled) -> None:
        """The user has answered: back to writing."""
        message.stop()
        await self.talk.settled(stop=message.reply.choice is Choice.STOP)
        self.composer.focus()
        self.transcript.anchor()
        # It may have been asked about again meanwhile.
        self.say(waits() if self.query(ApprovalCard) else "")

    def on_approval_card_wrote(self, message: ApprovalCard.Wrote) -> None:
        """What was typed on a card is meant for the composer."""
        message.stop()
        self.composer.focus()
        self.composer.insert_bounded(message.text)

    async def on_room_card_chosen(self, message: RoomCard.Chosen) -> None:
        """A way of making room was chosen."""
        message.stop()
        try:
            await self.talk.room.choose(message.id)
        except ChatError as error:
            self.say(str(error))

    def go_to_card(self) -> bool:
        """Give the card that waits the focus; False where none does."""
        for card in (*self.query(ApprovalCard), *self.query(RoomCard)):
            card.focus()
            self.say("")
            self.transcript.scroll_to_widget(card, animate=False)
            return True
        return False

    def on_priced(self, message: Priced) -> None:
        """What the next question has to read is known."""
        message.stop()
        if self.is_attached and not self._down:
            self.talk.priced(message)

    def on_composer_recall(self) -> None:
        """The queued message is wanted back, else the history."""
        if not self.talk.take_back():
            self.composer.go(-1)

    def on_text_area_changed(self) -> None:
        """Writing clears the line, except where something waits; a long draft is read early."""
        # Whoever has sent a message is not writing: a card that comes at once gets the focus.
        self._wrote_at = time.monotonic() if self.composer.text else float("-inf")
        for card in self.query(ApprovalCard):
            card.written()
        self.line.written(self.composer.text)
        self.talk.drafted()

    def on_labelled_area_said(self, message: LabelledArea.Said) -> None:
        """Something is to be known of what is written."""
        message.stop()
        self.say(message.text)

    def on_choices_clicked(self, message: Choices.Clicked) -> None:
        """What was clicked is taken."""
        message.stop()
        self.composer.focus()
        self.composer.completion.take()

    def on_count_wanted(self, message: CountWanted) -> None:
        """The tokens of a file or a paste are wanted."""
        message.stop()
        self.run_worker(count(message, self._chat, self._worker.do), group="counts")

    def on_find_bar_closed(self) -> None:
        """Back to writing."""
        self.composer.focus()

    def _welcome(self) -> Notice:
        return Notice(welcome(self._chat.engine.host, private=self._private))

    def _tick(self) -> None:
        self.talk.hearing.tick()
        self.show_progress()
