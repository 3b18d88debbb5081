"""The chain of thought: live while it comes, folded when it is done.

Knows text, times and how much of it is wanted; must not know the model. Raw reasoning is not
written for readers, so folded is the default and the first look says what it is.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.css.query import NoMatches
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from chat_tui.language import N_, _
from chat_tui.settings import ReasoningView
from chat_tui.ui.endings import seconds
from chat_tui.ui.keys import bind, key_name
from chat_tui.ui.pacing import Pace
from chat_tui.ui.widgets.searchable import Place, SearchableText, places
from chat_tui.ui.widgets.tall import Growing
from chat_tui.untrusted import Cleaner, clean

LIVE_LINES = 10
LIVE_CHARACTERS = 4_000
"""Of a growing thought only the end is laid out."""
SEPARATOR = " · "
CAUTION = N_("Raw reasoning, unfiltered: it may be wrong or unfit to pass on.")


class Tail(Widget):
    """The last lines of a text that grows."""

    DEFAULT_CSS = """
    Tail { text-wrap: nowrap; text-overflow: clip; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._text = Content("")
        self._width = 0
        self._lines: list[Content] = []

    def show(self, text: str) -> None:
        """Show the end of ``text``."""
        before = len(self._lines)
        self._text = Content(text.lstrip("\n").rstrip())
        self._lines = self._wrap(self._width)
        self.refresh(layout=len(self._lines) != before)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The lines at that width, up to the limit."""
        del container, viewport
        return len(self._wrap(width))

    def render(self) -> Content:
        """The last lines."""
        self._width = self.content_size.width
        self._lines = self._wrap(self._width)
        return Content("\n").join(self._lines)

    def _wrap(self, width: int) -> list[Content]:
        return self._text.wrap(max(1, width))[-LIVE_LINES:] if self._text else []


class Reasoning(Growing, can_focus=True):
    """One thought with its heading."""

    BINDINGS: ClassVar[list[BindingType]] = bind("thought")
    DEFAULT_CSS = """
    Reasoning {
        height: auto; layout: vertical; margin: 0 0 1 0; color: $text-muted;
        & > .heading { width: 1fr; height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        & > .heading:hover { color: $foreground; }
        & > .body, & > Tail { width: 1fr; height: auto; padding: 0 0 0 2; }
        & > .caution { width: 1fr; height: auto; padding: 0 0 0 2; color: $text-warning; }
        &:focus > .heading { color: $text-accent; text-style: bold; }
    }
    """

    class Opened(Message):
        """Its text is shown now and was not before."""

        def __init__(self, reasoning: Reasoning) -> None:
            super().__init__()
            self.reasoning = reasoning
            self.live = reasoning.is_live

    def __init__(self, effort: str, view: ReasoningView, now: float) -> None:
        super().__init__()
        self._effort = effort
        self._view = view
        self._since = self._until = now
        self._tokens = 0
        self._seen = False
        self._text = ""
        self._cleaner = Cleaner()
        self._live = True
        self._by_hand: bool | None = None
        self._was_open = False
        self._cautions = False
        self._pace = Pace(self, self._draw)

    @property
    def is_live(self) -> bool:
        """Whether it is still growing."""
        return self._live

    @property
    def is_open(self) -> bool:
        """Whether its text is shown."""
        if self._view is ReasoningView.HIDDEN:
            return False
        if self._by_hand is not None:
            return self._by_hand
        return self._live or self._view is ReasoningView.SHOWN

    def compose(self) -> ComposeResult:
        """Heading, a place for the caution, text."""
        yield Static(classes="heading", markup=False)
        yield Static(Content(_(CAUTION)), classes="caution")
        yield Tail()
        yield SearchableText(classes="body")

    def on_mount(self) -> None:
        """Draw what came before there was a place for it."""
        self._draw()

    def feed(self, text: str, tokens: int, now: float) -> None:
        """More of the thought."""
        self._text += self._cleaner.feed(text)
        self._tokens += tokens
        self._seen = True
        self._until = now
        self._pace.ask()

    def tick(self, now: float) -> None:
        """Time has passed."""
        if self._live:
            self._until = now
            self._draw_heading()

    def finish(
        self, text: str, effort: str = "", tokens: int = 0, took: float | None = None
    ) -> None:
        """The thought is over, and this is all of it.

        ``tokens`` are all that it takes, its marks too, and the same whenever it is drawn; what was
        counted while it grew stays where they are not known. ``took`` (seconds) is of one of an
        earlier time, which was not seen to grow.
        """
        self._live = False
        if took is not None:
            self._seen, self._until = True, self._since + took
        self._tokens = tokens or self._tokens
        self._text = clean(text) if text else self._text + self._cleaner.flush()
        self._effort = effort or self._effort
        self._draw()

    def set_view(self, view: ReasoningView) -> None:
        """Show as much as ``view`` says; what was opened by hand stays open."""
        self._view = view
        self._draw()

    def caution(self) -> None:
        """Say what raw reasoning is, for as long as it stays open."""
        self._cautions = True
        self._draw()

    @property
    def is_searchable(self) -> bool:
        """Whether its text is all there and not hidden."""
        return self.is_mounted and not self._live and self._view is not ReasoningView.HIDDEN

    def search(self, pattern: re.Pattern[str]) -> list[list[Place]]:
        """See ``Searchable``; folded text is found too."""
        return [places(self._text.strip("\n"), pattern)]

    def mark(self, pattern: re.Pattern[str] | None, here: Place | None) -> None:
        """See ``Searchable``."""
        self._body.mark(pattern, here)

    def spot(self, place: Place) -> tuple[Widget, int]:
        """See ``Searchable``."""
        return self._body.spot(place)

    def open(self) -> None:
        """Show the text, as if by hand."""
        self._by_hand = True
        self._draw()

    def on_resize(self, _event: events.Resize) -> None:
        """The heading says as much as there is room for."""
        self._draw_heading()

    def on_click(self, event: events.Click) -> None:
        """The heading opens and folds."""
        if event.widget is self.query_one(".heading"):
            self.action_thought()

    def action_thought(self) -> None:
        """Open what is folded, fold what is open."""
        self._by_hand = not self.is_open
        self._draw()

    @property
    def _body(self) -> SearchableText:
        return self.query_one(".body", SearchableText)

    def _draw(self) -> None:
        if self.is_mounted:
            with suppress(NoMatches):  # its parts are just being taken down
                self._draw_parts()

    def _draw_parts(self) -> None:
        self.display = self._view is not ReasoningView.HIDDEN
        opened = self.is_open
        if opened and not self._was_open:
            self.post_message(self.Opened(self))
        self._was_open = opened
        tail, body = self.query_one(Tail), self._body
        tail.display, body.display = opened and self._live, opened and not self._live
        if tail.display:
            tail.show(self._text[-LIVE_CHARACTERS:])
        elif body.display:
            body.update(Content(self._text.strip("\n")))
        else:
            self._cautions = False
        self.query_one(".caution").display = self._cautions
        self._draw_heading()

    @property
    def heading(self) -> str:
        """What is said of the thought."""
        took = seconds(self._until - self._since)
        if self._live:
            facts = [_("Thinking… {time}").format(time=took)]
        else:
            facts = [_("Thought for {time}").format(time=took) if self._seen else _("Thought")]
        if self._tokens or self._live:
            facts.append(_("{n:,} tok").format(n=self._tokens))
        facts.append(self._effort)
        if self._live:
            facts.append(_("{key} answer now").format(key=key_name("answer now")))
        return ("▾ " if self.is_open else "▸ ") + SEPARATOR.join(facts)

    def _draw_heading(self) -> None:
        if not self.is_mounted:
            return
        shown = self.heading
        for heading in self.query(".heading").results(Static):  # none while it is taken down
            while cell_len(shown) > heading.size.width > 0 and SEPARATOR in shown:
                shown = shown.rpartition(SEPARATOR)[0]  # rather than half of the last part
            heading.update(Content(shown), layout=False)
