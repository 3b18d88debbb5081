"""What the status line says for what happens."""

from __future__ import annotations

import pytest

from chat_tui.conversation import Message, Role
from chat_tui.events import (
    AnswerDelta,
    Loaded,
    LoadProgress,
    ModelInfo,
    PromptProgress,
    ReasoningDelta,
    StopReason,
    ToolFinished,
    ToolStarted,
    TurnEnded,
    Usage,
)
from chat_tui.ui.progress import Progress

MODEL = ModelInfo("m.gguf", "m", 1, 8192, 131072, "CPU")
CALL = Message(Role.ASSISTANT, "1+1", recipient="python")


def test_each_phase_has_its_words() -> None:
    progress = Progress()
    assert progress.describe(0) == "ready"
    progress.on(LoadProgress(0.431), 0)
    assert progress.describe(0) == "loading 43 %"
    progress.begin()
    assert progress.describe(0) == "loading 43 %"
    progress.on(Loaded(MODEL, 1.0), 1)
    assert (progress.describe(1), progress.total) == ("waiting", 8192)
    progress.on(PromptProgress(0, 2150), 2)
    assert progress.describe(2) == "reading 0/2,150 tokens"
    progress.on(PromptProgress(1240, 2150), 10)
    assert progress.describe(10) == "reading 1,240/2,150 tokens, about 6 s left"
    progress.on(PromptProgress(2150, 2150), 16)
    progress.on(ReasoningDelta("x"), 17)
    assert progress.describe(17) == "thinking"
    progress.on(AnswerDelta("x"), 18)
    assert progress.describe(18) == "writing"
    progress.on(ToolStarted(CALL), 20)
    assert progress.describe(22.14) == "running python 2.1 s"
    progress.on(ToolFinished(CALL, CALL), 23)
    progress.on(TurnEnded(StopReason.COMPLETE, Usage()), 24)
    assert progress.describe(24) == "ready"


def test_reused_tokens_do_not_count_into_the_time_that_is_left() -> None:
    progress = Progress()
    progress.begin()
    progress.on(PromptProgress(1000, 2000, 1000), 0)
    progress.on(PromptProgress(1500, 2000, 1000), 5)
    assert progress.describe(5).endswith("about 5 s left")


def test_the_time_in_which_a_call_waited_is_no_reading() -> None:
    progress = Progress()
    progress.begin()
    for done, now in ((0, 0), (1000, 1), (1000, 60), (1100, 61)):
        progress.on(PromptProgress(done, 1000 if now < 2 else 1400), now)
    assert progress.describe(61) == "reading 1,100/1,400 tokens, about 3 s left"


@pytest.mark.parametrize(
    ("recipient", "name"),
    [
        ("functions.apply_patch", "apply_patch"),
        ("browser.search", "browser.search"),
        ("python", "python"),
        ("functions.", "a tool"),
        (None, "a tool"),
    ],
)
def test_a_tool_is_called_what_the_list_of_tools_calls_it(recipient: str, name: str) -> None:
    progress = Progress()
    progress.waits(recipient)
    assert progress.describe(0) == f"waiting for you: {name}"


def test_another_conversation_has_no_speed_yet() -> None:
    progress = Progress()
    progress.begin()
    progress.on(ReasoningDelta("a", 1), 10)
    progress.on(AnswerDelta("b", 10), 12)
    progress.elsewhere(7)
    assert (progress.used, progress.rate()) == (7, None)


def test_speed_is_measured_between_tokens_and_then_taken_from_the_engine() -> None:
    progress = Progress()
    progress.begin()
    assert progress.rate() is None
    progress.on(ReasoningDelta("a", 1), 10)
    assert progress.rate() is None
    progress.on(AnswerDelta("b", 10), 12)
    assert progress.rate() == pytest.approx(5)
    usage = Usage(reasoning_tokens=1, answer_tokens=10, decode_seconds=1.0)
    progress.on(TurnEnded(StopReason.COMPLETE, usage), 13)
    assert progress.rate() == pytest.approx(10)


def test_the_context_counts_prompt_and_new_tokens() -> None:
    progress = Progress()
    progress.begin()
    progress.on(PromptProgress(100, 100), 0)
    progress.on(ReasoningDelta("a", 3), 1)
    progress.on(AnswerDelta("b", 4), 1)
    assert progress.used == 107
