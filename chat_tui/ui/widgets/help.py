"""The help screen: every key and every command.

Knows the bindings' and commands' texts; must not know what they do.
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

KEYS = (
    ("Enter", "send"),
    ("Shift+Enter, Alt+Enter, Ctrl+J", "new line"),
    ("Up, Down", "earlier messages; the queued one"),
    ("Esc", "stop the answer and keep what came"),
    ("Ctrl+C", "copy selection or stop; twice quits"),
    ("Ctrl+T", "effort: low, medium, high"),
    ("Ctrl+O", "reasoning: folded, shown, hidden"),
    ("Tab, then Enter or Space", "open or fold one thought"),
    ("Ctrl+Y", "copy the last answer"),
    ("Ctrl+N", "new conversation"),
    ("Page Up, Page Down", "scroll"),
    ("F1, Ctrl+P", "this help, the palette"),
    ("Ctrl+Q, Ctrl+D", "quit (Ctrl+D on an empty line)"),
)


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

    def __init__(self, commands: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._commands = commands

    def compose(self) -> ComposeResult:
        """Two lists in two columns."""
        with VerticalScroll():
            width = max(len(key) for key, _ in (*KEYS, *self._commands)) + 2
            yield Static(_columns("Keys (Esc closes this)", KEYS, width))
            yield Static(_columns("\nCommands", self._commands, width))


def _columns(title: str, rows: Sequence[tuple[str, str]], width: int) -> Content:
    lines = [Content.styled(title, "bold $accent")]
    for key, text in rows:
        lines.append(Content.assemble((key.ljust(width), "bold"), (text, "$foreground 60%")))
    return Content("\n").join(lines)
