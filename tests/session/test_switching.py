"""Going on with another engine: the old one is closed first, and is the chat's again in the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chat_tui.engine.protocol import Cancel
from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.errors import LoadError
from chat_tui.events import Loaded, LoadProgress, StopReason, TurnEnded, TurnFailed
from chat_tui.session.chat import Chat
from chat_tui.session.switching import switch

ANSWER = "<|channel|>final<|message|>Yes.<|return|>"


class Broken(ScriptedEngine):
    def load(self) -> Iterator[LoadProgress | Loaded]:
        yield LoadProgress(0.5)
        raise LoadError("Damaged.")


@pytest.fixture
def chat() -> Chat:
    chat = Chat(ScriptedEngine([ANSWER]))
    list(chat.ask("First?", Cancel()))
    return chat


def test_the_old_engine_is_closed_before_the_new_one_loads(chat: Chat) -> None:
    old, new = chat.engine, ScriptedEngine([ANSWER])
    assert isinstance(old, ScriptedEngine)
    events = switch(chat, new, Cancel())
    assert next(events) == LoadProgress(0.0)
    assert not old.closed
    next(events)
    assert (old.closed, new.model) == (True, None)
    *_, last = events
    assert isinstance(last, Loaded)
    assert chat.engine is new
    prompt, _draft = new.primed[-1]
    assert [message.content for message in prompt.messages] == ["First?", "Yes."]
    assert chat.context_used == chat.cost().total


def test_after_a_failure_the_old_engine_answers(chat: Chat) -> None:
    old, new = chat.engine, Broken([ANSWER])
    *_, last = switch(chat, new, Cancel())
    assert isinstance(last, TurnFailed)
    assert (chat.engine, new.closed) == (old, True)
    *_, ended = chat.ask("Second?", Cancel())
    assert isinstance(ended, TurnEnded)


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_change_can_be_given_up_at_any_step(chat: Chat, steps: int) -> None:
    old, new, cancel = chat.engine, ScriptedEngine([ANSWER]), Cancel()
    events = switch(chat, new, cancel)
    for _ in range(steps):
        next(events)
    cancel.set()
    *_, last = events
    assert isinstance(last, TurnEnded)
    assert last.reason is StopReason.CANCELLED
    assert (chat.engine, new.model) == (old, None)
