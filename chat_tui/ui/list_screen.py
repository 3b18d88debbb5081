"""What the screens with a list have in common: a title, rows, all about the chosen one, hints.

Knows where these parts stand and how they look; must not know what is listed.
"""

from __future__ import annotations

from typing import TypeVar

from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from chat_tui.untrusted import clean_line

_Result = TypeVar("_Result")


class ListScreen(Screen[_Result]):
    """An OptionList between ``#name`` and what is told of the chosen row, ``#said`` and ``#hints``.

    Who inherits yields these parts and says how high the VerticalScroll with the details may be.
    """

    DEFAULT_CSS = """
    ListScreen {
        layout: vertical;
        & > #name {
            height: 1; padding: 0 1; background: $panel; color: $text-muted;
            text-wrap: nowrap; text-overflow: ellipsis;
        }
        & > OptionList, & > OptionList:focus {
            height: 1fr; min-height: 3; border: none; padding: 0 1; background: $background;
            background-tint: $background 0%; scrollbar-size-vertical: 1; scrollbar-gutter: stable;
        }
        & > OptionList > .option-list--option-highlighted,
        & > OptionList:focus > .option-list--option-highlighted {
            background: $primary 25%; color: $foreground; text-style: none;
        }
        & > VerticalScroll {
            height: auto; padding: 0 2; background: $surface; scrollbar-size-vertical: 1;
        }
        & > VerticalScroll > Static { height: auto; }
        & > #said { height: auto; max-height: 4; padding: 0 2; color: $text-accent; display: none; }
        & > #hints { height: auto; max-height: 2; padding: 0 2; color: $text-muted; }
    }
    """

    def say(self, text: str) -> None:
        """Show a line below."""
        line = self.query_one("#said", Static)
        line.update(Content(clean_line(text)))
        line.display = bool(text)
