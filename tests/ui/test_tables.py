"""Tables: side by side where there is place, else moved aside, and never a line too wide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content
from textual.events import MouseScrollDown

from chat_tui.ui.markdown import Table, parse
from chat_tui.ui.tables import NARROW, columns, reveal, table_lines
from tests.ui.screen import Stage, harmony

WORDS = st.text(st.sampled_from("abc界é \n"), max_size=40)
WIDE = (
    "| Model | Parameters | Active | Experts | Context | Quantisation | Licence | Released |\n"
    "|--|--|--|--|--|--|--|--|\n"
    "| gpt-oss-20b | 20.9 B | 3.6 B | 32 | 131,072 | MXFP4 | Apache-2.0 | 2025-08-05 |\n"
    "| gpt-oss-120b | 116.8 B | 5.1 B | 128 | 131,072 | MXFP4 | Apache-2.0 | 2025-08-05 |\n"
)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    count = draw(st.integers(1, 8))
    row = st.tuples(*[WORDS.map(Content)] * count)
    aligns = draw(st.tuples(*[st.sampled_from(("left", "right", "center"))] * count))
    return Table(tuple(draw(st.lists(row, min_size=1, max_size=4))), aligns)


def wide() -> Table:
    (table,) = parse(WIDE)
    assert isinstance(table, Table)
    return table


@given(tables(), st.integers(1, 90), st.integers(-2, 12))
def test_no_line_is_too_wide_and_a_table_keeps_its_height(
    table: Table, room: int, start: int
) -> None:
    found = table_lines(table, room, start)
    if room > 1:  # nothing of two cells has place in one
        assert max(line.cell_length for line in found) <= room
    assert len(found) == len(table_lines(table, room))


@given(tables(), st.integers(NARROW, 60))
def test_each_column_comes_into_sight(table: Table, room: int) -> None:
    first = columns(table, room)
    assert first is not None
    seen = {
        at for start in range(first.last + 1) for at in (columns(table, room, start) or first).all
    }
    assert seen == set(range(len(table.aligns)))


@given(tables(), st.integers(NARROW, 60), st.integers(0, 9), st.data())
def test_what_is_looked_for_is_brought_into_sight(
    table: Table, room: int, start: int, data: st.DataObject
) -> None:
    cells = [cell.plain for row in table.rows for cell in row]
    number = data.draw(st.integers(0, len(cells) - 1))
    offset = sum(len(cell) + 1 for cell in cells[:number])
    found = columns(table, room, reveal(table, room, start, offset))
    assert found is not None
    assert number % len(table.aligns) in found.all


def test_the_first_column_stays_and_the_others_move() -> None:
    shown = [line.plain.rstrip() for line in table_lines(wide(), 60, 4)]
    assert shown[0] == "Model        │ Quantisation │ Licence    │ Released"
    assert shown[3] == "gpt-oss-120b │ MXFP4        │ Apache-2.0 │ 2025-08-05"
    assert shown[-1].startswith("‹ 6–8 / 8")
    assert table_lines(wide(), 100)[-1].plain.startswith("gpt-oss-120b")  # it has place


@pytest.mark.parametrize("how", ["keys", "click", "wheel"])
def test_a_wide_table_is_moved_aside(how: str) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Compare them", "Parameters")
        assert "Released" not in stage.text
        (y,) = [at for at, line in enumerate(stage.lines) if " / 8 ›" in line]
        x = stage.lines[y].index("›")
        for _ in range(4):
            if how == "keys":
                await stage.pilot.press("shift+right")
            elif how == "click":
                await stage.pilot.click(offset=(x, y))
            else:
                await stage.pilot._post_mouse_events(
                    [MouseScrollDown], offset=(x, y), button=0, shift=True
                )
        await stage.shows("Released", "gpt-oss-120b │ MXFP4")
        assert "Parameters" not in stage.text
        if how == "keys":
            await stage.pilot.press("shift+left")
            await stage.shows("Context", "Licence")

    Stage(harmony(WIDE)).play(scenario, size=(66, 24))


def test_while_one_writes_the_keys_mark_text() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Compare them", "Parameters")
        await stage.write("abc")
        await stage.pilot.press("shift+left", "shift+left")
        assert stage.app.chat_screen.pane.composer.selected_text == "bc"
        await stage.shows("Parameters")

    Stage(harmony(WIDE)).play(scenario, size=(66, 24))
