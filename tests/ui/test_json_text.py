"""JSON in lines: nothing but blanks between tokens changes, however the text is cut."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.ui.json_text import Indenter

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(values, st.sampled_from([None, 1, 4]))
def test_it_is_set_as_the_standard_library_sets_it(value: object, indent: int | None) -> None:
    assert Indenter().feed(json.dumps(value, indent=indent)) == json.dumps(value, indent=2)


@given(st.text(alphabet='{}[]",:\\ \nab1'), st.lists(st.integers(0, 30)))
def test_pieces_give_what_the_whole_gives_and_nothing_but_blanks_is_lost(
    text: str, cuts: list[int]
) -> None:
    indenter, at, pieces = Indenter(), 0, []
    for cut in sorted(cuts):
        pieces.append(indenter.feed(text[at:cut]))
        at = max(at, cut)
    pieces.append(indenter.feed(text[at:]))
    shown = Indenter().feed(text)
    assert "".join(pieces) == shown
    assert "".join(shown.split()) == "".join(text.split())


def test_numbers_stay_as_they_were_written() -> None:
    assert Indenter().feed("[1.10,1e400]") == "[\n  1.10,\n  1e400\n]"


@pytest.mark.parametrize("text", ["{", "[" * 5000, "]" * 5000, '{"a'])
def test_what_is_not_whole_is_shown_too(text: str) -> None:
    assert "".join(Indenter().feed(text).split()) == text
