"""Markdown as blocks of styled text.

Knows CommonMark tokens and ``Content``; must not know widgets, widths or the model. The source is
hostile: no style made here carries an action, only http and https links are marked as links and
every address is spelled out, HTML is text, and whatever entities decode to is cleaned again.

Textual's own Markdown widget is not used: it opens any link on a click, and its widget for every
cell and bullet makes long answers slow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from textual.content import Content, Span
from textual.style import Style

from chat_tui.language import _
from chat_tui.ui import footnotes, formula, lenient
from chat_tui.ui.clusters import styled
from chat_tui.ui.footnotes import NOTE, UNKNOWN, label, labelled, unforged
from chat_tui.ui.highlight import highlight
from chat_tui.untrusted import clean, clean_after, clean_line

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token
    from markdown_it.tree import SyntaxTreeNode

LINK = "link"
"""The key in a style's meta that holds a link's address."""
CITED = "cited"
"""The key in a style's meta that holds a footnote's number."""
MAX_NESTING = 60
"""Quotes and lists within each other; what is nested deeper is not shown."""
BULLETS = "•◦▪"


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph, a heading or a list item's text, to be wrapped."""

    content: Content
    first: str = ""
    """What stands before the first line: bullets, quote bars, indentation."""
    rest: str = ""
    """What stands before the other lines."""
    gap: str | None = None
    """The prefix of the blank line above; None where there is none."""


@dataclass(frozen=True, slots=True)
class Code:
    """A block of code; lines are folded, never reflowed."""

    content: Content
    language: str
    first: str = ""
    rest: str = ""
    gap: str | None = None
    source: str = ""
    """The code as it was written, to be copied."""
    goes_on: bool = False
    """Whether it is the rest of the code above."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, the first being the header."""

    rows: tuple[tuple[Content, ...], ...]
    aligns: tuple[str, ...]
    first: str = ""
    rest: str = ""
    gap: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across."""

    first: str = ""
    rest: str = ""
    gap: str | None = None


Block = Prose | Code | Table | Rule


def parse(source: str) -> list[Block]:
    """The blocks of ``source``. Any text whatever gives some blocks."""
    return list(blocks(read(clean(source))))


def plain(block: Block) -> str:
    """The text of a block, without its styles."""
    match block:
        case Prose(content) | Code(content):
            return content.plain
        case Table(rows):
            return "\n".join(cell.plain for row in rows for cell in row)
        case Rule():
            return ""


def same(one: Sequence[Block], other: Sequence[Block]) -> bool:
    """Whether two documents look alike (``==`` of Content ignores styles)."""
    return len(one) == len(other) and all(map(_same_block, one, other))


@cache
def _parser() -> MarkdownIt:
    # Stateless once configured, so one may serve all. Loaded late: the first paint has no Markdown.
    from markdown_it import MarkdownIt  # noqa: PLC0415

    options = {"html": False, "breaks": True, "maxNesting": MAX_NESTING}
    parser = MarkdownIt("gfm-like", options)
    return lenient.teach(footnotes.teach(formula.teach(parser)))


def read(source: str) -> list[Token]:
    """The tokens of ``source``, which is clean."""
    return _parser().parse(source)


def blocks(
    tokens: Sequence[Token],
    *,
    begun: bool = False,
    next_item: int | None = None,
    within: str = "",
) -> Iterator[Block]:
    """Blocks of a document, or of the rest of one that has ``begun``, maybe within a list.

    ``within`` stands before each line of what is the rest of an item.
    """
    from markdown_it.tree import SyntaxTreeNode  # noqa: PLC0415

    for index, node in enumerate(SyntaxTreeNode(tokens).children):
        if index == 0 and next_item is not None and node.type.endswith("_list"):
            yield from _list(node, "", "", None, depth=0, start=next_item)
        else:
            nested_list = within and node.type.endswith("_list")
            gap = within.rstrip() if (begun or index) and not nested_list else None
            yield from _walk(node, within, within, gap, depth=1 if within else 0)


def _walk(
    node: SyntaxTreeNode, first: str, rest: str, gap: str | None, depth: int
) -> Iterator[Block]:
    match node.type:
        case "paragraph" | "heading" | "inline":
            content = _inline(node)
            if node.type == "heading":
                content = content.stylize_before(_HEADINGS.get(node.tag, "bold italic"))
            yield Prose(content, first, rest, gap)
        case "bullet_list" | "ordered_list":
            start = int(node.attrs.get("start", 1))
            yield from _list(node, first, rest, gap, depth, start)
        case "blockquote":
            yield from _children(node, first + "▎ ", rest + "▎ ", gap, depth)
        case "fence" | "code_block":
            language = language_of(node.info)
            source = labelled(clean(node.content)).removesuffix("\n")
            label = language or ("code" if node.type == "fence" else "")
            code = highlight(source.rstrip("\n").expandtabs(4), language)
            yield Code(code, label, first, rest, gap, source)
        case formula.BLOCK:
            text = labelled(clean(node.content.rstrip("\n"))).expandtabs(4)
            yield Prose(Content.styled(text, _FORMULA), first, rest, gap)
        case "table":
            yield _table(node, first, rest, gap)
        case "hr":
            yield Rule(first, rest, gap)
        case _:
            yield Prose(Content(labelled(clean(node.content))), first, rest, gap)


def language_of(info: str) -> str:
    """The language that stands behind the marks of a fence; empty where none does."""
    return unforged(clean_line(info)).partition(" ")[0]


def _children(
    node: SyntaxTreeNode, first: str, rest: str, gap: str | None, depth: int
) -> Iterator[Block]:
    """The blocks of a container: the first takes its prefix and gap, the others follow."""
    for index, child in enumerate(node.children):
        if index:
            nested_list = child.type.endswith("_list") and depth > 0
            first, gap = rest, None if nested_list else rest.rstrip()
        yield from _walk(child, first, rest, gap, depth)
    if not node.children:
        yield Prose(Content(""), first, rest, gap)


def _list(
    node: SyntaxTreeNode, first: str, rest: str, gap: str | None, depth: int, start: int
) -> Iterator[Block]:
    for number, item in enumerate(node.children):
        if node.type == "ordered_list":
            marker = f" {start + number}. "
        else:
            marker = f" {BULLETS[depth % len(BULLETS)]} "
        if box := _take_box(item):
            marker = f" {box} " if node.type == "bullet_list" else f"{marker}{box} "
        indent = " " * len(marker)
        yield from _children(item, first + marker, rest + indent, gap, depth + 1)
        first, gap = rest, None


BOXES = {"[ ] ": "☐", "[x] ": "☑", "[X] ": "☑"}
"""How a task begins, and how its state is shown."""


def _take_box(item: SyntaxTreeNode) -> str:
    """The box of a list item that is a task, taken off its text; empty for any other."""
    paragraph = item.children[0] if item.children else None
    if paragraph is None or paragraph.type != "paragraph" or not paragraph.children:
        return ""
    inline = paragraph.children[0].token
    words = inline.children[0] if inline and inline.children else None
    if words is None or words.type != "text" or words.content[:4] not in BOXES:
        return ""
    box = BOXES[words.content[:4]]
    words.content = words.content[4:]
    return box


def _table(node: SyntaxTreeNode, first: str, rest: str, gap: str | None) -> Table:
    rows = [row for part in node.children for row in part.children]
    aligns = tuple(
        str(cell.attrs.get("style", "")).removeprefix("text-align:") for cell in rows[0].children
    )
    cells = tuple(tuple(_inline(cell) for cell in row.children) for row in rows)
    return Table(cells, aligns, first, rest, gap)


def _inline(node: SyntaxTreeNode) -> Content:
    inline = node if node.type == "inline" else node.children[0] if node.children else None
    if inline is None or inline.token is None:
        return Content("")
    return _spans(inline.token.children or ())


_STYLES = {"em_open": "italic", "strong_open": "bold", "s_open": "strike"}
_CODE = "$text-warning"
_FORMULA = "italic"
_ADDRESS = "$text-muted"
_HEADINGS = {"h1": "$text-accent bold underline", "h2": "$text-accent bold", "h3": "bold"}
"""Told apart without colours too."""
_CITED = "$text-accent"
_BEFORE = 20
"""Characters that cleaning needs of what stands to the left."""


def _spans(tokens: Sequence[Token]) -> Content:
    """Inline tokens as one Content; styles name theme colours, never actions."""
    text: list[str] = []
    spans: list[Span] = []
    open_at: list[tuple[int, Token]] = []
    length, last = 0, ""

    def add(piece: str, style: str = "") -> None:
        nonlocal length, last
        piece = clean_after(last, unforged(labelled(piece)))
        if style and piece:
            spans.append(Span(length, length + len(piece), style))
        text.append(piece)
        length += len(piece)
        last = (last + piece)[-_BEFORE:]

    def add_note(number: int) -> None:
        begin = length
        add(label(number), _CITED if number != UNKNOWN else _ADDRESS)
        if number != UNKNOWN:
            spans.append(Span(begin, length, Style.from_meta({CITED: number})))

    def add_source(source: str, style: str) -> None:
        """What nothing was decoded in: a mark in it is one."""
        for at, piece in enumerate(NOTE.split(source)):
            if at % 2:
                add_note(int(piece))
            else:
                add(piece, style)

    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            add("\n")
        elif token.type == "code_inline":
            add_source(token.content, _CODE)
        elif token.type == formula.INLINE:
            add_source(token.content, _FORMULA)
        elif token.type == footnotes.MARK:
            add_note(int(token.content))
        elif token.type == "image":
            named = _("[image: {name}]").format(name=token.content)
            add(named if token.content else _("[image]"))
            add(f" ({token.attrs.get('src', '')})", _ADDRESS)
        elif token.type.endswith("_open"):
            open_at.append((length, token))
        elif token.type.endswith("_close") and open_at:
            start, opening = open_at.pop()
            if opening.type == "link_open":
                address = unforged(clean_line(str(opening.attrs.get("href", ""))))
                words = "".join(text)[start:] if start < length else ""
                if is_web(address):
                    spans.append(Span(start, length, "underline"))
                    spans.append(Span(start, length, Style.from_meta({LINK: address})))
                if words != address:
                    add(f" ({address})" if words else address, _ADDRESS)
            elif start < length:
                spans.append(Span(start, length, _STYLES.get(opening.type, "")))
        else:
            add(token.content)
    return styled("".join(text), spans)


def is_web(address: str) -> bool:
    """Whether ``address`` is of the only two schemes that count as links here."""
    return address.startswith(("http://", "https://"))


def _same_block(one: Block, other: Block) -> bool:
    if type(one) is not type(other) or one != other:
        return False
    if isinstance(one, Table) and isinstance(other, Table):
        return all(
            a.is_same(b)
            for row, twin in zip(one.rows, other.rows, strict=True)
            for a, b in zip(row, twin, strict=True)
        )
    if isinstance(one, Prose | Code) and isinstance(other, Prose | Code):
        return one.content.is_same(other.content)
    return True
