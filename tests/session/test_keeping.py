"""What a chat can rely on when it keeps its turns: what was shown is on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from chat_tui.conversation import ANALYSIS, FINAL, Conversation, Effort, Message, Role, user
from chat_tui.engine.protocol import Cancel, GenerateOptions
from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.errors import StoreBusy
from chat_tui.events import (
    AnswerDelta,
    MessageCompleted,
    ReasoningDelta,
    StopReason,
    TurnEnded,
    TurnEvent,
    Usage,
)
from chat_tui.session.chat import Chat
from chat_tui.session.keeping import Keeper
from chat_tui.session.turn import Seams
from chat_tui.store.store import Store

ANSWER = Message(Role.ASSISTANT, "It is four.", channel=FINAL, tokens=(1, 2, 3))
ENDED = TurnEnded(StopReason.COMPLETE, Usage(prompt_tokens=10, answer_tokens=3))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "kept" / "conversations.db")
    yield store
    store.close()


class Said:
    """A chat as the keeper sees it: a conversation that grows."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper
        self.conversation = Conversation()

    def record(self, message: Message) -> None:
        node = self.keeper.record(message, self.conversation.head)
        self.conversation = self.conversation.add(message)
        assert node == self.conversation.head

    def add(self, message: Message) -> None:
        self.conversation = self.conversation.add(message)

    def turn(self, events: Iterator[TurnEvent]) -> Iterator[TurnEvent]:
        return self.keeper.keep(events, lambda: self.conversation.head, self.add)


def answered(said: Said) -> Iterator[TurnEvent]:
    """A turn as the turn loop makes it: recorded, then yielded."""
    yield ReasoningDelta("Two and ")
    yield ReasoningDelta("two.")
    thought = Message(Role.ASSISTANT, "Two and two.", channel=ANALYSIS)
    said.record(thought)
    yield MessageCompleted(thought)
    yield AnswerDelta("It is ")
    yield AnswerDelta("four.")
    said.record(ANSWER)
    yield MessageCompleted(ANSWER)
    yield ENDED


def text_of(store: Store, conversation: str) -> str:
    """Everything that would be there if the process ended now."""
    return "|".join(message.content for message in store.load(conversation).conversation.messages)


def test_a_turn_is_kept_as_it_was_said(store: Store) -> None:
    keeper = Keeper(store)
    keeper.model = "gpt-oss-20b"
    said = Said(keeper)
    said.record(user("How much is two and two?\nPlease."))
    events = list(said.turn(answered(said)))
    assert keeper.id is not None
    stored = store.load(keeper.id)
    assert stored.conversation == said.conversation
    assert stored.title == "How much is two and two?"
    assert stored.facts[-1].usage == ENDED.usage
    assert [one.model for one in stored.facts] == ["", "gpt-oss-20b", "gpt-oss-20b"]
    shown = "".join(event.text for event in events if isinstance(event, AnswerDelta))
    assert shown == ANSWER.content


@pytest.mark.parametrize("seconds", [0.0, 0.01, 1.0])
def test_nothing_is_shown_before_it_is_on_the_disk(store: Store, seconds: float) -> None:
    # Whatever a commit takes: at one second each, pieces are held back and joined.
    ticks = iter(range(10_000))
    keeper = Keeper(store, clock=lambda: next(ticks) * seconds)
    said = Said(keeper)
    said.record(user("How much?"))
    shown = ""
    for event in said.turn(answered(said)):
        if isinstance(event, ReasoningDelta | AnswerDelta):
            shown += event.text
            assert keeper.id is not None
            assert shown in text_of(store, keeper.id).replace("|", "")[len("How much?") :]
    assert shown == "Two and two.It is four."
    assert keeper.id is not None
    assert store.load(keeper.id).conversation == said.conversation


def test_pieces_are_joined_while_the_disk_is_slow(store: Store) -> None:
    times = [0.0]
    keeper = Keeper(store, clock=lambda: times[0])
    said = Said(keeper)
    said.record(user("Count."))
    real = store._writer.keep

    def slow(work: object) -> None:
        times[0] += 0.04  # the commit
        real(work)  # type: ignore[arg-type]

    store._writer.keep = slow  # type: ignore[assignment,method-assign]

    def counting() -> Iterator[TurnEvent]:
        for number in range(100):
            times[0] += 0.005
            yield AnswerDelta(f"{number} ")
        done = Message(Role.ASSISTANT, "".join(f"{number} " for number in range(100)), FINAL)
        said.record(done)
        yield MessageCompleted(done)

    pieces = [event for event in said.turn(counting()) if isinstance(event, AnswerDelta)]
    assert "".join(piece.text for piece in pieces) == "".join(f"{n} " for n in range(100))
    assert sum(piece.tokens for piece in pieces) == 100
    assert len(pieces) < 20


def test_a_turn_that_breaks_keeps_what_was_shown(store: Store) -> None:
    keeper = Keeper(store)
    said = Said(keeper)
    said.record(user("How much?"))

    def breaking() -> Iterator[TurnEvent]:
        yield ReasoningDelta("Two ")
        yield ReasoningDelta("and")
        raise RuntimeError("the engine is gone")

    with pytest.raises(RuntimeError):
        list(said.turn(breaking()))
    assert keeper.id is not None
    stored = store.load(keeper.id)
    assert stored.conversation == said.conversation
    last = stored.conversation.messages[-1]
    assert last.content == "Two and"
    assert last.interrupted
    assert last.is_reasoning


def test_a_reader_that_leaves_in_the_middle_loses_nothing(store: Store) -> None:
    keeper = Keeper(store)
    said = Said(keeper)
    said.record(user("How much?"))
    turn = said.turn(answered(said))
    assert isinstance(next(turn), ReasoningDelta)
    turn.close()  # type: ignore[attr-defined]
    said.record(user("Never mind."))
    assert keeper.id is not None
    assert store.load(keeper.id).conversation == said.conversation
    assert len(said.conversation.nodes) == 3


def test_an_empty_conversation_leaves_nothing_behind(store: Store) -> None:
    keeper = Keeper(store)
    keeper.begin()
    keeper.move(None)
    keeper.set_effort(Effort.HIGH)
    keeper.close()
    assert store.list_conversations() == ()


def test_branches_and_the_head_come_back(store: Store) -> None:
    keeper = Keeper(store)
    keeper.effort = Effort.LOW
    said = Said(keeper)
    said.record(user("One?"))
    said.record(ANSWER)
    said.conversation = said.conversation.at(0)
    said.record(Message(Role.ASSISTANT, "Another.", channel=FINAL))
    identity = keeper.id
    assert identity is not None
    keeper.move(1)
    keeper.leave()
    back = Keeper(store)
    stored = back.begin(identity)
    assert stored.conversation == said.conversation.at(1)
    assert back.effort is Effort.LOW
    said.keeper, said.conversation = back, stored.conversation
    said.record(user("And now?"))
    assert store.load(identity).conversation == said.conversation
    assert store.load(identity).conversation.path() == (0, 1, 3)


def test_one_process_writes_a_conversation_and_the_others_read(store: Store) -> None:
    keeper = Keeper(store)
    keeper.record(user("Mine."), None)
    identity = keeper.id
    assert identity is not None
    other_store = Store(store.path)
    other = Keeper(other_store)
    with pytest.raises(StoreBusy):
        other.begin(identity)
    assert other_store.load(identity).conversation.messages == (user("Mine."),)
    keeper.leave()
    assert other.begin(identity).conversation.messages == (user("Mine."),)
    other.close()
    other_store.close()


def test_what_is_said_of_a_message_is_added_to_it(store: Store) -> None:
    keeper = Keeper(store)
    call = keeper.record(user("Run it."), None, extra={"a": 1})
    keeper.note(call, extra={"approval": {"decision": "allow", "reason": ""}})
    assert keeper.id is not None
    facts = store.load(keeper.id).facts[call]
    assert facts.extra == {"a": 1, "approval": {"decision": "allow", "reason": ""}}


def test_a_tree_without_nodes_is_a_new_conversation(store: Store) -> None:
    keeper = Keeper(store)
    day = date(2026, 1, 31)
    first = Conversation()
    keeper.follow(user("One"), first, day)
    keeper.follow(ANSWER, first.add(user("One")), day)
    keeper.follow(user("Other"), Conversation(), day)
    assert [one.title for one in store.list_conversations()] == ["Other", "One"]
    assert [one.messages for one in store.list_conversations()] == [1, 2]
    assert keeper.failed is None


def test_a_lost_lease_ends_the_keeping_and_not_the_chat(store: Store) -> None:
    keeper = Keeper(store)
    keeper.follow(user("One"), Conversation(), date(2026, 1, 31))
    assert keeper.id is not None
    store.delete(keeper.id)  # another one took the conversation, and has it
    other = Store(store.path)
    other.resume(keeper.id)
    keeper.follow(ANSWER, Conversation().add(user("One")), date(2026, 1, 31))
    assert isinstance(keeper.failed, StoreBusy)
    other.close()


def test_a_real_chat_records_through_its_seam(store: Store) -> None:
    engine = ScriptedEngine(
        ["<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>Hi!"]
    )
    keeper = Keeper(store)

    def record(message: Message) -> None:
        keeper.record(message, chat.conversation.head)

    chat = Chat(engine, options=GenerateOptions(), seams=Seams(record=record))
    list(
        keeper.keep(
            chat.ask("Hello", Cancel()),
            lambda: chat.conversation.head,
            lambda _message: None,
        )
    )
    assert keeper.id is not None
    assert store.load(keeper.id).conversation == chat.conversation
    assert [message.content for message in chat.conversation.messages] == ["Hello", "Hm.", "Hi!"]


def test_a_real_chat_shows_only_what_is_kept_already(store: Store) -> None:
    keeper = Keeper(store)
    script = (
        "<|channel|>analysis<|message|>Two and two.<|end|>"
        "<|start|>assistant<|channel|>final<|message|>It is four, I think.<|return|>"
    )

    def record(message: Message) -> None:
        keeper.follow(message, chat.conversation, chat.started)

    chat = Chat(ScriptedEngine([script]), seams=Seams(record=record, keep=keeper.keep))
    shown = ""
    for event in chat.ask("How much is two and two?", Cancel()):
        if isinstance(event, AnswerDelta):
            shown += event.text
            assert keeper.id is not None
            assert text_of(store, keeper.id).endswith(shown)
    assert shown == "It is four, I think."
    assert keeper.id is not None
    assert store.load(keeper.id).conversation == chat.conversation
    assert store.load(keeper.id).facts[-1].usage is not None
