"""What is said when there is no more room."""

from __future__ import annotations

from chat_tui.events import ModelInfo, StopReason, Usage
from chat_tui.ui import endings

MODEL = ModelInfo("m.gguf", "m", 1, 1000, 131_072, "CPU")
FULL = Usage(prompt_tokens=400, reasoning_tokens=300, answer_tokens=290)


def test_a_full_context_says_what_happened_and_what_to_do() -> None:
    thinking = endings.trouble(StopReason.LENGTH, FULL, MODEL, answered=False)
    assert thinking is not None
    assert "still reasoning" in thinking.message
    assert "/regen low" in thinking.hint
    assert "--context" in thinking.hint
    answering = endings.trouble(StopReason.LENGTH, FULL, MODEL, answered=True)
    assert answering is not None
    assert "context is full" in answering.message
    assert endings.mark(StopReason.LENGTH, FULL, MODEL) == "cut: the context is full"


def test_no_more_context_is_promised_than_the_model_was_made_for() -> None:
    whole = ModelInfo("m.gguf", "m", 1, 1000, 1000, "CPU")
    trouble = endings.trouble(StopReason.LENGTH, FULL, whole, answered=True)
    assert trouble is not None
    assert "--context" not in trouble.hint


def test_a_limit_on_tokens_is_not_taken_for_a_full_context() -> None:
    short = Usage(prompt_tokens=100, reasoning_tokens=5)
    assert endings.mark(StopReason.LENGTH, short, MODEL) == "cut at the token limit"
    assert endings.trouble(StopReason.LENGTH, short, MODEL, answered=True) is None
    trouble = endings.trouble(StopReason.LENGTH, short, MODEL, answered=False)
    assert trouble is not None
    assert "token limit" in trouble.message


def test_what_ended_by_itself_is_no_trouble() -> None:
    for reason in (StopReason.COMPLETE, StopReason.CANCELLED):
        assert endings.trouble(reason, FULL, MODEL, answered=False) is None
    assert endings.mark(StopReason.COMPLETE, FULL, MODEL) == ""
