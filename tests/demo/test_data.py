"""The demo model's data: one answer to a question, effort that shows, phrasings kept apart."""

from __future__ import annotations

import random
import re
import subprocess
import sys

import pytest

from chat_tui.demo.app_help import HELP
from chat_tui.demo.data import (
    CAPITAL_ASKS,
    MAKERS,
    REPEAT_ASKS,
    SUM_ASKS,
    Turn,
    held_out_pair,
    make_talk,
    make_turn,
)
from chat_tui.demo.facts import CAPITALS
from chat_tui.demo.phrasing import bare, pick
from chat_tui.demo.probes import PROBES, plain
from chat_tui.demo.small_talk import TALK
from chat_tui.demo.topics import COMMANDS, KEYS


def turns(kind: str, count: int = 300) -> list[Turn]:
    rng = random.Random(3)
    return [make_turn(rng, kinds=(kind,)) for _ in range(count)]


def test_the_same_seed_makes_the_same_data() -> None:
    made = [[make_talk(random.Random(5), "low") for _ in range(3)] for _ in range(2)]
    assert made[0] == made[1]


@pytest.mark.parametrize("kind", MAKERS)
def test_reasoning_grows_with_effort(kind: str) -> None:
    for turn in turns(kind):
        low, medium, high = (len(bare(text).split()) for text in turn.think)
        assert low < medium < high


@pytest.mark.parametrize("kind", MAKERS)
def test_high_effort_counts_its_steps_and_checks(kind: str) -> None:
    for turn in turns(kind, 50):
        lines = bare(turn.think[2]).split("\n")
        assert [line[:2] for line in lines] == [f"{i + 1}." for i in range(len(lines))]
        assert "Check:" in lines[-1]


def test_sums_are_right_wherever_they_are_written() -> None:
    for turn in turns("sum"):
        texts = (*turn.think, turn.answer)
        for a, b, total in re.findall(r"(\d+) ?\+ ?(\d+) ?= ?(\d+)", bare(" ".join(texts))):
            assert int(a) + int(b) == int(total)


def test_capitals_are_answered_for_the_country_that_was_asked() -> None:
    for turn in turns("capital"):
        match = re.fullmatch(r"The capital of (.*) is (.*)\.", bare(turn.answer))
        assert match
        assert match[1].lower() in turn.ask.lower()
        assert CAPITALS[match[1]] == match[2]


def test_held_out_phrasings_are_never_in_training() -> None:
    rng = random.Random(1)
    for options in (CAPITAL_ASKS, SUM_ASKS, REPEAT_ASKS, *(t.asks for t in (*TALK, *HELP))):
        seen, kept = ({pick(rng, options, held) for _ in range(400)} for held in (False, True))
        assert seen
        assert kept
        assert not seen & kept


def test_held_out_sums_are_never_in_training() -> None:
    for turn in turns("sum", 2000):
        a, b = map(int, re.findall(r"\d+", bare(turn.answer))[:2])
        assert not held_out_pair(a, b)


def test_no_question_has_two_answers() -> None:
    asks: dict[str, str] = {}
    for topic in (*TALK, *HELP):
        for ask in topic.asks:
            assert asks.setdefault(ask.lower().rstrip("?!. "), topic.answer) == topic.answer


def test_probes_are_not_in_the_training_data() -> None:
    rng = random.Random(8)
    asked = {plain(make_turn(rng).ask) for _ in range(5_000)}
    assert not asked & {plain(ask) for _, ask in PROBES}


def test_help_names_only_keys_and_commands_of_the_table() -> None:
    known = {*KEYS.values(), *COMMANDS.values()}
    for topic in (*TALK, *HELP):
        named = re.findall(r"Ctrl\+\w|Shift\+\w+|\bF\d+\b|\bEsc\b|(?<!\w)/\w+", topic.answer)
        assert set(named) <= known


def test_nobody_is_told_that_this_is_chatgpt() -> None:
    for topic in TALK:
        if topic.kind == "who":
            assert "ChatGPT" not in topic.answer or "not ChatGPT" in topic.answer


def test_torch_is_not_needed_for_data_and_checker() -> None:
    code = (
        "import sys\nsys.modules['torch'] = None\n"
        "import chat_tui.demo.data, chat_tui.demo.checker, chat_tui.demo.mxfp4"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
