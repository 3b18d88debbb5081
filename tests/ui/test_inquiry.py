"""A question that crosses threads: the first answer holds, and no answer is a denial."""

from __future__ import annotations

import threading

import pytest

from chat_tui.conversation import ANALYSIS, Message, Role
from chat_tui.engine.protocol import Cancel
from chat_tui.sandbox.base import BUBBLEWRAP
from chat_tui.session.gate import Choice, Reply, Request
from chat_tui.tools.base import CallView, Risk
from chat_tui.ui.inquiry import Inquiry
from tests.ui.screen import Stage
from tests.ui.test_approval import CALL, focused
from tests.ui.tools import FINAL, Pretend, toolset


def inquiry() -> Inquiry:
    call = Message(Role.ASSISTANT, "1", ANALYSIS, "python")
    return Inquiry(Request(call, CallView("Run", "1", Risk.RUNS), BUBBLEWRAP, None))


def test_the_first_answer_holds() -> None:
    asked = inquiry()
    assert asked.settle(Reply(Choice.DENY, "no"))
    assert not asked.settle(Reply(Choice.ONCE))
    assert asked.wait(Cancel()) == Reply(Choice.DENY, "no")


def test_an_answer_from_another_thread_ends_the_wait() -> None:
    asked = inquiry()
    threading.Timer(0.05, lambda: asked.settle(Reply(Choice.ONCE))).start()
    assert asked.wait(Cancel()).choice is Choice.ONCE


def test_a_question_waits_for_as_long_as_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat_tui.ui.inquiry._STEP", 0.001)
    asked = inquiry()
    threading.Timer(0.3, lambda: asked.settle(Reply(Choice.ONCE))).start()
    assert asked.wait(Cancel()).choice is Choice.ONCE  # hundreds of steps later


def test_a_stopped_turn_is_a_denial_that_no_later_answer_changes() -> None:
    asked, cancel = inquiry(), Cancel()
    cancel.set()
    assert asked.wait(cancel).choice is Choice.DENY
    assert not asked.settle(Reply(Choice.ONCE))


def test_leaving_the_program_denies() -> None:
    tool = Pretend()

    async def scenario(stage: Stage) -> None:
        await focused(stage)
        await stage.pilot.press("ctrl+q")

    stage = Stage(CALL, FINAL, tools=toolset(tool))
    stage.play(scenario)
    assert tool.ran == []
    assert len(stage.engine.prompts) == 1  # type: ignore[attr-defined]


def test_what_was_typed_before_the_question_is_forgotten_line_by_line() -> None:
    from chat_tui.plain.tools import asking

    order: list[str] = []
    ask = asking(
        lambda prompt: order.append("read") or "n" if "Allow" in prompt else "",
        lambda _text: order.append("say"),
        lambda: order.append("forget"),
    )
    assert ask(inquiry().request, Cancel()).choice is Choice.DENY
    assert order == ["say", "forget", "read"]
