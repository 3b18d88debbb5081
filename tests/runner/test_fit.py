"""Whether a model fits, as arithmetic over a header."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pytest

from chat_tui.errors import LoadError
from chat_tui.models.gguf import GGUF
from chat_tui.models.gpt_oss import ModelFile, Shape
from chat_tui.runner.fit import RESERVE, choose_context, gpu_layers

GB = 1_000_000_000
HEADER = GGUF(Path("gpt-oss-20b.gguf"), 3, MappingProxyType({}), (), 32, 0, 12_100_000_000)
MODEL = ModelFile((HEADER,), Shape(24, 2880, 64, 8, 64, 32, 4, 2880, 128, 131_072), "gpt-oss-20b")


def test_plenty_of_memory_or_an_unknown_amount_gives_the_whole_context() -> None:
    assert choose_context(MODEL, None, 64 * GB) == 131_072
    assert choose_context(MODEL, None, None) == 131_072
    assert choose_context(MODEL, 8192, None) == 8192


def test_less_memory_gives_the_largest_context_that_fits() -> None:
    memory = 14 * GB
    context = choose_context(MODEL, None, memory)
    assert 4096 < context < 131_072
    assert MODEL.size + MODEL.shape.kv_bytes(context) + RESERVE <= memory
    assert MODEL.size + MODEL.shape.kv_bytes(context + 256) + RESERVE > memory
    assert choose_context(MODEL, context, memory) == context


def test_a_wish_that_does_not_fit_is_told_what_would() -> None:
    context = choose_context(MODEL, None, 14 * GB)
    with pytest.raises(LoadError, match=r"needs 15\.\d GB of memory; 14\.0 GB are free") as caught:
        choose_context(MODEL, 131_072, 14 * GB)
    assert f"{context:,}" in caught.value.hint


def test_a_model_that_does_not_fit_at_all_says_so() -> None:
    with pytest.raises(LoadError, match=r"8\.0 GB are free") as caught:
        choose_context(MODEL, None, 8 * GB)
    assert "smaller model" in caught.value.hint


@pytest.mark.parametrize("wanted", [131_073, 0, -1])
def test_a_context_that_the_model_was_not_trained_for_is_refused(wanted: int) -> None:
    with pytest.raises(LoadError, match="131,072"):
        choose_context(MODEL, wanted, 64 * GB)


def test_layers_go_to_a_gpu_as_far_as_they_fit() -> None:
    assert gpu_layers(MODEL, 8192, 24 * GB, None) == 25
    assert gpu_layers(MODEL, 8192, None, None) == 25
    assert 0 < gpu_layers(MODEL, 8192, 6 * GB, None) < 25
    assert gpu_layers(MODEL, 8192, 0, None) == 0
    assert gpu_layers(MODEL, 8192, 24 * GB, 3) == 3
    assert gpu_layers(MODEL, 8192, 24 * GB, 99) == 25
