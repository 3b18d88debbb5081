"""Reasoning that goes in circles is noticed soon; what only looks like it is left alone."""

from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.harmony.vocabulary import Vocabulary
from chat_tui.runner.loops import COPIES, SHORTEST, WINDOW, Circles


def told(tokens: Iterable[int]) -> list[tuple[int, int]]:
    """Where it was told, counted in tokens, and how long the repetition was said to last."""
    circles = Circles()
    found = []
    for at, token in enumerate(tokens, 1):
        if length := circles.push(token):
            found.append((at, length))
    return found


def fresh(count: int, seed: int) -> list[int]:
    return random.Random(seed).choices(range(1000, 190_000), k=count)


@settings(deadline=None)
@given(st.integers(1, 200), st.integers(0, 500), st.integers(0, 99))
def test_a_cycle_of_any_period_is_noticed_within_a_few_copies(
    period: int, before: int, seed: int
) -> None:
    cycle, head = fresh(period, seed), fresh(before, seed + 1)
    copies = COPIES + 3 + SHORTEST // period
    found = told(head + cycle * copies)
    assert found
    first, length = found[0]
    assert first >= before + SHORTEST
    assert first <= before + max((COPIES + 2) * period, SHORTEST + period) + 16
    assert length <= first - before


@settings(deadline=None)
@given(st.integers(2, 12), st.integers(0, 99))
def test_a_cycle_that_repeats_itself_inside_is_noticed_too(size: int, seed: int) -> None:
    part, other, third = fresh(8 + size, seed), fresh(3, seed + 1), fresh(2, seed + 2)
    cycle = part + other + part + third
    assert told(fresh(30, seed + 3) + cycle * 8)


def test_it_is_told_again_only_when_it_has_doubled() -> None:
    lengths = [length for _, length in told([7] * 2000)]
    assert lengths[0] <= SHORTEST + 20
    assert all(later >= 2 * earlier for earlier, later in pairwise(lengths))
    assert 4 <= len(lengths) <= 6


def test_a_circle_that_was_left_and_comes_back_is_told_again() -> None:
    cycle = fresh(10, 1) * 12
    assert len(told(cycle + fresh(500, 2) + cycle)) >= 2


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 99), st.integers(100, 160))
def test_paragraphs_that_come_again_hardly_changed_are_noticed(seed: int, length: int) -> None:
    rng = random.Random(seed)
    paragraph = fresh(length, seed)
    text = []
    for _ in range(10):
        again = list(paragraph)
        again[rng.randrange(length)] = rng.randrange(1000, 190_000)
        text += again
    assert told(text)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 9999))
def test_text_that_goes_on_is_left_alone(seed: int) -> None:
    rng = random.Random(seed)
    words = rng.choices(range(300), weights=[1 / (n + 1) for n in range(300)], k=4000)
    assert told(words) == []


@settings(deadline=None, max_examples=25)
@given(st.integers(100, 2 * WINDOW), st.integers(0, 99))
def test_a_text_that_is_quoted_once_or_twice_is_left_alone(length: int, seed: int) -> None:
    draft = fresh(length, seed)
    assert told(fresh(50, 1) + draft + fresh(30, 2) + draft + fresh(40, 3)) == []


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 40), st.integers(0, 99))
def test_a_list_in_which_each_row_says_something_else_is_left_alone(words: int, seed: int) -> None:
    row = fresh(words, seed)
    text = [token for at in range(80) for token in (*row, 200 + at)]
    assert told(text) == []


NUMBERED = "\n".join(f"{n}. Check that {n} is not divisible by {n // 2 + 1}." for n in range(2, 80))
TABLE = "| n | n squared | n cubed |\n|---|---|---|\n" + "".join(
    f"| {n} | {n * n} | {n**3} |\n" for n in range(1, 90)
)
CODE = "".join(
    f"def test_{name}() -> None:\n    value = make_{name}(3)\n    assert value == {n}\n\n\n"
    for n, name in enumerate(("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"))
)
POEM = (
    "The wheels on the bus go round and round, round and round, round and round,\n"
    "The wheels on the bus go round and round, all through the town.\n"
    "The wipers on the bus go swish, swish, swish, swish, swish, swish,\n"
    "The wipers on the bus go swish, swish, swish, all through the town.\n"
    "The driver on the bus says move on back, move on back, move on back,\n"
    "The driver on the bus says move on back, all through the town.\n"
    "The baby on the bus says wah, wah, wah, wah, wah, wah,\n"
    "The baby on the bus says wah, wah, wah, all through the town.\n"
)
ZEROS = "[" + ", ".join("[0, 0, 0]" for _ in range(3)) + "]\n" + "-" * 79 + "\n" + "=" * 79


@pytest.mark.parametrize("text", [NUMBERED, TABLE, CODE, POEM, ZEROS])
def test_lists_tables_code_and_songs_are_left_alone(vocabulary: Vocabulary, text: str) -> None:
    assert told(vocabulary.encode(text)) == []


WAIT = (
    "Wait, but the user asked for the smallest number. So let me check again. The smallest number"
    " that is divisible by both is twelve, because four times three is twelve. Hmm, but is it? "
)


@pytest.mark.parametrize(
    "text",
    [
        WAIT * 6,
        "So the answer is 42. " * 30,
        "no, " * 80,
        "".join(
            WAIT.replace("Hmm", word) for word in ["Hmm", "Well", "Okay", "So", "Right", "Now"] * 3
        ),
    ],
)
def test_thoughts_that_come_again_and_again_are_noticed(vocabulary: Vocabulary, text: str) -> None:
    assert told(vocabulary.encode(text))
