"""What a chat can rely on when it goes from one kept conversation to another."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from chat_tui.composition import Setup
from chat_tui.conversation import Effort
from chat_tui.engine.protocol import Cancel
from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.errors import StoreBusy, StoreError, UsageError
from chat_tui.memory import Memory
from chat_tui.paths import Paths
from chat_tui.plain.conversations import tell_trouble
from chat_tui.session.chat import Chat
from chat_tui.session.keeping import Keeper
from chat_tui.session.shelf import Shelf
from chat_tui.settings import Settings
from chat_tui.store.store import Store

SAID = "<|channel|>final<|message|>Yes.<|return|>"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "kept" / "conversations.db")
    yield store
    store.close()


def served(store: Store, day: date = date(2026, 1, 31)) -> tuple[Shelf, Chat]:
    shelf = Shelf(Keeper(store))
    chat = Chat(ScriptedEngine([SAID] * 9), seams=shelf.seams(), today=lambda: day)
    shelf.serve(chat)
    shelf.begin()
    return shelf, chat


def ask(chat: Chat, text: str) -> None:
    for _ in chat.ask(text, Cancel()):
        pass


def test_one_comes_back_as_it_was_left(store: Store) -> None:
    shelf, chat = served(store)
    chat.effort = Effort.HIGH
    ask(chat, "One?")
    used, first = chat.context_used, str(shelf.present)
    chat.new()
    assert shelf.present is None
    chat.effort = Effort.LOW
    ask(chat, "Two?")
    second = shelf.present
    assert shelf.open(first).title == "One?"
    assert [message.content for message in chat.conversation.messages] == ["One?", "Yes."]
    assert (chat.effort, chat.started) == (Effort.HIGH, date(2026, 1, 31))
    assert chat.context_used == used > 0
    ask(chat, "And more?")
    assert len(store.load(first).conversation.messages) == 4
    assert len(store.load(str(second)).conversation.messages) == 2
    shelf.open(str(second), effort=False)
    assert chat.effort is Effort.HIGH


def test_the_level_that_was_chosen_last_is_the_conversations(store: Store) -> None:
    shelf, chat = served(store)
    ask(chat, "One?")
    chat.effort = Effort.HIGH
    ask(chat, "Harder?")
    assert store.load(str(shelf.present)).effort is Effort.HIGH


def test_one_that_is_busy_leaves_all_as_it_is(store: Store) -> None:
    shelf, chat = served(store)
    ask(chat, "Mine?")
    mine = shelf.present
    elsewhere = Store(store.path)
    other, other_chat = served(elsewhere)
    ask(other_chat, "Theirs?")
    theirs = str(other.present)
    assert shelf.listed().elsewhere == {theirs}
    with pytest.raises(StoreBusy):
        shelf.open(theirs)
    with pytest.raises(StoreError):
        shelf.open("nothing")
    assert shelf.present == mine
    ask(chat, "Still mine?")
    assert len(store.load(str(mine)).conversation.messages) == 4
    copy, _ = shelf.copy(theirs)
    shelf.open(copy)
    assert chat.conversation.messages[0].content == "Theirs?"
    other_chat.new()
    assert theirs not in shelf.listed().elsewhere
    elsewhere.close()


def test_what_is_deleted_here_comes_back_the_last_first(store: Store) -> None:
    shelf, chat = served(store)
    ask(chat, "One?")
    chat.new()
    ask(chat, "Two?")
    two, one = shelf.listed().conversations
    assert (one.title, two.title) == ("One?", "Two?")
    shelf.delete(one)
    shelf.delete(two)  # the present one
    assert (shelf.present, chat.conversation.messages) == (None, ())
    assert shelf.listed().conversations == ()
    assert shelf.deleted == two
    assert shelf.find(two.id) is None
    assert [shelf.restore(), shelf.restore(), shelf.restore()] == [two, one, None]
    assert shelf.find(two.id[:8]) == two.id
    assert {found.id for found in shelf.listed().conversations} == {one.id, two.id}


def test_a_title_needs_a_conversation(store: Store) -> None:
    shelf, chat = served(store)
    with pytest.raises(UsageError):
        shelf.rename("Too early")
    ask(chat, "One?")
    shelf.rename("Mine")
    assert shelf.listed().conversations[0].title == "Mine"


def test_trouble_is_told_when_it_begins_and_when_another_one_goes_on(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf, chat = served(store)
    ask(chat, "One?")
    told: list[StoreError | None] = []
    shelf.watch(told.append)
    assert told == []
    store.delete(str(shelf.present))
    other = Store(store.path)
    other.resume(str(shelf.present))
    ask(chat, "Mine?")
    assert [type(trouble) for trouble in told] == [StoreBusy]
    shelf.watch(tell_trouble)
    assert "This conversation is open in another chat-tui." in capsys.readouterr().err
    chat.new()
    assert "saved again" in capsys.readouterr().err
    assert shelf.trouble is None
    other.close()


def test_who_goes_on_with_one_that_is_open_elsewhere_is_told_what_can_be_done(
    store: Store, tmp_path: Path
) -> None:
    _shelf, chat = served(store)
    ask(chat, "One?")
    paths = Paths(*[tmp_path] * 5)
    words = Namespace(resume="last", effort=None, seed=None, max_tokens=None, budget=None)
    setup = Setup(paths, Settings(), Memory(paths.remembered), words)
    with closing(Store(store.path)) as other, closing(Keeper(other)) as keeper:
        with pytest.raises(StoreBusy, match=r"another chat-tui\..* opens a copy") as caught:
            setup.chat(ScriptedEngine([]), Shelf(keeper))
        assert "fork it" not in str(caught.value)


def test_a_search_gives_each_conversation_its_share(store: Store) -> None:
    shelf, chat = served(store)
    ask(chat, "A river?")
    chat.new()
    for number in range(6):
        ask(chat, f"The river number {number}?")
    hits = shelf.search("river", 20, 3)
    assert [hit.part for hit in hits] == ["title", "title", *["question"] * 4]
    assert len({hit.conversation for hit in hits}) == 2
    assert len(shelf.search("river", 3, 3)) == 3
