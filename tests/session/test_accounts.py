"""What turns took is known of those that run, and of those of an earlier time."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat_tui.conversation import ANALYSIS, FINAL, Message, Role, user
from chat_tui.events import MessageCompleted, ReasoningDelta, StopReason, TurnEnded, Usage
from chat_tui.session.accounts import Accounts, Ending, noted
from chat_tui.store.store import Store
from chat_tui.store.values import Facts

USAGE = Usage(prompt_tokens=10, answer_tokens=5, decode_seconds=1.0)
THOUGHT = Message(Role.ASSISTANT, "Hm.", channel=ANALYSIS)


def test_a_message_takes_from_its_first_piece_to_its_last() -> None:
    times = iter([1.0, 3.5])
    accounts = Accounts(lambda: next(times))
    accounts.hear(ReasoningDelta("H"), 0)
    accounts.hear(ReasoningDelta("m."), 0)
    accounts.hear(MessageCompleted(THOUGHT), 1)
    accounts.hear(MessageCompleted(Message(Role.ASSISTANT, "At once.", channel=FINAL)), 2)
    accounts.hear(TurnEnded(StopReason.COMPLETE, USAGE), 2)
    assert accounts.seconds == {1: 2.5}
    assert accounts.endings == {2: Ending(USAGE, StopReason.COMPLETE)}


@pytest.mark.parametrize("reason", list(StopReason))
def test_the_store_keeps_how_a_turn_ended(tmp_path: Path, reason: StopReason) -> None:
    times = iter([float(number) for number in range(1000, 1100)])
    store = Store(tmp_path / "kept" / "conversations.db", now=lambda: next(times))
    pen = store.create("T")
    pen.add(user("Why?"), None)
    node = pen.start(Message(Role.ASSISTANT, "", channel=ANALYSIS), 0)
    pen.finish(node, THOUGHT)
    pen.note(node, usage=USAGE, extra=noted(TurnEnded(reason, USAGE)))
    accounts = Accounts()
    accounts.recall(store.load(pen.id).facts)
    assert accounts.endings == {1: Ending(USAGE, reason)}
    assert list(accounts.seconds) == [1]
    pen.close()
    store.close()


def test_what_a_later_version_noted_is_no_reason() -> None:
    accounts = Accounts()
    accounts.recall([Facts(usage=USAGE, extra={"ended": "abducted"}), Facts(5.0, 4.0)])
    assert accounts.endings == {0: Ending(USAGE)}
    assert accounts.seconds == {}
