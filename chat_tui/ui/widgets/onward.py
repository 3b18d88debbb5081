"""The offer to go on with an answer that was cut off: a word at its foot, by key and by click.

Knows the table of keys; must not know what going on does.
"""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from chat_tui.ui.keys import key_name
from chat_tui.ui.widgets.circles import Choice


class Onward(Static):
    """``F2 goes on``; there only while that is so."""

    DEFAULT_CSS = """
    Onward {
        width: auto; height: 1; margin: 0 0 1 0; color: $text-warning; display: none;
        &:hover { color: $foreground; }
    }
    """
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__(markup=False)

    def show(self, does: str, *, mark: str = "") -> None:
        """Say what the key does, behind what says that the answer was cut off; or be away."""
        words = [mark, f"{key_name('go on')} {does}"]
        self.update(Content(" · ".join(filter(None, words))))
        self.display = bool(does)

    def on_click(self) -> None:
        """The same as its key."""
        self.post_message(Choice.Chosen("go on"))
