"""The app: which key, command, click or palette entry does what; colours; the last guard.

Knows the pane, the commands and the themes; must not know the engine, the turn's events or files
other than themes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.events import Key
from textual.filter import LineFilter
from textual.screen import Screen

from chat_tui.conversation import Effort
from chat_tui.errors import SettingsError, UsageError
from chat_tui.session.chat import Chat
from chat_tui.settings import ReasoningView
from chat_tui.ui import commands, themes
from chat_tui.ui.keys import teach_alt_enter
from chat_tui.ui.line_filter import ControlFilter
from chat_tui.ui.pane import ChatPane
from chat_tui.ui.widgets.cards import Notice
from chat_tui.ui.widgets.composer import Composer
from chat_tui.ui.widgets.document import Chunk
from chat_tui.ui.widgets.effort import EffortControl
from chat_tui.ui.widgets.help import HelpScreen
from chat_tui.untrusted import clean, clean_line

TWICE_SECONDS = 2.0
"""Two Ctrl+C within this time quit."""


class ChatApp(App[int]):
    """One conversation on the whole screen.

    ``remember`` keeps a choice (``reasoning``, ``effort``, ``theme``) for the next start;
    ``user_themes`` is a folder of more themes; ``notice`` is shown once at the top.
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
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (8, "-low"), (20, "-roomy")]  # noqa: RUF012 - so in Textual
    CSS = """
    Screen { background: $background; color: $foreground; }
    .-tiny Header, .-tiny StatusLine { display: none; }
    .-tiny Transcript { padding: 0; }
    .-tiny #line { max-height: 1; }
    .-tiny Composer { max-height: 3; }
    .-low Composer { max-height: 5; }
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
        teach_alt_enter()
        self._pane = ChatPane(chat, reasoning)
        self._reasoning = reasoning
        self._remember = remember
        self._notice = notice
        self._interrupted_at = float("-inf")
        self._control_filter = ControlFilter()
        self._themes = themes.load_themes(themes.folders(user_themes))
        for found in self._themes.found.values():
            self.register_theme(found)
        self._unknown_theme = "" if theme in self.available_themes else theme
        self.theme = themes.DEFAULT if self._unknown_theme else theme

    def compose(self) -> ComposeResult:
        """Nothing but the pane."""
        yield self._pane

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, and the guard against control characters behind them."""
        return [*super().get_line_filters(), self._control_filter]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers."""
        del screen
        yield SystemCommand("New conversation", "Ctrl+N", self.action_new_chat)
        for level in Effort:
            choose = partial(self.choose_effort, level)
            yield SystemCommand(f"Effort: {level}", "How much the model reasons", choose)
        yield SystemCommand("Reasoning", "Folded, shown, hidden", self.action_cycle_reasoning)
        yield SystemCommand("Copy the last answer", "Ctrl+Y", self.action_copy_answer)
        yield SystemCommand("Theme", "Other colours", self.action_change_theme)
        yield SystemCommand("Help", "F1", self.action_help)
        yield SystemCommand("Quit", "Ctrl+Q", self.action_leave)

    async def on_mount(self) -> None:
        """Say what could not be used of the settings."""
        self.theme_changed_signal.subscribe(self, lambda theme: self._remember("theme", theme.name))
        if self._notice:
            await self._pane.transcript.note(Notice(self._notice))
        for problem in self._themes.problems:
            await self._pane.tell(problem)
        if self._unknown_theme:
            name = clean_line(self._unknown_theme)
            hint = f"Using {themes.DEFAULT}; /theme lists the others."
            await self._pane.tell(SettingsError(f"There is no theme '{name}'.", hint))

    async def on_composer_sent(self, message: Composer.Sent) -> None:
        """A command runs, a message goes to the model; what cannot be sent is not lost."""
        text, composer = message.text, self._pane.composer
        composer.clear_all()
        try:
            command = commands.find(text.rstrip())
            if command:
                command[0].run(self, command[1])
            else:
                await self._pane.send(text)
            composer.remember(text)
        except UsageError as error:
            composer.put(text)
            self._pane.say(str(error))

    # What commands ask for.

    @property
    def theme_names(self) -> Sequence[str]:
        """Ours first."""
        own = self._themes.found
        return [*own, *(name for name in self.available_themes if name not in own)]

    def action_help(self) -> None:
        """Open the help screen."""
        rows = [(f"/{c.names[0]} {c.usage}".strip(), c.does) for c in commands.COMMANDS]
        self.push_screen(HelpScreen(rows))

    def action_new_chat(self) -> None:
        """Begin a fresh conversation; what runs is stopped."""
        self.call_later(self._pane.new_chat)

    def choose_effort(self, effort: Effort) -> None:
        """Set how much the model reasons from the next question on."""
        self._pane.effort = effort
        self._remember("effort", effort)

    def choose_theme(self, name: str) -> None:
        """Set the colours."""
        self.theme = name

    def action_leave(self) -> None:
        """End the program."""
        self._pane.shut_down()
        self.exit(0)

    async def action_quit(self) -> None:
        """Textual's own name for it."""
        self.action_leave()

    # What keys and clicks do.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of the chat do nothing while another screen is in front."""
        del parameters
        own = ("stop", "cycle_", "new_chat", "copy_answer", "help", "scroll_")
        return not (action.startswith(own) and self.screen.is_modal)

    async def action_stop(self) -> None:
        """Stop the answer and keep what came."""
        if not await self._pane.stop():
            self._pane.say("")

    async def action_interrupt(self) -> None:
        """Copy the selection, else stop; twice quits."""
        selected = self.screen.get_selected_text() or self._pane.composer.selected_text
        now = time.monotonic()
        if selected:
            self.copy_to_clipboard(clean(selected))
            self.screen.clear_selection()
            self._pane.say("Copied.")
        elif now - self._interrupted_at < TWICE_SECONDS:
            self.action_leave()
        else:
            self._interrupted_at = now
            await self._pane.stop()
            self._pane.say("Ctrl+C again quits.")

    def action_cycle_effort(self) -> None:
        """The next level."""
        self.choose_effort(self._pane.effort.next())

    def action_cycle_reasoning(self) -> None:
        """Folded, shown, hidden."""
        self._reasoning = self._reasoning.next()
        self._remember("reasoning", self._reasoning)
        self._pane.transcript.set_view(self._reasoning)
        self._pane.say(f"Reasoning is {self._reasoning}.")

    def action_copy_answer(self) -> None:
        """Put the last answer on the clipboard."""
        answer = self._pane.transcript.last_answer
        if answer:
            self.copy_to_clipboard(clean(answer))
        self._pane.say("The last answer is copied." if answer else "There is no answer yet.")

    def action_scroll_transcript(self, pages: int) -> None:
        """Page through the transcript."""
        transcript = self._pane.transcript
        scroll = transcript.scroll_page_up if pages < 0 else transcript.scroll_page_down
        scroll(animate=False)

    def on_key(self, event: Key) -> None:
        """Whatever has the focus, writing goes to the composer."""
        if event.is_printable and event.character and not self.screen.is_modal:
            self._pane.composer.focus()
            self._pane.composer.insert(event.character)

    def on_composer_quit(self) -> None:
        """Ctrl+D on nothing."""
        self.action_leave()

    def on_effort_control_chosen(self, message: EffortControl.Chosen) -> None:
        """A level was clicked."""
        self.choose_effort(message.effort)

    def on_chunk_link_clicked(self, message: Chunk.LinkClicked) -> None:
        """Nothing is opened: the address is shown and copied."""
        self.copy_to_clipboard(message.address)
        self._pane.say(f"Copied, not opened: {message.address}")
