"""Streams cut anywhere end as the whole text looks, and cost the same however long they are."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.ui.longtext import FORCED, LongText
from chat_tui.ui.markdown import Block, Code, Table, parse, same
from chat_tui.ui.markdown_stream import OPEN, Stream
from chat_tui.ui.widgets.chunk import Chunk
from tests.ui.test_markdown import DOCUMENT, grown, shown

PIECES = [
    *(
        "# Title\n",
        "- item\n",
        "  - inner\n",
        "1. one\n",
        "> quote\n",
        "```py\n",
        "```\n",
        "\n",
        "\n\n",
    ),
    *(
        "| a | b |\n|---|---|\n| 1 | 2 |\n",
        "**bold** ",
        "word ",
        "`code` ",
        "---\n",
        "    indented\n",
    ),
    *("$$\nx_1\n$$\n", "- [x] task\n", "日本 ", "~~~\n", "https://example.org/a_b_c "),
]


def whole(text: str) -> list[Block]:
    pieces = LongText.of(text)
    return [block for at in range(len(pieces)) for block in pieces.blocks(at)]


def cut(text: str, seed: int, length: int = 7) -> list[str]:
    choose = random.Random(seed)
    marks = sorted(choose.randrange(len(text) + 1) for _ in range(len(text) // length))
    return [text[a:b] for a, b in zip([0, *marks], [*marks, len(text)], strict=True)]


def ended(pieces: list[str]) -> list[Block]:
    stream, settled = Stream(), []
    for piece in pieces:
        settled += stream.feed(piece)[0]
    return settled + stream.end()


@given(st.lists(st.sampled_from(PIECES), max_size=25), st.integers(0, 1000))
@settings(max_examples=80, deadline=None)
def test_cut_anywhere_a_stream_ends_as_the_whole(pieces: list[str], seed: int) -> None:
    text = "".join(pieces)
    assert shown(grown(cut(text, seed))) == shown(parse(text))


@pytest.mark.parametrize("seed", range(2))
def test_all_of_a_long_document_is_there_in_order(seed: int) -> None:
    text = "\n".join([DOCUMENT.replace("Title", f"Title {number}") for number in range(30)])
    assert shown(grown(cut(text, seed, 40))) == shown(whole(text)) == shown(parse(text))


LINES = "".join(f"def function_{number}(x): return {number}\n" for number in range(700))
LONG = {
    "code": f"Before.\n\n```python\n{LINES}```\n\nAfter.",
    "open code": f"```python\n{LINES}",
    "quote": "".join(f"> quote {number}\n" for number in range(2000)),
    "one line": "word " * 5000,
    "no space": "x" * 40_000,
    "one item": "- a\n" + "".join(f"  - nested {number}\n" for number in range(1000)) + "\nAfter.",
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_what_is_far_too_long_is_all_there_however_it_came(text: str) -> None:
    pieces = [text[at : at + 999] for at in range(0, len(text), 999)]
    came = "".join("".join(shown(ended(pieces), 200)).split())
    assert came == "".join("".join(shown(whole(text), 200)).split())


def test_a_long_table_has_its_header_again() -> None:
    text = "| number | word |\n|--|--|\n" + "".join(f"| {n} | w{n} |\n" for n in range(1000))
    lines = shown(grown([text[at : at + 2000] for at in range(0, len(text), 2000)]))
    numbers = [line.split()[0] for line in lines if line[:1].isdigit()]
    assert numbers == [str(number) for number in range(1000)]
    assert 1 < sum(line.startswith("number") for line in lines) < 5


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_what_is_drawn_anew_stays_small_however_long_it_gets(text: str) -> None:
    stream, chunk, most = Stream(), Chunk(), 0
    chunk.rows(80)
    for at in range(0, len(text), 1500):
        before = set(map(id, chunk.blocks))
        _, tail = stream.feed(text[at : at + 1500])
        fresh = sum(len(getattr(b, "content", "")) for b in tail if id(b) not in before)
        most = max(most, fresh)
        chunk.show(tail)
    # Once it has ended it is read as a whole, but for what was cut off before; a line is never
    # read in parts.
    in_parts = "\n" in text and "```\n" not in text
    assert most <= (OPEN if in_parts else FORCED) + 1600
    assert len(stream._tail) <= FORCED + OPEN or text.startswith("- ")


def test_code_keeps_the_colours_of_the_whole_while_it_grows() -> None:
    text = 'x = """\n' + "a word\n" * 600 + '"""\n'
    stream = Stream()
    _, tail = stream.feed("```python\nif x:\n")
    _, tail = stream.feed(text)
    parts = [block for block in tail if isinstance(block, Code)]
    assert len(parts) > 1
    assert parts[0].language == "python"
    assert parts[1].goes_on
    assert any("success" in str(span.style) for span in parts[1].content.spans)


def test_a_stream_of_usual_length_needs_no_repair() -> None:
    text = f"Before.\n\n```python\n{LINES[:15_000]}```\n\n{DOCUMENT}"
    assert same(grown(cut(text, 3, 99)), whole(text))


ROWS = "".join(f"| {number} | word **{number}** |\n" for number in range(280))
OPEN_BLOCKS = {
    "item": "1. step\n" + "".join(f"   - nested *{n}*\n     more {n}\n" for n in range(250)),
    "item with code": "- step\n  ```py\n"
    + "".join(f"  x = {n}\n" for n in range(500))
    + "  ```\n  end\n",
    "item of paragraphs": "- " + "".join(f"word **{n}**\n  and\n\n  " for n in range(250)),
    "quote": "".join(f"> quote `{n}`\n" for n in range(400)),
    "lines": "".join(f"line *{n}*\n" for n in range(500)),
    "table": "| number | word |\n|--:|:--|\n" + ROWS,
}


@pytest.mark.parametrize("text", OPEN_BLOCKS.values(), ids=OPEN_BLOCKS)
def test_a_long_block_looks_right_before_it_ends(text: str) -> None:
    stream, tail, settled = Stream(), [], []
    assert OPEN < len(text) < FORCED
    for at in range(0, len(text), 500):
        done, tail = stream.feed(text[at : at + 500])
        settled += done
    assert shown([*settled, *tail], 60) == shown(parse(text), 60)
    assert len(max((t.rows for t in tail if isinstance(t, Table)), key=len, default=())) in (0, 281)
