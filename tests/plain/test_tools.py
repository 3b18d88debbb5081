"""Tools line by line: only a typed yes allows."""

from __future__ import annotations

import io
from collections.abc import Iterable

import pytest

from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.plain.repl import Repl
from chat_tui.session.chat import Chat
from chat_tui.session.toolset import Toolset
from chat_tui.tools.base import Risk
from tests.ui.tools import FINAL, Edits, Pretend, python, toolset

CALL = python("print(6*7) # \x1b[2J\u202e")


def talk(lines: Iterable[str], tools: Toolset | None, *completions: str) -> tuple[str, Chat]:
    chat = Chat(ScriptedEngine(completions or [CALL, FINAL]), tools=tools)
    typed = iter(lines)
    out = io.StringIO()

    def read(prompt: str) -> str:
        out.write(prompt)
        try:
            return next(typed)
        except StopIteration:
            raise EOFError from None

    assert Repl(chat, read, out).run() == 0
    return out.getvalue(), chat


def test_a_call_is_read_out_and_runs_after_a_yes() -> None:
    tool = Pretend()
    text, _ = talk(["Compute.", "y"], toolset(tool))
    assert len(tool.ran) == 1
    for shown in ("Run Python", "print(6*7) # \\x1b[2J\\u202e", "no network", "Result: forty-two"):
        assert shown in text
    assert "\x1b" not in text
    assert "Answer: All done." in text


def test_what_was_heard_while_it_ran_is_not_said_again() -> None:
    text, _ = talk(["Compute.", "y"], toolset(Pretend(answer="42\n", live="42\n")))
    assert "Output: 42" in text
    assert "Result" not in text
    text, _ = talk(["Compute.", "y"], toolset(Pretend(answer="Note:\n42", live="42\n")))
    assert "Result: Note:\n" in text
    assert text.count("42") == 1


@pytest.mark.parametrize("said", [[""], ["n", ""], ["maybe", "sure", "ok"], ["s"], []])
def test_whatever_else_is_said_does_not_allow(said: list[str]) -> None:
    tool = Pretend()
    talk(["Compute.", *said], toolset(tool))
    assert tool.ran == []


def test_a_reason_goes_to_the_model() -> None:
    _, chat = talk(["Compute.", "n", "use your head"], toolset(Pretend()))
    assert "Their reason: use your head" in chat.conversation.messages[-2].content


def test_always_lasts_for_the_conversation_and_can_be_revoked() -> None:
    tool = Pretend()
    lines = ["Compute.", "a", "Again.", "/approve", "/approve revoke 1", "And again.", ""]
    text, _ = talk(lines, toolset(tool), CALL, FINAL, CALL, FINAL, CALL, FINAL)
    assert len(tool.ran) == 2
    assert "1. allow python" in text
    assert "No longer: allow python" in text


def test_always_is_not_offered_for_what_has_no_walls() -> None:
    tool = Pretend(risk=Risk.OUTSIDE)
    text, _ = talk(["Compute.", "a", ""], toolset(tool))
    assert tool.ran == []
    assert "in this conversation" not in text


def test_modes_and_switches_are_commands() -> None:
    tool = Pretend()
    lines = ["/tools", "/tools python off", "/tools", "/tools read only", "/tools rm off", "/undo"]
    text, _ = talk(lines, toolset(tool, Edits(), missing={"browser": "It is empty."}))
    for shown in (
        "python: on", "browser: off (It is empty.)", "python is off.", "python: off",
        "Tools: read only.", "There is no tool 'rm'", "Restored tea.md",
    ):  # fmt: skip
        assert shown in text


def test_without_tools_the_commands_say_so() -> None:
    text, _ = talk(["/tools"], None, FINAL)
    assert "no tools in this conversation" in text


def test_what_was_edited_is_shown_and_asked_about_anew() -> None:
    tool = Pretend()
    text, _ = talk(["Compute.", "e", "print(1)", "print(2)", ".", "y"], toolset(tool))
    assert list(tool.ran) == ["print(1)\nprint(2)"]
    assert text.count("The model wants to") == 2
    kept = Pretend()
    talk(["Compute.", "e", ".", "y"], toolset(kept))
    assert list(kept.ran) == ["print(6*7) # \x1b[2J\u202e"]
    none = Pretend()
    talk(["Compute.", "e", "print(1)"], toolset(none))
    assert none.ran == []


def test_the_last_edit_is_shown() -> None:
    text, _ = talk(["/patch", "/library"], toolset(Pretend()))
    assert "No tool has edited a file yet." in text
    assert "The browser is not among the tools" in text
