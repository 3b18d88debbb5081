"""An answer that was stopped goes on where it stands, by key, command and click."""

from __future__ import annotations

import pytest

from chat_tui.conversation import Message, Role, user
from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.errors import EngineError
from chat_tui.events import ModelInfo
from chat_tui.ui.widgets.onward import Onward
from chat_tui.ui.widgets.turn_view import TurnView
from tests.ui.screen import Gate, Stage, harmony

WHOLE = harmony("one two three four", "I think so.")
REST = " four<|return|>"


class Halt:
    """Holds the first answer at a token until the stage has stopped it."""

    def __init__(self, token: int) -> None:
        self.gate = Gate(0, token)

    async def stop(self, stage: Stage, shows: str) -> None:
        await stage.send("Question")
        await stage.shows(shows)
        await stage.until(self.gate.reached.is_set)
        await stage.pilot.press("escape")
        self.gate.opened.set()
        await stage.shows("stopped", "F2 goes on")


@pytest.mark.parametrize("how", ["f2", "/continue", "click"])
def test_a_stopped_answer_goes_on_where_it_stands(how: str) -> None:
    halt = Halt(14)

    async def scenario(stage: Stage) -> None:
        await halt.stop(stage, "one two")
        if how == "f2":
            await stage.pilot.press("f2")
        elif how == "click":
            await stage.pilot.click(stage.app.query_one(TurnView).query_one(Onward))
        else:
            await stage.send(how)
        await stage.shows("one two three four", "ready")
        await stage.hides("stopped", "F2 goes on")
        assert stage.text.count("one two") == 1
        assert stage.text.count("▌ Question") == 1
        assert stage.text.count("Thought for") == 1
        await stage.pilot.press("ctrl+y")
        assert stage.app.clipboard == "one two three four"

    Stage(WHOLE, REST, hook=halt.gate).play(scenario)


@pytest.mark.parametrize("size", [(80, 24), (40, 24)])
def test_a_stopped_thought_goes_on_in_one_piece(size: tuple[int, int]) -> None:
    halt = Halt(5)

    async def scenario(stage: Stage) -> None:
        await halt.stop(stage, "Thinking…")
        assert stage.text.count("Thought for") == 1
        await stage.pilot.press("f2")
        await stage.shows("one two three four", "ready")
        assert stage.text.count("Thought for") == 1
        await stage.pilot.press("ctrl+o")
        await stage.shows("I think so. Indeed.")

    rest = " Indeed.<|end|><|start|>assistant<|channel|>final<|message|>one two three four"
    Stage(WHOLE, rest + "<|return|>", hook=halt.gate).play(scenario, size=size)


def test_the_offer_is_gone_with_the_next_question() -> None:
    halt = Halt(14)

    async def scenario(stage: Stage) -> None:
        await halt.stop(stage, "one two")
        await stage.ask("More", "fine")
        assert "stopped" in stage.text
        assert "F2 goes on" not in stage.text
        await stage.pilot.press("f2")
        await stage.shows("There is nothing to go on with")

    Stage(WHOLE, harmony("fine"), hook=halt.gate).play(scenario)


def test_an_attempt_of_which_nothing_came_can_be_made_again() -> None:
    halt = Halt(14)

    def hook(generation: int, token: int) -> None:
        halt.gate(generation, token)
        if generation == 1:
            raise EngineError("The model has lost its voice.", "Ask again.")

    async def scenario(stage: Stage) -> None:
        await halt.stop(stage, "one two")
        await stage.pilot.press("f2")
        await stage.shows("The model has lost its voice.", "one two", "F2 goes on")
        await stage.pilot.press("f2")
        await stage.shows("one two three four", "ready")
        await stage.hides("lost its voice", "F2 goes on")

    Stage(WHOLE, REST, REST, hook=hook).play(scenario)


def test_an_answer_that_a_crash_cut_goes_on_after_a_restart() -> None:
    """Conversations are opened with what was said; the mark is there again."""

    async def scenario(stage: Stage) -> None:
        await stage.shows("one two", "cut off · F2 goes on")
        await stage.pilot.press("f2")
        await stage.shows("one two three four", "ready")
        await stage.hides("cut off")
        assert stage.engine.prompts[0].continues
        assert stage.text.count("one two") == 1

    stage = Stage(engine=ScriptedEngine([" three four<|return|>"]))
    cut = Message(Role.ASSISTANT, "one two", channel="final", interrupted=True)
    stage.chat.conversation = stage.chat.conversation.add(user("Question"), cut)
    stage.play(scenario)


def test_a_token_limit_says_how_to_go_on_and_a_full_context_that_there_is_no_room() -> None:
    async def limited(stage: Stage) -> None:
        await stage.send("Question")
        await stage.shows("cut at the token limit", "F2 goes on")
        await stage.pilot.press("f2")
        await stage.shows("one two three four")

    Stage(WHOLE, " three four<|return|>", max_tokens=14).play(limited)

    async def full(stage: Stage) -> None:
        await stage.send("Question")
        await stage.shows("cut: the context is full", "F2 makes room and goes on")
        await stage.pilot.press("f2")
        await stage.shows("there is no more room")

    small = ModelInfo("m.gguf", "small", 1, 150, 150, "CPU")
    Stage(WHOLE, max_tokens=14, model=small).play(full)


def test_while_an_answer_is_on_its_way_nothing_is_begun() -> None:
    gate = Gate(0, 14)

    async def scenario(stage: Stage) -> None:
        await stage.send("Question")
        await stage.shows("one two")
        await stage.pilot.press("f2")
        await stage.shows("An answer is on its way.")
        gate.opened.set()
        await stage.shows("one two three four", "ready")
        await stage.hides("An answer is on its way.")

    Stage(WHOLE, hook=gate).play(scenario)


def test_what_is_written_behind_a_stopped_answer_is_read_ahead_and_a_command_is_not() -> None:
    halt = Halt(14)

    async def scenario(stage: Stage) -> None:
        await halt.stop(stage, "one two")
        engine = stage.engine
        assert isinstance(engine, ScriptedEngine)
        before = len(engine.primed)
        await stage.write("/continue")
        await stage.pilot.pause(0.8)
        assert len(engine.primed) == before
        await stage.pilot.press("ctrl+a", "ctrl+k")
        await stage.write("No, rather")
        await stage.until(lambda: len(engine.primed) > before)

    Stage(WHOLE, REST, hook=halt.gate).play(scenario)
