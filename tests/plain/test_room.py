"""Making room line by line: the same ways, in words."""

from __future__ import annotations

import io
from dataclasses import replace

from chat_tui.conversation import FINAL, Message, Role, user
from chat_tui.engine.protocol import Cancel
from chat_tui.engine.scripted import SCRIPTED, ScriptedEngine
from chat_tui.plain.ask import Output, ask
from chat_tui.plain.repl import Repl
from chat_tui.session import room
from chat_tui.session.chat import Chat

MODEL = replace(SCRIPTED, context=800, trained_context=900)
SUMMARY = "<|channel|>final<|message|>All was\x1b[2J said.<|return|>"
LONG = "A long answer. " * 40


def filled(questions: int, *completions: str) -> Chat:
    chat = Chat(ScriptedEngine(completions or [SUMMARY], model=MODEL))
    for at in range(questions):
        answer = Message(Role.ASSISTANT, LONG, channel=FINAL)
        chat.conversation = chat.conversation.add(user(f"Question {at}"), answer)
    return chat


def talk(chat: Chat, *lines: str) -> str:
    typed, out = iter(lines), io.StringIO()

    def read(_prompt: str) -> str:
        line = next(typed, None)
        if line is None:
            raise EOFError
        return line

    assert Repl(chat, read, out).run() == 0
    return out.getvalue()


def test_what_does_not_fit_is_said_with_the_ways_out() -> None:
    chat = filled(4)
    text = talk(chat, "Why? " * 60, "/drop", "Why? " * 60)
    assert "does not fit" in text
    assert "/compact summarises the earlier part, /drop leaves out the oldest" in text
    assert "The model no longer sees the first 4 messages" in text
    assert chat.conversation.messages[-2].content.startswith("Why?")
    assert len(chat.conversation.nodes) == 11


def test_a_context_that_is_nearly_full_is_said_after_the_answer() -> None:
    chat = filled(3, f"<|channel|>final<|message|>{LONG}<|return|>")
    assert "The context is 90 % full. /compact" in talk(chat, "Hm?")


def test_a_summary_is_made_and_taken_back() -> None:
    chat = filled(4)
    text = talk(chat, "/compact", "/compact undo", "/compact undo", "/compact now")
    assert "Answer: All was said." in text
    assert "Summary of 4 messages. /compact undo takes it back." in text
    assert "The model sees everything again." in text
    assert "there is nothing to undo" in text
    assert "/compact takes no words." in text
    assert len(room.seen(chat.conversation.messages)) == 8


def test_the_context_is_told_enlarged_and_left() -> None:
    chat = filled(4)
    text = talk(chat, "/context", "/context larger", "/context fork", "/context up", "/drop x")
    assert "Context: 720 of 800 tokens.\nsystem: 80\nhistory: 640\nfree: 80\n" in text
    assert "The context holds 900 tokens." in text
    assert "A fresh conversation" in text
    assert "There is /context, /context larger and /context fork." in text
    assert "How many questions?" in text


def test_a_script_is_told_what_it_can_do() -> None:
    chat, out, err = filled(4), io.StringIO(), io.StringIO()
    before = chat.conversation
    code = ask(
        chat,
        "Why? " * 60,
        cancel=Cancel(),
        output=Output.TEXT,
        show_reasoning=False,
        stdout=out,
        stderr=err,
    )
    assert code == 2
    assert "chat-tui plain --continue" in err.getvalue()
    assert out.getvalue() == ""
    assert chat.conversation == before
