"""The line above the composer that offers a model; a click takes it.

Knows a text; must not know models.
"""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content
from textual.widgets import Static

from chat_tui.untrusted import clean_line


class OfferBar(Static):
    """There while there is something to offer; ``taken`` is called for a click."""

    DEFAULT_CSS = """
    OfferBar { height: auto; max-height: 3; padding: 0 2; color: $text-accent; }
    OfferBar:hover { background: $primary 25%; }
    """
    ALLOW_SELECT = False

    def __init__(self, text: str, taken: Callable[[], None]) -> None:
        super().__init__(Content(clean_line(text)))
        self._taken = taken

    def on_click(self) -> None:
        """It is wanted."""
        self._taken()
