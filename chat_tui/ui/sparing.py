"""What the terminal shows already is not written again.

Knows strips and where they stand; must not know widgets. Textual writes whole lines of what was
refreshed: of a line that got one word more all cells, and where the text moves up the blanks at
the ends of lines too. A whole screen is written as it comes, so that what anything else did to
the terminal is mended by the next one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

FEW = 8
"""So many cells that did not change are written for the sake of those on both sides: to go over
them takes as many bytes."""
_SURE = re.compile(
    r"[ -~\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0377\u037a-\u037f\u0384-\u038a\u038c\u038e-\u03a1"
    r"\u03a3-\u0482\u048a-\u052f\u0531-\u0556\u0559-\u058a\u058d-\u058f\u2010-\u2027─-▟]*"
)
"""Text of which every terminal knows how wide it is: a character a cell."""
Look = tuple[str, str]
"""Some text, and the codes of its style."""


class Shown:
    """What the terminal shows, line by line: looks by the column where they begin."""

    def __init__(self) -> None:
        self._lines: dict[int, dict[int, tuple[int, list[Look]]]] = {}
        """The column behind the last cell, and the looks."""
        self._size = (0, 0)

    def forget(self) -> None:
        """Somebody else may have written to the terminal."""
        self._lines.clear()

    def fit(self, columns: int, rows: int) -> None:
        """The terminal is so large; what it shows after a change nobody knows."""
        if (columns, rows) != self._size:
            self._size = columns, rows
            self.forget()

    def sparing(self, update: CompositorUpdate) -> CompositorUpdate:
        """The same update, without what is there already by the time that it is written."""
        return _Sparing(self, update)

    def show(self, y: int, x: int, end: int, looks: list[Look]) -> list[tuple[int, int]]:
        """Note what is written from column ``x`` to before ``end``.

        Returns the ranges of columns that were another before.
        """
        line = self._lines.setdefault(y, {})
        if not all(_SURE.fullmatch(text[:1]) for text, _ in looks):
            line.clear()  # a mark that comes first joins what stands to the left
            return [(x, end)]
        stop, before = line.get(x, (x, []))
        if stop == end and before == looks:
            return []
        changed = [(x, end)]
        if stop == end:
            changed = [(x + start, x + to) for start, to in differences(before, looks)]
        # What this terminal draws wider covers what stands to the right.
        covered = end if _is_sure(looks) else self._size[0]
        for at in [at for at, (to, _) in line.items() if at < covered and x < to]:
            del line[at]
        line[x] = end, looks
        return changed


class _Sparing(CompositorUpdate):
    def __init__(self, shown: Shown, update: CompositorUpdate) -> None:
        self._shown = shown
        self._update = update

    def render_segments(self, console: Console) -> str:
        """What the terminal is sent."""
        update, shown = self._update, self._shown
        colors = console._color_system or ColorSystem.TRUECOLOR  # noqa: SLF001 - as Strip.render
        if isinstance(update, ChopsUpdate):
            sent: list[str] = []
            shown.fit(update.chop_ends[0][-1], len(update.chops))
            for y, x, end, strip in _parts(update):
                for start, stop in shown.show(y, x, end, _looks(strip, colors)):
                    text = strip.crop(start - x, stop - x).render(console)
                    sent.append(f"\x1b[{y + 1};{start + 1}H{text}")
            return "".join(sent)
        shown.forget()
        if isinstance(update, LayoutUpdate):
            shown.fit(update.region.width, update.region.height)
            for y, line in enumerate(update.strips, update.region.y):
                x = update.region.x
                for strip in line:
                    looks = _looks(strip, colors)
                    shown.show(y, x, x + strip.cell_length, looks)
                    if not _is_sure(looks):
                        break  # nobody knows where the next one begins: the cursor is not moved
                    x += strip.cell_length
        return update.render_segments(console)


def _parts(update: ChopsUpdate) -> Iterator[tuple[int, int, int, Strip]]:
    """Line, first column, column behind the last one, and the strip of all that is refreshed."""
    spans: dict[int, list[tuple[int, int]]] = {}
    for y, start, stop in update.spans:
        spans.setdefault(y, []).append((start, stop))
    for y, ranges in spans.items():
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            # One that no span touches was drawn for another line, and not by all that is there.
            if strip is not None and any(x < stop and start < end for start, stop in ranges):
                yield y, x, end, strip.crop(0, end - x)


def _is_sure(line: Sequence[Look]) -> bool:
    return all(_SURE.fullmatch(text) for text, _ in line)


def _looks(strip: Strip, colors: ColorSystem) -> list[Look]:
    return [(text, _codes(style, colors) if style else "") for text, style, _ in strip]


def _codes(style: Style, colors: ColorSystem) -> str:
    """The codes of a style, which it keeps.

    Textual's cache of them is gone round: nearly every style is another, as it holds its place in
    the text, and thousands of them would stay in memory.
    """
    if (codes := style._ansi) is None:  # noqa: SLF001 - as Strip.render_style
        codes = str(Strip.render_ansi.__wrapped__(Strip, style, colors))
    return codes


def differences(old: Sequence[Look], new: Sequence[Look]) -> list[tuple[int, int]]:
    """The ranges of cells that differ in two lines of the same width.

    All of it, unless it is certain where a cell is: terminals do not agree how wide some
    characters are, and what is written behind one would stand beside its place.
    """
    if not (_is_sure(old) and _is_sure(new)):
        return [(0, sum(cell_len(text) for text, _ in new))]
    found: list[tuple[int, int]] = []
    for start, end in _differing(old, new):
        if found and start - found[-1][1] <= FEW:
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
    return found


def _differing(old: Sequence[Look], new: Sequence[Look]) -> Iterator[tuple[int, int]]:
    """Go along both lines, by pieces that have one style in each."""
    before, after = (((text, style) for text, style in line if text) for line in (old, new))
    nothing = ("", "")
    text, style = next(before, nothing)
    other, look = next(after, nothing)
    at = 0
    while other:
        length = min(len(text), len(other)) or len(other)
        if style != look or not text:
            yield at, at + length
        elif text[:length] != other[:length]:
            for number in range(length):
                if text[number] != other[number]:
                    yield at + number, at + number + 1
        at, text, other = at + length, text[length:], other[length:]
        text, style = (text, style) if text else next(before, nothing)
        other, look = (other, look) if other else next(after, nothing)
