"""Making room loses nothing: every way of it is a step in the tree that can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.conversation import Message, Prompt, Role
from chat_tui.engine.protocol import Cancel, GenerateOptions
from chat_tui.engine.scripted import SCRIPTED, ScriptedEngine
from chat_tui.errors import LoadError, NoRoom, UsageError
from chat_tui.events import (
    EngineEvent,
    Loaded,
    LoadProgress,
    StopReason,
    TurnEnded,
    TurnEvent,
    TurnFailed,
)
from chat_tui.session import room
from chat_tui.session.chat import Chat
from chat_tui.session.compaction import Space
from chat_tui.session.keeping import Keeper
from chat_tui.session.turn import Seams
from chat_tui.store.store import Store

MODEL = replace(SCRIPTED, context=600, trained_context=4000)
ANSWER = f"<|channel|>final<|message|>{'fine ' * 20}<|return|>"
THOUGHT = "<|channel|>analysis<|message|>What was said?<|end|><|start|>assistant"
SUMMARY = f"{THOUGHT}<|channel|>final<|message|>Much was asked.<|return|>"


def talking(
    count: int, *then: str, seams: Seams | None = None, chats: list[Chat] | None = None
) -> tuple[Chat, ScriptedEngine]:
    """A chat in which so many questions were answered; each takes some forty tokens."""
    engine = ScriptedEngine([ANSWER] * count + list(then or [ANSWER]), model=MODEL)
    chat = Chat(engine, seams=seams)
    if chats is not None:
        chats.append(chat)
    list(chat.load(Cancel()))
    for at in range(count):
        list(chat.ask(f"Question {at}, and it is a long one.", Cancel()))
    return chat, engine


def shown(engine: ScriptedEngine) -> list[str]:
    return [message.content for message in engine.prompts[-1].messages]


def said(chat: Chat) -> list[Message]:
    return [node.message for node in chat.conversation.nodes if not node.message.is_mark]


def error_of(events: list[TurnEvent]) -> UsageError | NoRoom:
    assert isinstance(events[-1], TurnFailed)
    error = events[-1].error
    assert isinstance(error, UsageError | NoRoom)
    return error


def test_a_question_that_does_not_fit_is_not_put() -> None:
    chat, engine = talking(4)
    before, asked = chat.conversation, len(engine.prompts)
    error = error_of(list(chat.ask("long " * 500, Cancel())))
    assert isinstance(error, NoRoom)
    assert "/compact" in error.hint
    assert (chat.conversation, len(engine.prompts)) == (before, asked)
    error_of(list(chat.edit(0, "long " * 500, Cancel())))
    assert chat.conversation == before


def test_a_summary_stands_in_the_place_of_what_it_is_about() -> None:
    chat, engine = talking(5, SUMMARY, ANSWER)
    everything = said(chat)
    events = list(Space(chat).compact(Cancel()))
    assert isinstance(events[-1], TurnEnded)
    assert shown(engine)[-1] == room.REQUEST
    assert engine.prompts[-1].effort is chat.effort  # another would have everything read anew
    assert said(chat) == everything
    mark = chat.conversation.messages[-1]
    assert (mark.role, mark.content, mark.hides) == (Role.MARK, "Much was asked.", 4)
    assert mark.name == "Summary of 8 messages"
    list(chat.ask("And now?", Cancel()))
    assert shown(engine)[:2] == [room.REQUEST, "Much was asked."]
    assert [text[:10] for text in shown(engine)[2:]] == ["Question 4", "fine fine ", "And now?"]


def test_a_summary_of_a_summary_covers_both() -> None:
    chat, engine = talking(5, SUMMARY, ANSWER, ANSWER, SUMMARY.replace("Much", "More"))
    space = Space(chat)
    list(space.compact(Cancel()))
    list(chat.ask("Third?", Cancel()))
    list(chat.ask("Fourth?", Cancel()))
    list(space.compact(Cancel()))
    assert shown(engine)[:2] == [room.REQUEST, "Much was asked."]
    seen = room.seen(chat.conversation.messages)
    assert [m.content[:10] for m in seen] == [
        *(room.REQUEST[:10], "More was a"),
        *("Fourth?", "fine fine "),
    ]


@pytest.mark.parametrize("at", ["before", "while it is written"])
def test_a_summary_that_is_stopped_changes_nothing(at: str) -> None:
    chat, _engine = talking(3, SUMMARY)
    before, cancel = chat.conversation, Cancel()
    if at == "before":
        cancel.set()
    events = []
    for event in Space(chat).compact(cancel):
        events.append(event)
        if len(events) == 6:
            cancel.set()
    assert isinstance(events[-1], TurnEnded)
    assert events[-1].reason is StopReason.CANCELLED
    assert chat.conversation == before


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (f"<|channel|>final<|message|>{'and ' * 400}<|return|>", "longer than"),
        ("<|channel|>analysis<|message|>Hm.<|end|>", "no summary"),
        ("<|channel|>commentary to=functions.f<|message|>{}<|call|>", "no summary"),
    ],
)
def test_a_summary_that_is_none_changes_nothing(written: str, why: str) -> None:
    chat, _engine = talking(3, written)
    before = chat.conversation
    assert why in error_of(list(Space(chat).compact(Cancel()))).message
    assert chat.conversation == before


def test_what_cannot_be_read_whole_is_summarised_in_part() -> None:
    chat, engine = talking(10, SUMMARY)
    list(Space(chat).compact(Cancel()))
    length = engine.cost(engine.prompts[-1]).total
    options = engine.options[-1]
    assert options.max_tokens is not None
    assert options.budget is not None
    assert options.budget < options.max_tokens
    assert length + options.max_tokens <= MODEL.context
    assert 0 < chat.conversation.messages[-1].hides < 10


def test_without_questions_there_is_nothing_to_do() -> None:
    space = Space(talking(0)[0])
    assert "nothing to summarise" in error_of(list(space.compact(Cancel()))).message
    for work in (space.undo, space.drop, space.fork, lambda: space.drop(1)):
        with pytest.raises(UsageError):
            work()


def test_the_oldest_are_dropped_until_half_is_free() -> None:
    chat, engine = talking(9)
    space = Space(chat)
    everything, found = said(chat), space.look()
    assert found.used > 0.7 * MODEL.context
    assert 0 < found.droppable < 9
    assert space.drop() == found.droppable
    told = engine.cost(Prompt(())).total
    assert space.look().used == found.after_drop <= told + (MODEL.context - told) / 2
    assert chat.context_used == found.after_drop
    assert said(chat) == everything
    with pytest.raises(UsageError, match="half of the context is free"):
        space.drop()
    space.drop(1)
    assert room.hidden(chat.conversation.messages) == found.droppable + 1
    with pytest.raises(UsageError, match="The model sees"):
        space.drop(9)


def test_a_dropped_part_is_read_ahead_without_it_and_comes_back() -> None:
    chat, engine = talking(4)
    space = Space(chat)
    space.drop(3)
    assert [m.content[:10] for m in engine.primed[-1][0].messages] == ["Question 3", "fine fine "]
    space.undo()
    assert len(engine.primed[-1][0].messages) == 8
    with pytest.raises(UsageError, match="nothing to undo"):
        space.undo()


def test_the_question_that_waits_is_counted() -> None:
    space = Space(talking(4)[0])
    waits = "word " * 200
    assert space.look(waits).used - space.look().used == pytest.approx(250, abs=2)
    assert not space.look("word " * 1000).fits
    assert space.look("word " * 1000).droppable == 0
    with pytest.raises(UsageError, match="this one alone is too long"):
        space.drop(None, "word " * 1000)


def test_an_answer_after_a_full_context_is_given_behind_the_summary() -> None:
    chat, engine = talking(3, "<|channel|>analysis<|message|>Long thought", SUMMARY, ANSWER)
    list(chat.ask("Hard?", Cancel()))
    list(Space(chat).compact(Cancel()))
    nodes = chat.conversation.nodes
    list(chat.regenerate(Cancel()))
    assert [text[:10] for text in shown(engine)] == [room.REQUEST[:10], "Much was a", "Hard?"]
    assert chat.conversation.nodes[: len(nodes)] == nodes


def test_the_meter_adds_up_to_what_the_next_question_takes() -> None:
    chat, engine = talking(4, SUMMARY)
    chat.add(Message(Role.TOOL, "result " * 9, channel="commentary", name="functions.f"))
    list(Space(chat).compact(Cancel()))
    chat.add(Message(Role.TOOL, "result " * 9, channel="commentary", name="functions.f"))
    meter = Space(chat).meter()
    assert meter.used == engine.cost(chat.prompt(chat.conversation.messages)).total
    assert meter.used + meter.free == meter.context == MODEL.context
    assert all(count >= 0 for count in meter.kinds.values())
    assert meter.kinds["summary"] > 0 < meter.kinds["tool results"]


def test_a_larger_context_is_loaded_and_nothing_else_changes() -> None:
    chat, engine = talking(2)
    before = chat.conversation
    events = list(Space(chat).enlarge(Cancel()))
    assert isinstance(events[-1], TurnEnded)
    assert engine.model is not None
    assert engine.model.context == 4000
    assert (engine.loads, chat.conversation) == (2, before)
    assert "as large as" in error_of(list(Space(chat).enlarge(Cancel()))).message


def test_where_no_more_fits_the_old_context_is_loaded_next() -> None:
    class Small(ScriptedEngine):
        refuse = False

        def resize(self, context: int | None) -> None:
            super().resize(context)
            self.refuse = context is None

        def load(self) -> Iterator[LoadProgress | Loaded]:
            if self.refuse:
                raise LoadError("Too little memory.")
            yield from super().load()

    engine = Small([ANSWER], model=MODEL)
    chat = Chat(engine)
    list(chat.load(Cancel()))
    events = list(Space(chat).enlarge(Cancel()))
    assert isinstance(events[-1], TurnFailed)
    assert isinstance(list(chat.ask("Hi", Cancel()))[-1], TurnEnded)
    assert engine.model == MODEL


def test_a_fresh_conversation_takes_the_summary_and_the_last_questions_along(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path / "kept.db")
    keeper = Keeper(store)
    chats: list[Chat] = []

    def record(message: Message) -> None:
        keeper.follow(message, chats[0].conversation, chats[0].started)

    def leave() -> None:
        keeper.renew(chats[0].started, chats[0].effort)

    try:
        chat, _engine = talking(5, SUMMARY, seams=Seams(record=record, leave=leave), chats=chats)
        list(Space(chat).compact(Cancel()))
        old, seen = keeper.id, room.seen(chat.conversation.messages)
        Space(chat).fork()
        new = keeper.id
        assert old is not None
        assert new is not None
        assert old != new
        kept, left = store.load(new), store.load(old)
        keeper.close()
    finally:
        store.close()
    assert room.seen(chat.conversation.messages) == seen
    assert chat.conversation.messages[0].name == "Summary"
    assert chat.context_used > 0
    assert kept.conversation == chat.conversation
    assert kept.title
    assert len(left.conversation.nodes) == 11


class Counting(ScriptedEngine):
    """Refuses what the real one would."""

    def generate(
        self, prompt: Prompt, options: GenerateOptions, cancel: Cancel
    ) -> Iterator[EngineEvent]:
        assert self.cost(prompt).total < MODEL.context
        return super().generate(prompt, options, cancel)


steps = st.lists(
    st.one_of(
        st.just("compact"),
        st.just("undo"),
        st.just("regen"),
        st.integers(1, 3),
        st.text(max_size=400),
    ),
    max_size=12,
)


@settings(max_examples=100)
@given(steps)
def test_whatever_is_done_all_stays_and_the_model_sees_what_the_path_says(
    done: list[str | int],
) -> None:
    engine = Counting([SUMMARY], model=MODEL)
    chat, nodes = Chat(engine), 0
    list(chat.load(Cancel()))
    space = Space(chat)
    for step in done:
        before = chat.conversation.nodes
        try:
            match step:
                case "compact":
                    list(space.compact(Cancel()))
                case "undo":
                    space.undo()
                case "regen":
                    list(chat.regenerate(Cancel()))
                case int():
                    space.drop(step)
                case text:
                    list(chat.ask(text, Cancel()))
        except UsageError:
            assert chat.conversation.nodes == before
        assert chat.conversation.nodes[: len(before)] == before
        nodes = len(chat.conversation.nodes)
        path = chat.conversation.messages
        given_ = chat.prompt(path).messages
        assert given_ == room.seen(path)
        shown_ = [m.content for m in path] + [room.REQUEST]
        assert all(message.content in shown_ for message in given_)
    assert nodes == len(chat.conversation.nodes)
