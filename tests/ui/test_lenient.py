"""Markdown as models write it: names of files, breaks in cells, stars between characters."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.ui.layout import lines
from chat_tui.ui.markdown import LINK, Prose, Table, parse, same
from tests.ui.test_markdown import grown, shown, styles


def bold(text: str) -> list[str]:
    """What is bold in a paragraph."""
    (block,) = parse(text)
    assert isinstance(block, Prose)
    content = block.content
    return [content.plain[span.start : span.end] for span in content.spans if span.style == "bold"]


def test_a_name_of_a_file_is_no_address() -> None:
    text = "See README.md, main.py and setup.rs; mail me@x.org, 127.0.0.1, os.path.is."
    assert shown(parse(text), 100) == [text]
    (block,) = parse("It is at https://example.org/a.md.")
    assert {LINK: "https://example.org/a.md"} in [getattr(one, "meta", {}) for one in styles(block)]


def test_a_break_in_a_cell_begins_a_line_there() -> None:
    (table,) = parse("| what | why |\n|---|---|\n| one<br>two<BR /> three | x |\n")
    assert isinstance(table, Table)
    assert [line.plain.rstrip() for line in lines(table, 40)] == [
        "what  │ why",
        "──────┼────",
        "one   │ x",
        "two   │",
        "three │",
    ]


def test_rows_of_several_lines_are_parted() -> None:
    (table,) = parse("| a | b |\n|---|---|\n| one<br>two | x |\n| three | y |\n")
    assert [line.plain.rstrip() for line in lines(table, 40)] == [
        *("a     │ b", "──────┼──", "one   │ x", "two   │", "──────┼──", "three │ y")
    ]


def test_other_tags_stay_text() -> None:
    text = "a <b>x</b> <brx> <br"
    assert shown(parse(text)) == [text]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("**注意：**请看", ["注意："]),
        ("他说**“你好”**。", ["“你好”"]),
        ("日本語の**「引用」**と**強調**です。", ["「引用」", "強調"]),
        ("한국어**(강조)**는", ["(강조)"]),
        ("**`code`**：内容", ["code"]),
        ("2*3*4 **a** b", ["a"]),
        ("** 中 **", []),
    ],
)
def test_stars_need_no_spaces_where_a_script_has_none(text: str, parts: list[str]) -> None:
    assert bold(text) == parts


@given(st.lists(st.sampled_from(["**", "*", "中", "（", "”", "a", " ", "<br>", "\n", "| ", "-"])))
@settings(max_examples=100, deadline=None)
def test_they_grow_as_they_are_read(pieces: list[str]) -> None:
    assert same(grown(pieces), parse("".join(pieces)))


def test_a_rule_stands_only_between_the_rows_of_a_list() -> None:
    (table,) = parse("|aaaa|bbbb|cccc|\n|-|-|-|\n|1|2|3|\n|4|5|6|")
    assert [line.plain for line in lines(table, 10)] == [
        *("aaaa: 1", "bbbb: 2", "cccc: 3", "─" * 10, "aaaa: 4", "bbbb: 5", "cccc: 6")
    ]
