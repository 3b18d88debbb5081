"""The app around the chat's screen: colours, the palette, the last guard, the end.

Knows the screen and the themes; must not know what is on the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.filter import LineFilter
from textual.screen import Screen
from textual.widget import Widget

from chat_tui.conversation import Effort
from chat_tui.errors import SettingsError, StoreError
from chat_tui.key_settings import BoundKeys
from chat_tui.keys import COMMANDS, Where
from chat_tui.session.chat import Chat
from chat_tui.session.shelf import Shelf
from chat_tui.settings import ReasoningView
from chat_tui.ui import commands, themes
from chat_tui.ui.chat_screen import ChatScreen
from chat_tui.ui.keys import action, bind, keymap, place_of, teach_alt_enter
from chat_tui.ui.line_filter import ControlFilter
from chat_tui.ui.models.desk import Models
from chat_tui.ui.widgets.cards import ErrorCard, Notice
from chat_tui.ui.widgets.help import HelpScreen
from chat_tui.untrusted import clean_line


class ChatApp(App[int], inherit_bindings=False):
    """One conversation on the whole screen.

    ``remember`` keeps a choice (``reasoning``, ``effort``, ``theme``) for the next start;
    ``user_themes`` is a folder of more themes; ``notice`` is shown once at the top. What is said
    is kept on ``shelf``; ``unkept`` tells why there is none. ``models`` gives others to talk to,
    ``examine`` what is right and wrong with the installation.
    """

    TITLE = "chat-tui"
    BINDINGS: ClassVar[list[BindingType]] = bind("interrupt", "help", "leave")
    """What works behind every screen; Textual's own are left out, so that they can be others."""
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (8, "-low"), (20, "-roomy")]  # noqa: RUF012 - so in Textual
    CSS = """
    Screen { background: $background; color: $foreground; }
    .-tiny Header, .-tiny StatusLine { display: none; }
    .-tiny Transcript { padding: 0; }
    .-tiny Line { max-height: 1; }
    .-tiny Composer { max-height: 3; }
    .-low Composer { max-height: 5; }
    .-low Line { max-height: 3; }
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
        shelf: Shelf | None = None,
        unkept: StoreError | None = None,
        models: Models | None = None,
        examine: Callable[[int], str] | None = None,
        keys: BoundKeys | None = None,
    ) -> None:
        super().__init__()
        keys = keys or BoundKeys()
        self.key_table = keys.table
        self._bindings.key_to_bindings.pop(self.COMMAND_PALETTE_BINDING, None)  # the chat's own is
        self.set_keymap(keymap(keys.changed))
        self.animation_level = "none"
        teach_alt_enter()
        self._remember = remember
        self.examine = examine
        self._control_filter = ControlFilter()
        self._themes = themes.load_themes(themes.folders(user_themes))
        for found in self._themes.found.values():
            self.register_theme(found)
        known = theme in self.available_themes
        self.theme = theme if known else themes.DEFAULT
        notes: list[Widget] = [Notice(notice)] if notice else []
        notes += map(ErrorCard, keys.problems)
        notes += map(ErrorCard, self._themes.problems)
        if not known:
            name = clean_line(theme)
            hint = f"Using {themes.DEFAULT}; /theme lists the others."
            notes.append(ErrorCard(SettingsError(f"There is no theme '{name}'.", hint)))
        self._chat_screen = ChatScreen(
            chat, self, reasoning, remember, notes, shelf, unkept, models
        )

    def get_default_screen(self) -> Screen[None]:
        """The chat."""
        return self._chat_screen

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, and the guard against control characters behind them."""
        return [*super().get_line_filters(), self._control_filter]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers: every key of the chat, and what else needs no words."""
        del screen
        chat = self._chat_screen
        for id_, key in self.key_table.items():
            if key.where is Where.CHAT and id_ != "palette":
                title = f"{key.does[0].upper()}{key.does[1:]}"
                yield SystemCommand(title, key.shown, partial(chat.run_action, action(id_)))
        for level in Effort:
            choose = partial(chat.desk.choose_effort, level)
            yield SystemCommand(f"Effort: {level}", "How much the model reasons", choose)
        for command in COMMANDS.values():
            if not command.key and not command.needs_words:
                title = f"{command.does[0].upper()}{command.does[1:]}"
                run = partial(chat.attempt, commands.RUN[command.name])
                yield SystemCommand(title, command.shown, run)
        yield SystemCommand("Theme", "Other colours", self.action_change_theme)

    def on_mount(self) -> None:
        """Keep a theme that is chosen."""
        self.theme_changed_signal.subscribe(self, lambda theme: self._remember("theme", theme.name))

    @property
    def theme_names(self) -> Sequence[str]:
        """Ours first."""
        own = self._themes.found
        return [*own, *(name for name in self.available_themes if name not in own)]

    def choose_theme(self, name: str) -> None:
        """Set the colours."""
        self.theme = name

    def leave(self) -> None:
        """End the program."""
        self._chat_screen.pane.shut_down()
        self.exit(0)

    async def action_interrupt(self) -> None:
        """Whatever is in front: twice quits."""
        await self._chat_screen.action_interrupt()

    async def action_help(self) -> None:
        """The keys and commands, those of where one is first; again closes it."""
        if isinstance(self.screen, HelpScreen):
            self.pop_screen()
        else:
            self.push_screen(HelpScreen(place_of(self.screen.focused or self.screen)))

    def action_leave(self) -> None:
        """Quit at once."""
        self.leave()

    async def action_quit(self) -> None:
        """Textual's own name for it."""
        self.leave()
