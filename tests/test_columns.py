"""Texts take the columns that they are given, Chinese ones too."""

from __future__ import annotations

import textwrap

from hypothesis import given
from hypothesis import strategies as st

from chat_tui.columns import columns, cut, padded, wrapped

CHINESE = "模型在这台机器上运行,不需要网络;所说的话不会离开它。"
WORDS = st.lists(st.sampled_from(["word", "a", "模型", "机器上,", "self-made", "é"]), max_size=12)


def test_a_wide_character_takes_two_columns() -> None:
    assert columns("ab") == 2
    assert columns("模型") == 4


@given(WORDS, st.integers(0, 30))
def test_what_is_padded_is_as_wide_as_asked_or_as_it_was(words: list[str], width: int) -> None:
    text = " ".join(words)
    assert columns(padded(text, width)) == max(width, columns(text))


@given(WORDS, st.integers(0, 30))
def test_what_is_cut_fits_and_is_the_beginning(words: list[str], width: int) -> None:
    text = " ".join(words)
    short = cut(text, width)
    assert text.startswith(short)
    assert columns(short) <= width < columns(short) + 2 or short == text


@given(WORDS, st.integers(8, 30))
def test_no_line_is_wider_than_asked_and_nothing_is_lost(words: list[str], width: int) -> None:
    lines = wrapped(" ".join(words), width, "- ", "  ")
    assert all(columns(line) <= width for line in lines)
    assert "".join("".join(line[2:] for line in lines).split()) == "".join(words)


def test_chinese_is_parted_without_blanks() -> None:
    lines = wrapped(CHINESE, 20)
    assert len(lines) == 3
    assert "".join(lines) == CHINESE


@given(st.text("ab -é", max_size=60), st.integers(5, 30))
def test_other_texts_are_wrapped_as_ever(text: str, width: int) -> None:
    assert wrapped(text, width) == textwrap.wrap(text, width)
