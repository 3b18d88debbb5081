"""The way to a message that a search found, on whatever branch it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat_tui.conversation import FINAL, Conversation, Message, Role, user
from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.session.chat import Chat
from chat_tui.session.keeping import Keeper
from chat_tui.session.shelf import Shelf
from chat_tui.session.walking import Walk
from chat_tui.store.store import Store
from chat_tui.store.values import Facts, Stored


def answer(text: str, *, interrupted: bool = False) -> Message:
    return Message(Role.ASSISTANT, text, channel=FINAL, interrupted=interrupted)


def tree() -> Conversation:
    """Two answers to a question, a further question below the first, and one that was cut."""
    said = Conversation().add(user("Which?"), answer("A heron."), user("And?"), answer("No."))
    said = said.at(2).add(answer("Only one", interrupted=True))
    said = said.at(2).add(answer("Only one more."))
    return said.at(0).add(answer("An otter."))


@pytest.mark.parametrize(
    ("node", "head"),
    [(0, 6), (6, 6), (1, 5), (2, 5), (3, 3), (5, 5), (4, 5)],
    ids=["shared", "present", "newest below", "asked", "leaf", "taken up", "cut: what it became"],
)
def test_a_node_is_shown_by_a_head_below_it(node: int, head: int) -> None:
    assert Walk().reach(tree(), node) == head


def test_the_reader_comes_back_to_where_they_were() -> None:
    said, walk = tree().at(3), Walk()
    assert walk.reach(said, 6) == 6
    assert walk.step(said.at(6), 1, -1) == 3


@pytest.mark.parametrize(("node", "text"), [(3, "No."), (1, "A heron."), (None, "An otter.")])
@pytest.mark.parametrize("copy", [False, True])
def test_a_conversation_is_opened_on_the_branch_of_a_node(
    tmp_path: Path, node: int | None, text: str, copy: bool
) -> None:
    store = Store(tmp_path / "kept" / "conversations.db")
    shelf = Shelf(Keeper(store))
    chat = Chat(ScriptedEngine([]), seams=shelf.seams())
    shelf.serve(chat)
    said = tree()
    name = store.insert(Stored("", "T", conversation=said, facts=(Facts(),) * len(said.nodes)))
    title, found = shelf.open_at(name, node, copy=copy)
    assert title == ("T (copy)" if copy else "T")
    contents = [message.content for message in chat.conversation.messages]
    if node is None:
        assert found is None
        assert contents[-1] == text
    else:
        assert found is not None
        assert chat.conversation.nodes[found].message.content == text
        assert text in contents
    assert (shelf.present == name) is not copy
    shelf.keeper.close()
    store.close()
