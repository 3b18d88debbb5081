"""Events leave in order, joined and not too often."""

from __future__ import annotations

from typing import Any

from chat_tui.events import AnswerDelta, PromptProgress, ReasoningDelta, ToolArgumentsDelta
from chat_tui.runner.outbox import INTERVAL, Outbox


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_deltas_of_one_kind_become_one() -> None:
    sent: list[Any] = []
    outbox = Outbox(sent.append)
    for event in (ReasoningDelta("a"), ReasoningDelta("b", 2), AnswerDelta("c"), AnswerDelta("d")):
        outbox.add(event)
    outbox.add(PromptProgress(1, 2))
    outbox.send()
    outbox.send()
    assert sent == [[ReasoningDelta("ab", 3), AnswerDelta("cd", 2), PromptProgress(1, 2)]]


def test_calls_of_different_tools_stay_apart() -> None:
    sent: list[Any] = []
    outbox = Outbox(sent.extend)
    deltas = [ToolArgumentsDelta("python", "1"), ToolArgumentsDelta("functions.f", "2")]
    for delta in deltas:
        outbox.add(delta)
    outbox.send()
    assert sent == deltas


def test_a_frame_is_due_only_after_the_interval() -> None:
    sent: list[Any] = []
    clock = Clock()
    outbox = Outbox(sent.append, clock)
    outbox.add(AnswerDelta("a"))
    outbox.send_due()
    outbox.add(AnswerDelta("b"))
    outbox.send_due()
    assert sent == [[AnswerDelta("a")]]
    clock.now += INTERVAL
    outbox.send_due()
    outbox.send_due()
    assert sent == [[AnswerDelta("a")], [AnswerDelta("b")]]
