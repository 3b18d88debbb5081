"""A context that fills up: the choice comes first, nothing is lost, each choice does its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chat_tui.conversation import FINAL, Message, Role, user
from chat_tui.engine.protocol import GenerateOptions
from chat_tui.engine.scripted import SCRIPTED, Hook, ScriptedEngine
from chat_tui.errors import ChatError
from chat_tui.events import ModelInfo
from chat_tui.keys import KEYS, Where
from chat_tui.session import room
from chat_tui.session.meter import Meter
from chat_tui.ui.making_room import drawn
from chat_tui.ui.widgets.room import RoomCard
from tests.ui.screen import Gate, Stage, harmony

MODEL = replace(SCRIPTED, context=800, trained_context=800)
LARGER = replace(MODEL, trained_context=9000)
LONG = harmony("A long answer. " * 40)
SUMMARY = harmony("All was said \x1b[31mbefore[/].", "So.")
SHORT = harmony("Short.")


def filled(*completions: str, model: ModelInfo = MODEL, hook: Hook | None = None) -> Stage:
    """A screen on which three questions were answered at length."""
    stage = Stage(LONG, *completions, model=model, hook=hook)
    answer = Message(Role.ASSISTANT, "A long answer. " * 40, channel=FINAL)
    for at in range(3):
        stage.chat.conversation = stage.chat.conversation.add(user(f"Question {at}"), answer)
    return stage


async def fill(stage: Stage) -> None:
    """Three questions of an earlier time and a new one: the context is nearly full then."""
    await stage.ask("Question 3", "tok/s")
    await stage.shows("The context is 9", "compact")


def test_the_choice_is_shown_once_when_the_context_is_nearly_full() -> None:
    async def scenario(stage: Stage) -> None:
        await fill(stage)
        await stage.shows("c       compact", "d       drop the oldest", "f       a fresh")
        assert "l       load" not in stage.text
        assert len(stage.app.screen.query(RoomCard)) == 1
        await stage.write("typing goes on")
        assert stage.written == "typing goes on"

    filled().play(scenario, (100, 40))


def test_a_question_that_does_not_fit_comes_back_and_goes_after_a_drop() -> None:
    async def scenario(stage: Stage) -> None:
        await fill(stage)
        await stage.send("Why? " * 20)
        await stage.shows("This question does not fit the context", "waits in the composer")
        assert stage.written == ("Why? " * 20).strip("\n")
        assert len(stage.engine.prompts) == 1
        await stage.pilot.press("f3", "d")
        await stage.shows("no longer sees the first", "There is room now")
        assert stage.written.startswith("Why?")
        await stage.pilot.press("enter")
        await stage.until(lambda: len(stage.engine.prompts) == 2)
        asked = [message.content for message in stage.engine.prompts[-1].messages]
        assert asked[-1].startswith("Why?")
        assert "Question 0" not in asked
        await stage.shows("ready")
        assert not stage.app.screen.query(RoomCard)

    filled(SHORT).play(scenario, (100, 40))


def test_a_summary_is_written_in_sight_kept_as_a_card_and_taken_back() -> None:
    async def scenario(stage: Stage) -> None:
        await fill(stage)
        await stage.send("/compact")
        await stage.shows("▸ Summary of 4 messages", "ready")
        assert "All was said" not in stage.text
        assert room.REQUEST[:40] not in stage.text
        await stage.pilot.press("ctrl+f", *"was said")
        await stage.shows("1 of 1", "▾ Summary", "All was said", "[/].", "Summarise our conver")
        await stage.pilot.press("escape")
        card = stage.app.screen.query_one("MarkCard")
        card.focus()
        await stage.pilot.press("enter")
        await stage.hides("All was said")
        stage.app.screen.query_one("Composer").focus()
        await stage.send("Next?")
        await stage.until(lambda: len(stage.engine.prompts) == 3)
        assert "Question 0" not in [m.content for m in stage.engine.prompts[-1].messages]
        await stage.shows("Short.", "ready")
        await stage.send("/compact undo")
        await stage.shows("The model sees everything again")
        assert "Question 0" in [m.content for m in stage.engine.primed[-1][0].messages]

    filled(SUMMARY, SHORT).play(scenario, (100, 60))


def test_an_answer_that_filled_the_context_goes_on_when_room_was_made() -> None:
    cut = "<|channel|>final<|message|>" + "one two three " * 70

    async def scenario(stage: Stage) -> None:
        await stage.send("Count")
        await stage.shows("cut: the context is full · ", "F2 makes room and goes on")
        before = stage.chat.conversation.messages[-1]
        assert before.interrupted
        await stage.shows("what came is kept")
        await stage.pilot.press("f2")
        await stage.shows("First some room, then the answer goes on")
        assert "a fresh conversation" not in stage.text
        await stage.pilot.press("d")
        await stage.shows("and the end", "ready")
        seen = [message.content for message in stage.engine.prompts[-1].messages]
        assert "Question 0" not in seen
        assert seen[-2:] == ["Count", before.content]
        await stage.hides("F2 makes room", "cut:")

    stage = filled()
    stage.chat.options = GenerateOptions(max_tokens=190)
    stage.engine = stage.chat.engine = ScriptedEngine([cut, " and the end<|return|>"], model=MODEL)
    stage.play(scenario, (100, 60))


def test_esc_stops_a_summary_and_changes_nothing() -> None:
    gate = Gate(1, 6)

    async def scenario(stage: Stage) -> None:
        await fill(stage)
        before = stage.chat.conversation
        await stage.send("/compact")
        await stage.until(gate.reached.is_set)
        await stage.pilot.press("escape")
        gate.opened.set()
        await stage.shows("The summary was stopped; nothing was changed.", "c       compact")
        assert stage.chat.conversation == before

    filled(SUMMARY, hook=gate).play(scenario, (100, 40))


def test_reasoning_that_fills_the_context_is_kept_and_the_choice_comes() -> None:
    thought = f"<|channel|>analysis<|message|>{'hm ' * 340}"

    async def scenario(stage: Stage) -> None:
        await stage.send("Hard?")
        await stage.shows("the model was still reasoning", "The context is full: what came is kept")
        assert stage.chat.conversation.messages[-1].is_reasoning

    small = replace(LARGER, context=420)
    Stage(thought, model=small, max_tokens=320).play(scenario, (100, 40))


def test_the_model_is_loaded_with_a_larger_context() -> None:
    async def scenario(stage: Stage) -> None:
        await fill(stage)
        await stage.shows("l       load with more context, at most 9,000")
        await stage.pilot.press("f3", "l")
        await stage.shows("The context holds 9,000 tokens now.", "/9,000 tokens")
        assert not stage.app.screen.query(RoomCard)

    filled(model=LARGER).play(scenario, (100, 40))


def test_a_fresh_conversation_begins_with_the_last_questions() -> None:
    async def scenario(stage: Stage) -> None:
        await fill(stage)
        await stage.send("/context fork")
        await stage.hides("Question 0")
        await stage.shows("Question 3")
        asked = [m.content for m in stage.chat.conversation.messages if m.role is Role.USER]
        assert asked == ["Question 2", "Question 3"]

    filled().play(scenario, (100, 40))


def test_what_marks_said_is_shown_again_in_a_conversation_that_is_gone_on_with() -> None:
    stage = Stage(SHORT, model=MODEL)
    path = (
        Message(Role.USER, "Question 0"),
        Message(Role.ASSISTANT, "Yes.", channel="final"),
        room.mark(1, "Yes was said."),
    )
    named = room.named(path[:2], path[2])
    stage.chat.conversation = stage.chat.conversation.add(*path[:2], named)

    async def scenario(stage: Stage) -> None:
        await stage.shows("Question 0", "Yes.", "▸ Summary of 2 messages")

    stage.play(scenario)


def test_the_meter_names_every_kind_and_stays_in_forty_columns() -> None:
    kinds = {"system": 60, "tools": 0, "summary": 5, "history": 100, "tool results": 35}
    text = drawn(Meter(kinds, 1000, 150))
    assert "Context: 200 of 1,000 tokens, 20 %" in text
    assert "tools              0\n" in text
    assert "free             800  ░░░░░░░░" in text
    assert max(map(len, text.split("\n"))) <= 34

    async def scenario(stage: Stage) -> None:
        await stage.ask("Question", "Short.")
        await stage.send("/context")
        await stage.shows("system", "history", "tool results", "in the cache")
        await stage.send("/context sideways")
        await stage.shows("and /context fork.")

    Stage(SHORT).play(scenario, (40, 40))


@pytest.mark.parametrize("command", ["/compact now", "/drop many", "/drop 9", "/compact", "/drop"])
def test_what_cannot_be_done_is_said(command: str) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.until(lambda: stage.engine.model)
        before = stage.chat.conversation
        await stage.send(command)
        await stage.until(lambda: "." in stage.app.screen.query_one("Line").render().plain)
        assert not stage.app.screen.query("ErrorCard")
        assert stage.chat.conversation == before

    Stage(SHORT).play(scenario)


def test_the_card_binds_what_the_table_says() -> None:
    bound = {name for one in RoomCard.BINDINGS for name in one.key.split(",")}  # type: ignore[union-attr]
    assert bound == {name for key in KEYS.values() if key.where is Where.ROOM for name in key.keys}


def test_a_choice_that_would_not_help_is_not_offered() -> None:
    nothing = room.Room(500, 100, 1, 0, 500, 0, asks=True)
    assert RoomCard.choices(nothing) == {}
    assert set(RoomCard.choices(replace(nothing, larger=1000))) == {"larger"}
    assert set(RoomCard.choices(replace(nothing, questions=2))) == {"compact"}
    assert isinstance(room.no_room(5, 4), ChatError)
