"""A chat keeps what was said, whatever happens to the engine."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from chat_tui.conversation import Effort, Role
from chat_tui.engine.protocol import Cancel
from chat_tui.engine.scripted import Hook, ScriptedEngine
from chat_tui.errors import EngineCrashed, LoadError
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
