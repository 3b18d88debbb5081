"""The line above the composer: what has to be said now, and the message that waits its turn.

Knows texts; must not know who says them. Writing clears what was said, but not what waits.
"""

from __future__ import annotations

from collections.abc import Container

from textual.content import Content
from textual.widgets import Static

from chat_tui.language import _
from chat_tui.ui.keys import history_key, key_name
from chat_tui.untrusted import clean, clean_line

SHOWN_CHARACTERS = 200
"""Of a message that waits."""


class Line(Static):
    """A few lines at most, and none where there is nothing to say."""

    DEFAULT_CSS = """
    Line { height: auto; max-height: 6; padding: 0 2; color: $text-muted; display: none; }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.waiting = ""
        """The message that waits for the answer that is being written; empty for none."""
        self._said = self._said_over = ""
        """What the line says, and what was written in the composer when it was said."""

    def say(self, text: str, over: str) -> None:
        """Show ``text`` until something else than ``over`` is written."""
        self._said, self._said_over = text, over
        self.update(Content(clean(text)))
        self.display = bool(text)

    def take_back(self, texts: Container[str]) -> None:
        """Say no more what is one of ``texts``: it is not true any longer."""
        if self._said in texts:
            self.say("", self._said_over)

    def written(self, text: str) -> None:
        """This stands in the composer now."""
        if not self.waiting and text != self._said_over:
            self.say("", text)

    def queue(self, text: str, over: str) -> None:
        """Let a message wait, in sight."""
        self.waiting = text
        shown = clean_line(text[:SHOWN_CHARACTERS])
        lines = [
            _("Queued: {text}").format(text=shown),
            _("{back} takes it back, {stop} stops the answer.").format(
                back=history_key(), stop=key_name("stop")
            ),
        ]
        self.say("\n".join(lines), over)

    def take(self) -> str:
        """The message that waits, which does not any more."""
        text, self.waiting = self.waiting, ""
        if text:
            self.say("", "")
        return text
