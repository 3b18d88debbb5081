"""An answer that was cut off is gone on with, and nothing that was said is lost by it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import count
from pathlib import Path

import pytest

from chat_tui.conversation import Conversation, Effort, Message, Role, ToolSpec, user
from chat_tui.engine.protocol import Cancel, GenerateOptions
from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.errors import EngineCrashed
from chat_tui.events import (
    AnswerDelta,
    MessageCompleted,
    ReasoningDelta,
    Resumed,
    StopReason,
    ToolFinished,
    ToolProgressed,
    TurnEnded,
    TurnEvent,
    TurnFailed,
)
from chat_tui.session.chat import Chat
from chat_tui.session.keeping import Keeper
from chat_tui.session.resuming import NOTHING_CUT, is_taken_up, place
from chat_tui.session.room import mark
from chat_tui.session.turn import Decision, Seams, Verdict, answer
from chat_tui.store.store import Store

THOUGHT = "<|channel|>analysis<|message|>One. Two. Three.<|end|>"
FINAL = "<|start|>assistant<|channel|>final<|message|>It is four.<|return|>"
WHOLE = THOUGHT + FINAL


def said(text: str, channel: str = "final", *, cut: bool = False, to: str | None = None) -> Message:
    return Message(Role.ASSISTANT, text, channel, to, interrupted=cut, effort=Effort.MEDIUM)


def tree(*messages: Message) -> Conversation:
    return Conversation().add(*messages)


def run(
    events: Iterator[TurnEvent], cancel: Cancel | None = None, after: int = 0
) -> list[TurnEvent]:
    """All events; ``cancel`` is set after so many deltas."""
    found: list[TurnEvent] = []
    for event in events:
        found.append(event)
        told = sum(isinstance(one, AnswerDelta | ReasoningDelta) for one in found)
        if cancel is not None and told >= after:
            cancel.set()
    return found


def stopped(chat: Chat, after: int) -> list[TurnEvent]:
    """Ask, and stop after so many deltas."""
    cancel = Cancel()
    return run(chat.ask("What is two and two?", cancel), cancel, after)


def texts(conversation: Conversation) -> list[str]:
    return [message.content for message in conversation.messages]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "kept" / "conversations.db")
    yield store
    store.close()


def kept(store: Store, engine: ScriptedEngine) -> tuple[Chat, Keeper]:
    """A chat whose turns are kept, as the program makes it."""
    clock = count()
    keeper = Keeper(store, clock=lambda: float(next(clock)))  # each piece is kept at once

    def record(message: Message) -> None:
        keeper.follow(message, chat.conversation, chat.started)

    chat = Chat(engine, seams=Seams(record=record, keep=keeper.keep))
    keeper.begin(started=chat.started)
    return chat, keeper


def test_a_cut_answer_goes_on_in_its_place_and_stays_in_the_tree() -> None:
    engine = ScriptedEngine([WHOLE, " four.<|return|>"])
    chat = Chat(engine)
    stopped(chat, 4)
    assert texts(chat.conversation)[1:] == ["One. Two. Three.", "It"]
    assert chat.is_unfinished
    events = run(chat.resume(Cancel()))
    assert isinstance(events[-1], TurnEnded)
    (resumed,) = (event.message for event in events if isinstance(event, Resumed))
    assert resumed.content == "It"
    assert texts(chat.conversation)[1:] == ["One. Two. Three.", "It four."]
    assert not chat.conversation.messages[-1].interrupted
    assert not chat.is_unfinished
    # The prompt ends inside the answer; the reasoning before it is there.
    prompt = engine.prompts[1]
    assert (prompt.continues, [m.content for m in prompt.messages][1:]) == (
        True,
        ["One. Two. Three.", "It"],
    )
    assert [node.message.content for node in chat.conversation.nodes].count("It") == 1
    assert chat.version == (1, 1)


def test_a_cut_thought_goes_on_and_comes_to_its_answer() -> None:
    engine = ScriptedEngine([WHOLE, f" Three.<|end|>{FINAL}"])
    chat = Chat(engine)
    stopped(chat, 2)
    assert texts(chat.conversation)[1:] == ["One. Two."]
    run(chat.resume(Cancel()))
    assert texts(chat.conversation)[1:] == ["One. Two. Three.", "It is four."]


def test_stopped_again_it_can_be_gone_on_with_again() -> None:
    engine = ScriptedEngine([WHOLE, " Three. Four. Five.", " Four. Five.<|end|>" + FINAL])
    chat = Chat(engine)
    stopped(chat, 2)
    cancel = Cancel()
    run(chat.resume(cancel), cancel, 1)
    assert texts(chat.conversation)[1:] == ["One. Two. Three."]
    assert chat.conversation.messages[-1].interrupted
    run(chat.resume(Cancel()))
    assert texts(chat.conversation)[1:] == ["One. Two. Three. Four. Five.", "It is four."]
    assert chat.version == (1, 1)


def test_it_goes_on_at_its_own_effort() -> None:
    engine = ScriptedEngine([WHOLE, " four.<|return|>"])
    chat = Chat(engine, effort=Effort.HIGH)
    stopped(chat, 4)
    chat.effort = Effort.LOW
    run(chat.resume(Cancel()))
    assert engine.prompts[1].effort is Effort.HIGH


def test_what_was_cut_by_a_token_limit_goes_on_with_as_many_again() -> None:
    engine = ScriptedEngine([WHOLE, " is four.<|return|>"])
    chat = Chat(engine, options=GenerateOptions(max_tokens=13))
    (*_, ended) = run(chat.ask("What is two and two?", Cancel()))
    assert isinstance(ended, TurnEnded)
    assert ended.reason is StopReason.LENGTH
    assert texts(chat.conversation)[-1] == "It"
    run(chat.resume(Cancel()))
    assert texts(chat.conversation)[-1] == "It is four."


@pytest.mark.parametrize("way", ["stopped", "failed"])
def test_an_attempt_of_which_nothing_came_changes_nothing(way: str) -> None:
    def hook(generation: int, _token: int) -> None:
        if way == "failed" and generation == 1:
            raise EngineCrashed("It died.")

    chat = Chat(ScriptedEngine([WHOLE, " four."], hook=hook))
    stopped(chat, 4)
    before, cancel = chat.conversation, Cancel()
    if way == "stopped":
        cancel.set()
    events = run(chat.resume(cancel))
    assert isinstance(events[-1], TurnFailed if way == "failed" else TurnEnded)
    assert chat.conversation == before
    assert chat.is_unfinished


def test_what_is_whole_cannot_be_gone_on_with() -> None:
    chat = Chat(ScriptedEngine([WHOLE]))
    (failed,) = run(chat.resume(Cancel()))
    assert isinstance(failed, TurnFailed)
    assert failed.error.message == NOTHING_CUT
    run(chat.ask("What is two and two?", Cancel()))
    (failed,) = run(chat.resume(Cancel()))
    assert isinstance(failed, TurnFailed)
    assert "whole" in failed.error.message
    assert len(chat.conversation.nodes) == 3


ASKED = user("What is two and two?")
CALL = said("print(2+2)", "analysis", to="python")
CUT_CALL = said("print(2", "analysis", cut=True, to="python")
TOLD = Message(Role.TOOL, "4", channel="analysis", recipient="assistant", name="python")
THINKS = said("One.", "analysis")


@pytest.mark.parametrize(
    ("messages", "at", "unfinished"),
    [
        ([ASKED], 0, None),
        ([ASKED, THINKS], 1, None),
        ([ASKED, THINKS, CALL], 1, None),
        ([ASKED, CUT_CALL], 0, None),
        ([ASKED, CALL, TOLD], 2, None),
        ([ASKED, said("Made up", "poetry", cut=True)], 0, None),
        ([ASKED, said("I will", "commentary", cut=True)], 0, 1),
        ([ASKED, THINKS, said("", cut=True)], 1, 2),
    ],
)
def test_a_call_is_asked_anew_and_only_a_message_of_the_model_goes_on(
    messages: list[Message], at: int, unfinished: int | None
) -> None:
    found = place(tree(*messages))
    assert found is not None
    assert found.at == at
    assert found.message == (None if unfinished is None else messages[unfinished])


def test_whole_answers_and_empty_conversations_have_no_place() -> None:
    assert place(Conversation()) is None
    assert place(tree(mark(0))) is None
    assert place(tree(ASKED, THINKS, said("Four."))) is None


class Calculator:
    """A toolbox with one tool."""

    specs = (ToolSpec("python", description="Runs code."),)

    def run(self, call: Message, cancel: Cancel) -> Iterator[ToolProgressed | ToolFinished]:
        del cancel
        yield ToolFinished(call, answer(call, "4"))


def test_a_call_that_was_cut_is_made_anew_from_its_beginning() -> None:
    call = "<|channel|>analysis to=python code<|message|>print(2 + 2)<|call|>"
    engine = ScriptedEngine([call, call, "<|channel|>final<|message|>It is four.<|return|>"])
    seams = Seams(Calculator(), approve=lambda *_: Verdict(Decision.ALLOW))
    cut = Chat(engine, seams=seams, options=GenerateOptions(max_tokens=6))
    run(cut.ask("What is two and two?", Cancel()))
    assert cut.conversation.messages[-1].interrupted
    cut.options = GenerateOptions()
    run(cut.resume(Cancel()))
    assert texts(cut.conversation)[1:] == ["print(2 + 2)", "4", "It is four."]
    assert not engine.prompts[1].continues
    assert [m.content for m in engine.prompts[1].messages] == ["What is two and two?"]


def test_what_was_decided_about_the_context_since_then_still_holds() -> None:
    engine = ScriptedEngine([WHOLE, WHOLE, " is four.<|return|>"])
    chat = Chat(engine)
    run(chat.ask("What is one and one?", Cancel()))
    stopped(chat, 4)
    chat.mark(mark(1))
    run(chat.resume(Cancel()))
    seen = [m.content for m in engine.prompts[2].messages]
    assert seen == ["What is two and two?", "One. Two. Three.", "It"]
    assert texts(chat.conversation)[-1] == "It is four."
    assert sum(message.is_mark for message in chat.conversation.messages) == 1
    assert chat.version == (1, 1)


def test_what_the_model_no_longer_sees_is_not_gone_on_with() -> None:
    chat = Chat(ScriptedEngine([WHOLE, " is four.<|return|>"]))
    stopped(chat, 4)
    chat.mark(mark(1, "They asked for two and two."))
    assert not chat.is_unfinished
    assert isinstance(run(chat.resume(Cancel()))[-1], TurnFailed)


def test_nothing_is_read_ahead_behind_a_cut_answer_until_something_is_written() -> None:
    """What the cache holds makes going on cheap; a draft says that something else is wanted."""
    engine = ScriptedEngine([WHOLE, " is four.<|return|>"])
    chat = Chat(engine)
    stopped(chat, 4)
    chat.prime()
    assert (engine.primed, chat.reads_ahead) == ([], False)
    chat.prime("And three")
    assert len(engine.primed) == 1
    assert chat.reads_ahead
    run(chat.resume(Cancel()))
    assert len(engine.primed) == 2


def test_what_goes_on_is_kept_beside_what_stood(store: Store) -> None:
    chat, keeper = kept(store, ScriptedEngine([WHOLE, " is four.<|return|>"]))
    stopped(chat, 4)
    for event in chat.resume(Cancel()):
        if isinstance(event, AnswerDelta):
            # Another process that looks, or one that comes after a kill, sees all of it.
            assert keeper.id is not None
            message = store.load(keeper.id).conversation.messages[-1]
            assert message.content.startswith("It")
            assert message.content.endswith(event.text)
    assert keeper.id is not None
    loaded = store.load(keeper.id).conversation
    assert loaded == chat.conversation
    assert texts(loaded)[1:] == ["One. Two. Three.", "It is four."]
    assert loaded.nodes[2].message.interrupted


def test_a_crash_on_the_way_leaves_all_that_was_shown(store: Store) -> None:
    def hook(generation: int, token: int) -> None:
        if (generation, token) == (1, 2):
            raise EngineCrashed("It died.")

    chat, keeper = kept(store, ScriptedEngine([WHOLE, " is four or so.", " five."], hook=hook))
    stopped(chat, 4)
    events = run(chat.resume(Cancel()))
    assert isinstance(events[-1], TurnFailed)
    (*_, message) = (event.message for event in events if isinstance(event, MessageCompleted))
    assert (message.content, message.interrupted) == ("It is four", True)
    assert keeper.id is not None
    assert store.load(keeper.id).conversation == chat.conversation
    run(chat.resume(Cancel()))
    assert texts(chat.conversation)[-1] == "It is four five."


def test_a_process_that_dies_on_the_way_loses_nothing_that_was_shown(tmp_path: Path) -> None:
    """The store is closed in the middle of a message, as a kill would leave it."""
    path = tmp_path / "conversations.db"
    first = Store(path)
    chat, keeper = kept(first, ScriptedEngine([WHOLE, " is four or so.<|return|>"]))
    stopped(chat, 4)
    for event in chat.resume(Cancel()):
        if isinstance(event, Resumed):
            break
    name = keeper.id
    assert name is not None
    pen = keeper._pen
    assert pen is not None
    number = pen.start(said(""), 1, text="It is")
    first.close()
    again = Store(path)
    try:
        stored, _ = again.resume(name)
    finally:
        again.close()
    message = stored.conversation.nodes[number].message
    assert (message.content, message.interrupted) == ("It is", True)


def test_what_is_taken_up_is_told_from_another_answer() -> None:
    beginning = said("It is", cut=True)
    assert is_taken_up(beginning, said("It is four."))
    assert is_taken_up(said("caf\ufffd", cut=True), said("café"))
    assert not is_taken_up(beginning, said("It was four."))
    assert not is_taken_up(said("It is"), said("It is four."))
    assert not is_taken_up(beginning, said("It is four.", "analysis"))
    assert not is_taken_up(beginning, beginning)


def test_another_answer_is_a_version_and_a_beginning_is_not() -> None:
    engine = ScriptedEngine([WHOLE, " is four.<|return|>", WHOLE])
    chat = Chat(engine, today=lambda: date(2026, 1, 1))
    stopped(chat, 4)
    run(chat.resume(Cancel()))
    run(chat.regenerate(Cancel()))
    assert chat.version == (2, 2)
