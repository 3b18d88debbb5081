"""Going from one conversation to another, line by line."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.plain.repl import Repl
from chat_tui.session.chat import Chat
from chat_tui.session.keeping import Keeper
from chat_tui.session.shelf import Shelf
from chat_tui.store.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "kept" / "conversations.db")) as store:
        yield store


def talk(store: Store | None, *lines: str) -> tuple[str, list[str]]:
    """What was printed, and what was said in the conversation at the end."""
    engine = ScriptedEngine(["<|channel|>final<|message|>an answer<|return|>"])
    typed, out = iter(lines), io.StringIO()
    keeper = Keeper(store) if store else None
    shelf = Shelf(keeper) if keeper else None
    chat = Chat(engine, seams=shelf.seams() if shelf else None)
    if shelf:
        shelf.serve(chat)
        shelf.begin()
    Repl(chat, lambda _prompt: next(typed, "/quit"), out, shelf=shelf).run()
    if keeper:
        keeper.close()
    return out.getvalue(), [message.content for message in chat.conversation.messages]


def test_another_is_chosen_by_its_number_in_the_list(store: Store) -> None:
    talk(store, "Tea?")
    talk(store, "Coffee?", "/rename \x1b[31mBeans")
    text, said = talk(store, "/resume", "/resume 2", "More?")
    assert "1  Beans  " in text
    assert "2  Tea?  " in text
    assert "This goes on: Tea?\nThe question was: Tea?" in text
    assert said == ["Tea?", "an answer", "More?", "an answer"]


def test_words_are_looked_for_in_what_was_said(store: Store) -> None:
    talk(store, "Tea from Assam?")
    talk(store, "Coffee?")
    text, said = talk(store, "/resume assam", "/resume 1")
    assert "title: Tea from [Assam]?" in text
    assert "2  " not in text
    assert "Coffee" not in text
    assert said[0] == "Tea from Assam?"


def test_what_cannot_be_is_said(store: Store) -> None:
    text, _said = talk(store, "/resume", "/resume nowhere", "/rename", "/rename Mine")
    for words in ("There is no conversation yet.", "Nothing was found.", "Which title?"):
        assert words in text
    assert "Nothing has been said yet." in text
    assert "Nothing is kept here." in talk(None, "/resume")[0]
