"""What reaches llama.cpp is a whole, consistent gpt-oss model; anything else gets a sentence."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chat_tui.errors import ModelFileError, VocabularyError
from chat_tui.models.gguf import GGUF
from chat_tui.models.gpt_oss import Shape, check_gpt_oss
from tests.gguf_factory import (
    TINY,
    Raw,
    int_list,
    shared_model,
    string_list,
    value,
    vocabulary,
    write_gguf,
    write_model,
    write_split_model,
)

GPT_OSS_20B = Shape(24, 2880, 64, 8, 64, 32, 4, 2880, 128, 131_072)


@pytest.fixture
def model(models: Path) -> Path:
    return shared_model(models, **TINY)


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Writes a model with something wrong; 14 MB that no test has to leave behind."""
    path = tmp_path / "broken.gguf"
    yield lambda **changes: write_model(path, **{**TINY, **changes})
    path.unlink(missing_ok=True)


def test_a_model_is_described(model: Path) -> None:
    found = check_gpt_oss(model)
    assert found.shape == Shape(1, 32, 1, 1, 32, 2, 2, 32, 128, 131_072)
    assert found.size == model.stat().st_size
    assert found.name == "random 1x32"
    assert isinstance(found.header, GGUF)


def test_kv_cache_of_gpt_oss_20b_is_24_kib_a_token_and_the_windows() -> None:
    window = 12 * 2048 * 768  # 128 and a batch of 512, rounded up to 768 cells
    assert GPT_OSS_20B.kv_bytes(131_072) == 131_072 * 24 * 1024 + window
    assert GPT_OSS_20B.kv_bytes(100) == 24 * 2048 * 100


@pytest.mark.parametrize(
    ("key", "content"),
    [
        ("block_count", 100_000),
        ("block_count", 2),
        ("block_count", 0),
        ("block_count", None),
        ("block_count", "24"),
        ("block_count", True),
        ("block_count", Raw(struct.pack("<IIQI", 9, 4, 1, 1))),
        ("embedding_length", 64),
        ("context_length", 0),
        ("attention.head_count", 0),
        ("attention.head_count", 3),
        ("attention.head_count_kv", 0),
        ("attention.head_count_kv", 9),
        ("attention.key_length", 31),
        ("attention.key_length", 1 << 31),
        ("attention.value_length", 16),
        ("attention.sliding_window", 0),
        ("attention.layer_norm_rms_epsilon", -1.0),
        ("attention.layer_norm_rms_epsilon", value("f32", float("nan"))),
        ("attention.layer_norm_rms_epsilon", None),
        ("expert_count", 100_000),
        ("expert_count", 0),
        ("expert_used_count", 3),
        ("expert_used_count", 0),
        ("expert_feed_forward_length", 64),
        ("expert_group_count", 5),
        ("nextn_predict_layers", 9),
        ("pooling_type", 4),
        ("rope.dimension_count", 16),
        ("rope.freq_base", 0.0),
        ("rope.scaling.type", "magic"),
        ("rope.scaling.factor", value("f32", float("inf"))),
    ],
)
def test_hyperparameters_that_would_abort_llama_cpp_are_refused(
    broken: Callable[..., Path], key: str, content: Any
) -> None:
    with pytest.raises(ModelFileError) as caught:
        check_gpt_oss(broken(metadata={f"gpt-oss.{key}": content}))
    assert caught.value.hint


@pytest.mark.parametrize(
    ("key", "content"),
    [
        ("tokens", None),
        ("tokens", string_list(["a", "b"])),
        ("tokens", int_list(np.zeros(201_088))),
        ("tokens", string_list(["same"] * 201_088)),
        ("token_type", int_list(np.ones(5))),
        ("merges", None),
        ("model", "llama"),
    ],
)
def test_a_vocabulary_that_llama_cpp_would_stumble_over_is_refused(
    broken: Callable[..., Path], key: str, content: Any
) -> None:
    with pytest.raises(VocabularyError) as caught:
        check_gpt_oss(broken(metadata={f"tokenizer.ggml.{key}": content}))
    assert caught.value.hint


def test_the_size_of_another_vocabulary_is_named(broken: Callable[..., Path]) -> None:
    words = string_list(vocabulary()[:-1])
    with pytest.raises(VocabularyError, match="201,087 tokens instead of 201,088"):
        check_gpt_oss(broken(metadata={"tokenizer.ggml.tokens": words}))


def test_another_architecture_is_named(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "x.gguf", {"general.architecture": "llama"}, {})
    with pytest.raises(ModelFileError, match="'llama'"):
        check_gpt_oss(path)
    with pytest.raises(ModelFileError, match="does not say"):
        check_gpt_oss(write_gguf(tmp_path / "y.gguf", {}, {}))


def test_a_lacking_tensor_is_named(broken: Callable[..., Path]) -> None:
    with pytest.raises(ModelFileError, match=r"blk\.0\.attn_sinks\.weight"):
        check_gpt_oss(broken(drop=lambda name: name.endswith("sinks.weight")))


def test_a_tensor_of_a_type_that_cannot_be_computed_with_is_refused(
    broken: Callable[..., Path],
) -> None:
    with pytest.raises(ModelFileError, match="no F32"):
        check_gpt_oss(broken(replace={"output_norm.weight": ((32,), "F16", bytes(64))}))
    extra = {"extra.weight": ((32,), "F32", bytes(128))}
    with pytest.raises(ModelFileError, match="has a tensor that gpt-oss has not"):
        check_gpt_oss(broken(replace=extra))


def test_a_cut_download_tells_how_much_is_there(model: Path, tmp_path: Path) -> None:
    whole = model.read_bytes()
    path = tmp_path / "cut.gguf"
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelFileError, match=f"{len(whole) // 2:,} of .* bytes are there"):
        check_gpt_oss(path)


def test_a_split_model_is_one_model(tmp_path: Path) -> None:
    parts = write_split_model(tmp_path, **TINY)
    found = check_gpt_oss(parts[0])
    assert [part.path for part in found.parts] == parts
    assert found.size == sum(part.stat().st_size for part in parts)


def test_a_split_model_with_a_part_missing_or_opened_at_the_wrong_end(tmp_path: Path) -> None:
    first, second = write_split_model(tmp_path, **TINY)
    with pytest.raises(ModelFileError) as caught:
        check_gpt_oss(second)
    assert first.name in caught.value.hint
    second.rename(tmp_path / "elsewhere.gguf")
    with pytest.raises(ModelFileError, match=r"m-00002-of-00002\.gguf is missing"):
        check_gpt_oss(first)
    first.rename(tmp_path / "renamed.gguf")
    with pytest.raises(ModelFileError, match="not named like one"):
        check_gpt_oss(tmp_path / "renamed.gguf")


def test_a_part_of_another_model_is_refused(tmp_path: Path) -> None:
    first, second = write_split_model(tmp_path, **TINY)
    write_gguf(second, {"split.no": 0, "split.count": 2}, {})
    with pytest.raises(ModelFileError, match="belongs to another model"):
        check_gpt_oss(first)
