"""The screen that shows what is right and wrong with this installation.

Knows a text; must not know where it is from. It is shown as it is, without markup.
"""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from chat_tui.language import _
from chat_tui.untrusted import clean

WIDEST = 80
"""Columns of text."""
AROUND = 5
"""Columns that the frame and the scrollbar take."""


class DoctorScreen(ModalScreen[None]):
    """A long text that one scrolls through."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "Close", show=False)
    ]
    DEFAULT_CSS = f"""
    DoctorScreen {{
        align: center middle; background: $background 60%;
        & > VerticalScroll {{
            width: {WIDEST + AROUND}; max-width: 100%; height: auto; max-height: 100%;
            padding: 1 2; background: $surface; scrollbar-size-vertical: 1;
        }}
        & Static {{ width: 1fr; height: auto; }}
    }}
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        """How to leave, then the text."""
        with VerticalScroll():
            yield Static(Content(_("Esc closes this") + "\n"))
            yield Static(Content(clean(self._text)))
