"""Reasoning that circles is noticed by the detector itself, and each way out of it works."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chat_tui.conversation import Closer, Effort, Prompt
from chat_tui.engine.protocol import Cancel, GenerateOptions
from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.events import EngineEvent, MessageCompleted, ReasoningCircles, ReasoningDelta
from chat_tui.runner.loops import Circles
from tests.ui.screen import Gate, Stage, harmony

OFFER = "The reasoning goes in circles"
ROUND = "But wait, perhaps it is seven, or else it is eight."
ROUNDS = 14
HELD = 120
"""The token of the first answer at which it waits, long after the detector has spoken."""


class Watched(ScriptedEngine):
    """Has its reasoning watched as the model's is: one word, one token."""

    def generate(
        self, prompt: Prompt, options: GenerateOptions, cancel: Cancel
    ) -> Iterator[EngineEvent]:
        circles, ids = Circles(), dict[str, int]()
        for event in super().generate(prompt, options, cancel):
            yield event
            if isinstance(event, MessageCompleted):
                circles = Circles()
            elif isinstance(event, ReasoningDelta):
                length = circles.push(ids.setdefault(event.text.strip(), len(ids)))
                if length:
                    yield ReasoningCircles(length)


def stage(thought: str) -> tuple[Gate, Stage]:
    gate = Gate(0, HELD)
    completions = [harmony("Late.", thought), harmony("Early.", "Seven.")]
    return gate, Stage(engine=Watched(completions, hook=gate))


@pytest.mark.parametrize("way", ["f2", "ctrl+s", "ctrl+l"])
def test_each_way_out_of_a_circle_leads_out(way: str) -> None:
    gate, shown = stage(" ".join([ROUND] * ROUNDS))

    async def scenario(stage: Stage) -> None:
        await stage.send("Six or seven?")
        await stage.until(gate.reached.is_set)
        await stage.shows("Thinking…", OFFER, "F2", "Ctrl+S", "Ctrl+L")
        await stage.pilot.press(way)
        if way == "ctrl+s":
            gate.opened.set()
        await stage.hides(OFFER)
        gate.opened.set()
        await stage.shows("Early." if way == "ctrl+l" else "Late.", "ready")
        assert OFFER not in stage.text
        thought = stage.chat.conversation.messages[1]
        if way == "f2":
            assert (thought.closed_by, thought.content.count("seven")) == (None, ROUNDS)
        elif way == "ctrl+s":
            assert thought.closed_by is Closer.USER
            assert thought.content.count("seven") < ROUNDS
        else:
            assert (thought.content, thought.effort) == ("Seven.", Effort.LOW)
            assert [p.effort for p in stage.engine.prompts] == [Effort.MEDIUM, Effort.LOW]

    shown.play(scenario)


def test_reasoning_that_gets_somewhere_is_left_alone() -> None:
    words = " ".join(f"Step {at} leads to {at * 7}." for at in range(30))
    gate, shown = stage(words)

    async def scenario(stage: Stage) -> None:
        await stage.send("Six or seven?")
        await stage.until(gate.reached.is_set)
        await stage.rests()
        assert OFFER not in stage.text
        gate.opened.set()
        await stage.shows("Late.", "ready")

    shown.play(scenario)
