"""Going back line by line: the same branches as on the screen."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.plain.repl import Repl, help_text
from chat_tui.session.chat import Chat
from chat_tui.session.keeping import Keeper
from chat_tui.session.shelf import Shelf
from chat_tui.store.store import Store

NAMES = ("one", "two", "three", "four")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "kept" / "conversations.db")) as store:
        yield store


def talk(*lines: str, store: Store | None = None) -> tuple[str, list[str]]:
    """What was printed, and what was said on the path at the end."""
    shelf = Shelf(Keeper(store)) if store else None
    engine = ScriptedEngine([f"<|channel|>final<|message|>answer {n}<|return|>" for n in NAMES])
    chat = Chat(engine, seams=shelf.seams() if shelf else None)
    if shelf:
        shelf.serve(chat)
    typed, out = iter(lines), io.StringIO()

    def read(_prompt: str) -> str:
        try:
            return next(typed)
        except StopIteration:
            raise EOFError from None

    assert Repl(chat, read, out).run() == 0
    return out.getvalue(), [message.content for message in chat.conversation.messages]


def test_the_last_question_is_edited_or_the_one_that_is_named() -> None:
    text, said = talk("First?", "Second?", "/edit", "Zweite?")
    assert "The question was: Second?" in text
    assert said == ["First?", "answer one", "Zweite?", "answer three"]
    assert talk("First?", "Second?", "/edit 1", "Uno?")[1] == ["Uno?", "answer three"]


def test_an_empty_line_leaves_the_question_as_it_is() -> None:
    text, said = talk("First?", "/edit", "")
    assert "It stays as it is." in text
    assert said == ["First?", "answer one"]


def test_versions_are_listed_and_gone_to() -> None:
    lines = ("First?", "/regen", "Second?", "/edit 1", "Uno?")
    text, said = talk(*lines, "/version")
    assert "1  Question, version 2 of 2: Uno?" in text
    assert said == ["Uno?", "answer four"]
    text, said = talk(*lines, "/version 1")
    assert said == ["First?", "answer two", "Second?", "answer three"]
    text, said = talk(*lines, "/version 1", "/version", "/version 2 1")
    assert "2  Answer, version 2 of 2: answer two" in text
    assert said == ["First?", "answer one"]


def test_a_fork_is_another_conversation(store: Store) -> None:
    text, said = talk("First?", "Second?", "/fork 1", "Other?", store=store)
    assert "This is a fork now: First? (fork)" in text
    assert said == ["First?", "answer one", "Other?", "answer three"]
    assert sorted(one.messages for one in store.list_conversations()) == [4, 4]


def test_what_cannot_be_is_told_in_words() -> None:
    text, said = talk("/edit", "/fork", "/version", "First?", "/edit 2", "/fork x", "/fork")
    assert text.count("Nothing has been said yet.") == 1
    assert "No message has another version." in text
    assert "'2' is none of 1 to 1." in text
    assert "'x' is none of 1 to 1." in text
    assert text.count("a fork would lose this conversation") == 2
    assert said == ["First?", "answer one"]
    assert "/version" in help_text()
