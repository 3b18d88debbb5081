"""Blocks of text set in lines of a given width.

Knows cells and blocks; must not know widgets. Pure: the same block and width give the same lines,
and no line is wider than the width.
"""

from __future__ import annotations

from rich.cells import cell_len, split_graphemes
from textual.content import Content

from chat_tui.ui.markdown import Block, Code, Prose, Rule, Table

_BAR = "$text-muted"
_CODE = "on $surface"
MIN_COLUMN = 3
"""Cells to which the columns of a table may shrink."""
WHOLE_WORD = 12
"""Cells to which they rather do not: a longer word may be broken, a shorter one stays whole."""
FOLDABLE = 8


def lines(block: Block, width: int) -> list[Content]:
    """``block`` in lines of at most ``width`` cells, its gap included."""
    first, rest = block.first[: width // 2], block.rest[: width // 2]
    room = max(1, width - len(first))
    match block:
        case Prose(content):
            body = _wrap(content, room)
        case Code(content, language):
            body = _code(content, language, room)
        case Table():
            body = _table(block, room)
        case Rule():
            body = [Content.styled("─" * room, _BAR)]
    found = [] if block.gap is None else [Content.styled(block.gap[: width // 2], _BAR)]
    prefix = first
    for line in body:
        found.append(Content.styled(prefix, _BAR) + line if prefix else line)
        prefix = rest
    if width < FOLDABLE:
        # Nothing folds to less than two cells; what sticks out is cut.
        return [line.truncate(width) for line in found]
    return found


def _wrap(content: Content, room: int) -> list[Content]:
    return [line.rstrip() for line in content.wrap(room)] or [Content("")]


def _code(content: Content, language: str, room: int) -> list[Content]:
    edge = 1 if room > 3 else 0
    inner = room - 2 * edge
    found = [Content.styled(language, _BAR).truncate(inner)] if language else []
    for line in content.split("\n", allow_blank=True):
        found.extend(folded(line, inner) if line.cell_length > inner else [line])
    return [_pad(line, inner, "").pad(edge, edge).stylize_before(_CODE) for line in found]


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


def _table(table: Table, room: int) -> list[Content]:
    count = len(table.aligns)
    natural = [max(_widest(row[at]) for row in table.rows) for at in range(count)]
    available = room - 3 * (count - 1)
    natural = [max(1, width) for width in natural]
    if sum(natural) <= available:
        widths = natural
    else:
        least = [_least(table, at, width) for at, width in enumerate(natural)]
        if sum(least) > available:
            return _as_list(table, room)
        widths = _shrink(natural, least, available)
    found: list[Content] = []
    rule = Content.styled("─┼─".join("─" * width for width in widths), _BAR)
    rows = [
        [_wrap(cell, width) for cell, width in zip(row, widths, strict=True)] for row in table.rows
    ]
    # Where a row takes several lines one would not see where the next begins.
    is_parted = any(len(cell) > 1 for cells in rows[1:] for cell in cells)
    for number, cells in enumerate(rows):
        if number == 1 or (number and is_parted):
            found.append(rule)
        for at in range(max(map(len, cells))):
            parts = [
                _pad(cell[at] if at < len(cell) else Content(""), width, align)
                for cell, width, align in zip(cells, widths, table.aligns, strict=True)
            ]
            line = Content.styled(" │ ", _BAR).join(parts)
            found.append(line.stylize_before("bold") if number == 0 else line)
    return found if len(rows) > 1 else [*found, rule]


def _as_list(table: Table, room: int) -> list[Content]:
    """A table too wide for its place: each row as lines of ``header: cell``."""
    header, *rows = table.rows
    found: list[Content] = []
    for number, row in enumerate(rows or [header]):
        if number:
            found.append(Content.styled("─" * room, _BAR))
        for title, cell in zip(header, row, strict=True):
            found.extend(_wrap(Content.assemble(title.stylize("bold"), ": ", cell), room))
    return found


def _widest(cell: Content) -> int:
    """Cells that its widest line takes."""
    if "\n" not in cell.plain:
        return cell.cell_length
    return max(map(cell_len, cell.plain.split("\n")))


def _least(table: Table, at: int, natural: int) -> int:
    """How narrow a column may be: as its longest word, up to a limit."""
    words = (word for row in table.rows for word in row[at].plain.split())
    longest = max((cell_len(word) for word in words if len(word) > MIN_COLUMN), default=0)
    return min(natural, max(MIN_COLUMN, min(longest, WHOLE_WORD)))


def _shrink(natural: list[int], least: list[int], available: int) -> list[int]:
    """Column widths that fit: the widest give way first, none below its least."""

    def at_most(limit: int) -> list[int]:
        return [max(low, min(wide, limit)) for wide, low in zip(natural, least, strict=True)]

    low, high = 1, max(natural)
    while low < high:
        middle = (low + high + 1) // 2
        if sum(at_most(middle)) <= available:
            low = middle
        else:
            high = middle - 1
    return at_most(low)


def _pad(line: Content, width: int, align: str) -> Content:
    missing = max(0, width - line.cell_length)
    if align == "right":
        return line.pad_left(missing)
    if align == "center":
        return line.pad_left(missing // 2).pad_right(missing - missing // 2)
    return line.pad_right(missing)
