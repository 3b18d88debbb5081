"""The conversation is a tree that only grows; its head decides what was said."""

from __future__ import annotations

import pytest

from chat_tui.conversation import (
    Conversation,
    Effort,
    FunctionSpec,
    Message,
    Role,
    ToolSpec,
    user,
)


def test_messages_follow_each_other() -> None:
    conversation = Conversation().add(user("one"), user("two")).add(user("three"))
    assert [message.content for message in conversation.messages] == ["one", "two", "three"]


def test_editing_grows_a_branch_and_keeps_the_old_one() -> None:
    first = Conversation().add(user("question"), user("answer"))
    edited = first.at(None).add(user("better question"))
    assert [message.content for message in edited.messages] == ["better question"]
    assert edited.siblings(2) == (0, 2)
    assert [message.content for message in edited.at(1).messages] == ["question", "answer"]


def test_a_head_that_does_not_exist_is_refused() -> None:
    with pytest.raises(IndexError):
        Conversation().at(0)


def test_effort_cycles_through_all_levels() -> None:
    seen = [Effort.LOW]
    while (level := seen[-1].next()) not in seen:
        seen.append(level)
    assert seen == [Effort.LOW, Effort.MEDIUM, Effort.HIGH]


def test_a_tool_names_every_address_a_call_may_have() -> None:
    browser = ToolSpec("browser", (FunctionSpec("search"), FunctionSpec("open")))
    assert browser.recipients == ("browser.search", "browser.open")
    assert ToolSpec("python").recipients == ("python",)


def test_messages_know_what_they_are() -> None:
    thought = Message(Role.ASSISTANT, "hm", channel="analysis")
    call = Message(Role.ASSISTANT, "1+1", channel="analysis", recipient="python")
    answer = Message(Role.ASSISTANT, "2", channel="final")
    assert (thought.is_reasoning, call.is_reasoning, answer.is_reasoning) == (True, False, False)
    assert (thought.is_call, call.is_call, answer.is_call) == (False, True, False)
    assert (thought.is_final, call.is_final, answer.is_final) == (False, False, True)
