"""The chat's small widgets, each many times over on a screen of its own.

Knows widgets that can show another text than before, and what of a text they should show; must not
know how that is read. They stay from one lot of texts to the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Input, Static

from chat_tui.attachments import Attachment
from chat_tui.errors import StoreError
from chat_tui.settings import ReasoningView
from chat_tui.ui.composer.choices import Choices
from chat_tui.ui.composer.offers import Choice
from chat_tui.ui.history.banner import Banner
from chat_tui.ui.widgets.composer import Composer
from chat_tui.ui.widgets.find import FindBar
from chat_tui.ui.widgets.header import Header
from chat_tui.ui.widgets.line import SHOWN_CHARACTERS, Line
from chat_tui.ui.widgets.status import StatusLine
from chat_tui.ui.widgets.transcript import Transcript
from chat_tui.untrusted import clean, clean_line
from tests.ui.hostile_chat import Hung, holds, shows
from tests.ui.hostile_reader import brief

COMPOSED = 600
"""Characters that the composer gets."""


class Set:
    """One of each."""

    def __init__(self) -> None:
        self.header, self.status, self.line = Header(), StatusLine(), Line()
        self.banner, self.choices = Banner(None, None), Choices()
        self.find = FindBar(Transcript(ReasoningView.SHOWN))
        self.composer, self.labels = Composer(), Composer()

    def show(self, text: str, number: int) -> None:
        """Have all of them show ``text``, one way or another."""
        header, status, line, composer = self.header, self.status, self.line, self.composer
        header.title = header.model = header.device = text
        header.host = text[:20] if number % 2 else ""
        status.form, status.download, status.phase = text[:12], text[12:24], text[-30:]
        line.take_all()
        line.queue(text, "") if number % 2 else line.say(text, "")
        self.banner.tell(StoreError(text, text))
        self.choices.show([Choice(text, text, text)] * 2)
        self.find.display = True
        self.find.query_one(Input).value = text if number % 2 else clean_line(text)
        composer.clear_all()
        composer.insert_bounded(text[:COMPOSED])
        composer.move_cursor((0, 0))
        self.labels.clear_all()
        file = self.labels.labels.file(Attachment(text[:40], text))
        self.labels.insert_bounded(file)
        self.labels.insert_bounded(text * 9, pasted=True)
        self.labels.move_cursor((0, 0))

    def hung(self, text: str, number: int) -> Iterator[Hung]:
        """What is to be seen then."""
        clear, line = clean(text), clean_line(text)
        yield holds(self.header, line)
        yield holds(self.status, clean_line(text[-30:])[:3])
        if number % 2:
            yield holds(self.line, "Queued:", clean_line(text[:SHOWN_CHARACTERS]))
        else:
            yield shows(self.line, "start", clear)
        trouble = clean_line(str(StoreError(text, text)))
        yield shows(self.banner, "start", f"Not saved: {trouble}")
        yield holds(self.choices, line, line)
        yield shows(self.composer, "start", clean(text[:COMPOSED]))
        name = clean_line(text[:40]).replace("[", "(").replace("]", ")")
        yield Hung(self.labels, "top", (brief(f"[{name}"),))
        yield from hung_in(self.find, "" if number % 2 else line)


def hung_in(bar: FindBar, words: str) -> list[Hung]:
    """What is to be seen of it; without ``words``, which are clean, one looks that nothing acts."""
    field, count = bar.query_one(Input), bar.query_one(".count", Static)
    name = shows(bar.query_one(".name", Static), "start", "Find")
    return [name, shows(field, "part" if words else "seen", words), Hung(count, "seen")]


class Fields(Screen[None]):
    """So many of each."""

    DEFAULT_CSS = "Fields > VerticalScroll { scrollbar-gutter: stable; }"

    def __init__(self, count: int) -> None:
        super().__init__()
        self._sets = [Set() for _ in range(count)]
        self._shown: Sequence[str] = ()

    def compose(self) -> ComposeResult:
        """One set below the other."""
        with VerticalScroll():
            for one in self._sets:
                yield from (one.header, one.status, one.line, one.banner, one.choices)
                yield from (one.find, one.composer, one.labels)

    def show(self, texts: Sequence[str]) -> None:
        """Have each set show one."""
        self._shown = texts
        for number, (one, text) in enumerate(zip(self._sets, texts, strict=False)):
            one.show(text, number)

    def hung(self) -> list[Hung]:
        """What is to be seen then."""
        return [
            hung
            for number, (one, text) in enumerate(zip(self._sets, self._shown, strict=False))
            for hung in one.hung(text, number)
        ]
