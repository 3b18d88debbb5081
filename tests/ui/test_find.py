"""Finding text in the open conversation."""

from __future__ import annotations

import re
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from chat_tui.attachments import Attachment, with_files
from chat_tui.conversation import Conversation, Effort, Message, Role, user
from chat_tui.session.room import mark
from chat_tui.settings import ReasoningView
from chat_tui.ui.longtext import Place
from chat_tui.ui.past import past
from chat_tui.ui.seek import Filed
from chat_tui.ui.widgets.find import Shown
from chat_tui.ui.widgets.searchable import offset, places
from chat_tui.ui.widgets.turn_view import TurnView
from tests.ui.screen import Gate, Stage, check_snapshot, harmony
from tests.ui.test_sizes import stable

LONG = "\n\n".join(f"paragraph {number} of the answer" for number in range(60))
ANSWER = harmony("The river is called Seine.", reasoning="Paris lies on a river, the Seine.")


async def found(stage: Stage, words: str, count: str) -> None:
    await stage.pilot.press("ctrl+f", *words)
    await stage.shows(count)


def test_hits_are_counted_as_one_types_and_walked_in_both_directions() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Which River?", "The river is")
        await found(stage, "riv", "1 of 3")
        for key, shows in (
            ("enter", "2 of 3"),
            ("down", "3 of 3"),
            ("enter", "1 of 3"),
            ("up", "3 of 3"),
            ("shift+enter", "2 of 3"),
        ):
            await stage.pilot.press(key)
            await stage.shows(shows)
        await stage.pilot.press("x")
        await stage.shows("nothing found")
        await stage.pilot.press("backspace", "escape", "h", "i")
        await stage.hides("Find")
        assert stage.written == "hi"

    Stage(ANSWER).play(scenario)


def test_folded_reasoning_is_searched_and_opened_where_a_hit_lands() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Where?", "The river is")
        assert "lies on" not in stage.text
        await found(stage, "lies on", "1 of 1")
        await stage.shows("Paris lies on a river")

    Stage(ANSWER).play(scenario)


def test_hidden_reasoning_stays_hidden() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Where?", "The river is")
        await found(stage, "lies on", "nothing found")

    Stage(ANSWER, reasoning=ReasoningView.HIDDEN).play(scenario)


def test_a_hit_out_of_sight_is_scrolled_to_and_the_place_is_kept() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Write.", "paragraph 59")
        await stage.hides("paragraph 7 of")
        await found(stage, "paragraph 7 ", "1 of 1")
        await stage.shows("paragraph 7 of")
        check_snapshot("find-80x24", stable(stage))
        await stage.pilot.press("escape")
        await stage.shows("Ask anything", "paragraph 7 of")

    Stage(harmony(LONG)).play(scenario, size=(80, 24))


def test_the_command_looks_at_once_and_a_pattern_is_only_text() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Where?", "The river is")
        await stage.send("/find seine")
        await stage.shows("seine", "1 of 2")
        await stage.pilot.press("escape")
        await stage.hides("1 of 2")
        await stage.send("/find .*(")
        await stage.shows("nothing found")

    Stage(ANSWER).play(scenario)


def test_what_is_found_is_marked() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Where?", "The river is")
        await found(stage, "called", "1 of 1")
        (style,) = [
            segment.style
            for strip in stage.app.screen._compositor.render_strips()
            for segment in strip
            if segment.text == "called" and segment.style and segment.style.bgcolor
        ][:1]
        await stage.pilot.press("escape")
        await stage.until(
            lambda: (
                style
                not in [
                    segment.style
                    for strip in stage.app.screen._compositor.render_strips()
                    for segment in strip
                ]
            )
        )

    Stage(ANSWER).play(scenario)


def test_escape_closes_the_bar_before_it_stops_an_answer() -> None:
    gate = Gate(0, 5)

    async def scenario(stage: Stage) -> None:
        await stage.send("Count.")
        await stage.shows("one two")
        await found(stage, "two", "1 of 1")
        await stage.pilot.press("escape")
        await stage.hides("1 of 1")
        assert "stopped" not in stage.text
        gate.opened.set()
        await stage.shows("three", "ready")

    Stage(harmony("one two three"), hook=gate).play(scenario)


def test_a_summary_of_an_earlier_time_is_searched_where_it_stands() -> None:
    said = Message(Role.ASSISTANT, "The river.", channel="final")
    turn = past((user("Where?"), mark(1, "We spoke of the river."), said), Effort.LOW)
    pattern = re.compile("river")
    steps = turn.search(pattern, ReasoningView.FOLDED, tuple)
    assert [part for step in steps for part, _place in step] == [1, 2]
    assert (turn.part_of(-1), turn.part_of(0), turn.part_of(1)) == (0, 2, 1)


@given(st.text("ab\n"), st.text("ab\n", min_size=1, max_size=3))
def test_a_place_in_plain_text_is_where_the_words_are(text: str, words: str) -> None:
    found = [offset(text, place) for place in places(text, re.compile(words))]
    assert found == [match.start() for match in re.finditer(words, text)]


def test_the_same_is_found_in_a_turn_that_is_not_built_as_on_the_screen() -> None:
    """The numbers of tokens behind the names of files come when the question is drawn."""
    files = [Attachment(f"heron-{number}.txt", "a\nb\n") for number in range(3)]
    messages = (
        user(with_files("Of which?", files)),
        Message(Role.ASSISTANT, "fly('heron')\x1b", channel="commentary", recipient="a.heron"),
        Message(Role.TOOL, "\ta heron\r\nno heron", name="a.heron"),
        Message(Role.ASSISTANT, "Of a **heron**.", channel="final"),
    )

    async def scenario(stage: Stage) -> None:
        await stage.shows("tok", "Of a heron.")
        view = stage.app.query_one(TurnView)
        assert search_of(Shown(view)) == search_of(
            Filed(past(messages, Effort.LOW), view_of, tuple)
        )
        assert len(search_of(Shown(view))) == 8

    def search_of(turn: Shown | Filed) -> list[tuple[int, Place]]:
        return [hit for step in turn.search(re.compile("heron"), "heron") for hit in step]

    view_of = ReasoningView.FOLDED
    stage = Stage(harmony("Yes."))
    stage.chat.open(Conversation().add(*messages), date(2026, 1, 1))
    stage.play(scenario)
