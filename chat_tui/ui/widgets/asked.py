"""What the user asked, as it stands in the transcript: the text, and a line for each file.

Knows texts; must not know events or where a file came from. Every text is cleaned here and shown
without markup. A click on the line of a file shows what was sent of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content, Span
from textual.screen import ModalScreen
from textual.style import Style
from textual.widgets import Static

from chat_tui.attachments import Attachment, parted
from chat_tui.language import _, ngettext
from chat_tui.ui.composer.counting import CountWanted
from chat_tui.ui.widgets.searchable import SearchableText
from chat_tui.untrusted import clean, clean_line

SHOWN_CHARACTERS = 4_000
"""Of a very long message only the beginning is shown; all of it was sent."""
SHOWN_OF_FILE = 50_000
SHOWN_FILES = 20
_FILE = "attached"
_NONE: Mapping[int, int] = {}


def bounded(text: str, tokens: Mapping[int, int] = _NONE) -> Content:
    """``text``, cleaned; a very long one with a line that says how much more there is.

    A file that goes with it is one line; ``tokens`` are those of some files, by their number.
    """
    question, files = parted(text)
    shown = _cut(question, SHOWN_CHARACTERS)
    lines = [shown] if question.strip() or not files else []
    for number, file in enumerate(files[:SHOWN_FILES]):
        facts = [clean_line(file.name)]
        facts.append(ngettext("{n:,} line", "{n:,} lines", file.lines).format(n=file.lines))
        if number in tokens:
            facts.append(_("{n:,} tok").format(n=tokens[number]))
        line = f"▸ {' · '.join(facts)}"
        spans = [Span(0, len(line), style) for style in ("$text-muted", _click(number))]
        lines.append(Content(line, spans))
    if len(files) > SHOWN_FILES:
        more = len(files) - SHOWN_FILES
        said = ngettext("… {n} more file", "… {n} more files", more).format(n=more)
        lines.append(Content.styled(said, "$text-muted"))
    return Content("\n").join(lines)


def about(text: str) -> str:
    """Text of about as many lines as ``bounded`` has, far cheaper.

    All questions of a conversation are guessed before the first is drawn.
    """
    question, files = parted(text)
    lines = [question[:SHOWN_CHARACTERS]] if question.strip() or not files else []
    return "\n".join([*lines, *[""] * min(len(files), SHOWN_FILES + 1)])


class UserMessage(SearchableText):
    """What the user said."""

    DEFAULT_CSS = """
    UserMessage {
        width: 1fr; height: auto; margin: 0 0 1 0; padding: 0 1;
        border-left: outer $primary; background: $surface;
    }
    """

    is_searchable = True

    def __init__(self, text: str) -> None:
        super().__init__(bounded(text))
        self._text = text
        self._files = parted(text)[1]
        self._tokens: dict[int, int] = {}

    def on_mount(self) -> None:
        """Have the tokens of its files counted."""
        for number, file in enumerate(self._files[:SHOWN_FILES]):
            self.post_message(CountWanted(file.text, partial(self._counted, number)))

    def on_click(self, event: events.Click) -> None:
        """Show the file whose line was clicked."""
        number = event.style.meta.get(_FILE)
        if isinstance(number, int) and number < len(self._files):
            event.stop()
            self.app.push_screen(FileScreen(self._files[number]))

    def _counted(self, number: int, tokens: int) -> None:
        if self.is_attached:
            self._tokens[number] = tokens
            self.update(bounded(self._text, self._tokens))


class FileScreen(ModalScreen[None]):
    """A file as it was sent."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "Close", show=False)
    ]
    DEFAULT_CSS = """
    FileScreen {
        align: center middle; background: $background 60%;
        & > VerticalScroll {
            width: 92; max-width: 100%; height: auto; max-height: 100%; padding: 1 2;
            background: $surface; scrollbar-size-vertical: 1;
        }
        & Static { width: 1fr; height: auto; }
    }
    """

    def __init__(self, file: Attachment) -> None:
        super().__init__()
        self._file = file

    def compose(self) -> ComposeResult:
        """Its name, then its text."""
        with VerticalScroll():
            title = Content.styled(clean_line(self._file.name), "bold $text-accent")
            closes = _("Esc closes this")
            yield Static(title + Content.styled(f"  {closes}\n", "$text-muted"))
            yield Static(_cut(self._file.text, SHOWN_OF_FILE))


def _cut(text: str, most: int) -> Content:
    shown = Content(clean(text[:most]))
    if len(text) <= most:
        return shown
    return shown + Content.styled(f"\n{more_characters(len(text) - most)}", "$text-muted")


def more_characters(count: int) -> str:
    """What stands in the place of so many characters."""
    return ngettext("… {n:,} more character", "… {n:,} more characters", count).format(n=count)


def _click(number: int) -> Style:
    return Style.from_meta({_FILE: number})
