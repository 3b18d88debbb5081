"""A sign of several characters keeps its cells, whatever part of it has another style."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.content import Content

from chat_tui.ui.clusters import Signs
from chat_tui.ui.line_filter import ControlFilter
from chat_tui.ui.markdown import Code, Prose, parse
from chat_tui.ui.widgets.searchable import marked

SIGNS = ["👩\u200d🚀", "❤\ufe0f", "1\ufe0f\u20e3", "👩\u200d❤\ufe0f\u200d👩"]


def drawn(content: Content) -> list[str]:
    """What the terminal gets of it, style by style."""
    segments = [Segment(text) for text, _style in content.render(end="")]
    return [segment.text for segment in ControlFilter().apply(segments, Color(0, 0, 0))]


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("words", ["👩", "🚀", "1", "\ufe0f", "❤"])
def test_a_mark_on_a_part_of_a_sign_marks_all_of_it(sign: str, words: str) -> None:
    text = Content(f"a{sign}b")
    shown = drawn(marked(text, re.compile(words), None))
    assert "".join(shown) == text.plain
    assert sum(map(cell_len, shown)) == text.cell_length


@pytest.mark.parametrize(
    "source",
    [
        "a👩*\u200d🚀*b",
        "👩&#x200d;*&#x200d;🚀* x",
        "❤**\ufe0f**z",
        "```python\nx = 1\ufe0f\u20e3\n```",
    ],
)
def test_markdown_parts_no_sign(source: str) -> None:
    (block,) = parse(source)
    assert isinstance(block, Prose | Code)
    shown = drawn(block.content)
    assert "".join(shown) == block.content.plain
    assert sum(map(cell_len, shown)) == block.content.cell_length


@given(st.lists(st.sampled_from([*SIGNS, "a", "日", "e\u0301"])), st.integers(0), st.integers(0))
def test_what_is_whole_is_as_wide_in_pieces(signs: list[str], one: int, other: int) -> None:
    text = "".join(signs)
    start, end = sorted((one % (len(text) + 1), other % (len(text) + 1)))
    begin, after = Signs(text).whole(start, end)
    assert begin <= start <= end <= after
    pieces = (text[:begin], text[begin:after], text[after:])
    assert sum(map(cell_len, pieces)) == cell_len(text)
