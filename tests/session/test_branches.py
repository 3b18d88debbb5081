"""Branches: what the model sees is the path, and nothing that was ever said gets lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.conversation import Conversation, Message, Role, user
from chat_tui.engine.protocol import Cancel
from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.errors import EngineCrashed, UsageError
from chat_tui.events import TurnFailed
from chat_tui.session.chat import Chat
from chat_tui.session.keeping import Keeper
from chat_tui.session.shelf import Shelf
from chat_tui.session.turn import Seams
from chat_tui.session.versions import Versions
from chat_tui.store.store import Store
from chat_tui.store.titles import title_of_fork

MANY = 60


def completion(number: int) -> str:
    """Every other answer is thought about before."""
    thought = f"<|channel|>analysis<|message|>thought {number}<|end|><|start|>assistant"
    final = f"<|channel|>final<|message|>answer {number}<|return|>"
    return thought + final if number % 2 else final


def texts(number: int) -> tuple[str, ...]:
    return (f"thought {number}", f"answer {number}") if number % 2 else (f"answer {number}",)


@dataclass
class Tree:
    """The same, simply: a question or a whole answer is one entry."""

    said: list[tuple[int | None, bool, tuple[str, ...]]] = field(default_factory=list)
    """Parent, whether it is a question, its texts."""
    head: int | None = None
    seen: dict[int, int] = field(default_factory=dict)

    def add(self, asks: bool, said: tuple[str, ...]) -> None:
        self.said.append((self.head, asks, said))
        self.head = len(self.said) - 1

    def path(self, head: int | None) -> list[int]:
        if head is None:
            return []
        return [*self.path(self.said[head][0]), head]

    def leave(self, head: int | None) -> None:
        assert self.head is not None
        self.seen.update(dict.fromkeys(self.path(self.head), self.head))
        self.head = head

    def versions(self, entry: int) -> list[int]:
        parent = self.said[entry][0]
        return [at for at, (above, *_) in enumerate(self.said) if above == parent]

    def newest(self, entry: int) -> int:
        return max(at for at in range(len(self.said)) if entry in self.path(at))

    def texts(self) -> list[str]:
        return [text for at in self.path(self.head) for text in self.said[at][2]]


class Player:
    """Does the same to a chat and to the model of it."""

    def __init__(self) -> None:
        self.fails = False
        self.engine = ScriptedEngine([completion(n) for n in range(MANY)], hook=self._hook)
        self.moves: list[int | None] = []
        self.chat = Chat(self.engine, seams=Seams(move=self.moves.append))
        self.tree = Tree()

    def _hook(self, _generation: int, _token: int) -> None:
        if self.fails:
            raise EngineCrashed("The model process was killed.")

    def questions(self) -> list[tuple[int, int]]:
        """Of each question on the path: its entry in the tree, its node in the chat."""
        units = self.chat.units
        return [
            (entry, units[at].end)
            for at, entry in enumerate(self.tree.path(self.tree.head))
            if self.tree.said[entry][1]
        ]

    def play(self, what: str, pick: int, fails: bool) -> None:
        self.fails = fails
        number = len(self.engine.prompts)
        text = f"question {len(self.tree.said)}"
        asked = self.questions()
        chosen = asked[pick % len(asked)] if asked else None
        if what == "walk":
            self.walk(pick)
        elif what == "ask" or chosen is None:
            list(self.chat.ask(text, Cancel()))
            self.tree.add(True, (text,))
        elif what == "edit":
            list(self.chat.edit(chosen[1], text, Cancel()))
            self.tree.leave(self.tree.said[chosen[0]][0])
            self.tree.add(True, (text,))
        else:
            before = self.tree.head
            list(self.chat.regenerate(Cancel(), asked=chosen[1]))
            self.tree.leave(before if fails else chosen[0])
        if what != "walk":
            if not fails:
                self.tree.add(False, texts(number))
            said = [m.content for m in self.engine.prompts[-1].messages]
            if not fails:
                until = self.tree.said[self.tree.head or 0][0]
                assert said == [t for at in self.tree.path(until) for t in self.tree.said[at][2]]

    def walk(self, pick: int) -> None:
        path = self.tree.path(self.tree.head)
        unit, step = (pick // 2) % (len(path) + 1), (-1, 1)[pick % 2]
        if unit == len(path):
            assert not self.chat.walk(unit, step)
            return
        versions = self.tree.versions(path[unit])
        to = versions.index(path[unit]) + step
        there = 0 <= to < len(versions)
        assert self.chat.walk(unit, step) == there
        if there:
            goal = self.tree.seen.get(versions[to], self.tree.newest(versions[to]))
            self.tree.leave(goal)
            assert self.moves[-1] == self.chat.conversation.head

    def check(self) -> None:
        assert [m.content for m in self.chat.conversation.messages] == self.tree.texts()
        path = self.tree.path(self.tree.head)
        units = self.chat.units
        assert len(units) == len(path)
        for unit, entry in zip(units, path, strict=True):
            versions = self.tree.versions(entry)
            assert unit.place == (versions.index(entry) + 1, len(versions))
            assert unit.is_question == self.tree.said[entry][1]


plays = st.tuples(
    st.sampled_from(["ask", "edit", "regenerate", "walk", "walk"]),
    st.integers(0, 40),
    st.sampled_from([False, False, False, True]),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(plays, max_size=25))
def test_the_model_sees_the_path_whatever_was_edited_answered_anew_or_gone_back_to(
    steps: list[tuple[str, int, bool]],
) -> None:
    player = Player()
    for what, pick, fails in steps:
        kept = player.chat.conversation.nodes
        player.play(what, pick, fails)
        assert player.chat.conversation.nodes[: len(kept)] == kept
        player.check()


messages = st.sampled_from([user("q"), Message(Role.ASSISTANT, "a"), Message(Role.TOOL, "t")])


@given(st.lists(st.tuples(messages, st.integers(0, 30)), min_size=1, max_size=20))
def test_in_a_tree_of_any_kind_every_message_can_be_reached(
    grown: list[tuple[Message, int]],
) -> None:
    """Imported trees too, with answers below answers and questions below questions."""
    tree = Conversation()
    for message, pick in grown:
        tree = tree.at((None, *range(len(tree.nodes)))[pick % (len(tree.nodes) + 1)]).add(message)
    chat = Chat(ScriptedEngine([]))
    chat.conversation = tree
    reached: set[int] = set()
    heads: set[int | None] = set()
    left = [tree.head]
    while left:
        head = left.pop()
        if head in heads:
            continue
        heads.add(head)
        reached |= set(tree.at(head).path())
        for number in range(len(Versions(tree.at(head)).units())):
            for step in (-1, 1):
                chat = Chat(ScriptedEngine([]))
                chat.conversation = tree.at(head)
                if chat.walk(number, step):
                    left.append(chat.conversation.head)
                    units, before = chat.units, Versions(tree.at(head)).units()
                    place, total = before[number].place
                    assert units[number].place == (place + step, total)
    assert reached == set(range(len(tree.nodes)))


def test_going_back_to_a_version_leads_to_where_one_was_below_it() -> None:
    chat = Player().chat
    for text in ("one", "two", "three"):
        list(chat.ask(text, Cancel()))
    whole = chat.conversation.head
    list(chat.edit(chat.units[2].end, "other", Cancel()))
    assert [unit.place for unit in chat.units] == [(1, 1), (1, 1), (2, 2), (1, 1)]
    assert chat.walk(2, -1)
    assert chat.conversation.head == whole
    assert not chat.walk(2, -1)
    assert chat.walk(2, 1)
    assert chat.conversation.messages[-1].content.startswith("answer 3")


def test_an_edited_question_keeps_the_old_one_with_all_its_answers() -> None:
    chat = Player().chat
    list(chat.ask("one", Cancel()))
    list(chat.regenerate(Cancel()))
    list(chat.edit(0, "uno", Cancel()))
    assert chat.conversation.messages[0].content == "uno"
    assert chat.walk(0, -1)
    assert [unit.place for unit in chat.units] == [(1, 2), (2, 2)]


def test_without_a_keeper_a_fork_is_refused_and_nothing_is_lost() -> None:
    chat = Player().chat
    list(chat.ask("one", Cancel()))
    before = chat.conversation
    with pytest.raises(UsageError, match="would lose"):
        chat.fork()
    assert chat.conversation == before


def test_what_is_no_question_is_not_answered_anew() -> None:
    chat = Player().chat
    list(chat.ask("one", Cancel()))
    for node in (1, 99, -1):
        assert [type(event) for event in chat.regenerate(Cancel(), asked=node)] == [TurnFailed]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "conversations.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with closing(Store(path)) as store:
        yield store


def kept_chat(store: Store) -> tuple[Chat, Shelf]:
    """A chat whose every word is kept."""
    shelf = Shelf(Keeper(store))
    chat = Chat(ScriptedEngine([completion(number) for number in range(MANY)]), seams=shelf.seams())
    shelf.serve(chat)
    return chat, shelf


def test_the_branch_that_was_gone_back_to_is_there_after_a_restart(path: Path) -> None:
    with closing(Store(path)) as store:
        chat, shelf = kept_chat(store)
        list(chat.ask("one", Cancel()))
        list(chat.ask("two", Cancel()))
        list(chat.edit(chat.units[0].end, "uno", Cancel()))
        list(chat.regenerate(Cancel()))
        assert chat.walk(1, -1)
        assert chat.walk(0, -1)
        before, conversation = chat.conversation, shelf.present
    assert conversation is not None
    with closing(Store(path)) as store:
        chat, shelf = kept_chat(store)
        shelf.open(conversation)
        assert chat.conversation == before
        assert [unit.place for unit in chat.units] == [(1, 2), (1, 1), (1, 1), (1, 1)]
        assert chat.walk(0, 1)
        assert chat.conversation.messages[-1].content == "answer 3"


def test_a_fork_goes_on_by_itself_and_leaves_the_old_one_as_it_is(store: Store) -> None:
    chat, shelf = kept_chat(store)
    for text in ("one", "two", "three"):
        list(chat.ask(text, Cancel()))
    old, before = shelf.present, chat.conversation
    assert old is not None
    chat.fork(chat.units[1].end)
    assert shelf.present not in (None, old)
    list(chat.ask("four", Cancel()))
    said = [message.content for message in chat.conversation.messages]
    assert said[:2] == ["one", "answer 0"]
    assert said[2] == "four"
    assert store.load(old).conversation == before
    assert shelf.present is not None
    new = store.load(shelf.present)
    assert new.conversation == chat.conversation
    assert (store.load(old).title, new.title) == ("one", "one (fork)")


def test_nothing_is_forked_where_nothing_was_said(store: Store) -> None:
    chat, _shelf = kept_chat(store)
    with pytest.raises(UsageError, match="Nothing has been said"):
        chat.fork()


def test_forks_of_forks_have_titles_of_their_own() -> None:
    titles = ["Tea"]
    for _ in range(3):
        titles.append(title_of_fork(titles[-1]))
    assert titles == ["Tea", "Tea (fork)", "Tea (fork 2)", "Tea (fork 3)"]
    assert title_of_fork("") == "(fork)"
