"""A conversation on the screen: asking, waiting, stopping, queueing, starting anew."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

import pytest
from textual.widgets import Static

from chat_tui.conversation import Effort
from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.errors import EngineCrashed, LoadError
from chat_tui.events import Loaded, LoadProgress
from chat_tui.settings import ReasoningView
from chat_tui.ui.widgets.reasoning import Reasoning
from tests.ui.screen import PATIENCE, Gate, Stage, harmony

PARIS = harmony("Paris is the **capital**.", reasoning="France, so Paris.")


def test_an_answer_appears_with_its_level_and_its_reasoning_folded() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Capital of France?", "Paris is the capital.")
        assert "Capital of France?" in stage.text
        assert re.search(r"▸ Thought for (< )?\d+ s · 3 tok · medium", stage.text)
        assert "France, so Paris." not in stage.text
        # It is drawn a moment after the line that says ready.
        await stage.until(
            lambda: any(re.match(r"\s*medium · .* tok/s", line) for line in stage.lines)
        )

    Stage(PARIS).play(scenario)


def test_the_next_question_remembers_the_first() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("My name is Ada.", "Hello Ada.")
        await stage.ask("What is my name?", "Your name is Ada.")
        said = [message.content for message in stage.engine.prompts[1].messages]
        assert said == ["My name is Ada.", "Hello Ada.", "What is my name?"]

    Stage(harmony("Hello Ada."), harmony("Your name is Ada.")).play(scenario)


def test_the_header_names_conversation_model_and_device() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.shows("New conversation", "scripted · CPU · offline")
        await stage.ask("Capital of France?", "Paris")
        assert stage.lines[0].strip().startswith("Capital of France?")

    Stage(PARIS).play(scenario)


def test_reasoning_is_seen_live_and_folds_when_the_answer_begins() -> None:
    gate = Gate(0, 5)  # channel, its name, message, "France,", "so" | "Paris."

    async def scenario(stage: Stage) -> None:
        await stage.send("Capital of France?")
        await stage.shows("Thinking…", "France, so", "thinking")
        gate.opened.set()
        await stage.shows("Thought for", "Paris is the capital.")
        assert "France, so" not in stage.text

    Stage(PARIS, hook=gate).play(scenario)


def test_a_long_thought_shows_its_last_ten_lines_while_it_comes() -> None:
    thought = "\n".join(f"step{number}" for number in range(40))
    gate = Gate(0, 43)

    async def scenario(stage: Stage) -> None:
        await stage.send("Think.")
        await stage.shows("step39")
        assert "step30" in stage.text
        assert "step29" not in stage.text
        gate.opened.set()
        await stage.shows("Done.")

    Stage(harmony("Done.", reasoning=thought), hook=gate).play(scenario)


def test_escape_keeps_what_came_and_frees_the_input_though_the_engine_hangs() -> None:
    gate = Gate(0, 5)

    async def scenario(stage: Stage) -> None:
        await stage.send("Count.")
        await stage.shows("one two")
        await stage.pilot.press("escape")
        await stage.shows("stopped", "ready")
        await stage.write("next")
        assert stage.written == "next"
        assert not gate.opened.is_set()
        gate.opened.set()
        await stage.until(lambda: len(stage.chat.conversation.messages) == 2)
        assert stage.chat.conversation.messages[1].content.startswith("one two")
        assert stage.chat.conversation.messages[1].interrupted

    Stage(harmony("one two three four five six"), hook=gate).play(scenario)


def test_a_question_asked_while_a_stopped_turn_winds_down_waits_for_it() -> None:
    gate = Gate(0, 5)

    async def scenario(stage: Stage) -> None:
        await stage.send("Count.")
        await stage.shows("one two")
        await stage.pilot.press("escape")
        await stage.send("Again.")
        gate.opened.set()
        await stage.shows("second answer", "ready")
        roles = [message.role for message in stage.engine.prompts[1].messages]
        assert roles == ["user", "assistant", "user"]

    Stage(harmony("one two three"), harmony("second answer"), hook=gate).play(scenario)


class SlowToLoad(ScriptedEngine):
    """Loads when told to."""

    def __init__(self, *completions: str) -> None:
        super().__init__(completions)
        self.may_load = threading.Event()

    def load(self) -> Iterator[LoadProgress | Loaded]:
        yield LoadProgress(0.43)
        assert self.may_load.wait(PATIENCE)
        yield from super().load()


def test_a_question_typed_while_the_model_loads_waits_for_it() -> None:
    engine = SlowToLoad(PARIS)

    async def scenario(stage: Stage) -> None:
        await stage.shows("loading 43 %")
        await stage.send("Capital of France?")
        await stage.shows("Capital of France?", "loading 43 %")
        engine.may_load.set()
        await stage.shows("Paris is the capital.")

    Stage(engine=engine).play(scenario)


def test_stopping_before_anything_began_gives_the_question_back() -> None:
    engine = SlowToLoad(PARIS)

    async def scenario(stage: Stage) -> None:
        await stage.shows("loading 43 %")
        await stage.send("Capital of France?")
        await stage.pilot.press("escape")
        await stage.until(lambda: stage.written == "Capital of France?")
        engine.may_load.set()
        await stage.shows("scripted · CPU")
        assert not stage.chat.conversation.messages
        assert not engine.prompts

    Stage(engine=engine).play(scenario)


def test_messages_wait_for_the_answer_to_end() -> None:
    gate = Gate(0, 4)

    async def scenario(stage: Stage) -> None:
        await stage.send("first")
        await stage.until(gate.reached.is_set)
        await stage.send("second")
        await stage.shows("Queued: second")
        await stage.send("third")
        await stage.shows("Queued: third")
        assert stage.written == ""
        await stage.pilot.press("ctrl+r")
        await stage.shows("An answer is on its way.", "Queued: second", "Queued: third")
        await stage.send("fourth")
        await stage.pilot.press("m", "y", "up")
        assert stage.written == "fourth\nmy"
        await stage.hides("Queued: fourth")
        gate.opened.set()
        await stage.shows("answer three", "ready")
        asked = [[m.content for m in one.messages][-1] for one in stage.engine.prompts[1:]]
        assert asked == ["second", "third"]
        await stage.hides("Queued")

    answers = (harmony("answer one"), harmony("answer two"), harmony("answer three"))
    Stage(*answers, hook=gate).play(scenario)


@pytest.mark.parametrize("key", ["up", "escape"])
def test_a_queued_message_can_be_taken_back(key: str) -> None:
    gate = Gate(0, 4)

    async def scenario(stage: Stage) -> None:
        await stage.send("first")
        await stage.until(gate.reached.is_set)
        await stage.send("second")
        await stage.shows("Queued: second")
        await stage.pilot.press(key)
        await stage.until(lambda: stage.written == "second")
        gate.opened.set()
        await stage.shows("ready")
        await stage.hides("Queued")
        assert len(stage.engine.prompts) == 1

    Stage(harmony("answer one"), hook=gate).play(scenario)


def test_a_crash_becomes_a_card_what_came_stays_and_the_next_question_works() -> None:
    def hook(generation: int, token: int) -> None:
        if (generation, token) == (0, 5):
            raise EngineCrashed("The model's process ended (signal 9).", "Ask again to restart it.")

    async def scenario(stage: Stage) -> None:
        await stage.send("Count.")
        await stage.shows("one two", "The model's process ended (signal 9).", "Ask again to")
        await stage.shows("ready")
        await stage.ask("Again.", "second answer")

    Stage(harmony("one two three"), harmony("second answer"), hook=hook).play(scenario)


class NeverLoads(ScriptedEngine):
    """Has no memory for its model."""

    def load(self) -> Iterator[LoadProgress | Loaded]:
        yield LoadProgress(0.1)
        raise LoadError("The model needs 14 GB and 3 GB are free.", "Close something.")


def test_a_model_that_cannot_be_loaded_is_told_of_and_the_chat_lives() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.shows("The model needs 14 GB and 3 GB are free.", "Close something.", "ready")
        await stage.send("Anyway?")
        await stage.until(lambda: stage.text.count("The model needs 14 GB") == 2)
        await stage.write("still here")
        assert stage.written == "still here"

    Stage(engine=NeverLoads([""])).play(scenario)


def test_a_fault_in_the_program_ends_the_turn_and_not_the_chat() -> None:
    def hook(generation: int, token: int) -> None:
        if (generation, token) == (0, 4):
            raise ZeroDivisionError("a fault")

    async def scenario(stage: Stage) -> None:
        await stage.send("Divide.")
        await stage.shows("The turn broke off.", "ZeroDivisionError: a fault", "ready")
        await stage.ask("Again.", "second answer")

    Stage(harmony("one two three"), harmony("second answer"), hook=hook).play(scenario)


def test_a_new_chat_forgets_the_old_one_and_stops_what_runs() -> None:
    gate = Gate(0, 5)

    async def scenario(stage: Stage) -> None:
        await stage.send("Old question")
        await stage.shows("one two")
        await stage.pilot.press("ctrl+n")
        await stage.hides("Old question", "one two")
        gate.opened.set()
        await stage.ask("New question", "fresh")
        assert [m.content for m in stage.engine.prompts[1].messages] == ["New question"]
        assert "one two" not in stage.text

    Stage(harmony("one two three"), harmony("fresh"), hook=gate).play(scenario)


def test_effort_holds_from_the_next_question_on_and_is_remembered() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.pilot.press("ctrl+t")
        await stage.ask("one", "answer one")
        await stage.send("/effort low")
        await stage.ask("two", "answer two")
        await stage.pilot.click("EffortControl", offset=(10, 0))
        await stage.ask("three", "answer three")
        efforts = [prompt.effort for prompt in stage.engine.prompts]
        assert efforts == [Effort.HIGH, Effort.LOW, Effort.MEDIUM]
        stamps = re.findall(r"(?m)^ *(\w+) · [\d.,]+ tok/s", stage.text)
        assert stamps == ["high", "low", "medium"]
        assert stage.remembered["effort"] == "medium"

    Stage(harmony("answer one"), harmony("answer two"), harmony("answer three")).play(scenario)


def test_an_answer_that_was_mended_says_so() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Go on.", "mended 1 slip")
        assert "plain words" in stage.text

    Stage("plain words<|return|>").play(scenario)


def test_an_answer_that_was_cut_says_so() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Go on.", "cut at the token limit")
        assert "one two" in stage.text
        assert "three" not in stage.text

    Stage(harmony("one two three"), max_tokens=5).play(scenario)


def test_text_outside_the_channels_is_shown_apart_from_the_answer() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Plan and do.", "The answer.")
        assert "I will look first." in stage.text
        await stage.pilot.press("ctrl+y")
        assert stage.app.clipboard == "The answer."

    preamble = "<|channel|>commentary<|message|>I will look first.<|end|><|start|>assistant"
    Stage(preamble + harmony("The answer.")).play(scenario)


def test_the_reader_stays_where_they_scrolled_to() -> None:
    gate = Gate(0, 300)
    long = "\n\n".join(f"paragraph {number}" for number in range(400))

    async def scenario(stage: Stage) -> None:
        await stage.send("Write.")
        await stage.until(gate.reached.is_set)
        transcript = stage.app.query_one("Transcript")
        await stage.until(lambda: transcript.max_scroll_y and transcript.is_vertical_scroll_end)
        await stage.pilot.press("pageup", "pageup")
        await stage.pilot.pause()
        at = transcript.scroll_y
        gate.opened.set()
        await stage.until(lambda: transcript.max_scroll_y > 700)
        assert transcript.scroll_y == at

    Stage(harmony(long), hook=gate).play(scenario)


def test_the_notice_is_shown_once_at_the_top() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.shows("Models were found in LM Studio.")
        assert stage.app.query(Static)

    Stage(PARIS, notice="Models were found in LM Studio.").play(scenario)


def test_a_thought_says_the_same_once_it_is_over_as_when_it_is_drawn_anew() -> None:
    grown, recalled = (Reasoning("medium", ReasoningView.FOLDED, 0.0) for _ in range(2))
    grown.feed("Let me", 2, 1.0)
    grown.feed(" think.", 2, 12.0)
    assert "· 4 tok ·" in grown.heading
    grown.finish("Let me think.", "medium", 8)  # with the marks around the text
    recalled.finish("Let me think.", "medium", 8, 12.0)
    assert grown.heading == recalled.heading == "▸ Thought for 12 s · 8 tok · medium"


def test_what_was_counted_of_a_thought_stays_where_its_tokens_are_not_known() -> None:
    grown = Reasoning("low", ReasoningView.FOLDED, 0.0)
    grown.feed("Hm.", 2, 0.5)
    grown.finish("Hm.", "low")
    assert "· 2 tok ·" in grown.heading


def test_a_thought_that_is_taken_down_takes_what_still_comes() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Why?", "Because.")
        thought = stage.app.query_one(Reasoning)
        await thought.query("*").remove()
        thought.feed("more", 1, 0.0)
        await stage.pilot.pause(0.2)
        assert stage.app.is_running

    Stage(harmony("Because.", reasoning="It is so.")).play(scenario)
