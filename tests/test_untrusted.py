"""Nothing that acts on a terminal passes, whole or in pieces; ordinary text passes unchanged."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.untrusted import Cleaner, clean, clean_line, visible

HOSTILE = [
    ("\x1b]52;c;ZXZpbA==\x07", ""),
    ("\x1b]0;title\x1b\\", ""),
    ("\x1b[2J\x1b[H", ""),
    ("\x1bP+q544e\x1b\\", ""),
    ("\x9b2J", ""),
    ("\x9d52;c;YQ==\x9c", ""),
    ("\x1bc", ""),
    ("\x1b(0", ""),
    ("\x1b[31mred\x1b[0m", "red"),
    ("user\u202etxt.exe", "usertxt.exe"),
    ("pay\u200bpal", "paypal"),
    ("\ufeffstart", "start"),
    ("flag\U000e0067\U000e007f", "flag"),
    ("lone\ud800", "lone"),
    ("a\x00b\x7fc", "abc"),
    ("one\r\ntwo\rthree\u2028four\x85five", "one\ntwo\nthree\nfour\nfive"),
    ("unfinished \x1b]0;no end", "unfinished 0;no end"),
]
ORDINARY = [
    "plain text,\twith a tab\nand a line",
    "Привет, мир · 你好 · नमस्ते · مرحبا · שלום",
    "👩‍🚀 👍🏽 🏳️‍🌈 é",
    "[bold]not markup[/bold] [@click=app.quit]x[/]",
]
pieces = st.lists(
    st.one_of(st.text(), st.sampled_from([sample for sample, _ in HOSTILE] + ["\x1b", "[", "]"]))
)


@pytest.mark.parametrize(("sample", "expected"), HOSTILE)
def test_what_acts_on_a_terminal_is_removed(sample: str, expected: str) -> None:
    assert clean(sample) == expected


@pytest.mark.parametrize("sample", ORDINARY)
def test_ordinary_text_is_unchanged(sample: str) -> None:
    assert clean(sample) == sample


@given(pieces)
def test_nothing_invisible_is_left_and_a_second_pass_changes_nothing(parts: list[str]) -> None:
    cleaned = clean("".join(parts))
    for char in cleaned:
        assert char in "\n\t\u200d" or unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp")
        assert not 0x202A <= ord(char) <= 0x202E
        assert not 0x2066 <= ord(char) <= 0x2069
    assert clean(cleaned) == cleaned


@given(pieces)
def test_a_sequence_split_across_pieces_never_shows(parts: list[str]) -> None:
    cleaner = Cleaner()
    streamed = "".join(map(cleaner.feed, parts)) + cleaner.flush()
    assert not any(ord(char) < 0x20 and char not in "\n\t" for char in streamed)
    assert "\x7f" not in streamed
    assert not any(0x80 <= ord(char) <= 0x9F for char in streamed)


@pytest.mark.parametrize(("sample", "expected"), HOSTILE[:9])
def test_streaming_one_character_at_a_time_cleans_alike(sample: str, expected: str) -> None:
    cleaner = Cleaner()
    assert "".join(map(cleaner.feed, sample)) + cleaner.flush() == expected


@given(
    st.lists(
        st.sampled_from(
            ["e", "\u0301" * 3, "\U00011301", "🏽", "\u200d", "👩", "🚀", "\u200b", "\r", "\n"]
        )
    )
)
def test_marks_and_joiners_in_pieces_are_those_of_the_whole(parts: list[str]) -> None:
    cleaner = Cleaner()
    assert "".join(map(cleaner.feed, parts)) + cleaner.flush() == clean("".join(parts))


def test_an_endless_sequence_is_not_held_for_ever() -> None:
    cleaner = Cleaner()
    shown = cleaner.feed("\x1b]0;") + "".join(cleaner.feed("a" * 1000) for _ in range(10))
    assert len(shown) > 5000


def test_a_title_is_one_line() -> None:
    assert clean_line("  two\nlines\x1b[2J \t here ") == "two lines here"


def test_where_a_person_decides_nothing_is_hidden() -> None:
    assert visible("rm \u202e\x1b[8m-rf\U000e0041") == r"rm \u202e\x1b[8m-rf\U000e0041"


def test_marks_are_not_stacked_without_end() -> None:
    assert clean("e" + "\u0301" * 500 + "x") == "e" + "\u0301" * 8 + "x"
    assert visible("e" + "\u0301" * 10) == "e" + "\u0301" * 8 + r"\u0301\u0301"
    assert clean("a\ufe0f" * 3) == "a\ufe0f" * 3
    assert clean("क" + "\u093c\u094d" * 99) == "क" + "\u093c\u094d" * 4


@pytest.mark.parametrize(
    "mark", ["\U000101fd", "\U00011301", "\U0001d167", "\U0001e8d0", "\U0001f3fd", "\u0897"]
)
def test_marks_beyond_the_first_plane_are_not_stacked_either(mark: str) -> None:
    assert clean("🙂" + mark * 50 + "x") == "🙂" + mark * 8 + "x"
    assert len(visible("🙂" + mark * 9)) > 10
    cleaner = Cleaner()
    assert "".join(map(cleaner.feed, "🙂" + mark * 50)) == "🙂" + mark * 8


def test_a_joiner_does_not_begin_another_stack() -> None:
    assert clean("e" + ("\u0301" * 8 + "\u200d") * 9 + "x") == "e" + "\u0301" * 8 + "x"
    assert clean("👍" + "🏽\u200d" * 50) == "👍" + "🏽" * 8


@pytest.mark.parametrize("sample", ["👍🏽 👩🏽\u200d🚀 🏽", "🏽", "র\u200d্য ක්\u200dර", "𑀓𑁆𑀱 𝅘𝅥𝅮"])
def test_what_scripts_and_emoji_put_together_stays(sample: str) -> None:
    assert clean(sample) == sample


def test_a_line_does_not_begin_with_a_mark_which_would_go_to_what_stands_left_of_it() -> None:
    assert clean("\u0301a\n\u0e34\u0301b \u0301") == "a\nb \u0301"


def test_marks_of_living_scripts_stay() -> None:
    assert clean("שָׁלוֹם עִבְרִית ที่นี่ Việt") == "שָׁלוֹם עִבְרִית ที่นี่ Việt"
