"""The conversation line by line reads well aloud and survives anything typed."""

from __future__ import annotations

import io
from collections.abc import Iterable

from chat_tui.conversation import Effort
from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.plain.repl import Repl
from chat_tui.session.chat import Chat

COMPLETION = (
    "<|channel|>analysis<|message|>Greet.<|end|>"
    "<|start|>assistant<|channel|>final<|message|>Hello\x1b[2J!<|return|>"
)


def talk(lines: Iterable[str], *completions: str) -> tuple[str, Chat]:
    chat = Chat(ScriptedEngine(completions or [COMPLETION]))
    typed = iter(lines)
    out = io.StringIO()

    def read(_prompt: str) -> str:
        try:
            return next(typed)
        except StopIteration:
            raise EOFError from None

    assert Repl(chat, read, out).run() == 0
    return out.getvalue(), chat


def test_an_answer_has_its_own_line() -> None:
    text, _ = talk(["Hi"])
    assert text.splitlines()[-3:-1] == ["Thinking (medium)…", "Answer: Hello!"]


def test_reasoning_is_shown_when_wanted() -> None:
    text, _ = talk(["/reasoning", "Hi"])
    assert "Reasoning (medium): Greet.\n" in text


def test_effort_is_changed_and_a_wrong_one_refused() -> None:
    text, chat = talk(["/effort extreme", "/effort high"])
    assert "no effort 'extreme'" in text
    assert chat.effort is Effort.HIGH


def test_an_unknown_command_is_no_message() -> None:
    text, chat = talk(["/frobnicate"])
    assert "no command '/frobnicate'" in text
    assert chat.conversation.messages == ()


def test_quitting_words_end_it() -> None:
    for word in ("/quit", "exit", ":q"):
        assert talk([word, "Hi"])[1].conversation.messages == ()
