"""Low, medium and high side by side; one goes on and the others stay beside it."""

from __future__ import annotations

import threading
from dataclasses import replace

from chat_tui.conversation import Effort
from chat_tui.engine.scripted import SCRIPTED, ScriptedEngine
from chat_tui.errors import EngineCrashed
from chat_tui.events import StopReason, TurnEnded, Usage
from chat_tui.session.compare import Run, State
from chat_tui.settings import ReasoningView
from chat_tui.ui.compare.column import Column
from chat_tui.ui.compare.figures import facts, title
from chat_tui.ui.compare.screen import CompareScreen
from tests.ui.screen import PATIENCE, Gate, Stage, harmony

THREE = (
    harmony("Short one.", reasoning="Quick."),
    harmony("Middle one.", reasoning="Some thought."),
    harmony("Long one.", reasoning="A lot of thought."),
)


def columns(stage: Stage) -> list[Column]:
    return list(stage.app.screen.query(Column))


def done(stage: Stage) -> bool:
    return stage.text.count(" done") == 3


def test_three_levels_stand_side_by_side_and_the_kept_one_goes_on() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.shows("ready")
        await stage.send("/compare Why?")
        await stage.shows("Short one.", "Middle one.", "Long one.")
        row = next(line for line in stage.lines if "Short one." in line)
        assert "Middle one." in row
        assert "Long one." in row
        assert "Quick." not in stage.text  # folded
        await stage.pilot.press("1")
        await stage.shows("‹ 1/3 ›", "Short one.", "goes on")
        assert not isinstance(stage.app.screen, CompareScreen)
        assert "Long one." not in stage.text
        assert [unit.place for unit in stage.chat.units] == [(1, 1), (1, 3)]
        assert stage.chat.effort is Effort.MEDIUM
        await stage.ask("And now?", "Long one.")
        said = [message.content for message in stage.engine.prompts[-1].messages]
        assert said == ["Why?", "Quick.", "Short one.", "And now?"]

    Stage(*THREE).play(scenario)


def test_without_words_the_last_question_is_compared_and_escape_leaves_its_answer() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.send("/compare")
        await stage.shows("no question to compare", "ready")
        stage.app.query_one("Composer").clear()  # type: ignore[attr-defined]
        await stage.ask("Why?", "First.")
        await stage.send("/compare")
        await stage.until(lambda: done(stage))
        await stage.pilot.press("right", "space")
        await stage.shows("A lot of thought.")
        await stage.pilot.press("escape")
        await stage.shows("‹ 1/4 ›", "First.", "No answer was kept", "ready")
        assert stage.written == ""
        await stage.pilot.press("alt+right")
        await stage.shows("‹ 2/4 ›", "Short one.")

    Stage(harmony("First."), *THREE).play(scenario)


def test_escape_takes_a_new_question_back_to_the_composer_and_what_was_there_stays() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Who?", "First.")
        await stage.send("/compare Why?")
        await stage.shows("Long one.", "Esc close")
        await stage.pilot.press("escape")
        await stage.shows("Who?", "First.", "No answer was kept", "ready")
        assert stage.written == "Why?"
        assert [message.content for message in stage.chat.conversation.messages] == [
            "Who?",
            "First.",
        ]
        await stage.pilot.press("enter")
        await stage.shows("‹ 2/2 ›", "Why?", "Long one.", "ready")
        assert len(stage.engine.prompts[-1].messages) == 3

    Stage(harmony("First."), *THREE).play(scenario)


def test_escape_stops_keeps_what_came_and_runs_no_other_level() -> None:
    gate = Gate(1, 4)

    async def scenario(stage: Stage) -> None:
        await stage.shows("ready")
        await stage.send("/compare Why?")
        await stage.until(gate.reached.is_set)
        await stage.pilot.press("escape")
        gate.opened.set()
        await stage.until(lambda: stage.text.count("stopped") >= 2)
        assert len(stage.engine.prompts) == 2
        await stage.pilot.press("1")
        await stage.shows("‹ 1/2 ›", "Short one.")

    Stage(*THREE, hook=gate).play(scenario)


def test_a_level_can_be_kept_while_another_is_answered() -> None:
    gate = Gate(2, 4)

    async def scenario(stage: Stage) -> None:
        await stage.shows("ready")
        await stage.send("/compare Why?")
        await stage.until(gate.reached.is_set)
        await stage.pilot.press("2")
        gate.opened.set()
        await stage.shows("‹ 2/3 ›", "Middle one.", "ready")

    Stage(*THREE, hook=gate).play(scenario)


def test_a_crash_at_one_level_is_shown_there_and_the_next_is_answered() -> None:
    def hook(generation: int, token: int) -> None:
        if (generation, token) == (1, 1):
            raise EngineCrashed("The model process was killed.")

    async def scenario(stage: Stage) -> None:
        await stage.shows("ready")
        await stage.send("/compare Why?")
        await stage.shows("failed", "The model process was", "Long one.")
        await stage.until(lambda: stage.text.count(" done") == 2)
        await stage.pilot.press("2")
        await stage.shows("no answer to keep")

    Stage(*THREE, hook=hook).play(scenario)


def test_where_it_is_narrow_they_stand_below_each_other() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.shows("ready")
        await stage.send("/compare Why?")
        await stage.until(lambda: done(stage))
        assert "Thought" not in stage.text  # hidden it stays
        tops = [column.region.y for column in columns(stage)]
        assert tops == sorted(set(tops))
        await stage.pilot.press("left", "left")
        await stage.shows("▸1 low", "Short one.")
        await stage.resize(40, 16)
        await stage.until(lambda: stage.lines[1] == "▸1 low".ljust(36) + "done")

    Stage(*THREE, reasoning=ReasoningView.HIDDEN).play(scenario, (80, 24))


def test_what_is_stopped_before_it_begins_goes_back_to_the_composer() -> None:
    loaded = threading.Event()
    engine = ScriptedEngine(THREE, load_delay=1.0, sleep=lambda _seconds: hold(loaded))

    async def scenario(stage: Stage) -> None:
        await stage.send("/compare Why?")
        await stage.shows("one seed, no tools")
        await stage.pilot.press("escape")
        await stage.until(lambda: stage.text.count("stopped") == 3)
        await stage.pilot.press("escape")
        loaded.set()
        await stage.shows("Why?", "ready")
        assert stage.written == "Why?"
        assert not engine.prompts

    Stage(engine=engine).play(scenario)


def hold(loaded: threading.Event) -> None:
    assert loaded.wait(5 * PATIENCE)


def test_a_question_that_does_not_fit_goes_back_to_the_composer() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.shows("ready")
        await stage.send("/compare " + "long " * 200)
        await stage.until(lambda: stage.written.startswith("long"))
        await stage.until(lambda: not isinstance(stage.app.screen, CompareScreen))
        assert not stage.engine.prompts

    Stage(*THREE, model=replace(SCRIPTED, context=200)).play(scenario)


def ended() -> Run:
    run = Run(Effort.LOW)
    run.begin(0.0)
    usage = Usage(reasoning_tokens=1240, answer_tokens=80, decode_seconds=29.3)
    run.take(TurnEnded(StopReason.COMPLETE, usage), 12.34)
    return run


def test_figures_shrink_with_the_width() -> None:
    run = ended()
    assert facts(run, 0.0, 60).plain == " 12.3 s · 1,240 reasoning + 80 answer tok · 45 tok/s"
    assert facts(run, 0.0, 34).plain == " 12.3 s · 1,240+80 tok · 45 tok/s"
    assert facts(run, 0.0, 24).plain == " 12.3 s · 1,240+80 tok"
    assert facts(run, 0.0, 8).plain == " 12.3 s"
    assert title(run, 1, 20, chosen=True).plain == "▸1 low          done"
    assert title(run, 1, 8, chosen=False).plain == " 1 low"
    waiting = Run(Effort.HIGH)
    assert facts(waiting, 9.0, 60).plain == ""
    assert waiting.state is State.WAITING
