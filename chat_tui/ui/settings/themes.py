"""The chooser of themes: moving the choice colours the whole screen.

Knows names and two functions; must not know files. It stands at the side, so that the chat shows
what each theme makes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from chat_tui.errors import SettingsError
from chat_tui.keys import Where
from chat_tui.language import _
from chat_tui.ui.keys import bind_all, key_name
from chat_tui.untrusted import clean, clean_line

PAUSE_SECONDS = 0.05
"""Only a choice that stays for so long is drawn: each costs a whole screen."""


class ThemesScreen(ModalScreen[str | None]):
    """The themes ``names``; it ends with the one to keep, with None after bringing ``now`` back.

    ``wear`` draws everything in a theme and may raise a SettingsError; ``notes`` are shown below.
    """

    BINDINGS: ClassVar[list[BindingType]] = bind_all(Where.THEMES)
    WHERE: ClassVar[Where] = Where.THEMES
    DEFAULT_CSS = """
    ThemesScreen {
        align: right bottom; background: $background 0%;
        & > Vertical {
            width: 34; max-width: 100%; height: auto; max-height: 100%; padding: 0 1;
            background: $panel; border: round $primary;
        }
        & OptionList, & OptionList:focus {
            height: auto; max-height: 16; border: none; padding: 0; background: $panel;
            background-tint: $background 0%; scrollbar-size-vertical: 1;
        }
        & OptionList > .option-list--option-highlighted,
        & OptionList:focus > .option-list--option-highlighted {
            background: $block-cursor-background; color: $block-cursor-foreground;
            text-style: bold;
        }
        & .note { height: auto; max-height: 8; color: $text-warning; }
        & .hints { height: auto; color: $text-muted; }
    }
    """

    def __init__(
        self,
        names: Sequence[str],
        now: str,
        wear: Callable[[str], None],
        notes: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self._names = list(names)
        self._before = now
        self._wear = wear
        self._notes = notes
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """The names, what is wrong with some, the keys."""
        marks = {True: "● ", False: "  "}
        with Vertical():
            yield OptionList(
                *(
                    Option(Content(marks[name == self._before] + clean_line(name)))
                    for name in self._names
                ),
                markup=False,
            )
            for note in self._notes:
                yield Static(Content(clean(note)), classes="note")
            hints = _("{keep} keeps it · {close} goes back").format(
                keep=key_name("keep theme"), close=key_name("close themes")
            )
            yield Static(hints, classes="hints", markup=False)

    def on_mount(self) -> None:
        """Begin at the present one."""
        options = self.query_one(OptionList)
        options.highlighted = self._names.index(self._before) if self._before in self._names else 0
        options.focus()

    def on_option_list_option_highlighted(self, message: OptionList.OptionHighlighted) -> None:
        """Show it, if it stays."""
        message.stop()
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(PAUSE_SECONDS, self._show)

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """A click chooses and keeps."""
        message.stop()
        self.action_keep_theme()

    def action_theme_above(self) -> None:
        """The one above."""
        self.query_one(OptionList).action_cursor_up()

    def action_theme_below(self) -> None:
        """The one below."""
        self.query_one(OptionList).action_cursor_down()

    def action_keep_theme(self) -> None:
        """Leave with it."""
        if (name := self._show()) is not None:
            self.dismiss(name)

    def action_close_themes(self) -> None:
        """Everything as it was."""
        if self._timer is not None:
            self._timer.stop()
        if self.app.theme != self._before:
            self._wear(self._before)
        self.dismiss(None)

    def _show(self) -> str | None:
        """Draw everything in the chosen one; None where it cannot be used any more."""
        if self._timer is not None:
            self._timer.stop()
        at = self.query_one(OptionList).highlighted
        if at is None:
            return None
        try:
            if self.app.theme != self._names[at]:
                self._wear(self._names[at])
        except SettingsError as error:
            self.query_one(".hints", Static).update(Content(clean(str(error))))
            return None
        return self._names[at]
