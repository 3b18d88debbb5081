"""What reaches the terminal: the same picture, and few cells written for it."""

from __future__ import annotations

import io
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from chat_tui.ui.sparing import FEW, Shown, differences
from tests.ui.vt import VT

COLUMNS, ROWS = 24, 2
STYLES = [None, Style(bold=True), Style(color="red"), Style(meta={"offset": (1, 2)})]
CONSOLE = Console(file=io.StringIO(), color_system="truecolor", force_terminal=True)


def line(segments: list[tuple[str, int]], width: int) -> Strip:
    strip = Strip([Segment(text, STYLES[style]) for text, style in segments])
    return strip.crop(0, width).adjust_cell_length(width)


def words(text: str, width: int = COLUMNS) -> Strip:
    return line([(text, 0)], width)


def partial(rows: dict[int, dict[int, Strip]], cuts: list[int]) -> ChopsUpdate:
    chops = [dict.fromkeys(cuts[:-1]) | rows.get(y, {}) for y in range(ROWS)]
    spans = [(y, 0, COLUMNS) for y in sorted(rows)]
    return ChopsUpdate(chops, spans, [cuts[1:]] * ROWS)


def whole(strips: list[Strip]) -> LayoutUpdate:
    return LayoutUpdate([[strip] for strip in strips], Region(0, 0, COLUMNS, ROWS))


class OtherVT(VT):
    """A terminal that thinks one character wider than the app does, and one narrower."""

    def _write(self, text: str) -> None:
        super()._write(text.replace("é\u0301", "漢").replace("🙂", "é"))


class Terminals:
    """One that gets what Textual writes, and one that gets less."""

    def __init__(self, kind: type[VT] = VT) -> None:
        self.plain, self.spared = kind(COLUMNS, ROWS), kind(COLUMNS, ROWS)
        self.shown = Shown()

    def draw(self, update: CompositorUpdate) -> int:
        """Both show it; how many cells the second one was written."""
        before = self.spared.written
        self.plain.feed(update.render_segments(CONSOLE).encode())
        self.spared.feed(self.shown.sparing(update).render_segments(CONSOLE).encode())
        assert self.spared.lines == self.plain.lines
        for row in range(ROWS):
            assert list(self.spared.styles(row)) == list(self.plain.styles(row))
        return self.spared.written - before


TEXTS = st.text(alphabet="ab  é─ж漢字🙂👍\u0301\u200d", max_size=8)
SEGMENTS = st.lists(st.tuples(TEXTS, st.integers(0, 3)), max_size=4)
FRAMES = st.lists(
    st.tuples(
        st.sampled_from([[0, COLUMNS], [0, 10, COLUMNS], [0, 3, 17, COLUMNS]]),
        st.dictionaries(st.integers(0, ROWS - 1), st.lists(SEGMENTS, min_size=3, max_size=3)),
        st.booleans(),
    ),
    max_size=5,
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([VT, OtherVT]), FRAMES)
def test_the_terminal_shows_the_same_as_if_all_were_written(
    kind: type[VT], frames: list[tuple[list[int], dict[int, list[list[tuple[str, int]]]], bool]]
) -> None:
    terminals = Terminals(kind)
    for cuts, rows, is_whole in frames:
        if is_whole:
            lines = [line(parts[0], COLUMNS) for parts in rows.values()]
            terminals.draw(whole([*lines, *[words("")] * (ROWS - len(lines))]))
        elif rows:
            widths = [to - since for since, to in pairwise(cuts)]
            chops = {
                y: {
                    x: line(part, width)
                    for x, part, width in zip(cuts, parts, widths, strict=False)
                }
                for y, parts in rows.items()
            }
            terminals.draw(partial(chops, cuts))


def test_what_a_terminal_draws_wider_does_not_stay_over_what_stands_beside_it() -> None:
    terminals = Terminals(OtherVT)
    cuts = [0, 10, COLUMNS]
    beside = words("beside", COLUMNS - 10)
    terminals.draw(partial({0: {0: words("first", 10), 10: beside}}, cuts))
    terminals.draw(partial({0: {0: words("12345678 é\u0301", 10), 10: beside}}, cuts))
    assert terminals.spared.lines[0] == "12345678 漢beside"
    terminals.draw(partial({0: {0: words("third", 10), 10: beside}}, cuts))


def test_what_such_a_terminal_moved_aside_comes_to_its_place() -> None:
    terminals = Terminals(OtherVT)
    left, beside = words("12345678 🙂", 11), words("beside", COLUMNS - 11)
    terminals.draw(LayoutUpdate([[left, beside]], Region(0, 0, COLUMNS, ROWS)))
    terminals.draw(partial({0: {0: left, 11: beside}}, [0, 11, COLUMNS]))


def test_of_a_line_that_grows_only_what_is_new_is_written() -> None:
    terminals = Terminals()
    cuts = [0, COLUMNS]
    assert terminals.draw(partial({1: {0: words("The city")}}, cuts)) == COLUMNS
    assert terminals.draw(partial({1: {0: words("The city of")}}, cuts)) == len("of")
    assert terminals.draw(partial({1: {0: words("The city of")}}, cuts)) == 0


def test_a_style_that_is_another_is_written_and_what_nobody_sees_is_not() -> None:
    terminals = Terminals()
    for style, written in ((0, COLUMNS), (3, 0), (1, 5), (1, 0)):
        strip = line([("It is ", 0), ("Paris", style)], COLUMNS)
        assert terminals.draw(partial({0: {0: strip}}, [0, COLUMNS])) == written


def test_a_whole_screen_is_written_whole() -> None:
    terminals = Terminals()
    strips = [words("one"), words("two")]
    for _ in range(2):
        assert terminals.draw(whole(strips)) == COLUMNS * ROWS
    assert terminals.draw(partial({1: {0: words("two")}}, [0, COLUMNS])) == 0


def test_after_another_size_nothing_is_taken_for_granted() -> None:
    shown = Shown()
    update = partial({0: {0: words("one")}}, [0, COLUMNS])
    assert shown.sparing(update).render_segments(CONSOLE)
    assert not shown.sparing(update).render_segments(CONSOLE)
    shown.fit(COLUMNS + 1, ROWS)
    assert shown.sparing(update).render_segments(CONSOLE)


def test_a_line_whose_widths_are_not_certain_is_written_whole() -> None:
    old, new = [("漢字 one", "")], [("漢字 two", "")]
    assert differences(old, new) == [(0, cell_len("漢字 two"))]


def test_small_gaps_are_written_over_and_large_ones_left() -> None:
    old, new = (
        "a" + " " * FEW + "b" + " " * (FEW + 1) + "c",
        "x" + " " * FEW + "y" + " " * (FEW + 1) + "z",
    )
    assert differences([(old, "")], [(new, "")]) == [(0, FEW + 2), (len(new) - 1, len(new))]
