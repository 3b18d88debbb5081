"""What is said about the tokens that the next question has to read."""

from __future__ import annotations

import pytest

from chat_tui.events import PromptCost
from chat_tui.ui.ahead import FRAME, Ahead


def measured(speed: float) -> Ahead:
    """After a question whose prompt was read at that speed."""
    ahead = Ahead()
    ahead.begin()
    ahead.read(0, 1000, 10.0)
    ahead.read(1000, 1000, 10.0 + 1000 / speed)
    return ahead


def test_a_cost_is_told_with_the_time_that_it_takes() -> None:
    ahead = measured(284.0)
    ahead.look(PromptCost(3500, 88), 20)
    assert ahead.text == "next question reads 3,412 tokens, about 12 s"
    assert ahead.wait == 3.0


def test_reused_tokens_take_no_time() -> None:
    ahead = Ahead()
    ahead.read(500, 1000, 0)
    ahead.read(1000, 1000, 5)
    ahead.look(PromptCost(1000, 0), 10)
    assert ahead.text.endswith("about 10 s")


def test_the_time_in_which_a_call_waited_for_a_person_is_no_reading() -> None:
    ahead = measured(1000.0)
    ahead.read(1020, 1100, 70.0)
    ahead.read(1100, 1100, 70.08)
    ahead.look(PromptCost(4000, 0), 80)
    assert ahead.text == "next question reads 4,000 tokens, about 4 s"


@pytest.mark.parametrize("cost", [PromptCost(5000, 5000 - FRAME), PromptCost(500, 300)])
def test_what_is_only_the_question_or_takes_no_time_is_not_told(cost: PromptCost) -> None:
    ahead = measured(1000)
    ahead.look(cost, 20)
    assert ahead.text == ""


def test_without_a_measure_much_is_told_and_little_is_not() -> None:
    ahead = Ahead()
    ahead.look(PromptCost(5000, 0), 0)
    assert ahead.text == "next question reads 5,000 tokens"
    ahead.look(PromptCost(200, 0), 1)
    assert ahead.text == ""


def test_reading_ahead_is_measured_too_until_nothing_is_left() -> None:
    ahead = Ahead()
    ahead.look(PromptCost(5000, 0), 0)
    ahead.look(PromptCost(5000, 1000), 10)
    assert ahead.text == "next question reads 4,000 tokens, about 40 s"
    ahead.look(PromptCost(5000, 4990), 50)
    assert ahead.text == ""
    assert ahead.wait is None


def test_a_question_on_its_way_takes_the_words_away() -> None:
    ahead = measured(100)
    ahead.look(PromptCost(3500, 0), 20)
    ahead.begin()
    assert ahead.text == ""
    assert ahead.wait is None
