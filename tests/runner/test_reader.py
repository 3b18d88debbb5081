"""Prompts get into the cache for as little as possible, and it is as if they were read anew."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from chat_tui.runner import cache
from chat_tui.runner.aside import Aside
from chat_tui.runner.flag import Flag
from chat_tui.runner.llama import BATCH, Aborted, Llama
from chat_tui.runner.reader import WORTH_SAVING, Limits, Reader
from tests.gguf_factory import shared_model
from tests.runner.conftest import WINDOW

TURN = (7, 8)
"""How a user's message begins here; no other message has these tokens."""
SOME = range(0, 199_998, 997)
CHANCE = random.Random(3)


def words(count: int) -> list[int]:
    return [CHANCE.randrange(100, 199_998) for _ in range(count)]


def turn(count: int) -> list[int]:
    return [*TURN, *words(count)]


@pytest.fixture(scope="module")
def llama(models: Path) -> Iterator[Llama]:
    loaded = Llama(Flag(), lambda _line: None)
    loaded.load(
        str(shared_model(models)),
        context=4096,
        threads=1,
        gpu_layers=0,
        progress=lambda _fraction: None,
    )
    yield loaded
    loaded.close()


@pytest.fixture
def reader(llama: Llama) -> Reader:
    llama.keep(0)
    return Reader(llama, WINDOW, TURN, aside=Aside(free=lambda: None))


def logits(llama: Llama) -> list[float]:
    found = llama.lib.llama_get_logits_ith(llama.ctx, -1)
    return [found[token] for token in SOME]


def anew(llama: Llama, wanted: Sequence[int], size: int = BATCH) -> list[float]:
    """The logits of a prompt that is read from its beginning."""
    llama.keep(0)
    for piece in cache.batches(wanted, 0, size):
        llama.decode(piece)
    return logits(llama)


def distance(some: list[float], others: list[float]) -> float:
    """Mean distance of logits, whose standard deviation is 3."""
    return sum(abs(one - other) for one, other in zip(some, others, strict=True)) / len(some)


def read(reader: Reader, wanted: Sequence[int]) -> int:
    """Evaluated tokens."""
    expected = reader.reusable(wanted)
    kept = reader.read(wanted, Flag())
    assert kept == expected
    return len(wanted) - kept


def write(llama: Llama, count: int) -> list[int]:
    """Let the model go on by so many tokens, one after the other."""
    written = words(count)
    for token in written:
        llama.decode([token])
    return written


def test_the_next_prompt_evaluates_the_answer_and_the_question(
    reader: Reader, llama: Llama
) -> None:
    first = [*words(300), *turn(700)]
    assert read(reader, first) == 1002
    write(llama, 400)
    answer, question = words(50), turn(20)
    assert read(reader, [*first, *answer, *question]) == 72
    ours = logits(llama)
    state = list(llama.tokens)
    noise = distance(anew(llama, state), anew(llama, state, 100))
    assert distance(ours, logits(llama)) <= 2 * noise + 0.02


def test_the_same_prompt_again_evaluates_one_token(reader: Reader, llama: Llama) -> None:
    first = [*words(300), *turn(700)]
    read(reader, first)
    write(llama, 400)
    assert read(reader, first) == 1


def test_an_edit_evaluates_from_that_message_on(reader: Reader, llama: Llama) -> None:
    told = words(100)
    places = []
    for _ in range(5):
        places.append(len(told))
        told += turn(100)
        read(reader, told)
        write(llama, 200)
        told += words(60)
    edited = [*told[: places[2]], *turn(30)]
    assert read(reader, edited) == 32


def test_a_branch_that_was_left_costs_only_what_is_new(reader: Reader, llama: Llama) -> None:
    low, high, talk = words(30), words(30), turn(900)
    read(reader, [*low, *talk])
    write(llama, 100)
    assert read(reader, [*high, *talk]) == 932
    talk += [*words(40), *turn(20)]
    assert read(reader, [*low, *talk]) == 62
    assert read(reader, [*high, *talk]) == 62
    ours, state = logits(llama), list(llama.tokens)
    noise = distance(anew(llama, state), anew(llama, state, 100))
    assert distance(ours, logits(llama)) <= 2 * noise + 0.02


def test_a_message_in_a_branch_that_was_left_can_be_edited(reader: Reader) -> None:
    low, high, talk = words(30), words(30), turn(400)
    read(reader, [*low, *talk])
    read(reader, [*low, *talk, *turn(500)])
    read(reader, [*high, *turn(300)])
    assert read(reader, [*low, *talk, *turn(9)]) == 11


def test_reading_is_stopped_between_two_batches_and_nothing_is_lost(
    reader: Reader, llama: Llama
) -> None:
    stop, wanted = Flag(), words(1000)
    with pytest.raises(Aborted):
        reader.read(wanted, stop, lambda done, _: stop.set() if done else None, size=64)
    assert llama.tokens == wanted[:64]
    assert read(reader, wanted) == 1000 - 64


def test_what_is_kept_is_bounded(llama: Llama, tmp_path: Path) -> None:
    llama.keep(0)
    read(Reader(llama, WINDOW, TURN), words(1000))
    one, all_ = len(llama.window() or ()), len(llama.state() or ())
    limits = Limits(snapshots=5, snapshot_bytes=4 * one, park_bytes=3 * all_)
    reader = Reader(
        llama, WINDOW, TURN, limits=limits, aside=Aside(tmp_path, free=lambda: 8 * all_)
    )
    llama.keep(0)
    for _ in range(12):
        told = words(40)
        for _ in range(4):
            told += turn(200)
            read(reader, told)
            assert reader.saved_bytes <= 4 * one + 2 * all_
    assert reader.saved_bytes > all_
    assert not list(tmp_path.iterdir())  # the files have no names
    reader.close()
    assert not reader.saved_bytes


def test_a_cache_that_was_emptied_by_others_is_read_anew(reader: Reader, llama: Llama) -> None:
    wanted = [*words(500), *turn(100)]
    read(reader, wanted)
    llama.keep(0)
    assert read(reader, wanted) == len(wanted)


def test_what_llama_cpp_refuses_costs_a_reading_and_no_truth(
    reader: Reader, llama: Llama, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = [*words(500), *turn(300)]
    read(reader, first)
    write(llama, 500)
    with monkeypatch.context() as patch:
        patch.setattr(llama.lib, "llama_state_seq_set_data_ext", lambda *_: 0)
        assert reader.read([*first, *turn(10)], Flag()) == 0
    assert distance(logits(llama), anew(llama, list(llama.tokens))) < 0.12


def test_small_things_are_not_parked(reader: Reader) -> None:
    for _ in range(3):
        read(reader, words(WORTH_SAVING - 1))
    assert not reader._parked
