"""The KV cache holds what its token list says, after cuts, stops and failures."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from chat_tui.errors import LoadError
from chat_tui.runner import cache
from chat_tui.runner.flag import Flag
from chat_tui.runner.llama import BATCH, Aborted, Llama
from tests.gguf_factory import shared_model
from tests.runner.conftest import WINDOW

WORDS = [random.Random(1).randrange(199_998) for _ in range(3000)]
SOME = range(0, 199_998, 997)
"""The logits that are compared."""


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


def read(llama: Llama, wanted: Sequence[int]) -> tuple[int, list[float]]:
    """Evaluate as a generation does; how many tokens were kept, and some logits."""
    plan = cache.plan(wanted, [cache.Source(llama.tokens, llama.floor)], WINDOW)
    kept = plan.keep if llama.keep(plan.keep) else 0
    for piece in cache.batches(wanted, kept, BATCH):
        llama.decode(piece)
    assert llama.tokens == list(wanted)
    logits = llama.lib.llama_get_logits_ith(llama.ctx, -1)
    return kept, [logits[token] for token in SOME]


def fresh(llama: Llama, wanted: Sequence[int], last: int = 0) -> list[float]:
    """The logits after reading everything anew, the last few tokens in a batch of their own."""
    llama.keep(0)
    if last:
        read(llama, wanted[:-last])
    return read(llama, wanted)[1]


def difference(some: list[float], others: list[float]) -> float:
    """Mean distance of logits, whose standard deviation is 3.

    Other batch sizes take other kernels, which makes 0.04; half a window forgotten makes 0.3.
    """
    return sum(abs(one - other) for one, other in zip(some, others, strict=True)) / len(some)


def test_a_conversation_that_grows_and_is_cut_back_is_as_good_as_one_read_anew(
    llama: Llama,
) -> None:
    chance = random.Random(5)
    llama.keep(0)
    kept_some = refused = 0
    wanted: list[int] = []
    for _ in range(30):
        cut = chance.choice([0, 1, 5, 60, 200, 500, 900])
        grow = chance.choice([1, 3, 40, 300, 700])
        wanted = (wanted[: max(0, len(wanted) - cut)] + chance.sample(WORDS, grow))[:3500]
        before = len(llama.tokens)
        kept, logits = read(llama, wanted)
        kept_some += 0 < kept < before
        refused += before > 0 == kept and cut > 0
        state = list(llama.tokens)
        # A second context would be cleaner and would double the test's time: so read anew.
        if chance.random() < 0.3:
            assert difference(logits, fresh(llama, state)) < 0.12
    assert kept_some > 2
    assert refused > 1


def test_the_cache_is_cut_as_far_back_as_the_window_allows_and_no_further(llama: Llama) -> None:
    fresh(llama, WORDS[:2000])
    floor = llama.floor
    assert floor > 0
    deepest = [*WORDS[: floor + WINDOW - 1], 7]
    kept, logits = read(llama, deepest)
    assert kept == floor + WINDOW - 1
    assert logits == pytest.approx(fresh(llama, deepest, last=1), abs=0.01)
    fresh(llama, WORDS[:2000])
    assert read(llama, [*WORDS[: floor + WINDOW - 2], 7])[0] == 0


def evaluate_for_ever(llama: Llama) -> None:
    while True:
        llama.keep(100)
        llama.decode(WORDS[100 : 100 + BATCH])


def test_a_stop_inside_an_evaluation_leaves_a_true_cache(models: Path, llama: Llama) -> None:
    flag = Flag()
    stopped = Llama(flag, lambda _line: None)
    stopped.load(
        str(shared_model(models)),
        context=4096,
        threads=1,
        gpu_layers=0,
        progress=lambda _fraction: None,
    )
    stopped.decode(WORDS[:100])
    timer = threading.Timer(0.03, flag.set)
    timer.start()
    with pytest.raises(Aborted):
        evaluate_for_ever(stopped)
    timer.join()
    assert stopped.tokens == WORDS[:100]
    flag.clear()
    kept, logits = read(stopped, WORDS[:150])
    stopped.close()
    assert kept == 100
    assert logits == pytest.approx(fresh(llama, WORDS[:150], last=50), abs=0.01)


def test_a_flag_that_is_set_ends_an_evaluation_before_it_is_whole(llama: Llama) -> None:
    llama.keep(0)
    llama.decode(WORDS[:10])
    llama._stop.set()
    with pytest.raises(Aborted):
        llama.decode(WORDS[10:200])
    llama._stop.clear()
    assert llama.tokens == WORDS[:10]


def test_a_file_that_llama_cpp_refuses_is_a_load_error_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(b"GGUF" + bytes(100))
    refused = Llama(Flag(), lambda _line: None)
    with pytest.raises(LoadError, match=r"could not load the model: \w+"):
        refused.load(
            str(path), context=64, threads=1, gpu_layers=0, progress=lambda _fraction: None
        )
    refused.close()


def test_a_stop_while_loading_ends_the_load(models: Path) -> None:
    flag = Flag()
    llama = Llama(flag, lambda _line: None)
    heard: list[float] = []

    def progress(fraction: float) -> None:
        heard.append(fraction)
        flag.set()

    with pytest.raises(LoadError):
        llama.load(
            str(shared_model(models)), context=64, threads=1, gpu_layers=0, progress=progress
        )
    assert heard
    llama.close()


def test_a_machine_without_a_gpu_build_has_no_devices(llama: Llama) -> None:
    if not llama.lib.llama_supports_gpu_offload():
        assert llama.devices() == []
    else:
        assert all(device.name and device.free > 0 for device in llama.devices())
