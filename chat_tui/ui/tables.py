"""Tables set in lines: side by side where there is place, else a few columns at a time.

Knows cells, their widths and two keys; must not know widgets. A table that does not fit even with
narrow columns shows as many as fit, the first one always where it is small, and below them which
ones these are; a click there moves on. Where hardly one column has place it becomes a list.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content, Span
from textual.style import Style

from chat_tui.ui.keys import key_name
from chat_tui.ui.markdown import Table

BAR = "$text-muted"
ASIDE = "aside"
"""The key in a style's meta that holds by how many columns a click moves."""
MIN_COLUMN = 3
"""Cells to which columns may shrink."""
WHOLE_WORD = 12
"""Cells to which they rather do not: a longer word may be broken, a shorter one stays whole."""
WIDE = 30
"""Cells that a column has at most, where not all have place."""
NARROW = 24
"""In less place than this a table that does not fit is a list."""
_GAP = 3


def wrap(content: Content, room: int) -> list[Content]:
    """Lines of at most so many cells."""
    if content.cell_length <= room and content.plain.isprintable():
        return [content.rstrip()]
    return [line.rstrip() for line in content.wrap(room)] or [Content("")]


def pad(line: Content, width: int, align: str) -> Content:
    """A line that is as wide as that."""
    missing = max(0, width - line.cell_length)
    if align == "right":
        return line.pad_left(missing)
    if align == "center":
        return line.pad_left(missing // 2).pad_right(missing - missing // 2)
    return line.pad_right(missing)


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns are in sight, and how wide all are."""

    widths: tuple[int, ...]
    fixed: int
    """So many of the first ones always are."""
    shown: range
    """Those beside them."""
    last: int
    """The furthest start there is; 0 where all are in sight."""

    @property
    def all(self) -> list[int]:
        """The numbers of those in sight."""
        return [*range(self.fixed), *self.shown]


def columns(table: Table, room: int, start: int = 0) -> Columns | None:
    """What of a table stands in so many cells; ``start`` columns are skipped, as far as there are.

    None where it has to become a list.
    """
    count = len(table.aligns)
    natural = [max(1, *(_widest(row[at]) for row in table.rows)) for at in range(count)]
    available = room - _GAP * (count - 1)
    if sum(natural) <= available:
        return Columns(tuple(natural), 0, range(count), 0)
    least = [_least(table, at, width) for at, width in enumerate(natural)]
    if sum(least) <= available:
        return Columns(tuple(_shrink(natural, least, available)), 0, range(count), 0)
    if room < NARROW:
        return None
    widths = [min(wide, WIDE, room) for wide in natural]
    fixed = 1 if count > 2 and widths[0] <= room // 3 else 0
    left = room - sum(width + _GAP for width in widths[:fixed])
    widths[fixed:] = [min(width, left) for width in widths[fixed:]]

    def end(begin: int) -> int:
        used, at = widths[begin], begin + 1
        while at < count and used + _GAP + widths[at] <= left:
            used, at = used + _GAP + widths[at], at + 1
        return at

    last = next(at for at in range(fixed, count) if end(at) == count)
    begin = max(fixed, min(fixed + start, last))
    return Columns(tuple(widths), fixed, range(begin, end(begin)), last - fixed)


def table_lines(table: Table, room: int, start: int = 0) -> list[Content]:
    """A table in lines of at most ``room`` cells; as many lines whatever ``start`` is."""
    found = columns(table, room, start)
    if found is None:
        return _as_list(table, room)
    rows = [
        [wrap(cell, width) for cell, width in zip(row, found.widths, strict=True)]
        for row in table.rows
    ]
    shown = found.all
    rule = Content.styled("─┼─".join("─" * found.widths[at] for at in shown), BAR)
    # Where a row takes several lines one would not see where the next begins.
    is_parted = any(len(cell) > 1 for cells in rows[1:] for cell in cells)
    lines: list[Content] = []
    for number, cells in enumerate(rows):
        if number == 1 or (number and is_parted):
            lines.append(rule)
        for y in range(max(map(len, cells))):
            parts = [
                pad(
                    cells[at][y] if y < len(cells[at]) else Content(""),
                    found.widths[at],
                    table.aligns[at],
                )
                for at in shown
            ]
            line = Content.styled(" │ ", BAR).join(parts)
            lines.append(line.stylize_before("bold") if number == 0 else line)
    if len(rows) == 1:
        lines.append(rule)
    return [*lines, _foot(found, room)] if found.last else lines


def reveal(table: Table, room: int, start: int, offset: int) -> int:
    """The start nearest to ``start`` that shows what stands at ``offset`` of the table's text."""
    found = columns(table, room, start)
    if found is None or not found.last:
        return start
    cells, number = [cell for row in table.rows for cell in row], 0
    while number < len(cells) - 1 and offset > len(cells[number].plain):
        offset -= len(cells[number].plain) + 1
        number += 1
    at = number % len(table.aligns)
    start = found.shown.start - found.fixed
    if found.fixed <= at < found.shown.start:
        return at - found.fixed
    while found is not None and at >= found.shown.stop:
        start += 1
        found = columns(table, room, start)
    return start


def _foot(found: Columns, room: int) -> Content:
    """``‹ 2–4 / 9 ›`` and the keys that move a column, as a click on either half of it does."""
    count, shown = len(found.widths), found.shown
    back = "‹" if shown.start > found.fixed else " "
    on = "›" if shown.stop < count else " "
    first, last = shown.start + 1, shown.stop
    middle = f"{first}–{last}" if last > first else f"{first}"
    text = f"{back} {middle} / {count} {on}"
    half = len(text) // 2
    spans = [
        Span(0, half, Style.from_meta({ASIDE: -1})),
        Span(half, len(text), Style.from_meta({ASIDE: 1})),
    ]
    keys = f"   {key_name('columns back')} · {key_name('columns on')}"
    return (Content(text, spans) + keys).stylize_before(BAR).truncate(room)


def _as_list(table: Table, room: int) -> list[Content]:
    """A table too wide for its place: each row as lines of ``header: cell``."""
    header, *rows = table.rows
    found: list[Content] = []
    for number, row in enumerate(rows or [header]):
        if number:
            found.append(Content.styled("─" * room, BAR))
        for title, cell in zip(header, row, strict=True):
            found.extend(wrap(Content.assemble(title.stylize("bold"), ": ", cell), room))
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
