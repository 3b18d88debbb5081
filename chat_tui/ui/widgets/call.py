"""A call to a tool, and what came back, as plain dimmed text.

Knows texts; must not know tools. Arguments and output are hostile: control characters are made
visible, not just removed.
"""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from chat_tui.untrusted import clean_line, visible

SHOWN = 2_000


class CallCard(Static):
    """One call."""

    DEFAULT_CSS = """
    CallCard {
        width: 1fr; height: auto; margin: 0 0 1 0; padding: 0 1;
        border-left: outer $secondary; color: $text-muted;
    }
    """

    def __init__(self, recipient: str) -> None:
        super().__init__("", markup=False)
        self._recipient = recipient
        self._arguments = ""
        self._output = ""

    def feed(self, text: str) -> None:
        """More arguments."""
        self._arguments += text
        self._draw()

    def finish(self, arguments: str) -> None:
        """The whole arguments."""
        self._arguments = arguments
        self._draw()

    def output(self, text: str) -> None:
        """More of what the tool says."""
        self._output += text
        self._draw()

    def result(self, text: str) -> None:
        """All that the tool said."""
        self._output = text
        self._draw()

    def on_mount(self) -> None:
        """Draw what came before."""
        self._draw()

    def _draw(self) -> None:
        parts = [Content.styled(clean_line(self._recipient), "bold")]
        parts += [Content(_cut(text)) for text in (self._arguments, self._output) if text.strip()]
        self.update(Content("\n").join(parts))


def _cut(text: str) -> str:
    shown = visible(text[:SHOWN].strip("\n"))
    return shown if len(text) <= SHOWN else f"{shown}\n… {len(text) - SHOWN:,} more characters"
