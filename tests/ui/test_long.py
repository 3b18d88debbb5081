"""Conversations and answers so long that only a part of them is there as widgets."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.geometry import Offset, Region, Spacing
from textual.layout import DockArrangeResult, WidgetPlacement
from textual.widget import Widget

from chat_tui.conversation import Conversation, Message, Role, user
from chat_tui.ui.longtext import LongText, split
from chat_tui.ui.markdown import parse, plain
from chat_tui.ui.pane import ChatPane
from chat_tui.ui.widgets.document import Document
from chat_tui.ui.widgets.tall import map_coarsely
from chat_tui.ui.widgets.transcript import Transcript
from chat_tui.ui.widgets.turn_view import TurnView
from chat_tui.ui.widgets.window import Heights, plan
from tests.ui.screen import Gate, Stage, harmony

COUNT = 40


def said(count: int, last: str = "the very end") -> list[Message]:
    """Turns of different heights; turn 7 alone tells of a heron, in its thought of an otter."""
    found: list[Message] = []
    for at in range(count):
        lines = "\n\n".join(f"line {at}.{line} is here" for line in range(at % 7 + 1))
        thought = "An otter, perhaps." if at == 7 else "Nothing much."
        answer = f"{lines}\n\na **grey** heron" if at == 7 else lines
        found += [
            user(f"question {at}"),
            Message(Role.ASSISTANT, thought, channel="analysis"),
            Message(Role.ASSISTANT, last if at == count - 1 else answer, channel="final"),
        ]
    return found


def play(
    messages: Sequence[Message],
    scenario: Callable[[Stage], Awaitable[None]],
    *completions: str,
    gate: Gate | None = None,
    size: tuple[int, int] = (80, 24),
) -> None:
    """A conversation of these messages, opened."""
    stage = Stage(*(completions or [harmony("Yes.")]), hook=gate)
    stage.chat.open(Conversation().add(*messages), date(2026, 1, 1))
    stage.play(scenario, size=size)


def transcript(stage: Stage) -> Transcript:
    return stage.app.query_one(Transcript)


async def still(stage: Stage) -> None:
    """Wait until nothing is being built."""
    before: object = None
    while (now := (transcript(stage).scroll_y, len(stage.app.query("*")), stage.text)) != before:
        before = now
        await stage.pilot.pause(0.04)


def body(stage: Stage) -> list[str]:
    """What is seen of the conversation, without the scrollbar."""
    lines = [re.sub(r"^\W+", "", line[:76]).strip() for line in stage.lines[1:-5]]
    return [line for line in lines if line]


def test_the_end_is_seen_first_and_all_of_it_in_order_on_the_way_to_the_beginning() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.shows("the very end")
        await still(stage)
        assert len(stage.app.query(TurnView)) < COUNT / 2
        seen = body(stage)
        while transcript(stage).scroll_y > 0:
            await stage.pilot.press("pageup")
            await still(stage)
            page = body(stage)
            common = next(n for n in range(len(page), -1, -1) if page[len(page) - n :] == seen[:n])
            seen = page[: len(page) - common] + seen
        words = [line for line in seen if line.startswith(("question", "line"))]
        expected = [
            line
            for at in range(COUNT)
            for line in (
                f"question {at}",
                *(f"line {at}.{n} is here" for n in range(at % 7 + 1) if at < COUNT - 1),
            )
        ]
        assert words == expected
        assert len(stage.app.query(TurnView)) < COUNT / 2

    play(said(COUNT), scenario, size=(80, 44))


def test_the_reader_stays_where_they_are_while_what_is_above_is_built() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.shows("the very end")
        await still(stage)
        view = transcript(stage)
        for part in (0.5, 0.2, 0.8):
            view.scroll_to(y=view.max_scroll_y * part, animate=False)
            await still(stage)
            for _ in range(4):
                lines = [line[:76] for line in stage.lines[2:11]]
                view.scroll_relative(y=-8, animate=False)
                await still(stage)
                assert [line[:76] for line in stage.lines[10:19]] == lines

    play(said(COUNT), scenario)


@pytest.mark.parametrize("laid_out", [False, True], ids=["being built", "being laid out"])
def test_a_jump_is_followed_while_what_another_led_to_is_being_made(laid_out: bool) -> None:
    async def jump_twice(stage: Stage, first: float, then: float) -> None:
        view = transcript(stage)
        aims: list[int] = []

        def jump(_number: int, _turn: TurnView) -> None:
            if not aims:
                y = round(view.max_scroll_y * then)
                aims.append(view.earlier.window.heights.at(y - 1))
                go = partial(view.scroll_to, y=y, animate=False, immediate=True)
                asyncio.get_running_loop().call_soon(go) if laid_out else go()

        view.on_built.append(jump)
        view.scroll_to(y=view.max_scroll_y * first, animate=False)
        await stage.until(lambda: bool(aims))
        view.on_built.remove(jump)
        await still(stage)
        assert [view.first_in_sight] == aims

    async def scenario(stage: Stage) -> None:
        await stage.shows("the very end")
        await still(stage)
        await jump_twice(stage, 0.2, 0.7)
        await jump_twice(stage, 0.4, 0.9)

    play(said(3 * COUNT), scenario)


def test_what_is_not_built_is_found_also_where_marks_and_folds_hide_it() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.shows("the very end")
        await stage.pilot.press("ctrl+f", *"grey heron")
        await stage.shows("1 of 1", "a grey heron")
        await stage.pilot.press("ctrl+f", *"otter")
        await stage.shows("1 of 1", "An otter, perhaps.")
        await stage.pilot.press("ctrl+f", *"question 3")
        await stage.shows("of 11")
        await stage.pilot.press("escape")
        await stage.hides("of 11")

    play(said(COUNT), scenario)


def test_calls_are_found_that_are_not_built_and_the_one_with_the_hit_opens() -> None:
    asked = Message(Role.ASSISTANT, "fly(\n'heron')", channel="commentary", recipient="python")
    came = Message(Role.TOOL, "it flew\nover a weir", name="python")
    messages = said(COUNT)
    messages[3 * 7 + 2 : 3 * 7 + 2] = [
        asked,
        came,
        replace(asked, recipient="functions.pond"),
        came,
    ]

    async def scenario(stage: Stage) -> None:
        await stage.shows("the very end")
        await stage.pilot.press("ctrl+f", *"'heron'")
        await stage.shows("1 of 2", "▾ python", "fly(", "▸ pond")
        await stage.pilot.press("ctrl+f", *"a weir")
        await stage.shows("1 of 2", "over a weir")
        await stage.pilot.press("enter")
        await stage.shows("2 of 2", "▾ pond")
        await stage.pilot.press("ctrl+f", *"pond")
        await stage.shows("1 of 1")

    play(messages, scenario)


def test_an_answer_streams_below_and_the_last_one_is_copied() -> None:
    gate = Gate(0, 4)

    async def scenario(stage: Stage) -> None:
        await stage.shows("the very end")
        assert transcript(stage).last_answer == "the very end"
        await stage.send("And now?")
        await stage.until(gate.reached.is_set)
        await stage.pilot.press("pageup", "pageup")
        await still(stage)
        seen = body(stage)[0]
        gate.opened.set()
        await stage.until(lambda: not stage.app.query_one(ChatPane).talk.is_busy)
        await still(stage)
        assert body(stage)[0] == seen
        assert transcript(stage).last_answer == "One two three four five six."
        transcript(stage).scroll_end(animate=False)
        await stage.shows("five six.")

    play(said(COUNT), scenario, harmony("One two three four five six."), gate=gate)


def test_another_width_keeps_the_end_and_the_order() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.shows("the very end")
        await stage.resize(40, 24)
        await stage.shows("the very end", "question 39")
        transcript(stage).scroll_home(animate=False)
        await stage.shows("question 0", "line 0.0")

    play(said(COUNT), scenario)


def test_turns_of_this_session_are_let_go_of_far_above_and_come_back_as_they_were() -> None:
    count = 7
    lines = ["\n\n".join(f"line {at}.{n} is here" for n in range(30)) for at in range(count)]

    async def scenario(stage: Stage) -> None:
        for at in range(count):
            await stage.ask(f"question {at}", f"line {at}.29")
            if at == 1:
                await stage.send("/context")
                await stage.shows("Context:")
        await still(stage)
        view = transcript(stage)
        assert view.count == count
        assert len(stage.app.query(TurnView)) < count - 2
        view.scroll_home(animate=False)
        await stage.shows("question 0", "line 0.3 is here")
        await still(stage)
        await stage.pilot.press("ctrl+f", *"line 0.29")
        await stage.shows("1 of 1", "line 0.29 is here", "tok/s", "question 1")
        await stage.pilot.press("escape")
        view.scroll_end(animate=False)
        await stage.shows("line 6.29")
        await stage.pilot.press("ctrl+r")
        await stage.shows("Once more.", "‹ 2/2 ›", "ready")
        assert view.count == count

    Stage(*map(harmony, lines), harmony("Once more.")).play(scenario, size=(80, 24))


def paragraphs(count: int) -> str:
    return "\n\n".join(f"paragraph {at} of *the* answer" for at in range(count))


def test_a_very_long_answer_opens_at_its_end_and_is_built_near_the_reader_only() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.shows("paragraph 2999 of the answer")
        view = transcript(stage)
        document = stage.app.query_one(Document)
        assert len(document.window.widgets) < len(document.window.heights) / 2
        for tall in (view, document, stage.app.query_one(TurnView)):
            assert len(tall.arrange(tall.size).spatial_map._map) < 100
        view.scroll_to(y=view.max_scroll_y / 2, animate=False)
        await still(stage)
        first = body(stage)[0]
        view.scroll_relative(y=-10, animate=False)
        await still(stage)
        assert body(stage)[5] == first
        view.scroll_home(animate=False)
        await stage.shows("paragraph 0 of the answer")
        await stage.pilot.press("ctrl+f", *"paragraph 1777 of the")
        await stage.shows("1 of 1", "paragraph 1777 of the answer")

    play([user("Write."), Message(Role.ASSISTANT, paragraphs(3000), channel="final")], scenario)


@pytest.mark.parametrize(
    "source",
    [
        "\n\n".join(["- a\n\n  ```\n  x\n\n  y\n  ```", "text", "```python\nx\n\ny\n```"] * 400),
        "\n\n".join(f"{at}. item\n\n   more" for at in range(900)),
        "```python\n" + "\n".join(f"x = {at}" for at in range(3000)) + "\n```\n\nend",
        "\n".join("word " * 20 for _ in range(500)),
        "word " * 30_000,
    ],
    ids=["code in lists", "a long list", "long code", "a long paragraph", "a long line"],
)
def test_pieces_of_a_long_text_hold_all_of_it(source: str) -> None:
    shown = [plain(block) for piece in split(source) for block in piece.blocks()]
    whole = [plain(block) for block in parse(source)]
    assert "".join("".join(shown).split()) == "".join("".join(whole).split())


LINES = st.sampled_from(
    [
        "text",
        "- item",
        "  more",
        "1. one",
        "```",
        "```py",
        "~~~",
        "> quote",
        "# head",
        "",
        "",
        "a|b",
    ]
)


@settings(max_examples=30, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=12), st.integers(0, 3))
def test_a_text_cut_at_its_margin_looks_as_in_one_piece(lines: list[str], spaces: int) -> None:
    filler = ["filler " * 100 + "end"] * 7
    source = "\n".join([*lines, "", *filler, "", *(" " * spaces + line for line in lines), "", "z"])
    shown = [block for piece in split(source) for block in piece.blocks()]
    assert [plain(block) for block in shown] == [plain(block) for block in parse(source)]


@given(
    st.lists(st.integers(0, 3000), max_size=12),
    st.integers(-10, 20_000),
    st.integers(1, 50),
)
def test_what_is_in_sight_is_found_among_tall_widgets(
    heights: list[int], top: int, height: int
) -> None:
    tops, widget = [sum(heights[:at]) for at in range(len(heights))], Widget()
    placed = [
        WidgetPlacement(Region(0, y, 80, rows), Offset(), Spacing(), widget)
        for y, rows in zip(tops, heights, strict=True)
    ]
    usual, coarse = (DockArrangeResult(placed, set(), Spacing()) for _ in range(2))
    map_coarsely(coarse)
    seen = Region(0, top, 80, height)
    assert coarse.get_visible_placements(seen) == usual.get_visible_placements(seen)
    assert coarse.total_region == usual.total_region


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=80),
    st.lists(st.integers(-50, 3000), max_size=12),
)
def test_what_is_seen_is_built_without_a_hole(heights: list[int], tops: list[int]) -> None:
    known, built = Heights(heights), range(0)
    for top in tops:
        for _ in range(2):
            built = plan(known, built, top, top + 24)
        seen = known.span(top, top + 24)
        assert set(seen) <= set(built)
        assert sum(heights[at] for at in built) <= 24 * 7 + 80


def test_a_long_text_is_found_piece_by_piece() -> None:
    text = LongText.of(paragraphs(1000))
    found = [place for places in text.search(re.compile("of the answer")) for place in places]
    assert len(found) == 1000
    assert found == sorted(found)
    assert len(text) > 3
