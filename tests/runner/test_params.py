"""What llama.cpp is told beside the file's name changes where things lie, not what is answered."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest

from chat_tui.errors import EngineError
from chat_tui.runner import bare
from chat_tui.runner.flag import Flag
from chat_tui.runner.llama import Llama
from tests.gguf_factory import VOCABULARY_SIZE, shared_model

WORDS = [random.Random(2).randrange(199_998) for _ in range(200)]


def logits(path: Path, **placing: Any) -> tuple[list[float], str]:
    """What a model says after some words, every 500th token of it, and the whole log."""
    lines: list[str] = []
    llama = Llama(Flag(), lambda _line: None)
    everything = llama.lib.llama_log_callback(lambda _level, text, _: lines.append(text.decode()))
    llama.lib.llama_log_set(everything, None)
    llama.load(
        str(path), context=512, threads=1, gpu_layers=0, progress=lambda _fraction: None, **placing
    )
    llama.decode(WORDS)
    found = llama.lib.llama_get_logits_ith(llama.ctx, -1)
    values = [found[token] for token in range(0, VOCABULARY_SIZE, 500)]
    llama.close()  # takes the callback back
    return values, "".join(lines)


@pytest.fixture(scope="module")
def path(models: Path) -> Path:
    return shared_model(models, layers=4)


@pytest.fixture(scope="module")
def plain(path: Path) -> list[float]:
    return logits(path)[0]


def distance(some: list[float], others: list[float]) -> float:
    """Mean; the logits have a standard deviation of 3, and other kernels make 0.04."""
    return sum(abs(one - other) for one, other in zip(some, others, strict=True)) / len(some)


def test_experts_in_main_memory_answer_the_same(path: Path, plain: list[float]) -> None:
    for layers in ((1, 3), range(4)):
        values, log = logits(path, cpu_experts=layers)
        assert distance(values, plain) < 0.12
        moved = set(re.findall(r"tensor (blk\S+) .* buffer type overridden to CPU", log))
        assert moved == {
            f"blk.{layer}.ffn_{part}_exps.{kind}"
            for layer in layers
            for part in ("gate", "up", "down")
            for kind in ("weight", "bias")
        }


def test_both_kinds_of_attention_answer_the_same(path: Path, plain: list[float]) -> None:
    for flash in (True, False):
        values, log = logits(path, flash=flash)
        assert distance(values, plain) < 0.12
        assert f"flash_attn            = {'enabled' if flash else 'disabled'}" in log


def test_every_token_of_the_vocabulary_can_be_read_and_written(path: Path) -> None:
    llama = Llama(Flag(), lambda _line: None)
    llama.load(str(path), context=512, threads=1, gpu_layers=0, progress=lambda _fraction: None)
    llama.decode([0, VOCABULARY_SIZE - 1])
    last = llama.lib.llama_get_logits_ith(llama.ctx, -1)[VOCABULARY_SIZE - 1]
    llama.close()
    assert last != 0


def test_the_bare_loop_leaves_an_empty_cache_and_refuses_what_has_no_room(path: Path) -> None:
    llama = Llama(Flag(), lambda _line: None)
    llama.load(str(path), context=512, threads=1, gpu_layers=0, progress=lambda _fraction: None)
    llama.decode(WORDS[:50])
    taken = bare.measure(llama, WORDS, 8)
    assert (taken.prompt_tokens, taken.tokens) == (200, 8)
    assert taken.prompt_seconds > 0
    assert taken.decode_seconds > 0
    assert llama.tokens == []
    assert llama.floor == 0
    with pytest.raises(EngineError, match="too small"):
        bare.measure(llama, WORDS, 400)
    llama.close()
