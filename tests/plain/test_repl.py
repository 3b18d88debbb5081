"""The conversation line by line reads well aloud and survives anything typed."""

from __future__ import annotations

import io
import signal
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from chat_tui.conversation import Effort
from chat_tui.engine.scripted import SCRIPTED, ScriptedEngine
from chat_tui.plain.interrupts import cancel_on_interrupt
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


def test_a_schema_holds_until_it_is_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "city.json"
    path.write_text('{"type": "object"}', encoding="utf-8")
    text, chat = talk(["/schema", f"/schema {path}", "Hi", "/schema off", "Hi"])
    assert "Answers are JSON: city." in text
    assert chat.response_format is None
    engine = chat.engine
    assert isinstance(engine, ScriptedEngine)
    assert [prompt.response_format is None for prompt in engine.prompts] == [False, True]


def test_a_wrong_schema_is_told_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "city.json"
    path.write_text('{"not": {}}', encoding="utf-8")
    text, chat = talk([f"/schema {path}", "/schema /nowhere.json"])
    assert "(at #/not)" in text
    assert "cannot be read" in text
    assert chat.response_format is None


def test_the_last_question_is_answered_anew() -> None:
    text, chat = talk(["Hi", "/regen low", "/regen extreme"])
    assert text.count("Answer: Hello!") == 2
    assert "Thinking (low)" in text
    assert "no effort 'extreme'" in text
    assert len(chat.conversation.messages) == 3


def test_the_model_is_named_and_the_conversation_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text, _ = talk(["/model", "Hi", "/export notes.md", "/export notes.md"])
    assert "131,072 tokens of context, on CPU" in text
    assert f"Written to {tmp_path / 'notes.md'}" in text
    assert "exists already" in text
    assert "Hello" in (tmp_path / "notes.md").read_text(encoding="utf-8")


def test_ctrl_backslash_asks_for_the_answer() -> None:
    before = signal.getsignal(signal.SIGQUIT)  # ignored where the tests run in the background
    with cancel_on_interrupt() as cancel:
        signal.raise_signal(signal.SIGQUIT)
        assert (cancel.hurried, cancel.is_set()) == (True, False)
    assert signal.getsignal(signal.SIGQUIT) is before


def test_a_stopped_answer_is_gone_on_with() -> None:
    """Only what is new is read out, under a heading that says so."""
    cut = "<|channel|>analysis<|message|>Two and two more"
    rest = " is four.<|end|><|start|>assistant<|channel|>final<|message|>Hello!<|return|>"
    chat = Chat(ScriptedEngine([cut, rest]))
    chat.options = replace(chat.options, max_tokens=6)
    typed = iter(["/continue", "Hi", "/reasoning", "/unlimited", "/continue", "/continue"])
    out = io.StringIO()

    def read(_prompt: str) -> str:
        line = next(typed, "/quit")
        if line == "/unlimited":
            chat.options = replace(chat.options, max_tokens=None)
        return line

    assert Repl(chat, read, out).run() == 0
    text = out.getvalue()
    first, _, later = text.partition("Thinking (medium)…")
    assert "There is nothing to go on with" in first
    assert "/continue goes on with the answer." in later
    assert "Reasoning, going on (medium):  is four.\n" in later
    assert "Two" not in later
    assert later.count("Answer: Hello!") == 1
    assert later.count("There is nothing to go on with") == 1


def test_how_the_model_was_fitted_is_told_once_beside_the_conversation() -> None:
    model = replace(SCRIPTED, note="Only 4,096 tokens\x1b[2J fit.")
    engine = ScriptedEngine([COMPLETION], model=model)
    out, aside = io.StringIO(), io.StringIO()
    typed = iter(["Hi", "Hi"])
    Repl(Chat(engine), lambda _prompt: next(typed, "/quit"), out, aside=aside).run()
    assert aside.getvalue() == "chat-tui: Only 4,096 tokens fit.\n"
    assert "4,096" not in out.getvalue()


def test_a_private_conversation_says_at_once_that_nothing_is_kept() -> None:
    out = io.StringIO()
    Repl(Chat(ScriptedEngine([])), lambda _prompt: "/quit", out, private=True).run()
    assert "Nothing is kept here.\n" in out.getvalue()


def test_export_writes_the_form_that_the_file_s_name_ends_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    typed = iter(["Say hi", "/export page.html", "/export all.json", "/export", "/export all.json"])
    out = io.StringIO()
    chat = Chat(ScriptedEngine([COMPLETION]))
    Repl(chat, lambda _prompt: next(typed, "/quit"), out).run()
    assert (tmp_path / "page.html").read_text().startswith("<!DOCTYPE html>")
    assert "Say hi" in (tmp_path / "all.json").read_text()
    (written,) = tmp_path.glob("*.md")
    assert "Say hi" in written.read_text()
    assert "all.json exists already" in out.getvalue()
