"""What to keep of a cache, as arithmetic."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chat_tui.runner.cache import (
    GAIN,
    Held,
    Plan,
    Source,
    batches,
    beginnings,
    common_prefix,
    digests,
    lowest_needed,
    plan,
    superfluous,
    worth_a_stop,
)

TOKENS = st.lists(st.integers(0, 2), max_size=30)
LONG = list(range(1000))


def live(
    cached: list[int],
    wanted: list[int],
    *,
    window: int,
    floor: int,
    snapshots: tuple[int, ...] = (),
) -> Plan:
    return plan(wanted, [Source(cached, floor)], window, snapshots)


def test_a_prompt_that_goes_on_keeps_everything_however_little_the_window_remembers() -> None:
    assert live([1, 2, 3], [1, 2, 3, 4, 5], window=2, floor=3) == Plan(3, 2)


def test_the_same_prompt_again_evaluates_its_last_token() -> None:
    assert live([1, 2, 3], [1, 2, 3], window=8, floor=0) == Plan(2, 1)


def test_another_beginning_keeps_nothing() -> None:
    assert live([1, 2, 3], [9, 2, 3], window=8, floor=0) == Plan(0, 3)


def test_a_cut_within_what_the_window_still_holds_is_made() -> None:
    assert live(LONG, [*LONG[:60], -1], window=20, floor=41) == Plan(60, 1)


def test_a_cut_behind_it_takes_the_last_snapshot_before_it() -> None:
    wanted = [*LONG[:60], -1]
    assert live(LONG, wanted, window=20, floor=42) == Plan(0, 61)
    made = live(LONG, wanted, window=20, floor=42, snapshots=(10, 50, 61))
    assert made == Plan(50, 11, snapshot=50)


def test_a_prompt_that_ends_at_a_snapshot_evaluates_its_last_token() -> None:
    made = live(LONG, LONG[:500], window=20, floor=900, snapshots=(500,))
    assert made == Plan(499, 1, snapshot=500)


def test_a_saved_state_is_loaded_where_it_spares_enough() -> None:
    here, saved = Source([9], 0), Source(LONG[:500], 480)
    wanted = [*LONG[:500], -1]
    assert plan(wanted, [here, saved], 20) == Plan(500, 1, source=1)
    close = Source(LONG[: 500 - GAIN], 0)
    assert plan(wanted, [close, saved], 20) == Plan(500 - GAIN, 1 + GAIN)


def test_a_snapshot_serves_a_saved_state_that_holds_the_tokens_before_it() -> None:
    wanted = [*LONG[:300], -1]
    made = plan(wanted, [Source([9], 0), Source(LONG, 980)], 20, (200, 300))
    assert made == Plan(300, 1, source=1, snapshot=300)


@given(
    TOKENS, TOKENS.filter(bool), st.integers(1, 10), st.integers(0, 30), st.sets(st.integers(1, 30))
)
def test_a_plan_keeps_only_what_is_true_and_what_the_window_remembers(
    cached: list[int], wanted: list[int], window: int, floor: int, snapshots: set[int]
) -> None:
    made = live(cached, wanted, window=window, floor=floor, snapshots=tuple(snapshots))
    assert made.evaluate >= 1
    assert made.keep + made.evaluate == len(wanted)
    assert cached[: made.keep] == wanted[: made.keep]
    if made.snapshot is None:
        grows = made.keep in (0, len(cached))
        assert grows or floor <= lowest_needed(made.keep, window)
    else:
        assert made.snapshot in snapshots
        assert cached[: made.snapshot] == wanted[: made.snapshot]
        assert 0 <= made.snapshot - made.keep <= 1


@given(TOKENS, TOKENS, st.sets(st.integers(1, 30)))
def test_a_further_snapshot_never_makes_it_dearer(
    cached: list[int], tail: list[int], snapshots: set[int]
) -> None:
    wanted = [*cached[:20], *tail, 0]
    plans = [
        live(cached, wanted, window=2, floor=29, snapshots=some) for some in ((), tuple(snapshots))
    ]
    assert plans[1].evaluate <= plans[0].evaluate


@given(TOKENS, TOKENS)
def test_the_common_prefix_is_common_and_cannot_be_longer(
    left: list[int], right: list[int]
) -> None:
    shared = common_prefix(left, right)
    assert left[:shared] == right[:shared]
    assert left[shared : shared + 1] != right[shared : shared + 1] or shared == len(left)


@given(st.integers(0, 5000), st.integers(1, 100))
def test_the_common_prefix_of_long_lists(shared: int, more: int) -> None:
    left = list(range(shared + more))
    assert common_prefix(left, [*left[:shared], -1, *left[shared:]]) == shared
    assert common_prefix(left, left) == len(left)


@given(TOKENS, TOKENS, st.sets(st.integers(0, 40)))
def test_equal_beginnings_have_equal_digests_and_others_have_others(
    left: list[int], right: list[int], positions: set[int]
) -> None:
    ours, theirs = digests(left, positions), digests(right, positions)
    assert set(ours) == {at for at in positions if at <= len(left)}
    for at in set(ours) & set(theirs):
        assert (ours[at] == theirs[at]) == (left[:at] == right[:at])


@given(TOKENS, st.integers(0, 30), st.integers(1, 7), st.sets(st.integers(0, 30)))
def test_batches_are_the_rest_in_order_and_end_at_each_stop(
    tokens: list[int], begin: int, size: int, stops: set[int]
) -> None:
    inside = sorted(at for at in stops if begin < at < len(tokens))
    found = batches(tokens, begin, size, inside)
    assert [token for batch in found for token in batch] == tokens[begin:]
    assert all(0 < len(batch) <= size for batch in found)
    ends, at = set(), begin
    for batch in found:
        at += len(batch)
        ends.add(at)
    assert set(inside) <= ends


def test_messages_of_users_are_found_by_their_first_tokens() -> None:
    assert beginnings([7, 1, 5, 7, 7, 1, 9, 7], [7, 1]) == [0, 4]
    assert beginnings([], [7, 1]) == []


def test_a_long_history_is_not_read_in_crumbs() -> None:
    assert worth_a_stop([10, 20, 300, 310, 900, 950], 0, 1000, 256) == [300, 950]
    assert worth_a_stop([10, 20], 10, 20, 256) == []
    assert worth_a_stop([10, 20], 5, 30, 256) == [20]


def held(*positions: int, size: int = 1, current: bool = True) -> list[Held]:
    return [Held(at, size, used, current) for used, at in enumerate(positions)]


def test_what_lies_on_a_branch_that_was_left_goes_first() -> None:
    snapshots = [*held(100, 200, current=False), Held(50, 1, 7, True), Held(300, 1, 8, True)]
    assert superfluous(snapshots, 2, 10) == [0, 1]


def test_what_remains_is_close_together_only_near_the_end() -> None:
    positions = list(range(100, 10_001, 100))
    dropped = superfluous(held(*positions), 12, 1000)
    left = [at for number, at in enumerate(positions) if number not in dropped]
    assert len(left) == 12
    assert left[-3:] == positions[-3:]
    distances = [10_000 - at for at in left]
    # Going back anywhere costs at most about as much again as the way from there to the end.
    gaps = [after - before for before, after in zip((0, *left), left, strict=False)]
    assert all(gap <= 1.5 * distance + 300 for gap, distance in zip(gaps, distances, strict=True))


@given(
    st.lists(
        st.builds(Held, st.integers(1, 99), st.integers(1, 9), st.integers(0, 99), st.booleans()),
        max_size=20,
    ),
    st.integers(0, 10),
    st.integers(0, 50),
)
def test_the_limits_are_kept_and_the_latest_stays(
    snapshots: list[Held], count: int, size: int
) -> None:
    dropped = superfluous(snapshots, count, size)
    left = [one for at, one in enumerate(snapshots) if at not in dropped]
    assert len(dropped) == len(set(dropped))
    assert len(left) <= count
    assert sum(one.size for one in left) <= size
    if count and snapshots and size >= 9:
        assert max(one.used for one in snapshots) == max(one.used for one in left)
    if dropped and (last := snapshots[dropped[-1]]):  # no more than was needed
        again = [*left, last]
        assert len(again) > count or sum(one.size for one in again) > size
