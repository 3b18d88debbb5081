"""The help screen: every key and every command.

Knows the table of keys; must not know what they do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from chat_tui.keys import COMMANDS, KEYS, Where

_ELSEWHERE = {
    Where.MESSAGE: "With a message chosen",
    Where.CARD: "While a call waits",
    Where.ROOM: "While the context is full",
    Where.FIND: "While finding",
    Where.LIST: "In the list of conversations",
    Where.MODELS: "In the list of models",
}
"""What else can be pressed, and the title of that part of the list."""


class HelpScreen(ModalScreen[None]):
    """Keys and commands, until a key closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,q,enter", "dismiss", "Close", show=False)
    ]
    DEFAULT_CSS = """
    HelpScreen {
        align: center middle; background: $background 60%;
        & > VerticalScroll {
            width: 76; max-width: 100%; height: auto; max-height: 100%; padding: 1 2;
            background: $surface; scrollbar-size-vertical: 1;
        }
        & Static { width: 1fr; height: auto; }
    }
    """

    def compose(self) -> ComposeResult:
        """Lists in two columns."""
        keys = [(key.shown, key.does) for key in KEYS.values() if key.where not in _ELSEWHERE]
        lists = [("Keys (Esc closes this, Down scrolls)", keys)]
        for where, title in _ELSEWHERE.items():
            there = [(key.shown, key.does) for key in KEYS.values() if key.where is where]
            lists.append((f"\n{title}", there))
        commands = [(f"{c.shown} {c.usage}".strip(), c.does) for c in COMMANDS.values()]
        lists.append(("\nCommands", commands))
        width = max(len(left) for _, rows in lists for left, _ in rows) + 2
        with VerticalScroll():
            for title, rows in lists:
                yield Static(_columns(title, rows, width))


def _columns(title: str, rows: Sequence[tuple[str, str]], width: int) -> Content:
    lines = [Content.styled(title, "bold $accent")]
    for key, text in rows:
        lines.append(Content.assemble((key.ljust(width), "bold"), (text, "$foreground 60%")))
    return Content("\n").join(lines)
