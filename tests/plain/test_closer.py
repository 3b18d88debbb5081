"""Comparing levels and showing the prompt, line by line."""

from __future__ import annotations

import io

import pytest

from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.errors import EngineError
from chat_tui.plain.closer import prompt_text
from chat_tui.plain.repl import Repl
from chat_tui.session import room
from chat_tui.session.chat import Chat
from tests.plain.test_repl import talk


def completion(words: str) -> str:
    return (
        "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant"
        f"<|channel|>final<|message|>{words}<|return|>"
    )


THREE = (completion("Short."), completion("Middle."), completion("Long."))


def test_the_levels_are_answered_one_after_the_other_and_one_is_gone_on_with() -> None:
    text, chat = talk(["/compare Why is that?", "/version 1"], *THREE)
    assert (
        text.index("Answer: Short.") < text.index("Answer: Middle.") < text.index("Answer: Long.")
    )
    assert "Thinking (high)…" in text
    assert "low: done, " in text
    assert "This is answer 3 of 3. /version N goes on with another." in text
    assert chat.units[-1].place == (1, 3)
    assert chat.conversation.messages[-1].content == "Short."


def test_the_last_question_is_compared_and_without_one_nothing() -> None:
    text, chat = talk(["/compare", "Why?", "/compare"], completion("First."), *THREE)
    assert "There is no question to compare." in text
    assert chat.units[-1].place == (4, 4)


def test_a_failure_ends_it() -> None:
    def hook(generation: int, _token: int) -> None:
        if generation == 1:
            raise EngineError("llama.cpp could not go on.")

    engine = ScriptedEngine(THREE, hook=hook)
    out, lines = io.StringIO(), iter(["/compare Why?", "/quit"])
    Repl(Chat(engine), lambda _prompt: next(lines), out).run()
    assert "could not go on" in out.getvalue()
    assert "medium: failed" in out.getvalue()
    assert len(engine.prompts) == 2


def test_the_prompt_is_shown_with_what_is_not_read() -> None:
    text, chat = talk(["Hi\x1b", "/prompt And you?"], completion("Hello."))
    assert "The prompt has " in text
    assert "user, your question, " in text
    assert "<|start|>user<|message|>And you?<|end|>" in text
    assert "assistant, analysis, not read by the model:\nHm." in text
    assert "\x1b" not in text
    assert len(chat.conversation.messages) == 3
    chat.mark(room.mark(1))
    assert "The model no longer sees the first 2 messages:" in prompt_text(chat, "")


def test_a_chat_without_a_model_says_so() -> None:
    with pytest.raises(EngineError, match="No model"):
        prompt_text(Chat(ScriptedEngine(THREE)), "")
