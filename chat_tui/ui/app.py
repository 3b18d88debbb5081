"""The app around the chat's screen: colours, the palette, the last guard, the end.

Knows the screen, what comes before it, and the themes; must not know what is on the screen. What
the first paint does not need is imported when the chat is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from rich.console import RenderableType
from textual import events
from textual._compositor import CompositorUpdate
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.command import CommandPalette, Provider
from textual.driver import Driver
from textual.filter import LineFilter, Monochrome, NoColor
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from chat_tui.errors import ChatError, SettingsError, UsageError
from chat_tui.key_settings import BoundKeys
from chat_tui.language import _
from chat_tui.settings import Settings
from chat_tui.ui import themes
from chat_tui.ui.console_glyphs import ConsoleGlyphs, lacks_glyphs
from chat_tui.ui.few_colors import NO_COLORS, WHY_NONE, Colors, FewColors, colors_of
from chat_tui.ui.front import Front
from chat_tui.ui.furniture import Furniture
from chat_tui.ui.keys import bind, keymap, place_of, teach_alt_enter
from chat_tui.ui.line_filter import ControlFilter
from chat_tui.ui.manners import is_calm, notification, rings
from chat_tui.ui.mending import break_lines_between_words, count_tabs_in_cells, let_go_of_lines
from chat_tui.ui.near_colors import NearColors
from chat_tui.ui.sparing import Shown
from chat_tui.ui.widgets.cards import ErrorCard, Notice
from chat_tui.untrusted import clean

if TYPE_CHECKING:
    from chat_tui.ui.chat_screen import ChatScreen

_GREYS = (Monochrome, NoColor)
"""Textual's answer to NO_COLOR: shades of grey, which are colours."""


def _palette() -> type[Provider]:
    from chat_tui.ui.palette import Palette  # noqa: PLC0415 - not needed for the first paint

    return Palette


class ChatApp(App[int], inherit_bindings=False):
    """One conversation on the whole screen; with a front, that one first.

    ``user_themes`` is a folder of more themes; ``notice`` is shown once at the top.
    ``environment`` holds the variables that tell of the terminal; without it the terminal can do
    everything. ``chosen`` tells how lively the program is and when it rings.
    """

    chat_screen: ChatScreen
    """The chat, once it is there."""
    TITLE = "chat-tui"
    BINDINGS: ClassVar[list[BindingType]] = bind("interrupt", "help", "leave")
    """What works behind every screen; Textual's own are left out, so that they can be others."""
    COMMANDS = {_palette}  # noqa: RUF012 - so in Textual
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (8, "-low"), (20, "-roomy")]  # noqa: RUF012 - so in Textual
    CSS = """
    Screen { background: $background; color: $foreground; }
    .-tiny Header, .-tiny StatusLine { display: none; }
    .-tiny Transcript, .-tiny Blank { padding: 0; }
    .-tiny Line, .-tiny #hints { max-height: 1; }
    .-tiny Composer { max-height: 3; }
    .-low Composer { max-height: 5; }
    .-low Line { max-height: 3; }
    ThemesScreen { background: $background 0%; }
    Frame .text-area--placeholder { color: $text-muted; }
    CommandPalette > .command-palette--help-text { color: $text-muted; text-style: not bold; }
    CommandPalette SearchIcon { color: $text-muted; }
    CommandList > .option-list--option-highlighted {
        color: $foreground; background: $screen-selection-background; text-style: bold;
    }
    App:ansi ErrorCard, App:ansi ApprovalCard, App:ansi RoomCard, App:ansi Circles {
        background: ansi_default;
    }
    """

    def __init__(
        self,
        first: Front | Furniture,
        *,
        theme: str = themes.DEFAULT,
        user_themes: Path | None = None,
        notice: str = "",
        keys: BoundKeys | None = None,
        environment: Mapping[str, str] | None = None,
        chosen: Settings | None = None,
    ) -> None:
        super().__init__()
        keys = keys or BoundKeys()
        self.key_table = keys.table
        self._bindings.key_to_bindings.pop(self.COMMAND_PALETTE_BINDING, None)  # the chat's own is
        self.set_keymap(keymap(keys.changed))
        self.animation_level = "none"
        teach_alt_enter()
        let_go_of_lines()
        break_lines_between_words()
        count_tabs_in_cells()
        self.examine: Callable[[int], str] | None = None
        """What is right and wrong with the installation, so wide; takes seconds."""
        self.trouble: BaseException | None = None
        """Why there was no chat, once the app has ended."""
        self._control_filter = ControlFilter()
        self._shown = Shown()
        self._environment = environment or {}
        self.color_range = Colors.MANY
        if environment is not None:
            self.color_range = colors_of(environment, self.console.color_system)
        self.no_color = self.color_range is Colors.NONE
        self.wardrobe = themes.Wardrobe(user_themes)
        self._notice = notice
        self._problems: list[ChatError] = [*keys.problems, *self.wardrobe.problems]
        try:
            self.wear(theme if self.color_range is Colors.MANY else themes.ANSI)
        except SettingsError as error:
            hint = _("Using {theme}; /theme shows the others.").format(theme=themes.DEFAULT)
            self._problems.append(SettingsError(error.message, hint))
            self.wear(themes.DEFAULT)
        self._live(chosen or Settings())
        self._front = None if isinstance(first, Furniture) else first
        self._covered = ExitStack()
        """Open while the chat takes the front's place."""
        if isinstance(first, Furniture):
            self.chat_screen = self._furnished(first)

    def _furnished(self, furniture: Furniture) -> ChatScreen:
        from chat_tui.ui.chat_screen import ChatScreen  # noqa: PLC0415 - half of a start

        self.examine = furniture.examine
        notes: list[Widget] = [Notice(self._notice)] if self._notice else []
        screen = ChatScreen(furniture, self, [*notes, *map(ErrorCard, self._problems)])
        screen.pane.set_calm(self._calm)
        return screen

    def get_driver_class(self) -> type[Driver]:
        """Textual's; on Unix one that knows when the terminal has gone."""
        usual = super().get_driver_class()
        if usual.__name__ != "LinuxDriver":
            return usual
        from chat_tui.ui.terminal import TerminalDriver  # noqa: PLC0415 - there is none on Windows

        return TerminalDriver

    def get_default_screen(self) -> Screen[None]:
        """What is painted first."""
        return self._front or self.chat_screen

    async def on_front_brought(self, message: Front.Brought) -> None:
        """The chat takes the front's place."""
        self.chat_screen = self._furnished(message.furniture)
        # Textual takes from every screen what waits for its result, and gives its first one none;
        # and what is looked for in the app is looked for in that.
        self.screen._push_result_callback(self, None)  # noqa: SLF001
        self._compose_screen = self.chat_screen
        self._covered.enter_context(self.batch_update())  # nothing is painted until all is there
        await self.switch_screen(self.chat_screen)

    async def on_chat_pane_up(self) -> None:
        """All of the chat is there: it gets what was pressed until now."""
        front, self._front = self._front, None
        if front is not None:
            self.chat_screen.set_focus(self.chat_screen.pane.composer)  # its own call comes later
            for event in front.kept:
                await self.on_event(event)
            self._covered.close()

    def on_front_failed(self, message: Front.Failed) -> None:
        """Whoever runs the app is told."""
        self.trouble = message.trouble
        self.exit()

    def _fatal_error(self) -> None:
        """Whoever runs the app is told; Textual would print a page of code and values."""
        if "debug" in self.features:
            super()._fatal_error()
        else:
            self.trouble = self.trouble or self._exception
            with suppress(Exception):  # whatever is broken, what was being written is worth a try
                self.chat_screen.shut_down()
            self._close_messages_no_wait()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's own, and the guard against control characters behind them."""
        usual = [each for each in super().get_line_filters() if not isinstance(each, _GREYS)]
        if self.native_ansi_color:
            usual.append(FewColors(colors=not self.no_color))
        elif self._environment and self.console.color_system == "256":
            usual.append(NearColors())
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
        """What the palette offers."""
        from chat_tui.ui.palette import offered  # noqa: PLC0415 - not needed for the first paint

        del screen
        return offered(self.chat_screen, self.key_table)

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
        self._live(settings)
        self.chat_screen.pane.set_calm(self._calm)

    def _live(self, settings: Settings) -> None:
        self._notify = settings.notify
        self._calm = is_calm(settings.reduced_motion, self._environment)

    async def on_event(self, event: events.Event) -> None:
        """What is pasted is cleaned before a field gets it, which would show what is left of it."""
        if isinstance(event, events.Paste) and not event.is_forwarded:
            event.text = clean(event.text)
        if self._front is not None and isinstance(event, events.InputEvent | events.Paste):
            self._wait_with(event, self._front)
            return
        if isinstance(event, events.Key) and not event.is_forwarded:
            self.chat_screen.follow(event)
        await super().on_event(event)

    def _wait_with(self, event: events.Event, front: Front) -> None:
        """The chat will get it; only leaving need not wait."""
        if isinstance(event, events.Key) and event.key in self.key_table["leave"].keys:
            self.leave()
        elif isinstance(event, events.Key | events.Paste):
            front.keep(event)

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
        if self._front is None:
            self.chat_screen.shut_down()
        self.exit(0)

    async def action_interrupt(self) -> None:
        """Whatever is in front: twice quits."""
        await self.chat_screen.action_interrupt()

    async def action_help(self) -> None:
        """The keys and commands, those of where one is first; again closes it."""
        from chat_tui.ui.widgets.help import HelpScreen  # noqa: PLC0415 - not at first

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
