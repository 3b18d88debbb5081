"""The app: what is on the screen, which key does what, and who hears of it.

Knows the chat, the worker and the widgets; must not know the engine's insides, files or the
format. Handlers own all widget state; the worker only posts.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.filter import LineFilter
from textual.screen import Screen
from textual.widgets import Static

from chat_tui.conversation import Effort
from chat_tui.errors import SettingsError, UsageError
from chat_tui.events import Loaded, TurnEnded, TurnFailed
from chat_tui.session.chat import Chat
from chat_tui.settings import ReasoningView
from chat_tui.ui import commands, themes
from chat_tui.ui.line_filter import ControlFilter
from chat_tui.ui.progress import Progress
from chat_tui.ui.turn_worker import Turn, TurnBatch, TurnWorker
from chat_tui.ui.widgets.cards import ErrorCard, Notice
from chat_tui.ui.widgets.composer import Composer
from chat_tui.ui.widgets.document import Chunk
from chat_tui.ui.widgets.effort import EffortControl
from chat_tui.ui.widgets.header import Header
from chat_tui.ui.widgets.help import HelpScreen
from chat_tui.ui.widgets.status import StatusLine
from chat_tui.ui.widgets.transcript import Transcript
from chat_tui.ui.widgets.turn_view import TurnView
from chat_tui.untrusted import clean, clean_line

WELCOME = """\
The model runs on this machine and nothing leaves it.
Ctrl+T how much it reasons · Ctrl+O shows the reasoning · F1 the rest"""
TWICE_SECONDS = 2.0
"""Two Ctrl+C within this time quit."""


class ChatApp(App[int]):
    """One conversation on the whole screen.

    ``remember`` keeps a choice (``reasoning``, ``effort``, ``theme``) for the next start;
    ``notice`` is shown once at the top.
    """

    TITLE = "chat-tui"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stop", "Stop", show=False),
        Binding("ctrl+c", "interrupt", "Copy, stop or quit", show=False, priority=True),
        Binding("ctrl+t", "cycle_effort", "Effort", show=False, priority=True),
        Binding("ctrl+o", "cycle_reasoning", "Reasoning", show=False, priority=True),
        Binding("ctrl+n", "new_chat", "New conversation", show=False, priority=True),
        Binding("ctrl+y", "copy_answer", "Copy the last answer", show=False, priority=True),
        Binding("f1", "help", "Help", show=False, priority=True),
        Binding("pageup", "scroll_transcript(-1)", show=False),
        Binding("pagedown", "scroll_transcript(1)", show=False),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (8, "-roomy")]  # noqa: RUF012 - so in Textual
    CSS = """
    Screen { background: $background; color: $foreground; }
    #line { height: auto; max-height: 3; padding: 0 2; color: $text-muted; display: none; }
    #frame {
        height: auto; margin: 0 1;
        & > Composer, & > Composer:focus {
            border: round $secondary; border-bottom: none; padding: 0 1;
        }
        &:focus-within > Composer { border: round $primary; border-bottom: none; }
        &:focus-within > EffortControl { color: $primary; }
    }
    .-tiny Header, .-tiny StatusLine { display: none; }
    """

    def __init__(
        self,
        chat: Chat,
        *,
        reasoning: ReasoningView = ReasoningView.FOLDED,
        theme: str = themes.DEFAULT,
        remember: Callable[[str, str], None] = lambda _key, _value: None,
        user_themes: Path | None = None,
        notice: str = "",
    ) -> None:
        super().__init__()
        self.animation_level = "none"
        self._chat = chat
        self._reasoning = reasoning
        self._remember = remember
        self._notice = notice
        self._progress = Progress()
        self._turns: dict[Turn, TurnView] = {}
        self._active: Turn | None = None
        self._loading: Turn | None = None
        self._queued = ""
        self._interrupted_at = float("-inf")
        self._control_filter = ControlFilter()
        self._themes = themes.load_themes(themes.folders(user_themes))
        for found in self._themes.found.values():
            self.register_theme(found)
        self._unknown_theme = "" if theme in self.available_themes else theme
        self.theme = themes.DEFAULT if self._unknown_theme else theme

    # What is on the screen.

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield Header()
        yield Transcript(self._reasoning)
        yield Static(id="line", markup=False)
        with Vertical(id="frame"):
            yield Composer()
            yield EffortControl()
        yield StatusLine()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, and the guard against control characters behind them."""
        return [*super().get_line_filters(), self._control_filter]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers."""
        del screen
        yield SystemCommand("New conversation", "Ctrl+N", self.new_chat)
        for level in Effort:
            yield SystemCommand(
                f"Effort: {level}", "How much the model reasons", partial(self.choose_effort, level)
            )
        yield SystemCommand("Reasoning", "Folded, shown, hidden", self.action_cycle_reasoning)
        yield SystemCommand("Copy the last answer", "Ctrl+Y", self.action_copy_answer)
        yield SystemCommand("Theme", "Other colours", self.action_change_theme)
        yield SystemCommand("Help", "F1", self.show_help)
        yield SystemCommand("Quit", "Ctrl+Q", self.leave)

    async def on_mount(self) -> None:
        """Paint first, then load."""
        self._worker = TurnWorker(self._chat, self.post_message, asyncio.get_running_loop())
        self._timer = self.set_interval(0.25, self._tick, pause=True)
        self.theme_changed_signal.subscribe(self, lambda theme: self._remember("theme", theme.name))
        self.query_one(EffortControl).effort = self._chat.effort
        self.query_one(Composer).focus()
        transcript = self.query_one(Transcript)
        await transcript.note(Notice(WELCOME))
        if self._notice:
            await transcript.note(Notice(self._notice))
        for problem in self._themes.problems:
            await transcript.note(ErrorCard(problem))
        if self._unknown_theme:
            name = clean_line(self._unknown_theme)
            problem = SettingsError(f"There is no theme '{name}'.", "/theme lists them.")
            await transcript.note(ErrorCard(problem))
        self.call_after_refresh(self._load)

    def on_unmount(self) -> None:
        """Leave no thread at work."""
        self._worker.close()

    # One turn.

    def _load(self) -> None:
        self._loading = self._worker.load()
        self._show_progress()

    async def on_composer_sent(self, message: Composer.Sent) -> None:
        """A command runs, a message goes to the model or waits its turn."""
        text, composer = message.text, self.query_one(Composer)
        try:
            command = commands.find(text.strip())
            if command is None and self._active and self._queued:
                raise UsageError("One message is waiting already.", "Up takes it back to edit it.")
            composer.clear_all()
            composer.remember(text)
            if command:
                command[0].run(self, command[1])
            elif self._active:
                self._queue(text)
            else:
                await self._ask(text)
        except UsageError as error:
            composer.put(text)
            self.say(str(error))

    async def _ask(self, text: str) -> None:
        header = self.query_one(Header)
        header.title = header.title or text[:200]
        self.say("")
        view = await self.query_one(Transcript).begin(text, self._chat.effort)
        self._active = self._worker.ask(text)
        self._turns[self._active] = view
        self._progress.begin()
        self._show_progress()

    def _queue(self, text: str) -> None:
        self._queued = text
        shown = clean_line(text[:200])
        self.say(f"Queued: {shown}\nUp takes it back, Esc stops the answer." if text else "")

    async def on_turn_batch(self, batch: TurnBatch) -> None:
        """Draw what the worker tells of."""
        now = time.monotonic()
        view = self._turns.get(batch.turn)
        if view is not None:
            await view.apply(batch.events, now)
        for event in batch.events:
            if isinstance(event, Loaded):
                header = self.query_one(Header)
                header.model, header.device = event.model.name, event.model.device
            if batch.turn in (self._active, self._loading):
                self._progress.on(event, now)
            if isinstance(event, TurnFailed) and batch.turn is self._loading and not self._active:
                # A waiting question tries again by itself and would say the same.
                await self.query_one(Transcript).note(ErrorCard(event.error))
            if isinstance(event, TurnEnded | TurnFailed) and batch.turn is self._active:
                await self._finish()
        self._show_progress()

    async def _finish(self) -> None:
        self._active = None
        self._progress.used = self._chat.context_used
        if self._queued:
            text = self._queued
            self._queue("")
            await self._ask(text)

    async def action_stop(self) -> None:
        """Stop the answer and keep what came; the input is free at once."""
        turn, self._active = self._active, None
        if turn is None:
            self.say("")
            return
        self._progress.stop()
        composer = self.query_one(Composer)
        if turn.withdraw():
            # Nothing has begun: the question goes back to where it came from.
            await self._turns.pop(turn).remove()
            composer.put_before(turn.text)
        else:
            await self._turns[turn].stop()
        self._take_back()
        self._show_progress()

    def on_composer_recall(self) -> None:
        """The queued message is wanted back, else the history."""
        if not self._take_back():
            self.query_one(Composer).walk(-1)

    def _take_back(self) -> bool:
        text = self._queued
        if text:
            self._queue("")
            self.query_one(Composer).put_before(text)
        return bool(text)

    # What commands, keys and clicks do.

    @property
    def theme_names(self) -> Sequence[str]:
        """Ours first."""
        own = self._themes.found
        return [*own, *(name for name in self.available_themes if name not in own)]

    def show_help(self) -> None:
        """Open the help screen."""
        rows = [(f"/{c.names[0]} {c.usage}".strip(), c.does) for c in commands.COMMANDS]
        self.push_screen(HelpScreen(rows))

    def new_chat(self) -> None:
        """Begin a fresh conversation; what runs is stopped."""
        self.call_later(self.action_new_chat)

    def choose_effort(self, effort: Effort) -> None:
        """Set how much the model reasons from the next question on."""
        self._chat.effort = self.query_one(EffortControl).effort = effort
        self._remember("effort", effort)

    def choose_theme(self, name: str) -> None:
        """Set the colours."""
        self.theme = name

    def say(self, text: str) -> None:
        """Show a line above the composer until something else is written."""
        line = self.query_one("#line", Static)
        line.update(Content(clean(text)))
        line.display = bool(text)

    def leave(self) -> None:
        """End the program."""
        self.exit(0)

    async def action_new_chat(self) -> None:
        """Begin a fresh conversation; what runs is stopped."""
        await self.action_stop()
        self._worker.new()
        self._turns.clear()
        self._progress.used = 0
        self.query_one(Header).title = ""
        await self.query_one(Transcript).clear()
        self._show_progress()

    def action_help(self) -> None:
        """Open the help screen."""
        self.show_help()

    def action_cycle_effort(self) -> None:
        """The next level."""
        self.choose_effort(self._chat.effort.next())

    def action_cycle_reasoning(self) -> None:
        """Folded, shown, hidden."""
        self._reasoning = self._reasoning.next()
        self._remember("reasoning", self._reasoning)
        self.query_one(Transcript).set_view(self._reasoning)
        self.say(f"Reasoning is {self._reasoning}.")

    def action_copy_answer(self) -> None:
        """Put the last answer on the clipboard."""
        answer = self.query_one(Transcript).last_answer
        if answer:
            self.copy_to_clipboard(clean(answer))
        self.say("The last answer is copied." if answer else "There is no answer yet.")

    def action_scroll_transcript(self, pages: int) -> None:
        """Page through the transcript."""
        transcript = self.query_one(Transcript)
        (transcript.scroll_page_up if pages < 0 else transcript.scroll_page_down)(animate=False)

    async def action_interrupt(self) -> None:
        """Copy the selection, else stop; twice quits."""
        composer = self.query_one(Composer)
        selected = self.screen.get_selected_text() or composer.selected_text
        if selected:
            self.copy_to_clipboard(clean(selected))
            self.screen.clear_selection()
            self.say("Copied.")
            return
        now = time.monotonic()
        if now - self._interrupted_at < TWICE_SECONDS:
            self.leave()
        self._interrupted_at = now
        await self.action_stop()
        self.say("Ctrl+C again quits.")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of the chat do nothing while another screen is in front."""
        del parameters
        own = ("stop", "cycle_", "new_chat", "copy_answer", "help", "scroll_")
        return not (action.startswith(own) and self.screen.is_modal)

    def on_key(self, event: Key) -> None:
        """Whatever has the focus, writing goes to the composer."""
        composer = self.query_one(Composer)
        if event.is_printable and event.character and not self.screen.is_modal:
            composer.focus()
            composer.insert(event.character)

    def on_composer_quit(self) -> None:
        """Ctrl+D on nothing."""
        self.leave()

    def on_effort_control_chosen(self, message: EffortControl.Chosen) -> None:
        """A level was clicked."""
        self.choose_effort(message.effort)

    def on_chunk_link_clicked(self, message: Chunk.LinkClicked) -> None:
        """Nothing is opened: the address is shown and copied."""
        self.copy_to_clipboard(message.address)
        self.say(f"Copied, not opened: {message.address}")

    def on_text_area_changed(self) -> None:
        """Writing clears the line, except where something waits."""
        if not self._queued:
            self.say("")

    def _tick(self) -> None:
        if self._active and (view := self._turns.get(self._active)):
            view.tick(time.monotonic())
        self._show_progress()

    def _show_progress(self) -> None:
        now = time.monotonic()
        status, progress = self.query_one(StatusLine), self._progress
        status.phase, status.rate = progress.describe(now), progress.rate()
        status.used, status.total = progress.used, progress.total
        if self._active:
            self._timer.resume()
        else:
            self._timer.pause()
