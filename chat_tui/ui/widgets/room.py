"""A context that is nearly full: the card with the choices, and what a choice left in the talk.

Knows the figures and the table of keys; must not know how room is made. Titles and summaries are
the model's and the user's text: cleaned, never markup.
"""

from __future__ import annotations

import re
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message as Posted
from textual.widget import Widget
from textual.widgets import Static

from chat_tui.conversation import Message
from chat_tui.keys import Where
from chat_tui.language import _
from chat_tui.session.room import REQUEST, Room
from chat_tui.ui.keys import bind, bind_all
from chat_tui.ui.widgets.circles import Choice
from chat_tui.ui.widgets.searchable import Place, SearchableText
from chat_tui.untrusted import clean, clean_line

SHOWN = 20_000
"""Characters of a summary that an opened card shows."""


def summary_of(mark: Message) -> Content:
    """What a mark shows when it is open: what was asked, and the summary; nothing without one."""
    if not mark.content:
        return Content("")
    return Content.styled(f"{REQUEST}\n\n", "$text-muted") + clean(mark.content[:SHOWN])


class MarkCard(Widget, can_focus=True):
    """From here on the model sees less, or more: one line, and the summary below it on demand."""

    BINDINGS: ClassVar[list[BindingType]] = bind("thought")
    DEFAULT_CSS = """
    MarkCard {
        width: 1fr; height: auto; layout: vertical; margin: 0 0 1 0; color: $text-muted;
        & > .heading { width: 1fr; height: auto; }
        & > .heading:hover { color: $foreground; }
        & > .summary { width: 1fr; height: auto; margin: 0 0 0 1; padding: 0 1; display: none; }
        & > .summary { border-left: outer $primary; }
        &:focus > .heading { color: $text-accent; text-style: bold; }
        &.alone { margin: 0 2 1 2; }
    }
    """

    def __init__(self, mark: Message, *, is_alone: bool = False) -> None:
        """``is_alone``: it stands beside turns, not in one."""
        super().__init__(classes="alone" if is_alone else "")
        self._mark = mark
        self._open = False

    def compose(self) -> ComposeResult:
        """The line, and the summary with what was asked for it."""
        yield Static(classes="heading", markup=False)
        yield SearchableText(summary_of(self._mark), classes="summary")

    def on_mount(self) -> None:
        """Draw it."""
        self._draw()

    @property
    def message(self) -> Message:
        """The mark that it shows."""
        return self._mark

    @property
    def is_searchable(self) -> bool:
        """Whether there is a summary."""
        return self.is_mounted and bool(self._mark.content)

    def search(self, pattern: re.Pattern[str]) -> list[list[Place]]:
        """See ``Searchable``; what is folded is found too."""
        return self._summary.search(pattern)

    def mark(self, pattern: re.Pattern[str] | None, here: Place | None) -> None:
        """See ``Searchable``."""
        self._summary.mark(pattern, here)

    def spot(self, place: Place) -> tuple[Widget, int]:
        """See ``Searchable``."""
        return self._summary.spot(place)

    def open(self) -> None:
        """Show the summary."""
        self._open = True
        self._draw()

    def on_click(self) -> None:
        """The same as its key."""
        self.action_thought()

    def action_thought(self) -> None:
        """Open what is folded, fold what is open."""
        self._open = not self._open
        self._draw()

    @property
    def _summary(self) -> SearchableText:
        return self.query_one(".summary", SearchableText)

    def _draw(self) -> None:
        has_summary = bool(self._mark.content)
        sign = ("▾ " if self._open else "▸ ") if has_summary else "— "
        words = clean_line(self._mark.name or _("The model sees less from here on"))
        self.query_one(".heading", Static).update(Content(sign + words))
        self.query_one(".summary").display = has_summary and self._open


class RoomCard(Widget, can_focus=True):
    """The choices, by key while it has the focus and by click."""

    BINDINGS: ClassVar[list[BindingType]] = bind_all(Where.ROOM)
    DEFAULT_CSS = """
    RoomCard {
        height: auto; width: 1fr; layout: vertical; margin: 0 2 1 2; padding: 0 1;
        border-left: outer $text-warning; background: $warning 8%;
        & > Static { height: auto; width: 1fr; }
        & > .quiet { color: $text-muted; }
        &:focus { background: $warning 16%; }
    }
    """

    class Chosen(Posted):
        """A way was chosen; ``id`` is that of its key in the table."""

        def __init__(self, card: RoomCard, id_: str) -> None:
            super().__init__()
            self.card = card
            self.id = id_

    def __init__(self, room: Room, *, was_cut: bool = False, goes_on: bool = False) -> None:
        """``was_cut``: an answer ended here; ``goes_on``: it does so once there is room."""
        super().__init__()
        self.room = room
        self._was_cut = was_cut
        self._goes_on = goes_on

    def compose(self) -> ComposeResult:
        """What is the matter, the ways out, and that nothing is lost."""
        room = self.room
        yield Static(Content.styled(self._title(), "bold $text-warning"))
        yield Static(Content(_figures(room)))
        for id_, does in self.choices(room, goes_on=self._goes_on).items():
            yield Choice(id_, does)
        rest = [
            _("Nothing is lost: all of it stays here, is kept and exported; /compact undo undoes.")
            if room.questions
            else _("What the model is told of itself and its tools takes the rest.")
        ]
        if room.asks:
            rest.insert(0, _("Your question waits in the composer."))
        yield Static(Content(" ".join(rest)), classes="quiet")

    @staticmethod
    def choices(room: Room, *, goes_on: bool = False) -> dict[str, str]:
        """What each key would do; what would not help is left out.

        An answer that ``goes_on`` does not do so in a fresh conversation.
        """
        found: dict[str, str] = {}
        if room.questions and (room.droppable or room.questions > 1):
            found["compact"] = _("compact: the model summarises the earlier part")
        if room.droppable:
            drops = _("drop the oldest {n:,} of {count:,} questions: {tokens:,} tokens stay")
            found["drop"] = drops.format(
                n=room.droppable, count=room.questions, tokens=room.after_drop
            )
        if room.larger:
            loads = _("load with more context, at most {tokens:,}, if it fits")
            found["larger"] = loads.format(tokens=room.larger)
        if room.droppable and not goes_on:
            found["afresh"] = _("a fresh conversation with the last questions")
        return found

    def on_choice_chosen(self, message: Choice.Chosen) -> None:
        """A line was clicked."""
        message.stop()
        self._choose(message.id)

    def action_compact(self) -> None:
        """Have the earlier part summarised."""
        self._choose("compact")

    def action_drop(self) -> None:
        """Leave out the oldest."""
        self._choose("drop")

    def action_larger(self) -> None:
        """Load the model with more context."""
        self._choose("larger")

    def action_afresh(self) -> None:
        """Go on in a fresh conversation."""
        self._choose("afresh")

    def action_not_now(self) -> None:
        """Choose nothing now."""
        self._choose("not now")

    def _choose(self, id_: str) -> None:
        if id_ == "not now" or id_ in self.choices(self.room, goes_on=self._goes_on):
            self.post_message(self.Chosen(self, id_))

    def _title(self) -> str:
        room = self.room
        if self._goes_on:
            return _("First some room, then the answer goes on")
        if self._was_cut:
            return _("The context is full: what came is kept")
        if room.asks and not room.fits:
            return _("This question does not fit the context: it was not sent")
        share = f"{min(room.used / room.context, 1.0):.0%}".replace("%", " %")
        return _("The context is {share} full").format(share=share)


def _figures(room: Room) -> str:
    """How full the context would be."""
    if room.asks and room.fits:
        said = _("With your question it takes {used:,} of {context:,} tokens.")
    elif room.asks:
        said = _(
            "With your question it takes {used:,} of {context:,} tokens, and an answer needs room"
            " too."
        )
    elif room.fits:
        said = _("With the next question it takes {used:,} of {context:,} tokens.")
    else:
        said = _(
            "With the next question it takes {used:,} of {context:,} tokens, and an answer needs"
            " room too."
        )
    return said.format(used=room.used, context=room.context)
