r"""Formulas, tasks, tables and labels of code: Markdown as people expect it from a model."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.ui.layout import lines
from chat_tui.ui.markdown import parse
from chat_tui.ui.widgets.chunk import Chunk
from tests.ui.test_markdown import grown, same, shown

FORMULAS = [
    r"Let \(a_1 * b_1 * c\) and \( \frac{x}{y} \) be.",
    r"So \[ x_i = \sum_j a_j * b_j \] holds.",
    r"Both $x_i*y_i*z$ and $$a_b*c_d*e$$ stay.",
    "\\[\nE = mc^2 \\\\\n- a_1\n= 3\n\\]",
    "$$\n\\begin{aligned}\n# 1 &= 2 \\\\\n* x &= _y_\n\\end{aligned}\n$$",
    "2*3*4 is 24 and f(a*b*c) too.",
    "$5 and $6 buy what $HOME:$PATH names.",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_left_as_it_was_written(text: str) -> None:
    assert "\n".join(shown(parse(text), 80)) == text


def test_a_formula_ends_where_it_should() -> None:
    text = "$$\na_b\n$$\n\n**bold**\n\n$$ left open\n_a_\n\n*end* `$x` and `y$`"
    assert shown(parse(text)) == [
        *("$$", "a_b", "$$", "", "bold", "", "$$ left open", "_a_", "", "end $x and y$")
    ]


def test_emphasis_still_is_emphasis() -> None:
    assert shown(parse("*a* **b** ***c*** 日本**語**で a**b**c _d_ snake_case_name")) == [
        "a b c 日本語で abc d snake_case_name"
    ]


@given(
    st.lists(st.sampled_from(["$$", "$", "\\[", "\\]", "\\(", "\\)", "\n", "\n\n", "a_b_", "- "]))
)
@settings(max_examples=100, deadline=None)
def test_formulas_grow_as_they_are_read(pieces: list[str]) -> None:
    assert same(grown(pieces), parse("".join(pieces)))


def test_tasks_have_boxes() -> None:
    text = "- [ ] open\n- [x] **done**\n  - [X] inner\n  - [y] none\n- [ ]none\n\n1. [ ] first"
    assert shown(parse(text)) == [
        *(" ☐ open", " ☑ done", "    ☑ inner", "    ◦ [y] none", " • [ ]none", "", " 1. ☐ first")
    ]


def test_the_label_of_a_block_of_code_leads_to_exactly_its_text() -> None:
    chunk = Chunk(parse("Text.\n\n```python\n\tx = 1\n\n```\n\n    indented\n\n```\nplain\n```"))
    chunk.rows(40)
    found = {y: code for y in range(20) if (code := chunk.code_at(y))}
    assert [(y, code.language, code.source) for y, code in found.items()] == [
        (2, "python", "\tx = 1\n"),
        (7, "code", "plain"),
    ]


def test_words_in_a_narrow_table_stay_whole_or_it_becomes_a_list() -> None:
    text = "| Place | What to know of it |\n|--|--|\n| Copenhagen | bicycles and bridges |\n"
    (table,) = parse(text)
    assert [line.plain.rstrip() for line in lines(table, 24)] == [
        "Place      │ What to",
        "           │ know of it",
        "───────────┼────────────",
        "Copenhagen │ bicycles",
        "           │ and bridges",
    ]
    assert [line.plain for line in lines(table, 16)][:2] == ["Place:", "Copenhagen"]


@given(
    st.lists(st.text("a日 本😀", max_size=12), min_size=4, max_size=4),
    st.integers(min_value=8, max_value=40),
)
@settings(max_examples=60, deadline=None)
def test_no_cell_of_a_table_is_cut_in_the_middle_of_a_wide_character(
    cells: list[str], width: int
) -> None:
    (table,) = parse("|{}|{}|\n|-|-|\n|{}|{}|".format(*cells))
    found = lines(table, width)
    assert all(line.cell_length <= width for line in found)
    for char in "日本😀a":
        assert "".join(line.plain for line in found).count(char) >= "".join(cells).count(char)
