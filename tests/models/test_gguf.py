"""A header is read whole or refused with a sentence, whatever the bytes are."""

from __future__ import annotations

import contextlib
import os
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat_tui.errors import ModelFileError
from chat_tui.models.bounded import Array
from chat_tui.models.gguf import read_header, strings
from tests.gguf_factory import Raw, string_list, value, write_gguf

METADATA: dict[str, Any] = {
    "general.architecture": "gpt-oss",
    "a.int": 7,
    "a.real": 0.5,
    "a.flag": True,
    "a.text": "ö",
    "a.words": string_list(["x", "", "<|end|>"]),
}
TENSORS = {
    "one": ((4,), "F32", bytes(16)),
    "two": ((32, 2, 3), "MXFP4", bytes(17 * 6)),
}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write_gguf(tmp_path / "small.gguf", METADATA, TENSORS)


def test_a_file_is_read_as_it_was_written(small: Path) -> None:
    header = read_header(small)
    assert header.architecture == "gpt-oss"
    assert header.metadata["a.int"] == 7
    assert header.metadata["a.real"] == 0.5
    assert header.metadata["a.flag"] is True
    assert header.metadata["a.text"] == "ö"
    assert isinstance(header.metadata["a.words"], Array)
    assert strings(header, "a.words") == ["x", "", "<|end|>"]
    one, two = header.tensors
    assert (one.name, one.shape, one.type, one.size) == ("one", (4,), "F32", 16)
    assert (two.shape, two.type, two.size) == ((32, 2, 3), "MXFP4", 102)
    assert one.offset % header.alignment == 0
    assert header.missing_bytes == 0
    assert header.split_count == 1


def test_a_file_without_its_end_says_how_much_is_missing(small: Path) -> None:
    small.write_bytes(small.read_bytes()[:-40])
    header = read_header(small)
    # The last tensor is padded to 128 bytes of which 102 count.
    assert header.missing_bytes == 40 - 26


@pytest.mark.parametrize("length", [*range(40), 60, 100, 200, 300])
def test_a_header_without_its_end_is_refused(small: Path, length: int) -> None:
    whole = small.read_bytes()
    assert length < read_header(small).data_offset
    small.write_bytes(whole[:length])
    with pytest.raises(ModelFileError) as caught:
        read_header(small)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<!DOCTYPE html><html><body>Sign in", "HTML"),
        (b"\n\n<html lang=en>", "HTML"),
        (b"", "empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "LFS"),
        (struct.pack("<Q", 100) + b'{"__metadata__":{}}' + bytes(30), "format"),
        (b"PK\x03\x04" + bytes(40), "format"),
        (b"hello world, this is a text file", "not a GGUF"),
        (b"GGUF" + struct.pack(">IQQ", 3, 1, 1), "version"),
        (b"GGUF" + struct.pack("<IQQ", 1, 1, 1), "version"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1 << 62, 1), "tensors"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 1 << 62), "keys"),
    ],
)
def test_what_is_no_model_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=words):
        read_header(path)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="There is no file"):
        read_header(tmp_path / "no.gguf")
    with pytest.raises(ModelFileError, match="There is no file"):
        read_header(Path(__file__) / "no.gguf")
    with pytest.raises(ModelFileError, match="is a folder"):
        read_header(tmp_path)
    with pytest.raises(ModelFileError, match="cannot be read"):
        read_header(tmp_path / "a\0b")


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gguf")
    with pytest.raises(ModelFileError, match="no plain file"):
        read_header(tmp_path / "pipe.gguf")


@pytest.mark.parametrize(
    "content",
    [
        Raw(struct.pack("<IIQ", 9, 8, 1 << 61)),  # a list of that many strings
        Raw(struct.pack("<IIQ", 9, 5, 1 << 40)),  # of that many numbers
        Raw(struct.pack("<IIQ", 9, 9, 1)),  # of lists
        Raw(struct.pack("<IIQQ", 9, 8, 1, 1 << 63)),  # a string of that length in a list
        Raw(struct.pack("<IQ", 8, 1 << 63)),  # a string of that length
        Raw(struct.pack("<IQ", 8, 2) + b"\xff\xff"),  # no text
        Raw(struct.pack("<I", 77)),  # of no known kind
        value("u32", 33),  # as alignment: no power of two
    ],
)
def test_an_impossible_value_is_refused(tmp_path: Path, content: Raw) -> None:
    path = write_gguf(tmp_path / "x.gguf", {"general.alignment": content}, TENSORS)
    with pytest.raises(ModelFileError):
        read_header(path)


@pytest.mark.parametrize("shape", [(0,), (3, 1 << 62), (1 << 63, 1 << 63), (1, 2, 3, 4, 5), ()])
def test_an_impossible_tensor_is_refused(tmp_path: Path, shape: tuple[int, ...]) -> None:
    path = write_gguf(tmp_path / "x.gguf", {}, {"t": (shape, "F32", b"")})
    with pytest.raises(ModelFileError):
        read_header(path)


def test_a_row_that_is_no_whole_number_of_blocks_is_refused(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "x.gguf", {}, {"t": ((33, 2), "Q8_0", b"")})
    with pytest.raises(ModelFileError, match="impossible shape"):
        read_header(path)


def test_a_list_that_was_changed_or_is_none_is_refused(small: Path) -> None:
    header = read_header(small)
    with pytest.raises(ModelFileError):
        strings(header, "a.int")
    with pytest.raises(ModelFileError):
        strings(header, "absent")
    small.write_bytes(b"\xff" * header.size)
    with pytest.raises(ModelFileError):
        strings(header, "a.words")
    small.unlink()
    with pytest.raises(ModelFileError):
        strings(header, "a.words")


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_change_of_any_bytes_gives_a_header_or_a_model_file_error(
    small: Path, tmp_path: Path, data: st.DataObject
) -> None:
    content = bytearray(small.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        new = data.draw(
            st.binary(min_size=1, max_size=8)
            | st.sampled_from([b"\xff" * 8, bytes(8), struct.pack("<Q", 1 << 63), b"\xff" * 4])
        )
        content[at : at + len(new)] = new
    path = tmp_path / "fuzzed.gguf"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    with contextlib.suppress(ModelFileError):
        header = read_header(path)
        assert all(tensor.size > 0 for tensor in header.tensors)
        assert all(len(word) < len(content) for word in strings(header, "a.words"))
