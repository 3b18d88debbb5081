"""What the user asked, as it stands in the transcript: the text, and a line for each file.

Knows texts; must not know events or where a file came from. Every text is cleaned here and shown
without markup. The line of a file opens what was sent of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from chat_tui.attachments import Attachment, parted
from chat_tui.language import _, ngettext
from chat_tui.ui.composer.counting import CountWanted
from chat_tui.ui.keys import bind
from chat_tui.ui.widgets.searchable import Place, SearchableText
from chat_tui.untrusted import clean, clean_line

SHOWN_CHARACTERS = 4_000
"""Of a very long message only the beginning is shown; all of it was sent."""
SHOWN_OF_FILE = 50_000
SHOWN_FILES = 20


def bounded(text: str) -> Content:
    """``text``, cleaned; a very long one with a line that says how much more there is.

    A file that goes with it is one line.
    """
    question, files = parted(text)
    shown = map(line_of, files[:SHOWN_FILES])
    return Content("\n").join([*_question(question, files), *shown, *_more(files)])


def line_of(file: Attachment, tokens: int | None = None) -> Content:
    """What is shown of a file; ``tokens`` are None as long as they are not counted."""
    facts = [clean_line(file.name)]
    facts.append(ngettext("{n:,} line", "{n:,} lines", file.lines).format(n=file.lines))
    if tokens is not None:
        facts.append(_("{n:,} tok").format(n=tokens))
    return Content(f"▸ {' · '.join(facts)}")


def about(text: str) -> str:
    """Text of about as many lines as ``bounded`` has, far cheaper.

    All questions of a conversation are guessed before the first is drawn.
    """
    question, files = parted(text)
    lines = [question[:SHOWN_CHARACTERS]] if question.strip() or not files else []
    return "\n".join([*lines, *[""] * min(len(files), SHOWN_FILES + 1)])


class FileLine(SearchableText, can_focus=True):
    """A file that goes with a question; its key, or a click, shows what was sent of it."""

    BINDINGS: ClassVar[list[BindingType]] = bind("thought")
    DEFAULT_CSS = """
    FileLine {
        color: $text-muted;
        &:hover { color: $foreground; }
        &:focus { color: $text-accent; text-style: bold; }
    }
    """

    def __init__(self, file: Attachment) -> None:
        super().__init__(line_of(file))
        self._file = file

    def on_mount(self) -> None:
        """Have its tokens counted."""
        self.post_message(CountWanted(self._file.text, self._counted))

    def on_click(self) -> None:
        """The same as its key."""
        self.action_thought()

    def action_thought(self) -> None:
        """Show the file."""
        self.app.push_screen(FileScreen(self._file))

    def _counted(self, tokens: int) -> None:
        if self.is_attached:
            self.update(line_of(self._file, tokens))


class UserMessage(Widget):
    """What the user said, and the files that went with it."""

    DEFAULT_CSS = """
    UserMessage {
        width: 1fr; height: auto; layout: vertical; margin: 0 0 1 0; padding: 0 1;
        border-left: outer $primary; background: $surface;
        & > SearchableText { width: 1fr; height: auto; }
    }
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        question, files = parted(text)
        self._texts = [
            *map(SearchableText, _question(question, files)),
            *map(FileLine, files[:SHOWN_FILES]),
            *map(SearchableText, _more(files)),
        ]

    def compose(self) -> ComposeResult:
        """The question, and a line for each file."""
        yield from self._texts

    @property
    def is_searchable(self) -> bool:
        """Whether it is there."""
        return self.is_mounted

    def search(self, pattern: re.Pattern[str]) -> list[list[Place]]:
        """See ``Searchable``; a place is a line of all that it shows, and how far into it."""
        return [
            [(first + place[0], place[1]) for places in text.search(pattern) for place in places]
            for first, text in self._begins
        ]

    def mark(self, pattern: re.Pattern[str] | None, here: Place | None) -> None:
        """See ``Searchable``."""
        chosen = self._within(here) if here else None
        for text in self._texts:
            text.mark(pattern, chosen[1] if chosen and chosen[0] is text else None)

    def spot(self, place: Place) -> tuple[Widget, int]:
        """See ``Searchable``."""
        text, within = self._within(place)
        return text.spot(within)

    @property
    def _begins(self) -> list[tuple[int, SearchableText]]:
        """The texts, with the number of the line that each begins with."""
        firsts = accumulate((text.lines for text in self._texts), initial=0)
        return list(zip(firsts, self._texts, strict=False))

    def _within(self, place: Place) -> tuple[SearchableText, Place]:
        first, text = [one for one in self._begins if one[0] <= place[0]][-1]
        return text, (place[0] - first, place[1])


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


def _question(question: str, files: Sequence[Attachment]) -> list[Content]:
    return [_cut(question, SHOWN_CHARACTERS)] if question.strip() or not files else []


def _more(files: Sequence[Attachment]) -> list[Content]:
    more = len(files) - SHOWN_FILES
    said = ngettext("… {n} more file", "… {n} more files", more).format(n=more)
    return [Content.styled(said, "$text-muted")] if more > 0 else []
