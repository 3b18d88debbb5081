"""What the model sees is a function of the path, and nothing that the user did not see."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.conversation import (
    ANALYSIS,
    COMMENTARY,
    FINAL,
    Conversation,
    Message,
    Prompt,
    Role,
    user,
)
from chat_tui.harmony.history import visible
from chat_tui.session import room
from chat_tui.store.documents import from_document, to_document, without
from chat_tui.store.imports import read
from chat_tui.store.markdown import markdown
from chat_tui.store.store import Store
from chat_tui.store.values import Facts, Stored

texts = st.text(max_size=6)
said = st.one_of(
    st.builds(user, texts),
    st.builds(user, texts),
    st.builds(Message, st.just(Role.ASSISTANT), texts, st.sampled_from([ANALYSIS, FINAL])),
    st.builds(
        Message,
        st.just(Role.ASSISTANT),
        texts,
        st.just(COMMENTARY),
        st.just("functions.f"),
    ),
    st.builds(Message, st.just(Role.TOOL), texts, st.just(COMMENTARY), name=st.just("functions.f")),
    st.builds(Message, st.sampled_from([Role.SYSTEM, Role.DEVELOPER]), texts),
)
marks = st.builds(room.mark, st.integers(0, 5), st.sampled_from(["", "What was said."]))
paths = st.lists(st.one_of(said, said, said, marks), max_size=14).map(tuple)


def talk(count: int) -> tuple[Message, ...]:
    """So many questions with an answer each."""
    return tuple(
        message
        for at in range(count)
        for message in (user(f"q{at}"), Message(Role.ASSISTANT, f"a{at}", channel=FINAL))
    )


def words(messages: tuple[Message, ...]) -> list[str]:
    return [message.content for message in messages]


@given(paths)
def test_the_model_sees_what_is_on_the_path_in_its_order(path: tuple[Message, ...]) -> None:
    seen = list(room.seen(path))
    mark = room.last_mark(path)
    if mark is not None and mark.content:
        at = seen.index(user(room.REQUEST))
        assert seen[at : at + 2] == list(room.pair(mark.content))
        del seen[at : at + 2]
    rest = iter(message for message in path if not message.is_mark)
    assert all(any(message is other for other in rest) for message in seen)


@given(paths)
def test_exactly_the_hidden_questions_are_gone_and_instructions_stay(
    path: tuple[Message, ...],
) -> None:
    seen, count = room.seen(path), room.hidden(path)
    asked = [message for message in path if message.role is Role.USER]
    mine = [message for message in seen if any(message is one for one in path)]
    assert [m for m in mine if m.role is Role.USER] == asked[count:]
    told = (Role.SYSTEM, Role.DEVELOPER)
    assert [m for m in seen if m.role in told] == [m for m in path if m.role in told]
    assert not any(message.is_mark for message in seen)


@given(paths, said)
def test_what_is_said_after_a_mark_is_always_seen(path: tuple[Message, ...], new: Message) -> None:
    assert room.seen((*path, new))[-1] is new or new.role in (Role.SYSTEM, Role.DEVELOPER)


@given(paths, st.integers(0, 9))
def test_the_head_alone_decides(path: tuple[Message, ...], at: int) -> None:
    tree = Conversation().add(*path)
    other = tree.at(min(at, len(path) - 1) if path else None).add(room.mark(9, "elsewhere"))
    assert room.seen(other.at(tree.head).messages) == room.seen(path)


@given(paths)
def test_taking_back_leads_to_all_that_was_said(path: tuple[Message, ...]) -> None:
    rounds = 0
    while (back := room.undone(path)) is not None:
        path, rounds = (*path, back), rounds + 1
        assert rounds < 20
    assert room.hidden(path) == 0
    assert words(room.seen(path)) == words(tuple(m for m in path if not m.is_mark))


@given(paths)
def test_nothing_is_lost_in_the_json_export(path: tuple[Message, ...]) -> None:
    tree = Conversation().add(*path)
    facts = tuple(Facts(1.0, 1.0, "", None, {}) for _ in path)
    stored = Stored("x", conversation=tree, facts=facts, started=date(2026, 1, 1))
    (again,) = read(to_document([stored]).encode(), "x.json").conversations
    assert again == stored
    assert room.seen(again.conversation.messages) == room.seen(path)


@given(paths)
def test_a_mark_means_the_same_where_reasoning_and_tools_are_left_out(
    path: tuple[Message, ...],
) -> None:
    tree = Conversation().add(*path)
    facts = tuple(Facts(1.0, 1.0, "", None, {}) for _ in path)
    stored = Stored("x", conversation=tree, facts=facts, started=date(2026, 1, 1))
    less = without(stored, reasoning=False, tools=False).conversation.messages
    gone = [m for m in room.seen(path) if not (m.is_reasoning or m.is_call or m.role is Role.TOOL)]
    assert list(room.seen(less)) == gone


def test_nothing_is_lost_in_the_store(tmp_path: Path) -> None:
    path = (*talk(3), room.mark(2, "Two were \ud800 asked."), *talk(1), room.mark(0))
    store = Store(tmp_path / "kept.db")
    try:
        pen = store.create("t", started=date(2026, 1, 1))
        parent: int | None = None
        for message in path:
            parent = pen.add(message, parent, extra={"hides": "not mine"} if parent == 1 else None)
        pen.note(6, extra={"beside": 1})
        stored = store.load(pen.id)
        pen.close()
    finally:
        store.close()
    assert stored.conversation.messages == path
    assert stored.facts[6].extra == {"beside": 1}
    assert stored.facts[2].extra == {"hides": "not mine"}


def test_a_mark_that_is_none_is_not_understood() -> None:
    stored = Stored(
        "x",
        conversation=Conversation().add(room.mark(3)),
        facts=(Facts(1.0, 1.0, "", None, {}),),
        started=date(2026, 1, 1),
    )
    text = to_document([stored])
    assert from_document(json.loads(text)) == [stored]
    for wrong in ("-1", "true", '"3"', "1.5"):
        broken = json.loads(text.replace('"hides": 3', f'"hides": {wrong}'))
        with pytest.raises(ValueError, match="not what chat-tui exports"):
            from_document(broken)


def test_a_mark_never_reaches_the_model_by_itself() -> None:
    assert visible((user("a"), room.mark(1, "secret"))) == (user("a"),)
    assert Prompt(room.seen((room.mark(9),))).messages == ()


def test_a_mark_says_in_words_what_it_does() -> None:
    path = (*talk(7), room.mark(6, "Sum."), *talk(1), room.mark(7, "Sum."), room.mark(6, "Sum."))
    assert room.named(path[:14], path[14]).name == "Summary of 12 messages"
    assert room.told(path, 14) == "Summary of 12 messages"
    assert room.told(path, 17) == (
        "The model no longer sees the first 14 messages, but for the summary; it begins at “q0”"
    )
    assert room.told(path, 18) == "The model sees more again, but not the first 12 messages"
    assert room.told((*path, room.mark(0)), 19) == "The model sees everything again"
    text = markdown(path, started=date(2026, 1, 1))
    words = "*Summary, which the model sees in place of the first 6 questions*"
    assert f"{words}\n\n> Sum.\n" in text
    assert text.endswith(f"first 7 questions*\n\n{words}\n")


def test_a_question_put_again_keeps_what_was_hidden_before_it() -> None:
    tree = Conversation().add(*talk(2), user("last"), room.mark(3, "Sum."))
    assert room.kept_marks(tree, 4) == (room.mark(2, "Sum."),)
    assert room.kept_marks(tree.add(*talk(1)), 8) == () == room.kept_marks(tree, 99)
    assert room.kept_marks(tree.at(4).add(room.mark(0)), 4) == ()


@given(st.lists(st.integers(0, 50), max_size=30), st.integers(0, 400))
def test_no_more_is_left_out_than_has_to_be(sizes: list[int], limit: int) -> None:
    def left(count: int) -> int:
        return sum(sizes[count:])

    found = room.fewest(len(sizes), left, limit)
    assert left(found) <= limit
    assert found == 0 or left(found - 1) > limit
    taken = room.most(len(sizes), lambda count: sum(sizes[:count]), limit)
    assert sum(sizes[:taken]) <= limit
    assert taken == len(sizes) or sum(sizes[: taken + 1]) > limit
