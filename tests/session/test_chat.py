"""A chat keeps what was said, whatever happens to the engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from chat_tui.conversation import Effort, ResponseFormat, Role
from chat_tui.engine.protocol import Cancel
from chat_tui.engine.scripted import Hook, ScriptedEngine
from chat_tui.errors import EngineCrashed, EngineError, LoadError
from chat_tui.events import (
    AnswerDelta,
    Loaded,
    LoadProgress,
    StopReason,
    TurnEnded,
    TurnEvent,
    TurnFailed,
)
from chat_tui.session.chat import Chat

HELLO = "<|channel|>final<|message|>Hello!<|return|>"
LONG = "<|channel|>final<|message|>" + "word " * 50 + "<|return|>"


class Unloadable(ScriptedEngine):
    def load(self) -> Iterator[LoadProgress | Loaded]:
        yield LoadProgress(0.0)
        raise LoadError("There is too little memory.", "Take a smaller model.")


def crash_at(token: int) -> Hook:
    """The first generation dies at this token."""

    def hook(generation: int, at: int) -> None:
        if (generation, at) == (0, token):
            raise EngineCrashed("The model process was killed.")

    return hook


def said(chat: Chat) -> list[tuple[Role, str]]:
    return [(message.role, message.content) for message in chat.conversation.messages]


def ask(chat: Chat, text: str = "Hi") -> list[TurnEvent]:
    return list(chat.ask(text, Cancel()))


def test_the_next_question_carries_the_conversation() -> None:
    engine = ScriptedEngine([HELLO, HELLO])
    chat = Chat(engine)
    ask(chat, "one")
    ask(chat, "two")
    assert [message.content for message in engine.prompts[1].messages] == ["one", "Hello!", "two"]


def test_the_first_question_loads_the_model() -> None:
    events = ask(Chat(ScriptedEngine([HELLO])))
    kinds = [type(event) for event in events]
    assert LoadProgress in kinds
    assert kinds.index(Loaded) < kinds.index(AnswerDelta)
    assert isinstance(events[-1], TurnEnded)


def test_effort_holds_from_the_next_turn_on_and_stamps_the_messages() -> None:
    engine = ScriptedEngine([HELLO, HELLO])
    chat = Chat(engine, effort=Effort.LOW)
    ask(chat)
    chat.effort = Effort.HIGH
    ask(chat)
    assert [prompt.effort for prompt in engine.prompts] == [Effort.LOW, Effort.HIGH]
    answers = [m for m in chat.conversation.messages if m.is_final]
    assert [message.effort for message in answers] == [Effort.LOW, Effort.HIGH]


def test_the_date_stays_the_one_the_conversation_began_on() -> None:
    days = iter([date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)])
    engine = ScriptedEngine([HELLO, HELLO, HELLO])
    chat = Chat(engine, today=lambda: next(days))
    ask(chat)
    ask(chat)
    chat.new()
    ask(chat)
    assert [prompt.date for prompt in engine.prompts] == [
        date(2026, 1, 1),
        date(2026, 1, 1),
        date(2026, 1, 2),
    ]


def test_a_stopped_answer_is_kept_as_far_as_it_came() -> None:
    chat = Chat(ScriptedEngine([LONG]))
    cancel = Cancel()
    for event in chat.ask("Hi", cancel):
        if isinstance(event, AnswerDelta):
            cancel.set()
    last = chat.conversation.messages[-1]
    assert last.interrupted
    assert 0 < len(last.content) < 250
    assert isinstance(event, TurnEnded)
    assert event.reason is StopReason.CANCELLED


def test_a_crash_keeps_what_was_shown_and_the_next_question_works() -> None:
    engine = ScriptedEngine([LONG, HELLO], hook=crash_at(10))
    chat = Chat(engine)
    events = ask(chat)
    shown = "".join(event.text for event in events if isinstance(event, AnswerDelta))
    assert isinstance(events[-1], TurnFailed)
    assert isinstance(events[-1].error, EngineCrashed)
    assert shown
    assert said(chat)[-1] == (Role.ASSISTANT, shown)
    assert isinstance(ask(chat, "again")[-1], TurnEnded)


def test_a_model_that_does_not_load_is_an_event() -> None:
    chat = Chat(Unloadable([HELLO]))
    assert [type(event) for event in chat.load(Cancel())][-1] is TurnFailed
    assert isinstance(ask(chat)[-1], TurnFailed)
    assert said(chat) == [(Role.USER, "Hi")]


def test_a_new_conversation_forgets_the_old_one() -> None:
    engine = ScriptedEngine([HELLO, HELLO])
    chat = Chat(engine)
    ask(chat, "one")
    assert chat.context_used > 0
    chat.new()
    assert chat.context_used == 0
    ask(chat, "two")
    assert [message.content for message in engine.prompts[1].messages] == ["two"]


TWO = "<|channel|>final<|message|>Hello again!<|return|>"


def regenerate(chat: Chat, effort: Effort | None = None) -> list[TurnEvent]:
    return list(chat.regenerate(Cancel(), effort))


def test_an_answer_anew_stands_beside_the_old_one() -> None:
    engine = ScriptedEngine([HELLO, TWO])
    chat = Chat(engine)
    assert chat.version == (0, 0)
    ask(chat)
    assert chat.version == (1, 1)
    assert isinstance(regenerate(chat, Effort.HIGH)[-1], TurnEnded)
    assert said(chat) == [(Role.USER, "Hi"), (Role.ASSISTANT, "Hello again!")]
    assert [message.content for message in engine.prompts[1].messages] == ["Hi"]
    assert engine.prompts[1].effort is Effort.HIGH
    assert chat.effort is Effort.MEDIUM
    assert chat.version == (2, 2)
    assert len(chat.conversation.nodes) == 3


def test_an_answer_anew_of_which_nothing_came_changes_nothing() -> None:
    chat = Chat(ScriptedEngine([HELLO, HELLO], hook=lambda g, _: die() if g else None))
    ask(chat)
    before = chat.conversation
    assert isinstance(regenerate(chat)[-1], TurnFailed)
    assert chat.conversation == before


def die() -> None:
    raise EngineCrashed("The model process was killed.")


def test_a_question_that_failed_can_be_answered_anew() -> None:
    chat = Chat(ScriptedEngine([HELLO, HELLO], hook=crash_at(0)))
    assert isinstance(ask(chat)[-1], TurnFailed)
    assert isinstance(regenerate(chat)[-1], TurnEnded)
    assert said(chat) == [(Role.USER, "Hi"), (Role.ASSISTANT, "Hello!")]
    assert chat.version == (1, 1)


def test_without_a_question_nothing_can_be_answered_anew() -> None:
    engine = ScriptedEngine([HELLO])
    assert [type(event) for event in regenerate(Chat(engine))] == [TurnFailed]
    assert not engine.prompts


def test_an_edited_question_begins_a_branch() -> None:
    engine = ScriptedEngine([HELLO, HELLO, TWO])
    chat = Chat(engine)
    ask(chat, "one")
    ask(chat, "two")
    assert isinstance(list(chat.edit(2, "other", Cancel()))[-1], TurnEnded)
    assert [m.content for m in engine.prompts[2].messages] == ["one", "Hello!", "other"]
    assert len(chat.conversation.siblings(2)) == 2
    for index in (1, 99, -1):
        assert [type(event) for event in chat.edit(index, "x", Cancel())] == [TurnFailed]


def test_what_the_next_question_needs_is_read_ahead_after_loads_and_turns() -> None:
    engine = ScriptedEngine([HELLO])
    chat = Chat(engine)
    list(chat.load(Cancel()))
    assert [prompt.messages for prompt, _ in engine.primed] == [()]
    ask(chat)
    prompt, draft = engine.primed[-1]
    assert [message.content for message in prompt.messages] == ["Hi", "Hello!"]
    assert draft == ""
    chat.effort = Effort.HIGH
    chat.prime("a draft")
    prompt, draft = engine.primed[-1]
    assert (prompt.effort, draft) == (Effort.HIGH, "a draft")


def test_the_cost_is_that_of_a_question_after_all_that_was_said() -> None:
    engine = ScriptedEngine([HELLO])
    chat = Chat(engine)
    with pytest.raises(EngineError):
        chat.cost()
    ask(chat)
    assert chat.cost("word " * 100).evaluate > chat.cost().evaluate


def test_a_conversation_that_is_left_is_told_to_the_engine() -> None:
    engine = ScriptedEngine([HELLO])
    chat = Chat(engine)
    ask(chat)
    chat.new()
    assert engine.leaves == 1


def test_the_form_of_answers_holds_from_the_next_turn_on() -> None:
    engine = ScriptedEngine([HELLO, HELLO])
    chat = Chat(engine)
    ask(chat)
    chat.response_format = ResponseFormat("person", {"type": "object"})
    ask(chat)
    assert [p.response_format for p in engine.prompts] == [None, chat.response_format]
