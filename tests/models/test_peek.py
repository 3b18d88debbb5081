"""A quick look at hostile bytes ends in a value or in a sentence, and agrees with the full look."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.errors import ModelFileError
from chat_tui.models import ollama
from chat_tui.models.gguf import read_header
from chat_tui.models.peek import FIRST, peek
from chat_tui.models.transfer import Meter
from tests.gguf_factory import string_list, value, write_gguf


def small(folder: Path) -> Path:
    metadata = {
        "general.architecture": "gpt-oss",
        "general.name": "it",
        "split.no": value("u16", 1),
        "tokenizer.ggml.tokens": string_list(["a", "b"]),
        "later": 7,
    }
    return write_gguf(folder / "it.gguf", metadata, {"one": ((4,), "F32", bytes(16))})


@given(at=st.integers(0, 250), put=st.binary(min_size=1, max_size=12), cut=st.integers(0, 300))
@settings(max_examples=150, deadline=None)
def test_damage_ends_in_a_value_or_a_sentence(at: int, put: bytes, cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = small(Path(folder))
        content = bytearray(path.read_bytes())
        content[at : at + len(put)] = put
        path.write_bytes(content[: len(content) - cut])
        with contextlib.suppress(ModelFileError):
            seen = peek(path)
            assert seen.size == path.stat().st_size


@given(content=st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_any_manifest_is_a_model_or_has_a_reason(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        manifest = Path(folder) / "manifests" / "host" / "me" / "it" / "1"
        manifest.parent.mkdir(parents=True)
        manifest.write_bytes(content)
        for found in ollama.models(Path(folder)):
            assert isinstance(found, ollama.Unreadable)
            assert found.reason


def test_a_vocabulary_is_not_read(tmp_path: Path) -> None:
    words = string_list(f"word {at}" for at in range(FIRST // 8))
    metadata = {"general.architecture": "gpt-oss", "general.name": "it", "words": words}
    path = write_gguf(tmp_path / "it.gguf", metadata, {"one": ((4,), "F32", bytes(16))})
    seen = peek(path)
    assert (seen.architecture, seen.name, seen.later_part) == ("gpt-oss", "it", False)
    assert seen.size == read_header(path).size


def test_a_later_part_is_told(tmp_path: Path) -> None:
    assert peek(small(tmp_path)).later_part


def test_a_name_beyond_the_first_bytes_is_found_by_the_long_look(tmp_path: Path) -> None:
    words = string_list(f"word {at}" for at in range(FIRST // 8))
    metadata = {"words": words, "general.architecture": "gpt-oss"}
    path = write_gguf(tmp_path / "it.gguf", metadata, {"one": ((4,), "F32", bytes(16))})
    assert peek(path).architecture == "gpt-oss"
    content = path.read_bytes()
    path.write_bytes(content[: FIRST + 100])
    with pytest.raises(ModelFileError, match="middle of its header"):
        peek(path)


def test_the_speed_is_that_of_the_last_seconds() -> None:
    meter = Meter()
    assert meter.add(0.0, 0) == 0.0
    assert meter.add(1.0, 100) == pytest.approx(100)
    assert meter.add(2.0, 300) == pytest.approx(200)
    for second in range(3, 30):
        speed = meter.add(float(second), 1000)
    assert speed == pytest.approx(1000)
    meter.clear()
    assert meter.add(100.0, 5) == 0.0
