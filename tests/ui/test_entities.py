"""What entities and addresses decode to is as clean as what was written outright."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st
from textual.content import Content

from chat_tui.ui.footnotes import CLOSE, OPEN
from chat_tui.ui.layout import lines
from chat_tui.ui.markdown import CITED, LINK, Block, Code, Prose, Table, parse
from chat_tui.untrusted import clean
from tests.ui.hostile_page import FORBIDDEN
from tests.ui.test_markdown import grown

HIDDEN = [
    *range(0x20), 0x7F, *range(0x80, 0xA0), 0xAD, 0x301, 0x34F, 0x61C, 0x115F, 0x180E, 0x200B,
    0x200D, 0x200E, 0x202E, 0x2028, 0x2060, 0x2066, 0x3164, 0xD800, 0xE000, 0xE001, 0xFE0F, 0xFEFF,
    0xFFFB, 0x1D173, 0x1F3FB, 0x1F469, 0xE0041, 0xE0100,
]  # fmt: skip
ENTITIES = st.one_of(
    st.sampled_from(HIDDEN).map(lambda code: f"&#{code};"),
    st.sampled_from(HIDDEN).map(lambda code: f"&#x{code:x};"),
    st.sampled_from(HIDDEN).map(lambda code: quote(chr(code).encode(errors="surrogatepass"))),
    st.sampled_from(["&zwj;", "&ZeroWidthSpace;", "&shy;", "&lrm;", "&NoBreak;", "&NewLine;"]),
    st.just("&#xe000;1&#xe001;"),
)
PLACES = [
    "{}", "a{}b", "**a{}**{}", "_{}_{}", "[{}](https://a.b/{})", "<https://a.b/{}>", "# {}",
    "https://a.b/{}", "![{}]({})", "`{}`", "\n\n```{}\n{}\n```\n", "| {} | b |\n|---|---|\n|{}|c|",
    "- [x] {}", "\n> {}", "$${}$$", "[a]: https://{}\n\n[a]", "e\u0301{}", "👩{}", "~~{}~~", "\n\n",
]  # fmt: skip


@st.composite
def hostile(draw: st.DrawFn) -> list[str]:
    """Pieces of a text, with entities everywhere."""
    return [
        place.replace("{}", "".join(draw(st.lists(ENTITIES, min_size=1, max_size=3))))
        for place in draw(st.lists(st.sampled_from(PLACES), max_size=6))
    ]


def contents(block: Block) -> Iterator[Content]:
    """All the text of a block."""
    yield Content(block.first + block.rest)
    if isinstance(block, Prose | Code):
        yield block.content
    if isinstance(block, Code):
        yield Content(block.language)
        yield Content(block.source)
    if isinstance(block, Table):
        yield from (cell for row in block.rows for cell in row)


@given(hostile())
@settings(max_examples=150, deadline=None)
def test_what_is_shown_holds_nothing_that_the_cleaner_removes(pieces: list[str]) -> None:
    for block in (*parse("".join(pieces)), *grown(pieces)):
        for content in contents(block):
            assert clean(content.plain) == content.plain
            assert OPEN not in content.plain
            assert CLOSE not in content.plain
            for span in content.spans:
                if not isinstance(span.style, str):
                    assert CITED not in span.style.meta
                    assert span.style.meta.get(LINK, "").isprintable()
        for line in lines(block, 30):
            assert not FORBIDDEN.search(line.plain)
            assert line.cell_length <= 30
