"""The rows of the list of conversations, and the lines that each takes at a width.

Knows summaries, hits and dates; must not know widgets or the store. Pure. Titles and snippets are
what somebody wrote: they are cleaned and never markup. No line is wider than the width.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from textual.content import Content

from chat_tui.language import N_, _, ngettext, number
from chat_tui.session.shelf import Listing
from chat_tui.store.values import Hit, Part, Summary
from chat_tui.ui.history.days import day_name, when
from chat_tui.untrusted import clean_line

SHOWN_HITS = 3
"""Places of one conversation that are shown in place."""
HIT_STYLE = "bold $text-accent"
_FAINT = "$text-muted"
_TITLE_CELLS = 24
"""So much of a title is worth more than the facts beside it."""
INDENT = 4
"""Cells before a place that was found."""
_PARTS = {
    Part.TITLE: N_("title"),
    Part.QUESTION: N_("question"),
    Part.ANSWER: N_("answer"),
    Part.REASONING: N_("reasoning"),
    Part.CALL: N_("call"),
    Part.RESULT: N_("result"),
    Part.SUMMARY: N_("summary"),
    Part.OTHER: N_("other"),
}


@dataclass(frozen=True, slots=True)
class Heading:
    """A line between groups."""

    text: str
    gap: bool = True
    """Whether an empty line comes before it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A conversation, with the places in it that a search found."""

    one: Summary
    when: str
    mark: str = ""
    """What is special about it: that it is open, here or elsewhere."""
    busy: bool = False
    """Whether another process has it open."""
    title: Hit | None = None
    """Its title, where the search found that."""
    hits: tuple[Hit, ...] = ()
    more: bool = False
    """Whether there are more places than those."""


Row = Heading | Entry


def grouped(listing: Listing, now: datetime) -> list[Row]:
    """All conversations, pinned ones first, then day by day."""
    rows: list[Row] = []
    group = ""
    known: dict[date, str] = {}
    for one in listing.conversations:
        moment = datetime.fromtimestamp(one.updated)
        day = moment.date()
        if day not in known:
            known[day] = day_name(day, now.date())
        name = _("Pinned") if one.pinned else known[day]
        if name != group:
            rows.append(Heading(name, gap=bool(rows)))
            group = name
        rows.append(_entry(one, listing, when(moment, now) if one.pinned else f"{moment:%H:%M}"))
    return rows


def found(hits: Sequence[Hit], listing: Listing, now: datetime) -> list[Row]:
    """The conversations in which a search found something, in the order of their first hit."""
    known: Mapping[str, Summary] = {one.id: one for one in listing.conversations}
    places: dict[str, list[Hit]] = {}
    for hit in hits:
        places.setdefault(hit.conversation, []).append(hit)
    rows: list[Row] = []
    for name, there in places.items():
        first = there[0]
        one = known.get(name) or Summary(name, first.title, first.updated, first.updated)
        said = [hit for hit in there if hit.part is not Part.TITLE]
        rows.append(
            _entry(
                one,
                listing,
                when(datetime.fromtimestamp(one.updated), now),
                title=next((hit for hit in there if hit.part is Part.TITLE), None),
                hits=tuple(said[:SHOWN_HITS]),
                more=len(said) > SHOWN_HITS,
            )
        )
    return rows


def _entry(
    one: Summary,
    listing: Listing,
    when: str,
    *,
    title: Hit | None = None,
    hits: tuple[Hit, ...] = (),
    more: bool = False,
) -> Entry:
    busy = one.id in listing.elsewhere
    mark = _("open here") if one.id == listing.present else _("open elsewhere") if busy else ""
    return Entry(one, when, mark, busy, title, hits, more)


def height(row: Row) -> int:
    """How many lines it takes, at any width."""
    if isinstance(row, Heading):
        return 1 + row.gap
    return 1 + len(row.hits) + row.more


def stops(row: Row) -> list[int]:
    """Which of its lines can be chosen: the places that were found, else the title."""
    if isinstance(row, Heading):
        return []
    by_title = not row.hits or row.title is not None
    return [*([0] if by_title else []), *range(1, len(row.hits) + 1)]


def lines(row: Row, width: int) -> list[Content]:
    """Its lines."""
    if isinstance(row, Heading):
        shown = Content.styled(row.text, "bold $text-accent").truncate(width, ellipsis=True)
        return [Content(""), shown] if row.gap else [shown]
    places = [_place(hit, width) for hit in row.hits]
    if row.more:
        places.append(Content.styled(" " * INDENT + _("and more"), _FAINT).truncate(width))
    return [_first(row, width), *places]


def _first(row: Entry, width: int) -> Content:
    """Title to the left, facts to the right, as far as they fit."""
    title = _title(row)
    right = Content("")
    for facts in _facts(row):
        right = Content.assemble(
            *_between(" · ", [(fact, "$warning" if fact == row.mark else _FAINT) for fact in facts])
        )
        if 2 + min(title.cell_length, _TITLE_CELLS) + 2 + right.cell_length <= width:
            break
    room = max(1, width - 2 - (right.cell_length + 2 if right else 0))
    left = Content("  ") + title.truncate(room, ellipsis=True)
    gap = max(0, width - left.cell_length - right.cell_length)
    return (left.pad_right(gap) + right).truncate(width)


def _title(row: Entry) -> Content:
    if row.title is not None:
        return _marked(row.title.snippet, row.title.spans)
    title = clean_line(row.one.title)
    return Content(title) if title else Content.styled(_("(no title)"), _FAINT)


def _facts(row: Entry) -> Iterable[list[str]]:
    """What stands to the right, from the most to the least."""
    one = row.one
    said = ngettext("{n:,} message", "{n:,} messages", one.messages)
    count = said.format(n=one.messages) if one.messages else ""
    model = clean_line(one.model)
    for chosen in (
        [row.mark, model, count, row.when],
        [row.mark, count, row.when],
        [row.mark, number(one.messages) if one.messages else "", row.when],
        [row.mark, row.when],
        [row.when],
        [],
    ):
        yield [fact for fact in chosen if fact]


def _place(hit: Hit, width: int) -> Content:
    """A place that was found, on one line, with the words in sight."""
    label = Content.styled(f"{' ' * INDENT}{_(_PARTS[hit.part])}: ", _FAINT)
    return (label + fitted(hit.snippet, hit.spans, width - label.cell_length)).truncate(
        max(1, width), ellipsis=True
    )


def fitted(snippet: str, spans: Sequence[tuple[int, int]], width: int) -> Content:
    """``snippet`` from so far on that the first of the words has something before and after it."""
    if width <= 0:
        return Content("")
    begin = 0
    if spans:
        before = Content(snippet[: spans[0][0]]).cell_length
        word = Content(snippet[slice(*spans[0])]).cell_length
        if before + word + width // 3 > width:
            left = max(0, (width - word) // 3)
            begin = spans[0][0]
            while begin and Content(snippet[begin - 1 : spans[0][0]]).cell_length <= left:
                begin -= 1
    if begin:
        kept = [(start - begin, end - begin) for start, end in spans if start >= begin]
        text = Content("…") + _marked(snippet[begin:], kept)
    else:
        text = _marked(snippet, spans)
    return text.truncate(width, ellipsis=True)


def _marked(text: str, spans: Sequence[tuple[int, int]]) -> Content:
    content = Content(text)
    for start, end in spans:
        content = content.stylize(HIT_STYLE, start, end)
    return content


def _between(gap: str, parts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    joined: list[tuple[str, str]] = []
    for part in parts:
        joined += [(gap, _FAINT), part] if joined else [part]
    return joined
