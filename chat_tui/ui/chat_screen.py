"""The screen of the chat: which key, command or click asks for what.

Knows the pane and the table of keys; must not know the engine, the turn's events or colours. Its
keys do nothing while another screen is in front, because they are its own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.css.query import NoMatches, QueryType
from textual.events import Key
from textual.widget import Widget

from chat_tui.errors import ChatError, StoreError
from chat_tui.keys import KEYS, Where
from chat_tui.language import _
from chat_tui.session.shelf import Shelf
from chat_tui.ui import commands
from chat_tui.ui.attentive import AttentiveScreen
from chat_tui.ui.clipboard import copy
from chat_tui.ui.desk import Desk, House
from chat_tui.ui.furniture import Furniture
from chat_tui.ui.history.banner import Banner
from chat_tui.ui.keys import action, bind_all, history_key, key_name, place_of, presses
from chat_tui.ui.pane import ChatPane
from chat_tui.ui.sideways import Sideways
from chat_tui.ui.stepping import first_in_sight
from chat_tui.ui.widgets.chooser import Chooser
from chat_tui.ui.widgets.circles import Choice
from chat_tui.ui.widgets.composer import Composer
from chat_tui.ui.widgets.document import Chunk
from chat_tui.ui.widgets.effort import EffortControl
from chat_tui.ui.widgets.notes import Note, PageScreen
from chat_tui.ui.widgets.turn_view import TurnView

_ACTIONS = {action(id_) for id_, key in KEYS.items() if key.where is Where.CHAT} - {"leave"}
_WRITTEN_FROM = (Where.CHAT, Where.THOUGHT, Where.MESSAGE)
"""Where a letter that is no key of its own is text."""
TWICE_SECONDS = 2.0
"""Two Ctrl+C within this time quit."""
OFFER_SECONDS = 0.5
"""So long the first paint and the model's process have the machine for themselves."""


class ChatScreen(Sideways, AttentiveScreen):
    """One conversation, its keys and its commands; ``notes`` are shown at the top."""

    BINDINGS: ClassVar[list[BindingType]] = bind_all(Where.CHAT)

    def __init__(
        self,
        furniture: Furniture,
        house: House,
        notes: Sequence[Widget] = (),
    ) -> None:
        super().__init__()
        self.pane = ChatPane(furniture, notes)
        self.desk = Desk(furniture, self.pane, house)
        self._shelf = furniture.shelf
        self._banner = Banner(furniture.shelf, furniture.unkept)
        self._interrupted_at = float("-inf")
        self._has_asked = False

    def compose(self) -> ComposeResult:
        """The pane, and above it what is wrong with keeping what is said."""
        yield self._banner
        yield self.pane

    def on_mount(self) -> None:
        """Once all is painted, offer more than the embedded model."""
        if (models := self.desk.models) is not None:
            self.set_timer(OFFER_SECONDS, lambda: self.run_worker(models.offer()))

        if (shelf := self._shelf) is not None:
            self.set_timer(OFFER_SECONDS, lambda: self.run_worker(self._recall(shelf)))

    async def _recall(self, shelf: Shelf) -> None:
        """Let Up walk what was asked at an earlier time too, unless somebody quits meanwhile."""
        with suppress(StoreError, NoMatches):
            earlier = await asyncio.to_thread(shelf.store.questions)
            draft = await asyncio.to_thread(shelf.draft.read)
            self.pane.composer.earlier.before([*earlier, draft])

    def on_unmount(self) -> None:
        """Let no download run on."""
        if self.desk.models is not None:
            self.desk.models.close()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key that comes before the pane is there does nothing; leaving is always possible."""
        if action in _ACTIONS and not self.pane.is_up:
            return False
        return super().check_action(action, parameters)

    async def on_composer_sent(self, message: Composer.Sent) -> None:
        """A command runs, a message goes to the model; what cannot be sent is not lost."""
        text, composer = message.text, self.pane.composer
        try:
            if command := commands.find(text.rstrip()):
                run, words = command
                await run(self.desk, words)
            else:
                await self.pane.branches.send(text)
                self._has_asked = True
            composer.remember(text)
        except ChatError as error:
            composer.put_before(text)
            composer.completion.update()
            composer.completion.choices.show(())  # what was just refused need not be offered
            self.pane.say(str(error))

    def focus_next(self, selector: str | type[QueryType] = "*") -> Widget | None:
        """On to what can be opened: from the composer to the first in sight, not the first of all.

        A call that waits comes before all.
        """
        if self.focused is not self.pane.composer:
            return super().focus_next(selector)
        if not self.pane.go_to_card():
            at = first_in_sight(self.focus_chain, self.pane.transcript)
            self.set_focus(at or self.focused, scroll_visible=False)
        return self.focused

    async def action_stop(self) -> None:
        """Stop the answer and keep what came; where nothing runs, go back, to writing first."""
        models, composer = self.desk.models, self.pane.composer
        if await self.pane.talk.stop() or (models is not None and models.escape()):
            return
        if self.focused not in (composer, None):
            composer.focus()
            return
        with self._saying():
            self.pane.branches.escape(time.monotonic())

    async def action_interrupt(self) -> None:
        """Copy what is selected on the screen in front, else stop; twice quits."""
        front = self.app.screen
        say = getattr(front, "say", self.pane.say)
        selected = front.get_selected_text()
        if front is self:
            selected = selected or self.pane.composer.selected_text
        now = time.monotonic()
        if selected:
            front.clear_selection()
            try:
                say(await copy(self.app, selected, _("the selection")))
            except ChatError as error:
                say(str(error))
        elif now - self._interrupted_at < TWICE_SECONDS:
            self.action_leave()
        else:
            self._interrupted_at = now
            await self.pane.talk.stop()
            said = _("{key} again quits.")
            if self._shelf is not None and self.pane.composer.text:
                said = _("{key} again quits. Next time, {history} brings back what you wrote.")
            again = said.format(key=key_name("interrupt"), history=history_key())
            if front is self:
                self.pane.say_for(TWICE_SECONDS, again)
            else:
                say(again)

    def action_answer_now(self) -> None:
        """End the reasoning and begin the answer."""
        with self._saying():
            self.pane.talk.answer_now()

    async def action_lower_effort(self) -> None:
        """Ask the same again with less effort."""
        with self._saying():
            await self.pane.talk.lower_effort()

    async def action_go_on(self) -> None:
        """Let reasoning that goes in circles go on, or an answer that was cut off."""
        with self._saying():
            await self.pane.talk.go_on()

    async def action_regenerate(self) -> None:
        """Answer the last question, or the one that is chosen, anew."""
        with self._saying():
            await self.pane.branches.anew()

    def action_earlier(self) -> None:
        """Choose an earlier message."""
        with self._saying():
            self.pane.branches.choose(-1)

    def action_later(self) -> None:
        """Choose a later message."""
        with self._saying():
            self.pane.branches.choose(1)

    async def action_older(self) -> None:
        """The version before of a message."""
        with self._saying():
            await self.pane.branches.walk(-1)

    async def action_newer(self) -> None:
        """The next version of a message."""
        with self._saying():
            await self.pane.branches.walk(1)

    async def on_chooser_wanted(self, message: Chooser.Wanted) -> None:
        """Something is to be done with the message that is chosen."""
        with self._saying():
            if message.id == "copy message":
                text = self.pane.branches.chosen_text
                await self.pane.branches.do("back")  # who writes next means no key of the message
                await self.desk.copying.put(text, _("the message"))
            else:
                await self.pane.branches.do(message.id)

    async def on_turn_view_walked(self, message: TurnView.Walked) -> None:
        """An arrow beside a message was clicked."""
        with self._saying():
            await self.pane.branches.walk_turn(message.turn, message.question, message.step)

    def action_effort(self) -> None:
        """The next level."""
        self.desk.choose_effort(self.pane.effort.next())

    def action_reasoning(self) -> None:
        """Folded, shown, hidden."""
        self.desk.next_reasoning()

    async def action_copy(self) -> None:
        """Put the last answer on the clipboard."""
        with self._saying():
            await self.desk.copying.copy("")

    def action_find(self) -> None:
        """Look for something in the conversation."""
        self.desk.find("")

    def action_tools(self) -> None:
        """Ask, read only, off."""
        with self._saying():
            self.desk.tooling.next_mode()

    def action_card(self) -> None:
        """Go to the call that waits."""
        if not self.pane.go_to_card():
            self.pane.say(_("No call waits for you."))

    def action_new(self) -> None:
        """Begin a fresh conversation; what runs is stopped."""
        self.call_later(self.pane.new_chat)

    def action_conversations(self) -> None:
        """Open the list of conversations."""
        with self._saying():
            self.desk.history.show()

    def action_page_up(self) -> None:
        """A page back in the transcript."""
        self.pane.transcript.scroll_page_up(animate=False)

    def action_page_down(self) -> None:
        """A page on in the transcript."""
        self.pane.transcript.scroll_page_down(animate=False)

    async def action_help(self) -> None:
        """Open the help screen."""
        await self.app.run_action("help")

    def action_palette(self) -> None:
        """Open the palette."""
        self.app.action_command_palette()

    def action_leave(self) -> None:
        """End the program."""
        self.desk.leave()

    def shut_down(self) -> None:
        """Keep what was being written, and stop what runs; the program ends."""
        if self._shelf is not None and self.pane.is_up:
            composer, waiting = self.pane.composer, self.pane.line.waiting
            unsent = composer.earlier.unsent(composer.whole_text)
            text = "\n".join(filter(None, (waiting, unsent)))
            self._shelf.draft.leave(text, asked=self._has_asked)
        self.pane.shut_down()

    def follow(self, event: Key) -> None:
        """A key is on its way: if it begins to write, the composer gets it and all that follow.

        Before it is sent anywhere: a space right behind it would open the thought in focus.
        """
        self.attend()
        at = place_of(self.focused or self)
        writes = event.is_printable and at in _WRITTEN_FROM and not presses(event.key, at)
        if writes and self.is_current and self.pane.is_up:
            self.set_focus(self.pane.composer)

    def on_key(self, event: Key) -> None:
        """Whatever has the focus, writing goes to the composer."""
        if event.is_printable and event.character:
            self.set_focus(self.pane.composer)
            self.pane.composer.insert(event.character)

    def on_composer_quit(self) -> None:
        """Ctrl+D on nothing."""
        self.action_leave()

    def on_effort_control_chosen(self, message: EffortControl.Chosen) -> None:
        """A level was clicked."""
        self.desk.choose_effort(message.effort)

    async def on_choice_chosen(self, message: Choice.Chosen) -> None:
        """A choice was clicked: the same as its key."""
        await self.run_action(action(message.id))

    async def on_chunk_copy_requested(self, message: Chunk.CopyRequested) -> None:
        """A code's label was clicked."""
        with self._saying():
            await self.desk.copying.put(message.text, message.what or _("the code"))

    def on_chunk_link_clicked(self, message: Chunk.LinkClicked) -> None:
        """Nothing is opened: the address is shown and copied."""
        self.app.copy_to_clipboard(message.address)
        self.pane.say(_("Copied, not opened: {address}").format(address=message.address))

    def on_note_opened(self, message: Note.Opened) -> None:
        """A footnote's page is wanted."""
        self.app.push_screen(PageScreen(message.reference))

    async def attempt(self, run: commands.Run, words: str = "") -> None:
        """Run a command that nobody has typed."""
        with self._saying():
            await run(self.desk, words)

    @contextmanager
    def _saying(self) -> Iterator[None]:
        """What cannot be done is said above the composer."""
        try:
            yield
        except ChatError as error:
            self.pane.say(str(error))
