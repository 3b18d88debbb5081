"""The app around the chat's screen: colours, the palette, the last guard, the end.

Knows the screen and the themes; must not know what is on the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar, cast

from rich.console import RenderableType
from textual import events
from textual._compositor import CompositorUpdate
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.command import CommandPalette
from textual.driver import Driver
from textual.filter import LineFilter, Monochrome, NoColor
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from chat_tui.conversation import Effort
from chat_tui.errors import SettingsError, StoreError, UsageError
from chat_tui.key_settings import BoundKeys
from chat_tui.keys import COMMANDS, Where
from chat_tui.language import _
from chat_tui.preferences.file import SettingsFile
from chat_tui.session.chat import Chat
from chat_tui.session.shelf import Shelf
from chat_tui.settings import ReasoningView, Settings
from chat_tui.ui import commands, themes
from chat_tui.ui.chat_screen import ChatScreen
from chat_tui.ui.console_glyphs import ConsoleGlyphs, lacks_glyphs
from chat_tui.ui.few_colors import Colors, FewColors, colors_of
from chat_tui.ui.keys import action, bind, keymap, place_of, teach_alt_enter
from chat_tui.ui.line_filter import ControlFilter
from chat_tui.ui.manners import is_calm, notification, rings
from chat_tui.ui.mending import let_go_of_lines
from chat_tui.ui.models.desk import Models
from chat_tui.ui.palette import LEVEL, Palette, titled
from chat_tui.ui.settings.desk import NO_COLORS, WHY_NONE
from chat_tui.ui.sparing import Shown
from chat_tui.ui.widgets.cards import ErrorCard, Notice
from chat_tui.ui.widgets.help import HelpScreen
from chat_tui.untrusted import clean

_GREYS = (Monochrome, NoColor)
"""Textual's answer to NO_COLOR: shades of grey, which are colours."""


class ChatApp(App[int], inherit_bindings=False):
    """One conversation on the whole screen.

    ``remember`` keeps a choice (``reasoning``, ``effort``, ``theme``) for the next start;
    ``user_themes`` is a folder of more themes; ``notice`` is shown once at the top. What is said
    is kept on ``shelf``; ``unkept`` tells why there is none. ``models`` gives others to talk to,
    ``examine`` what is right and wrong with the installation. ``environment`` holds the variables
    that tell of the terminal; without it the terminal can do everything. ``settings`` is the file
    that settings are written to; without it ``remember`` keeps the theme. ``chosen`` tells how
    lively the program is and when it rings, ``private`` that nothing is kept, as the user wants.
    """

    TITLE = "chat-tui"
    BINDINGS: ClassVar[list[BindingType]] = bind("interrupt", "help", "leave")
    """What works behind every screen; Textual's own are left out, so that they can be others."""
    COMMANDS = {Palette}  # noqa: RUF012 - so in Textual
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (8, "-low"), (20, "-roomy")]  # noqa: RUF012 - so in Textual
    CSS = """
    Screen { background: $background; color: $foreground; }
    .-tiny Header, .-tiny StatusLine { display: none; }
    .-tiny Transcript { padding: 0; }
    .-tiny Line { max-height: 1; }
    .-tiny Composer { max-height: 3; }
    .-low Composer { max-height: 5; }
    .-low Line { max-height: 3; }
    ThemesScreen { background: $background 0%; }
    Composer .text-area--placeholder { color: $text-muted; }
    App:ansi ErrorCard, App:ansi ApprovalCard, App:ansi RoomCard, App:ansi Circles {
        background: ansi_default;
    }
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
        environment: Mapping[str, str] | None = None,
        settings: SettingsFile | None = None,
        chosen: Settings | None = None,
        private: bool = False,
    ) -> None:
        super().__init__()
        keys = keys or BoundKeys()
        self.key_table = keys.table
        self._bindings.key_to_bindings.pop(self.COMMAND_PALETTE_BINDING, None)  # the chat's own is
        self.set_keymap(keymap(keys.changed))
        self.animation_level = "none"
        teach_alt_enter()
        let_go_of_lines()
        self.examine = examine
        self._control_filter = ControlFilter()
        self._shown = Shown()
        self._environment = environment or {}
        self.color_range = Colors.MANY
        if environment is not None:
            self.color_range = colors_of(environment, self.console.color_system)
        self.no_color = self.color_range is Colors.NONE
        self.wardrobe = themes.Wardrobe(user_themes)
        notes: list[Widget] = [Notice(notice)] if notice else []
        notes += map(ErrorCard, keys.problems)
        notes += map(ErrorCard, self.wardrobe.problems)
        try:
            self.wear(theme if self.color_range is Colors.MANY else themes.ANSI)
        except SettingsError as error:
            hint = _("Using {theme}; /theme shows the others.").format(theme=themes.DEFAULT)
            notes.append(ErrorCard(SettingsError(error.message, hint)))
            self.wear(themes.DEFAULT)
        self._chat_screen = ChatScreen(
            chat, self, reasoning, remember, notes, shelf, unkept, models, settings
        )
        self._chat_screen.pane.private = private
        self.obey(chosen or Settings())

    def get_driver_class(self) -> type[Driver]:
        """Textual's; on Unix one that knows when the terminal has gone."""
        usual = super().get_driver_class()
        if usual.__name__ != "LinuxDriver":
            return usual
        from chat_tui.ui.terminal import TerminalDriver  # noqa: PLC0415 - there is none on Windows

        return TerminalDriver

    def get_default_screen(self) -> Screen[None]:
        """The chat."""
        return self._chat_screen

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, and the guard against control characters behind them."""
        usual = [each for each in super().get_line_filters() if not isinstance(each, _GREYS)]
        if self.native_ansi_color:
            usual.append(FewColors(colors=not self.no_color))
        if lacks_glyphs(self._environment):
            usual.append(ConsoleGlyphs())
        return [*usual, self._control_filter]

    def _display(
        self, screen: Screen[object], renderable: RenderableType | CompositorUpdate | None
    ) -> None:
        """Textual's, with less to write."""
        if isinstance(renderable, CompositorUpdate):
            renderable = cast("RenderableType", self._shown.sparing(renderable))
        super()._display(screen, renderable)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers: every key of the chat, and what else needs no words."""
        del screen
        chat = self._chat_screen
        for id_, key in self.key_table.items():
            if key.where is Where.CHAT and id_ != "palette":
                run = partial(chat.run_action, action(id_))
                yield SystemCommand(titled(_(key.does)), _(key.shown), run)
        for level in Effort:
            choose = partial(chat.desk.choose_effort, level)
            title = _(LEVEL).format(level=level)
            yield SystemCommand(title, _("How much the model reasons"), choose)
        for command in COMMANDS.values():
            if not command.key and not command.needs_words:
                run = partial(chat.attempt, commands.RUN[command.name])
                yield SystemCommand(titled(_(command.does)), command.shown, run)

    def action_command_palette(self) -> None:
        """Open the palette, with its words in the language of the interface."""
        if not isinstance(self.screen, CommandPalette):
            from chat_tui.ui.palette_screen import PaletteScreen  # noqa: PLC0415 - when it is opened

            self.push_screen(PaletteScreen())

    @property
    def few_colors(self) -> str:
        """Why themes are not drawn as they are; empty where they are."""
        if self.color_range is Colors.SIXTEEN:
            return _(
                "This terminal has 16 colours: it starts with ansi, others are only hinted at."
            )
        return ""

    def wear(self, name: str) -> None:
        """Set the colours, for now. Raises SettingsError, UsageError where there are none."""
        if self.no_color and name != themes.ANSI:
            raise UsageError(_(NO_COLORS), _(WHY_NONE))
        self.register_theme(self.wardrobe.take(name))
        if self.theme == name:
            self.mutate_reactive(ChatApp.theme)
        self.theme = name

    def obey(self, settings: Settings) -> None:
        """Take in what is done another way from now on."""
        self._notify = settings.notify
        self._calm = is_calm(settings.reduced_motion, self._environment)
        self._chat_screen.pane.set_calm(self._calm)

    async def on_event(self, event: events.Event) -> None:
        """What is pasted is cleaned before a field gets it, which would show what is left of it."""
        if isinstance(event, events.Paste) and not event.is_forwarded:
            event.text = clean(event.text)
        if isinstance(event, events.Key) and not event.is_forwarded:
            self._chat_screen.follow(event)
        await super().on_event(event)

    def on_calls(self) -> None:
        """Ring, if that is wanted."""
        if rings(self._notify, in_front=self.app_focus):
            self.bell()
            self.tell_desktop(notification(self._environment))

    def tell_desktop(self, sequence: str) -> None:
        """Have the terminal show something outside of itself; what that is ``manners`` decides."""
        if sequence and not self.is_headless and self._driver is not None:
            self._driver.write(sequence)

    def on_descendant_focus(self) -> None:
        """With reduced motion no cursor blinks."""
        if self._calm and isinstance(field := self.focused, Input):
            field.cursor_blink = False

    def leave(self) -> None:
        """End the program."""
        self._chat_screen.shut_down()
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
