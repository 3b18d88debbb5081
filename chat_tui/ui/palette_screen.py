"""Textual's palette with its words in the language of the interface.

Knows what that one says by itself; must not know what it offers.
"""

from __future__ import annotations

from typing import ClassVar

from rich.align import Align
from rich.text import Text
from textual.binding import BindingType
from textual.command import CommandList, CommandPalette
from textual.widgets.option_list import Option

from chat_tui.language import _
from chat_tui.ui.keys import bind


class PaletteScreen(CommandPalette):
    """The palette, as it is opened; its key closes it again."""

    BINDINGS: ClassVar[list[BindingType]] = bind("palette")

    def __init__(self) -> None:
        super().__init__(placeholder=_("Search for commands…"), id="--command-palette")

    def action_palette(self) -> None:
        """Close it."""
        self._action_escape()

    def _start_no_matches_countdown(self, search_value: str) -> None:
        """Textual's, whose sentence is English: after a moment say that nothing was found."""
        self._stop_no_matches_countdown()

        def say() -> None:
            if search_value:
                words = Align.center(Text(_("Nothing was found"), style="not bold"))
                option = Option(words, disabled=True, id=self._NO_MATCHES)
                self.query_one(CommandList).add_option(option)
            self._list_visible = bool(search_value)

        self._no_matches_timer = self.set_timer(self._NO_MATCHES_COUNTDOWN, say)
