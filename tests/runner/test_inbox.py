"""Which command ends which work, whatever the order in which two threads get to it."""

from __future__ import annotations

import pytest

from chat_tui import wire
from chat_tui.conversation import Prompt
from chat_tui.runner.inbox import Inbox

PROMPT = Prompt(())
ASK, PRIME, COST = wire.Generate(PROMPT), wire.Prime(PROMPT), wire.Cost(PROMPT)


def test_commands_come_in_order_and_nothing_after_the_end() -> None:
    inbox = Inbox()
    for command in (ASK, PRIME, "nonsense", COST):
        inbox.take(command)
    assert [inbox.next() for _ in range(3)] == [ASK, PRIME, COST]
    inbox.take(ASK)
    inbox.close()
    assert inbox.stop.is_set()
    assert inbox.next() is None  # who is gone needs no answer


def test_a_stop_that_follows_a_question_stays_until_the_next() -> None:
    inbox = Inbox()
    inbox.take(ASK)
    inbox.take(wire.Stop())
    inbox.take(wire.AnswerNow())
    assert inbox.next() == ASK
    assert inbox.stop.is_set()
    assert inbox.hurry.is_set()
    inbox.take(COST)
    assert inbox.stop.is_set()
    inbox.take(ASK)
    assert not inbox.stop.is_set()
    assert not inbox.hurry.is_set()


def test_reading_ahead_waits_for_everything_else() -> None:
    inbox = Inbox()
    inbox.take(COST)
    assert not inbox.begin_ahead()
    inbox.next()
    assert inbox.begin_ahead()
    assert not inbox.is_set()


@pytest.mark.parametrize("command", [ASK, PRIME, wire.Leave()])
def test_a_command_ends_reading_ahead_and_is_not_ended_with_it(command: object) -> None:
    inbox = Inbox()
    assert inbox.begin_ahead()
    inbox.take(command)
    assert inbox.stop.is_set()
    inbox.end_ahead()
    assert not inbox.stop.is_set()


def test_a_price_is_told_between_two_batches() -> None:
    inbox = Inbox()
    assert inbox.begin_ahead()
    inbox.take(COST)
    assert not inbox.stop.is_set()  # which would spoil the batch
    assert inbox.is_set()


def test_a_stop_while_reading_ahead_ends_is_for_the_question() -> None:
    inbox = Inbox()
    assert inbox.begin_ahead()
    inbox.take(ASK)
    inbox.take(wire.Stop())
    inbox.end_ahead()
    assert inbox.stop.is_set()


def test_an_old_stop_does_not_keep_from_reading_ahead() -> None:
    inbox = Inbox()
    inbox.take(ASK)
    inbox.take(wire.Stop())
    inbox.next()
    assert inbox.begin_ahead()
    assert not inbox.is_set()


def test_the_end_ends_reading_ahead() -> None:
    inbox = Inbox()
    assert inbox.begin_ahead()
    inbox.close()
    inbox.end_ahead()
    assert inbox.stop.is_set()
    assert not inbox.begin_ahead()
