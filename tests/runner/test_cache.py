"""What to keep of a cache, as arithmetic."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chat_tui.runner.cache import Plan, batches, common_prefix, plan

TOKENS = st.lists(st.integers(0, 2), max_size=30)


def test_a_prompt_that_goes_on_keeps_everything_however_little_the_window_remembers() -> None:
    assert plan([1, 2, 3], [1, 2, 3, 4, 5], window=2, floor=3) == Plan(3, 2)


def test_the_same_prompt_again_evaluates_its_last_token() -> None:
    assert plan([1, 2, 3], [1, 2, 3], window=8, floor=0) == Plan(2, 1)


def test_another_beginning_keeps_nothing() -> None:
    assert plan([1, 2, 3], [9, 2, 3], window=8, floor=0) == Plan(0, 3)


def test_a_cut_within_what_the_window_still_holds_is_made() -> None:
    cached, wanted = list(range(100)), [*range(60), -1]
    assert plan(cached, wanted, window=20, floor=40) == Plan(60, 1)


def test_a_cut_behind_it_begins_anew() -> None:
    cached, wanted = list(range(100)), [*range(60), -1]
    assert plan(cached, wanted, window=20, floor=41) == Plan(0, 61)


@given(TOKENS, TOKENS.filter(bool), st.integers(1, 10), st.integers(0, 30))
def test_a_plan_evaluates_all_that_is_not_kept_and_at_least_one_token(
    cached: list[int], wanted: list[int], window: int, floor: int
) -> None:
    made = plan(cached, wanted, window, floor)
    assert made.evaluate >= 1
    assert made.keep + made.evaluate == len(wanted)
    assert cached[: made.keep] == wanted[: made.keep]
    assert made.keep == len(cached) or made.keep == 0 or floor <= max(0, made.keep - window)


@given(TOKENS, TOKENS)
def test_the_common_prefix_is_common_and_cannot_be_longer(
    left: list[int], right: list[int]
) -> None:
    shared = common_prefix(left, right)
    assert left[:shared] == right[:shared]
    assert left[shared : shared + 1] != right[shared : shared + 1] or shared == len(left)


@given(TOKENS, st.integers(0, 30), st.integers(1, 7))
def test_batches_are_the_rest_in_order(tokens: list[int], begin: int, size: int) -> None:
    found = batches(tokens, begin, size)
    assert [token for batch in found for token in batch] == tokens[begin:]
    assert all(len(batch) == size for batch in found[:-1])
    assert all(found)
