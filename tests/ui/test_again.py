"""Answering anew, answering now, and reasoning that goes in circles."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chat_tui.conversation import Effort, Prompt
from chat_tui.engine.protocol import Cancel, GenerateOptions
from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.errors import EngineError
from chat_tui.events import EngineEvent, ReasoningCircles, ReasoningDelta
from tests.ui.screen import Gate, Stage, check_snapshot, harmony
from tests.ui.test_sizes import stable

ONE, TWO = harmony("first answer"), harmony("second answer")


class Circling(ScriptedEngine):
    """Says after the fourth piece of its reasoning that it goes in circles."""

    def __init__(self, *completions: str, gate: Gate) -> None:
        super().__init__(completions, hook=gate)
        self.cancels: list[Cancel] = []

    def generate(
        self, prompt: Prompt, options: GenerateOptions, cancel: Cancel
    ) -> Iterator[EngineEvent]:
        self.cancels.append(cancel)
        thoughts = 0
        for event in super().generate(prompt, options, cancel):
            yield event
            thoughts += isinstance(event, ReasoningDelta)
            if isinstance(event, ReasoningDelta) and thoughts == 4:
                yield ReasoningCircles(60)


def circling() -> tuple[Gate, Circling]:
    """Holds its first answer while it reasons."""
    gate = Gate(0, 8)
    thought = "round and round and round and round"
    return gate, Circling(harmony("Late.", thought), harmony("Early."), gate=gate)


@pytest.mark.parametrize("how", ["ctrl+r", "/regen"])
def test_a_new_answer_takes_the_place_of_the_old_one(how: str) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Question", "first answer")
        if how.startswith("/"):
            await stage.send(how)
        else:
            await stage.pilot.press(how)
        await stage.shows("second answer", "‹ 2/2 ›  medium", "ready")
        assert "first answer" not in stage.text
        assert stage.text.count("▌ Question") == 1
        assert [m.content for m in stage.engine.prompts[1].messages] == ["Question"]
        await stage.pilot.press("ctrl+y")
        assert stage.app.clipboard == "second answer"

    Stage(ONE, TWO).play(scenario)


def test_another_effort_is_for_that_answer_alone() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Question", "first answer")
        await stage.send("/regen high")
        await stage.shows("second answer", "‹ 2/2 ›  high", "ready")
        assert stage.chat.effort is Effort.MEDIUM
        await stage.send("/regen maximal")
        await stage.shows("It can be low, medium, high.")

    Stage(ONE, TWO).play(scenario)


def test_without_a_question_there_is_nothing_to_answer_anew() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.pilot.press("ctrl+r")
        await stage.shows("There is no question to answer anew.")
        assert not stage.engine.prompts

    Stage(ONE).play(scenario)


def test_an_attempt_of_which_nothing_came_gives_the_old_answer_back() -> None:
    def hook(generation: int, token: int) -> None:
        if (generation, token) == (1, 0):
            raise EngineError("The model has lost its voice.", "Ask again.")

    async def scenario(stage: Stage) -> None:
        await stage.ask("Question", "first answer")
        await stage.pilot.press("ctrl+r")
        await stage.shows("The model has lost its voice.", "first answer", "ready")
        await stage.ask("More", "second answer")
        said = [m.content for m in stage.engine.prompts[2].messages]
        assert said == ["Question", "first answer", "More"]

    Stage(ONE, TWO, TWO, hook=hook).play(scenario)


def test_a_stopped_attempt_is_kept_and_marked() -> None:
    gate = Gate(1, 5)

    async def scenario(stage: Stage) -> None:
        await stage.ask("Question", "first answer")
        await stage.pilot.press("ctrl+r")
        await stage.shows("one two")
        await stage.pilot.press("escape")
        gate.opened.set()
        await stage.shows("‹ 2/2 ›  stopped · medium")
        assert "first answer" not in stage.text

    Stage(ONE, harmony("one two three"), hook=gate).play(scenario)


@pytest.mark.parametrize("how", ["ctrl+s", "/answer"])
def test_the_answer_is_asked_for_while_it_reasons(how: str) -> None:
    gate, engine = circling()

    async def scenario(stage: Stage) -> None:
        await stage.send("Think.")
        await stage.shows("Thinking…", "Ctrl+S answer now")
        if how.startswith("/"):
            await stage.send(how)
        else:
            await stage.pilot.press(how)
        await stage.until(lambda: engine.cancels[0].hurried)
        assert not engine.cancels[0].is_set()
        gate.opened.set()
        await stage.shows("Late.", "ready")
        assert "Ctrl+S" not in stage.text

    Stage(engine=engine).play(scenario)


def test_where_nothing_is_thought_there_is_nothing_to_hurry() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Question", "first answer")
        await stage.pilot.press("ctrl+s")
        await stage.shows("Nothing is being reasoned about.")

    Stage(ONE).play(scenario)


def test_circling_reasoning_is_offered_three_ways_out_and_writing_goes_on() -> None:
    gate, engine = circling()

    async def scenario(stage: Stage) -> None:
        await stage.send("Think.")
        await stage.shows("The reasoning goes in circles", "ask again at low")
        await stage.rests()
        check_snapshot("circles-60x24", stable(stage))
        await stage.pilot.press("h", "i")
        assert stage.written == "hi"
        await stage.pilot.press("f2")
        await stage.hides("The reasoning goes in circles")
        assert "Thinking…" in stage.text
        gate.opened.set()
        await stage.shows("Late.", "ready")

    Stage(engine=engine).play(scenario, size=(60, 24))


@pytest.mark.parametrize("how", ["key", "click"])
def test_with_less_effort_the_same_is_asked_again(how: str) -> None:
    gate, engine = circling()

    async def scenario(stage: Stage) -> None:
        await stage.send("Think.")
        await stage.shows("The reasoning goes in circles", "Ctrl+L  ask again at low")
        if how == "key":
            await stage.pilot.press("ctrl+l")
        else:
            lower = next(c for c in stage.app.query("Choice") if "low" in str(c.render()))
            await stage.pilot.click(lower)
        gate.opened.set()
        await stage.shows("Early.", "‹ 2/2 ›  low", "ready")
        assert "circles" not in stage.text
        assert [p.effort for p in engine.prompts] == [Effort.MEDIUM, Effort.LOW]
        assert [m.content for m in engine.prompts[1].messages] == ["Think."]

    Stage(engine=engine).play(scenario, size=(40, 24))


def test_at_low_effort_two_ways_are_left_and_escape_still_stops() -> None:
    gate, engine = circling()

    async def scenario(stage: Stage) -> None:
        await stage.send("Think.")
        await stage.shows("The reasoning goes in circles", "let it go on")
        assert "Ctrl+L" not in stage.text
        await stage.pilot.press("ctrl+l")
        await stage.shows("low is the least effort.")
        await stage.pilot.press("escape")
        await stage.shows("stopped", "ready")
        assert "circles" not in stage.text
        gate.opened.set()

    Stage(engine=engine, effort=Effort.LOW).play(scenario)
