"""Where the user writes.

Knows keys and text; must not know what becomes of it. Enter sends; Shift+Enter, Alt+Enter and
Ctrl+J make a new line; Up and Down at the edges walk what was sent before.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import TextArea

from chat_tui.keys import KEYS
from chat_tui.ui.keys import bind
from chat_tui.untrusted import clean

LONG_PASTE = 10_000
"""Characters of a paste beyond which a placeholder stands for it: laying it out would stall."""


class Composer(TextArea):
    """A text area that sends."""

    BINDINGS: ClassVar[list[BindingType]] = bind("quit")
    DEFAULT_CSS = """
    Composer {
        height: auto; min-height: 1; max-height: 11; padding: 0; border: none;
        background: $background; scrollbar-size-vertical: 1;
        &:focus { border: none; }
    }
    """

    class Sent(Message):
        """The user pressed Enter on some text."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Recall(Message):
        """Up was pressed in the empty composer: whatever is queued is wanted back."""

    class Quit(Message):
        """Ctrl+D was pressed in the empty composer."""

    def __init__(self) -> None:
        super().__init__(
            soft_wrap=True,
            tab_behavior="focus",
            highlight_cursor_line=False,
            placeholder="Ask anything",
        )
        self.cursor_blink = False
        self._history: list[str] = []
        self._at = 0
        self._draft = ""
        self._pastes: dict[str, str] = {}

    @property
    def whole_text(self) -> str:
        """The text with what the placeholders stand for."""
        text = self.text
        for placeholder, pasted in self._pastes.items():
            text = text.replace(placeholder, pasted)
        return text

    def put(self, text: str) -> None:
        """Replace the text and go to its end."""
        self.clear_all()
        self.insert_bounded(text)

    def put_before(self, text: str) -> None:
        """Give ``text`` back to the user without losing what they are writing."""
        rest = self.text
        self.text = ""
        self.insert_bounded(text + ("\n" + rest if rest else ""))

    def clear_all(self) -> None:
        """Empty, with no placeholders."""
        self.text = ""
        self._pastes.clear()

    def remember(self, text: str) -> None:
        """Add to what Up walks through."""
        if not self._history or self._history[-1] != text:
            self._history.append(text)
        self._at = len(self._history)

    def insert_bounded(self, text: str) -> None:
        """Insert; a very long text is stood for by a placeholder."""
        text = clean(text)
        if len(text) > LONG_PASTE:
            placeholder = f"[pasted text {len(self._pastes) + 1}: {len(text):,} characters]"
            self._pastes[placeholder] = text
            text = placeholder
        self.replace(text, *self.selection)

    async def _on_key(self, event: events.Key) -> None:
        if event.key in KEYS["send"].keys:
            event.stop()
            event.prevent_default()
            self._send()
        elif event.key in KEYS["new line"].keys:
            event.stop()
            event.prevent_default()
            self.replace("\n", *self.selection)

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.insert_bounded(event.text)

    def action_cursor_up(self, select: bool = False) -> None:
        """A line up; from the first line to what was sent before."""
        first = self.navigator.is_first_wrapped_line(self.cursor_location)
        if select or not first:
            super().action_cursor_up(select)
        elif not self.text and self._at == len(self._history):
            self.post_message(self.Recall())
        else:
            self.walk(-1)

    def action_cursor_down(self, select: bool = False) -> None:
        """A line down; from the last line to what was sent later."""
        last = self.navigator.is_last_wrapped_line(self.cursor_location)
        if select or not last:
            super().action_cursor_down(select)
        else:
            self.walk(1)

    def action_quit(self) -> None:
        """Delete to the right, or leave when there is nothing."""
        if self.text:
            self.action_delete_right()
        else:
            self.post_message(self.Quit())

    def walk(self, step: int) -> None:
        """Go through what was sent; beyond the latest stands the draft."""
        to = self._at + step
        if not 0 <= to <= len(self._history):
            return
        if self._at == len(self._history):
            self._draft = self.whole_text
        self._at = to
        self.put(self._draft if to == len(self._history) else self._history[to])

    def _send(self) -> None:
        text = self.whole_text.strip("\n")
        if text.strip():
            self.post_message(self.Sent(text))
