"""Blocks of text set in lines of a given width.

Knows cells and blocks; must not know widgets. Pure: the same block and width give the same lines,
and no line is wider than the width. What is hard about tables is ``tables``'.
"""

from __future__ import annotations

from rich.cells import split_graphemes
from textual.content import Content

from chat_tui.ui.markdown import Block, Code, Prose, Rule, Table
from chat_tui.ui.tables import BAR, pad, table_lines, wrap

_CODE = "on $surface"
FOLDABLE = 8


def room_of(block: Block, width: int) -> int:
    """The cells that are left for it beside what stands before its lines."""
    return max(1, width - len(block.first[: width // 2]))


def lines(block: Block, width: int, start: int = 0) -> list[Content]:
    """``block`` in lines of at most ``width`` cells, its gap included.

    A table that has no place shows the columns from ``start`` on.
    """
    first, rest = block.first[: width // 2], block.rest[: width // 2]
    room = room_of(block, width)
    match block:
        case Prose(content):
            body = wrap(content, room)
        case Code(content, language):
            body = _code(content, language, room)
        case Table():
            body = table_lines(block, room, start)
        case Rule():
            body = [Content.styled("─" * room, BAR)]
    found = [] if block.gap is None else [Content.styled(block.gap[: width // 2], BAR)]
    prefix = first
    for line in body:
        found.append(Content.styled(prefix, BAR) + line if prefix else line)
        prefix = rest
    if width < FOLDABLE:
        # Nothing folds to less than two cells; what sticks out is cut.
        return [line.truncate(width) for line in found]
    return found


def _code(content: Content, language: str, room: int) -> list[Content]:
    edge = 1 if room > 3 else 0
    inner = room - 2 * edge
    found = [Content.styled(language, BAR).truncate(inner)] if language else []
    for line in content.split("\n", allow_blank=True):
        found.extend(folded(line, inner) if line.cell_length > inner else [line])
    return [pad(line, inner, "").pad(edge, edge).stylize_before(_CODE) for line in found]


def folded(line: Content, width: int) -> list[Content]:
    """A line in pieces of at most ``width`` cells; all of it.

    ``Content.fold`` takes the rest of a line for its end where marks have no cell of their own, so
    that an accent could hide from a person what they are asked about.
    """
    if line.plain.isascii():
        return line.fold(width)
    cuts, used = [], 0
    for start, _end, cells in split_graphemes(line.plain)[0]:
        if used and used + cells > width:
            cuts.append(start)
            used = 0
        used += cells
    return list(line.divide(cuts)) if cuts else [line]
