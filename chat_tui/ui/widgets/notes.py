"""The footnotes under an answer, and the page that one of them opens.

Knows references; must not know events. Titles and lines are from outside: plain text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from chat_tui.language import _
from chat_tui.tools.citations import Reference
from chat_tui.ui.footnotes import label
from chat_tui.ui.keys import bind
from chat_tui.untrusted import clean_line


class Note(Static, can_focus=True):
    """One footnote: its number, the page's title, the lines."""

    BINDINGS: ClassVar[list[BindingType]] = bind("thought")
    DEFAULT_CSS = """
    Note {
        width: 1fr; height: 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis;
        &:hover { color: $foreground; }
        &:focus { color: $text-accent; text-style: bold; }
    }
    """
    ALLOW_SELECT = False

    class Opened(Message):
        """Its page is wanted."""

        def __init__(self, reference: Reference) -> None:
            super().__init__()
            self.reference = reference

    def __init__(self, number: int, reference: Reference) -> None:
        title = clean_line(reference.page.title) or _("a page")
        titles = [clean_line(reference.found), title, lines_of(reference)]
        super().__init__(Content(f"{label(number)} {' · '.join(filter(None, titles))}"))
        self._reference = reference

    def on_click(self) -> None:
        """Open it."""
        self.action_thought()

    def action_thought(self) -> None:
        """Open it."""
        self.post_message(self.Opened(self._reference))


class Notes(Widget):
    """All footnotes of an answer."""

    DEFAULT_CSS = """
    Notes { height: auto; width: 1fr; layout: vertical; margin: 0 0 1 0; }
    """

    def __init__(self, references: Sequence[Reference]) -> None:
        super().__init__()
        self._references = references

    def compose(self) -> ComposeResult:
        """One line each."""
        for number, reference in enumerate(self._references, 1):
            yield Note(number, reference)


class PageScreen(ModalScreen[None]):
    """The page as the model was shown it, at the lines that are cited."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "Close", show=False)
    ]
    DEFAULT_CSS = """
    PageScreen {
        align: center middle; background: $background 60%;
        & > VerticalScroll {
            width: 92; max-width: 100%; height: auto; max-height: 100%; padding: 1 2;
            background: $surface; scrollbar-size-vertical: 1;
        }
        & Static { width: 1fr; height: auto; }
        & .cited { background: $accent 20%; }
    }
    """

    def __init__(self, reference: Reference) -> None:
        super().__init__()
        self._reference = reference

    def compose(self) -> ComposeResult:
        """Title, address and the lines, in three parts: before, cited, after."""
        reference, page = self._reference, self._reference.page
        begin = max(0, reference.citation.first - page.first)
        end = begin + len(reference.lines)
        with VerticalScroll():
            title = Content.styled(clean_line(page.title) or _("A page"), "bold $text-accent")
            yield Static(title + "\n" + clean_line(page.address))
            facts = [lines_of(reference), _("Esc closes this")]
            yield Static(Content(" · ".join(facts) + "\n"))
            yield Static(self._lines(0, begin), classes="before")
            yield Static(self._lines(begin, end), classes="cited")
            yield Static(self._lines(end, len(page.lines)), classes="after")

    def on_mount(self) -> None:
        """Go to the cited lines."""
        for part in self.query(Static):
            part.display = bool(part.content.plain if isinstance(part.content, Content) else True)
        self.call_after_refresh(self._go)

    def _go(self) -> None:
        cited = self.query_one(".cited")
        self.query_one(VerticalScroll).scroll_to_widget(cited, animate=False, top=True)

    def _lines(self, begin: int, end: int) -> Content:
        page = self._reference.page
        numbered = enumerate(page.lines[begin:end], page.first + begin)
        return Content("\n").join(
            Content.assemble((f"L{number}".ljust(6), "$text-muted"), _kept(line))
            for number, line in numbered
        )


def lines_of(reference: Reference) -> str:
    """``L12`` or ``L12–L18``."""
    first, last = reference.citation.first, reference.citation.last
    return f"L{first}" if first == last else f"L{first}–L{last}"


def _kept(line: str) -> str:
    """A line with its indentation, cleaned."""
    text = clean_line(line)
    return " " * min(8, len(line) - len(line.lstrip())) + text
