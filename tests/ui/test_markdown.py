"""Markdown in blocks and lines: growing gives what the whole gives, and nothing in it acts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.content import Content
from textual.style import Style

from chat_tui.ui.layout import lines
from chat_tui.ui.markdown import LINK, Block, Prose, Table, parse, same
from chat_tui.ui.markdown_stream import Stream

DOCUMENT = """\
# Title

Some **bold**, *italic*, ~~gone~~ and `code`.
A second line.

- one
- two
  1. inner
  2. more

     a paragraph
- three

> A quote
>
> - with a list

```python
def f(x):
    return x

```

| a | b |
|---|--:|
| 1 | **2** |

---

1. first
2. second

    indented code

The end, https://example.org/x.
"""


def shown(blocks: list[Block], width: int = 40) -> list[str]:
    return [line.plain.rstrip() for block in blocks for line in lines(block, width)]


def styles(block: Block) -> list[Any]:
    contents: list[Content] = []
    if isinstance(block, Table):
        contents = [cell for row in block.rows for cell in row]
    elif hasattr(block, "content"):
        contents = [block.content]
    return [span.style for content in contents for span in content.spans]


def grown(pieces: list[str]) -> list[Block]:
    stream, settled, tail = Stream(), [], []
    for piece in pieces:
        new, tail = stream.feed(piece)
        settled += new
    return settled + tail


def test_a_document_looks_like_this() -> None:
    assert shown(parse(DOCUMENT)) == [
        "Title",
        "",
        "Some bold, italic, gone and code.",
        "A second line.",
        "",
        " • one",
        " • two",
        "    1. inner",
        "    2. more",
        "",
        "       a paragraph",
        " • three",
        "",
        "▎ A quote",
        "▎",
        "▎  • with a list",
        "",
        " python",
        " def f(x):",
        "     return x",
        "",
        "a │ b",
        "──┼──",
        "1 │ 2",
        "",
        "─" * 40,
        "",
        " 1. first",
        " 2. second",
        "",
        "    indented code",
        "",
        "The end, https://example.org/x.",
    ]


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_growing_gives_what_the_whole_gives(size: int) -> None:
    pieces = [DOCUMENT[at : at + size] for at in range(0, len(DOCUMENT), size)]
    assert same(grown(pieces), parse(DOCUMENT))


MARKS = ["# ", "- ", "1. ", "> ", "```", "\n", "\n\n", "    ", "--", "**", "`", "[a](b)", "x ", "_"]
MARKUP = st.sampled_from([*MARKS, "|"])
PLAIN = st.sampled_from(["word ", "**bold** ", "\n\n", "- item\n", "1. n\n", "x\n"])


@given(st.lists(MARKUP | st.text(max_size=8), max_size=40))
@settings(max_examples=150, deadline=None)
def test_any_text_gives_blocks_and_lines_that_fit(pieces: list[str]) -> None:
    text = "".join(pieces)
    for block in [*parse(text), *grown(pieces)]:
        for width in (1, 2, 7, 40):
            assert all(line.cell_length <= width for line in lines(block, width))


@given(st.lists(MARKUP | st.text(max_size=8), max_size=30))
@settings(max_examples=150, deadline=None)
def test_nothing_read_carries_an_action(pieces: list[str]) -> None:
    for block in parse("".join(pieces)):
        for style in styles(block):
            assert "@click" not in (style.meta if isinstance(style, Style) else style)


@given(st.lists(PLAIN, max_size=30))
@settings(max_examples=150, deadline=None)
def test_growing_plain_documents_needs_no_repair(pieces: list[str]) -> None:
    assert shown(grown(pieces)) == shown(parse("".join(pieces)))


def test_settled_text_is_not_read_again() -> None:
    stream = Stream()
    sizes = []
    for number in range(300):
        stream.feed(f"paragraph {number}\n\n")
        sizes.append(len(stream._tail))
    assert max(sizes) < 50
    items = Stream()
    for number in range(300):
        items.feed(f"- item {number}\n")
        assert len(items._tail) < 50


def test_only_web_addresses_are_links_and_all_addresses_are_shown() -> None:
    text = "[web](https://a.example/x) [app](vscode://x) [js](javascript:alert(1)) [rel](/etc/x)"
    (block,) = parse(text)
    assert shown([block], 200) == [
        "web (https://a.example/x) app (vscode://x) [js](javascript:alert(1)) rel (/etc/x)"
    ]
    linked = [style.meta for style in styles(block) if isinstance(style, Style) and style.meta]
    assert linked == [{LINK: "https://a.example/x"}]


def test_entities_cannot_bring_control_characters_back() -> None:
    assert "\u202e" not in "".join(shown(parse("a &#x202e;b `&#x202e;` [&#x9b;](x&#x202e;)")))


def test_html_is_text() -> None:
    assert shown(parse("<b>x</b>\n\n<script>y</script>")) == ["<b>x</b>", "", "<script>y</script>"]


def test_line_breaks_of_the_model_are_kept() -> None:
    assert shown(parse("Roses are red\nViolets are blue")) == ["Roses are red", "Violets are blue"]


def test_wide_characters_keep_their_cells() -> None:
    for line in lines(parse("日本語のテキスト " * 10)[0], 21):
        assert line.cell_length <= 21
    table = parse("| 名前 | b |\n|---|---|\n| 日本 | 😀 |")[0]
    assert len({line.cell_length for line in lines(table, 40)}) == 1


def test_a_table_too_wide_becomes_a_list() -> None:
    table = parse("|a|b|c|d|\n|-|-|-|-|\n|1|2|3|4|")[0]
    assert [line.plain for line in lines(table, 12)][:4] == ["a: 1", "b: 2", "c: 3", "d: 4"]


def test_code_of_an_unknown_language_or_without_end_is_shown() -> None:
    assert shown(parse("```nosuchlanguage\nx = 1"))[:2] == [" nosuchlanguage", " x = 1"]


def test_a_very_long_table_is_set_in_one_widget_worth_of_lines() -> None:
    rows = "|a" * 100 + "|\n" + "|-" * 100 + "|\n" + ("|x" * 100 + "|\n") * 100
    (block,) = parse(rows)
    assert len(lines(block, 500)) == 102


def test_levels_of_headings_look_different_without_colours_too() -> None:
    blocks = parse("# one\n\n## two\n\n### three\n\n#### four\n")
    looks = [str(block.content.spans[0].style) for block in blocks if isinstance(block, Prose)]
    assert len({look.replace("$text-accent ", "") for look in looks}) >= 3
    assert len(set(looks)) == 4
