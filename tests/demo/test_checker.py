"""The checker lets nothing pass that is not a whole, well-formed, right reply."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import numpy as np
import pytest

from chat_tui.demo.checker import (
    CALL,
    CHANNEL,
    CONSTRAIN,
    END,
    MESSAGE,
    RETURN,
    START,
    Reply,
    right,
    right_call,
    take_apart,
)
from chat_tui.demo.data import MAKERS, make_turn
from chat_tui.demo.mxfp4 import LEVELS, pack, unpack
from chat_tui.demo.turns import Call

WORDS = ["analysis", "final", "assistant", "commentary", "So ", "this", ".", " to=f.x", " ", "json"]
WORDS += [" code"]


def text_of(ids: list[int]) -> str:
    return "".join(WORDS[i] for i in ids)


GOOD = [CHANNEL, 0, MESSAGE, 4, 5, END, START, 2, CHANNEL, 1, MESSAGE, 5, 6, RETURN]


def test_a_well_formed_reply_is_taken_apart() -> None:
    assert take_apart(GOOD, text_of) == Reply("So this", 2, "this.")


@pytest.mark.parametrize("gone", range(len(GOOD)))
def test_a_reply_with_a_frame_token_missing_is_refused(gone: int) -> None:
    broken = GOOD[:gone] + GOOD[gone + 1 :]
    body = gone in {3, 4, 11, 12}
    assert (take_apart(broken, text_of) is not None) == body


@pytest.mark.parametrize(("at", "token"), [(1, 3), (9, 0), (7, 1), (13, END), (4, MESSAGE)])
def test_a_reply_with_a_wrong_token_is_refused(at: int, token: int) -> None:
    assert take_apart([*GOOD[:at], token, *GOOD[at + 1 :]], text_of) is None


CALLED = [CHANNEL, 3, 7, 8, CONSTRAIN, 9, MESSAGE, 5, CALL]
THOUGHT = [CHANNEL, 0, MESSAGE, 4, END, START, 2]


def test_a_call_is_taken_apart_with_its_reasoning() -> None:
    call = Call("f.x", "commentary", "json", "this", "")
    assert take_apart(CALLED, text_of) == Reply("", 0, None, call)
    assert take_apart([*THOUGHT, *CALLED], text_of) == Reply("So ", 1, None, call)
    code = [CHANNEL, 0, 7, 10, MESSAGE, 5, CALL]
    assert take_apart(code, text_of) == Reply(
        "", 0, None, Call("f.x", "analysis", "code", "this", "")
    )


@pytest.mark.parametrize(
    "ids",
    [
        [CHANNEL, 3, 7, MESSAGE, 5, END],
        [CHANNEL, 3, MESSAGE, 5, CALL],
        [CHANNEL, 3, 7, CONSTRAIN, 9, MESSAGE, 5, CALL],
        [*CALLED, START, 2, *GOOD[-6:]],
        [CHANNEL, 1, 7, MESSAGE, 5, RETURN],
        [*THOUGHT, *THOUGHT, *CALLED],
    ],
)
def test_a_broken_call_is_refused(ids: list[int]) -> None:
    assert take_apart(ids, text_of) is None


@pytest.mark.parametrize("field", ["recipient", "channel", "form", "body"])
def test_a_call_has_to_be_right_in_all_its_parts(field: str) -> None:
    expected = Call("python", "analysis", "code", "print(⟦2⟧)", "2")
    said = replace(expected, body="print(2)")
    assert right_call(expected, said)
    assert not right_call(expected, replace(said, **{field: "print(22)"}))
    assert not right_call(expected, None)


def test_answers_to_other_questions_are_refused() -> None:
    rng = random.Random(2)
    answers = {make_turn(rng, kinds=(kind,)).answer for kind in MAKERS for _ in range(60)}
    assert len(answers) > 150
    for one, another in itertools.permutations(answers, 2):
        assert not right(one, another)
    assert all(right(answer, answer) for answer in answers)


@pytest.mark.parametrize(
    ("expected", "answer"),
    [("hi", "high"), ("4 + 4 = 8", "4 + 4 = 80"), ("Okay: sun.", "Okay: sunday."), ("Rome.", "")],
)
def test_parts_of_words_do_not_count(expected: str, answer: str) -> None:
    assert not right(expected, answer)


def test_mxfp4_keeps_what_it_can_hold() -> None:
    levels = np.array([sign * level for level in LEVELS for sign in (1, -1)] * 2, np.float32)
    blocks = np.stack([levels * 2.0**e for e in (-9, 0, 5)]).astype(np.float32)
    assert pack(blocks).shape == (3, 17)
    assert np.array_equal(unpack(pack(blocks)), blocks)


def test_mxfp4_is_off_by_a_quarter_of_the_largest_at_most() -> None:
    weights = np.random.default_rng(1).normal(size=(64, 96)).astype(np.float32)
    error = np.abs(unpack(pack(weights)) - weights).reshape(-1, 32).max(1)
    assert (error <= np.abs(weights).reshape(-1, 32).max(1) / 4).all()
