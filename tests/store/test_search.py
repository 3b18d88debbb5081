"""Finding what was said, in any script, in all parts of a conversation."""

from __future__ import annotations

import pytest

from chat_tui.conversation import ANALYSIS, COMMENTARY, FINAL, Message, Role, user
from chat_tui.store.search import spellings
from chat_tui.store.store import Store
from chat_tui.store.values import Hit, Part
from tests.store.sample import said


@pytest.fixture
def talk(store: Store) -> str:
    """A conversation with a bit of everything."""
    pen = store.create("Поездка в Москву")
    for message in (
        user("Какая погода в Москве? 今天天气怎么样"),
        Message(Role.ASSISTANT, "The user wants the WEATHER.", channel=ANALYSIS),
        Message(
            Role.ASSISTANT, '{"city": "x"}', channel=COMMENTARY, recipient="functions.get_weather"
        ),
        Message(Role.TOOL, '-7 °C, 100% "humid"', channel=COMMENTARY, name="functions.get_weather"),
        Message(Role.ASSISTANT, "for x in range(10):\n    a_b = c*[x]  # done", channel=FINAL),
    ):
        pen.add(message, pen.size - 1 if pen.size else None)
    pen.close()
    return pen.id


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("погода", [Part.QUESTION]),
        ("ПОГОДА", [Part.QUESTION]),
        ("天气", [Part.QUESTION]),
        ("天", [Part.QUESTION]),
        ("天气怎么", [Part.QUESTION]),
        ("в", [Part.TITLE, Part.QUESTION]),
        ("москв", [Part.TITLE, Part.QUESTION]),
        ("weather", [Part.RESULT, Part.CALL, Part.REASONING]),
        ("get_weather", [Part.RESULT, Part.CALL]),
        ("range(10)", [Part.ANSWER]),
        ("c*[x]", [Part.ANSWER]),
        ("a_b = c", [Part.ANSWER]),
        ('"x in range"', [Part.ANSWER]),
        ('"in x range"', []),
        ("range done", [Part.ANSWER]),
        ("range погода", []),
        ("100%", [Part.RESULT]),
        ('"humid', [Part.RESULT]),
        ("axb", []),
        ("AND OR NOT", []),
        ("content:weather", []),
        ("", []),
        ("  ", []),
        ('"', [Part.CALL, Part.RESULT]),
    ],
)
@pytest.mark.usefixtures("talk")
def test_all_the_words_are_found_where_they_stand_together(
    store: Store, query: str, parts: list[Part]
) -> None:
    assert sorted(hit.part for hit in store.search(query)) == sorted(parts)


def words(hit: Hit) -> list[str]:
    return [hit.snippet[start:end] for start, end in hit.spans]


def test_a_hit_says_where_it_is(store: Store, talk: str) -> None:
    (hit,) = store.search("range done")
    assert (hit.conversation, hit.node, hit.title) == (talk, 4, "Поездка в Москву")
    assert words(hit) == ["range", "done"]
    assert "\n" not in hit.snippet


def test_a_snippet_is_short_however_long_the_message(store: Store) -> None:
    pen = store.create()
    pen.add(user("x" * 100_000 + " needle " + "y" * 100_000), None)
    (hit,) = store.search("Needle")
    assert words(hit) == ["needle"]
    assert len(hit.snippet) < 250
    assert hit.snippet.startswith("…")
    assert hit.snippet.endswith("…")


def test_hostile_text_is_found_and_shown_clean(store: Store) -> None:
    pen = store.create()
    pen.add(user("be\x1b[31mfore needle \x1b]0;owned\x07 half \ud800 \x00 end"), None)
    (hit,) = store.search("needle")
    assert "\x1b" not in hit.snippet
    assert words(hit) == ["needle"]
    assert store.search("half")


def test_what_is_written_later_is_found_too(store: Store) -> None:
    pen = store.create()
    assert store.search("later") == ()
    number = pen.start(Message(Role.ASSISTANT, "", channel=FINAL), None)
    pen.append(number, "lat")
    pen.finish(number, Message(Role.ASSISTANT, "later", channel=FINAL))
    assert len(store.search("later")) == 1


def test_there_are_at_most_as_many_hits_as_asked_for(store: Store) -> None:
    for seed in range(1, 4):
        store.insert(said(seed, 30))
    assert len(store.search("river", 7)) == 7
    newest = store.search("#3", 50)
    assert [hit.node for hit in newest] == list(range(29, -1, -1))


def test_a_word_of_one_or_two_letters_is_found_in_whatever_case_it_is_written(
    store: Store,
) -> None:
    pen = store.create("Letters")
    texts = [
        "Ünder",
        "ΟΔΟΣ",
        "İstanbul",
        "5 K",
        "ÅNGSTRÖM",
        "今天",
        "a\x00qz",
        "QZ",
        "half \ud800 qz",
    ]
    for text in texts:
        pen.add(user(text), pen.size - 1 if pen.size else None)
    for word in ("ü", "ÜN", "ός"[1:], "οσ", "is", "k", "å", "天", "今天", "qz", "Qz", "z", "天今"):
        wanted = {at for at, text in enumerate(texts) if word.lower() in text.lower()}
        found = {hit.node for hit in store.search(word) if hit.part is Part.QUESTION}
        assert found == wanted, word


def test_every_letter_is_looked_for_in_all_the_ways_it_is_written() -> None:
    for letter in map(chr, range(0x1F000)):
        small = letter.lower()
        if small != letter:
            written = letter.lower() if letter.isascii() else letter
            assert all(written in spellings(one) for one in small), letter
