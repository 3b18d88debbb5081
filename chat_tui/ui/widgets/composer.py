"""Where the user writes.

Knows keys and text; must not know what becomes of it. Enter sends, other keys make a new line; at
the edges one walks what was sent before. What is long or is a file stands there as a label.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from chat_tui.attachments import NoSuchFile, read_file
from chat_tui.errors import ChatError, InputError
from chat_tui.home import at_home
from chat_tui.language import _
from chat_tui.ui.composer.area import LabelledArea
from chat_tui.ui.composer.choices import Choices
from chat_tui.ui.composer.completion import Completion
from chat_tui.ui.composer.dropped import paths_in, shortened
from chat_tui.ui.composer.editor import write_in_editor
from chat_tui.ui.composer.recall import Recall as Earlier
from chat_tui.ui.keys import bind, bound

_ENDS = ".,;:!?)]}'\""
"""What may stand behind a file's name in a sentence."""


class Composer(LabelledArea):
    """A text area that sends; ``choices`` show what may be completed."""

    BINDINGS: ClassVar[list[BindingType]] = bind("quit", "editor", "expand")
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
        """Up was pressed on what is being written: whatever is queued is wanted back."""

    class Quit(Message):
        """Ctrl+D was pressed in the empty composer."""

    def __init__(self) -> None:
        super().__init__(
            soft_wrap=True,
            tab_behavior="focus",
            highlight_cursor_line=False,
            placeholder=_("Ask anything"),
        )
        self.cursor_blink = False
        self.earlier = Earlier()
        """What was sent before."""
        self.completion = Completion(self, Choices(), Path.cwd)
        self._reading = 0
        """Files that are being read."""

    def attach(self, path: Path, name: str, begin: int) -> None:
        """Attach a file, its label from ``begin`` to the cursor."""
        self.replace_before(begin, "")
        self._reading += 1
        self.run_worker(self._take_in([path], [name], f"@{name}"), group="attach")

    def attach_named(self, letters: str) -> None:
        """Attach the file that ``@letters`` names before the cursor, if there is one."""
        if name := letters.rstrip(_ENDS):
            self._reading += 1
            self.run_worker(self._take_named(name), group="attach")

    def look(self, work: Coroutine[None, None, None]) -> None:
        """Run ``work`` beside everything else; an earlier look is given up."""
        self.run_worker(work, group="files", exclusive=True)

    async def _take_in(self, paths: Sequence[Path], names: Sequence[str], otherwise: str) -> None:
        """Put the labels of files where the cursor is, or ``otherwise`` if one cannot be."""
        try:
            files = await asyncio.to_thread(lambda: list(map(read_file, paths, names)))
        except InputError as error:
            self.insert_bounded(otherwise, pasted=True)
            if not (otherwise.startswith("/") and isinstance(error, NoSuchFile)):
                self.post_message(self.Said(str(error)))
        else:
            labels = [self.labels.file(file) for file in files]
            self.insert_bounded("".join(f"{label} " for label in labels))
        finally:
            self._reading -= 1

    async def _take_named(self, name: str) -> None:
        """Put a file's label where its name was written; what names no file stays as it is."""
        try:
            file = await asyncio.to_thread(read_file, Path(name), name)
        except InputError as error:
            if not isinstance(error, NoSuchFile):
                self.post_message(self.Said(str(error)))
        else:
            written = re.search(rf"(?<!\S)@{re.escape(name)}(?!\w)", self.text)
            if written:
                label = self.labels.file(file)
                self.replace_span(written.span(), label)
                self._count(label)
        finally:
            self._reading -= 1

    async def _on_key(self, event: events.Key) -> None:
        key, history = event.key, bound("history").keys
        if self.completion.press(key):
            pass
        elif key in bound("send").keys:
            self._send()
        elif key in bound("new line").keys:
            self.replace("\n", *self.selection)
        elif key in history and key not in ("up", "down"):
            self.walk(-1 if key == history[0] else 1)
        else:
            return
        event.stop()
        event.prevent_default()

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        if paths := paths_in(event.text):
            self._reading += 1
            here = [at_home(path) for path in paths]
            names = [shortened(path, Path.cwd(), Path.home()) for path in here]
            self.run_worker(self._take_in(here, names, event.text), group="attach")
        else:
            self.insert_bounded(event.text, pasted=True)

    def on_text_area_changed(self) -> None:
        """Something else may be completed."""
        self.completion.update()

    def on_text_area_selection_changed(self) -> None:
        """The cursor is elsewhere."""
        self.completion.update()

    def on_blur(self) -> None:
        """Nobody writes here now."""
        self.completion.close()

    def action_cursor_up(self, select: bool = False) -> None:
        """A line up; from the first line to what was sent before."""
        first = self.navigator.is_first_wrapped_line(self.cursor_location)
        if select or not first or "up" not in bound("history").keys:
            super().action_cursor_up(select)
        else:
            self.walk(-1)

    def action_cursor_down(self, select: bool = False) -> None:
        """A line down; from the last line to what was sent later."""
        last = self.navigator.is_last_wrapped_line(self.cursor_location)
        if select or not last or "down" not in bound("history").keys:
            super().action_cursor_down(select)
        else:
            self.walk(1)

    def action_quit(self) -> None:
        """Delete to the right, or leave when there is nothing."""
        if self.text:
            self.action_delete_right()
        else:
            self.post_message(self.Quit())

    def action_editor(self) -> None:
        """Go on writing in the user's editor."""
        try:
            text = write_in_editor(self.labels.without_files(self.text), self.app.suspend)
        except ChatError as error:
            self.post_message(self.Said(str(error)))
            return
        self.select_all()  # not emptied: what was there before can be had back
        self.insert_bounded(text)

    def walk(self, step: int) -> None:
        """Go through what was sent; beyond the latest stands the draft."""
        if step < 0 and self.earlier.is_at_draft:
            self.post_message(self.Recall())
        else:
            self.go(step)

    def go(self, step: int) -> None:
        """Show what was sent ``step`` further on, if there is something."""
        text = self.earlier.walk(step, self.whole_text)
        if text is not None:
            self.put(text)

    def remember(self, text: str) -> None:
        """Add to what Up walks through."""
        self.earlier.remember(text)

    def _send(self) -> None:
        text = self.whole_text.strip("\n")
        if self._reading:
            self.post_message(self.Said(_("A file is still being read.")))
        elif text.strip():
            self.labels.sent(text, self.text.strip("\n"))
            self.clear_all()  # at once: what is typed next is not a part of it
            self.post_message(self.Sent(text))
