"""The rows of the list: grouped by day, never wider than the screen, hits in sight."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.session.shelf import Listing
from chat_tui.store.search import snippet_of
from chat_tui.store.values import Hit, Part, Summary
from chat_tui.ui.history.rows import (
    HIT_STYLE,
    SHOWN_HITS,
    Entry,
    Heading,
    fitted,
    found,
    grouped,
    height,
    lines,
    stops,
)
from chat_tui.untrusted import clean_line

NOW = datetime(2026, 11, 18, 12, 0)  # a Wednesday


def summary(name: str, ago: timedelta, *, pinned: bool = False, messages: int = 2) -> Summary:
    when = (NOW - ago).timestamp()
    return Summary(name, f"Title {name}", when, when, pinned, "gpt-oss-20b", messages)


def listing(*found: Summary, present: str = "", elsewhere: tuple[str, ...] = ()) -> Listing:
    return Listing(found, present or None, frozenset(elsewhere))


def shown(row: Entry | Heading, width: int = 100) -> list[str]:
    return [line.plain for line in lines(row, width)]


def test_conversations_stand_under_their_day_and_pinned_ones_on_top() -> None:
    hours, days = timedelta(hours=1), timedelta(days=1)
    rows = grouped(
        listing(
            summary("p", 300 * days, pinned=True),
            summary("a", hours),
            summary("b", 2 * hours),
            summary("c", days),
            summary("d", 3 * days),
            summary("e", 30 * days),
            summary("f", 400 * days),
        ),
        NOW,
    )
    names = [row.text if isinstance(row, Heading) else row.one.id for row in rows]
    assert names == [
        *("Pinned", "p", "Today", "a", "b", "Yesterday", "c", "Sunday", "d"),
        *("Mon 19 October", "e", "Tue 14 October 2025", "f"),
    ]
    assert [height(row) for row in rows][:4] == [1, 1, 2, 1]


def test_a_row_tells_as_much_as_there_is_room_for() -> None:
    row = grouped(listing(summary("a", timedelta(hours=1)), elsewhere=("a",)), NOW)[1]
    facts = "open elsewhere · gpt-oss-20b · 2 messages · 11:00"
    assert shown(row)[0] == f"  Title a{' ' * (100 - 9 - len(facts))}{facts}"
    assert shown(row, 50)[0].endswith("open elsewhere · 2 messages · 11:00")
    assert shown(row, 40)[0].endswith("open elsewhere · 2 · 11:00")
    assert shown(row, 20)[0].endswith("11:00")


def test_a_search_shows_a_conversation_once_with_its_first_places() -> None:
    one = summary("a", timedelta(days=3))
    hits = [Hit("a", one.title, one.updated, Part.TITLE, None, "Title a", ((0, 5),))]
    hits += [
        Hit("a", one.title, one.updated, Part.ANSWER, number, f"a title {number}", ((2, 7),))
        for number in range(SHOWN_HITS + 1)
    ]
    hits.append(Hit("b", "Other", NOW.timestamp(), Part.CALL, 1, "title()", ((0, 5),)))
    first, second = found(hits, listing(one), NOW)
    assert [line.strip() for line in shown(first)][1:] == [
        *(f"answer: a title {number}" for number in range(SHOWN_HITS)),
        "and more",
    ]
    assert shown(first)[0].endswith("2 messages · 15 Nov")
    (title, *_) = lines(first, 100)
    assert [(span.start, span.end) for span in title.spans if str(span.style) == HIT_STYLE] == [
        (2, 7)
    ]
    assert shown(second)[1] == "    call: title()"


TEXTS = st.text(
    st.one_of(st.characters(codec="utf-8"), st.sampled_from("世界слово\u202e\u200b\x1b[]\t👩‍👩‍👧")),
    max_size=60,
)


@given(TEXTS, st.integers(1, 120), st.booleans())
def test_no_line_is_wider_than_the_screen_whatever_the_words(
    text: str, width: int, elsewhere: bool
) -> None:
    one = replace(summary("a", timedelta(0)), title=text, model=text)
    snippet = clean_line(text)
    hit = Hit("a", text, 0.0, Part.REASONING, 1, snippet, ((0, len(snippet)),))
    there = listing(one, elsewhere=("a",) if elsewhere else ())
    for row in (*grouped(there, NOW), *found([hit], there, NOW)):
        made = lines(row, width)
        assert len(made) == height(row)
        for line in made:
            assert line.cell_length <= width
            assert (
                line.plain == clean_line(line.plain)
                or not line.plain.strip()
                or (set(line.plain) - set(clean_line(line.plain)) <= {" "})
            )


@pytest.mark.parametrize("word", ["needle", "世界", "слово"])
@given(before=TEXTS, after=TEXTS, width=st.integers(12, 100))
def test_the_word_found_is_in_sight(word: str, before: str, after: str, width: int) -> None:
    text = f"{clean_line(before)} {word} {clean_line(after)}"
    snippet, spans = snippet_of(f"{text} {text}", [re.compile(word)])
    content = fitted(snippet, spans, width)
    assert content.cell_length <= width
    marked = [
        content.plain[span.start : span.end] for span in content.spans if span.style == HIT_STYLE
    ]
    assert any(word in one for one in marked)


def test_places_are_chosen_one_by_one_and_a_title_where_it_is_what_was_found() -> None:
    one = summary("a", timedelta())
    title = Hit("a", one.title, one.updated, Part.TITLE, None, one.title, ())
    places = [replace(title, part=Part.ANSWER, node=node) for node in range(3)]
    (entry,) = found([title, *places], listing(one), NOW)
    assert stops(entry) == [0, 1, 2, 3]
    (entry,) = found(places[:2], listing(one), NOW)
    assert stops(entry) == [1, 2]
    heading, entry = grouped(listing(one), NOW)
    assert (stops(heading), stops(entry)) == ([], [0])
