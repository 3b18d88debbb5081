"""The line above the composer: what has to be said now, and the messages that wait their turn.

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
SHOWN_MESSAGES = 3
"""Of those that wait, the last."""


class Line(Static):
    """A few lines at most, and none where there is nothing to say."""

    DEFAULT_CSS = """
    Line { height: auto; max-height: 6; padding: 0 2; color: $text-muted; display: none; }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)
        self._waiting: list[str] = []
        """The messages that wait for the answer that is being written, in their order."""
        self._said = self._said_over = ""
        """What the line says, and what was written in the composer when it was said."""
        self._shown = ""

    @property
    def waiting(self) -> str:
        """All messages that wait; empty for none."""
        return "\n".join(self._waiting)

    def say(self, text: str, over: str) -> None:
        """Show ``text`` until something else than ``over`` is written."""
        self._said, self._said_over = text, over
        self._draw()

    def take_back(self, texts: Container[str]) -> None:
        """Say no more what is one of ``texts``: it is not true any longer."""
        if self._said in texts:
            self.say("", self._said_over)

    def written(self, text: str) -> None:
        """This stands in the composer now."""
        if text != self._said_over:
            self.say("", text)

    def queue(self, text: str, over: str) -> None:
        """Let a message wait, in sight."""
        self._waiting.append(text)
        self.say("", over)

    def next(self) -> str:
        """The message whose turn it is, which does not wait any more; empty for none."""
        text = self._waiting.pop(0) if self._waiting else ""
        self._draw()
        return text

    def take(self) -> str:
        """The message that would be the last, which does not wait any more; empty for none."""
        text = self._waiting.pop() if self._waiting else ""
        self._draw()
        return text

    def take_all(self) -> str:
        """All that wait, none of which does any more."""
        text = self.waiting
        self._waiting.clear()
        self._draw()
        return text

    def _draw(self) -> None:
        lines = [clean(self._said)] if self._said else []
        if self._waiting:
            lines += ["…"] if len(self._waiting) > SHOWN_MESSAGES else []
            for text in self._waiting[-SHOWN_MESSAGES:]:
                shown = clean_line(text[:SHOWN_CHARACTERS])
                lines.append(_("Queued: {text}").format(text=shown))
            keys = {"back": history_key(), "stop": key_name("stop")}
            lines.append(_("{back} takes it back, {stop} stops the answer.").format(**keys))
        if (shown := "\n".join(lines)) != self._shown:
            self._shown = shown
            self.update(Content(shown))
            self.display = bool(lines)
