"""The header of a GGUF file, read without trusting a single number in it.

Knows the container format (magic, metadata, tensor list, split files) and nothing of what a model
means by it: ``gpt_oss`` knows that. A file may come from a stranger, so every count and length is
held against the bytes that are really there before anything is read or kept, and any damage is a
``ModelFileError``, never another exception. Numbers are little-endian, as llama.cpp writes them.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from chat_tui.errors import ModelFileError
from chat_tui.language import _
from chat_tui.models.bounded import (
    AGAIN,
    ARRAY,
    DAMAGED,
    MAX_HEADER_BYTES,
    SCALARS,
    STRING,
    U32,
    U64,
    Array,
    BoundedReader,
    open_regular,
    reason,
)

MAX_KEYS = 4096
MAX_TENSORS = 65_536
MAX_NAME_BYTES = 65_535
MAX_DIMENSIONS = 4
MAX_ALIGNMENT = 1 << 20

Scalar = int | float | bool | str

TENSOR_TYPES: Mapping[int, tuple[str, int, int]] = MappingProxyType(
    {
        0: ("F32", 1, 4),
        1: ("F16", 1, 2),
        2: ("Q4_0", 32, 18),
        3: ("Q4_1", 32, 20),
        6: ("Q5_0", 32, 22),
        7: ("Q5_1", 32, 24),
        8: ("Q8_0", 32, 34),
        9: ("Q8_1", 32, 36),
        10: ("Q2_K", 256, 84),
        11: ("Q3_K", 256, 110),
        12: ("Q4_K", 256, 144),
        13: ("Q5_K", 256, 176),
        14: ("Q6_K", 256, 210),
        15: ("Q8_K", 256, 292),
        16: ("IQ2_XXS", 256, 66),
        17: ("IQ2_XS", 256, 74),
        18: ("IQ3_XXS", 256, 98),
        19: ("IQ1_S", 256, 50),
        20: ("IQ4_NL", 32, 18),
        21: ("IQ3_S", 256, 110),
        22: ("IQ2_S", 256, 82),
        23: ("IQ4_XS", 256, 136),
        24: ("I8", 1, 1),
        25: ("I16", 1, 2),
        26: ("I32", 1, 4),
        27: ("I64", 1, 8),
        28: ("F64", 1, 8),
        29: ("IQ1_M", 256, 56),
        30: ("BF16", 1, 2),
        34: ("TQ1_0", 256, 54),
        35: ("TQ2_0", 256, 66),
        39: ("MXFP4", 32, 17),
    }
)
"""ggml's type number → (name, elements a block, bytes a block)."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor: its extent in the data part of its file."""

    name: str
    shape: tuple[int, ...]
    """Fastest running dimension first, as ggml counts."""
    type: str
    offset: int
    """Bytes from the beginning of the file."""
    size: int


@dataclass(frozen=True, slots=True)
class GGUF:
    """What the header of one file says."""

    path: Path
    version: int
    metadata: Mapping[str, Scalar | Array] = field(repr=False)
    tensors: tuple[Tensor, ...] = field(repr=False)
    alignment: int
    data_offset: int
    size: int
    """Bytes of the file."""

    @property
    def architecture(self) -> str:
        """``gpt-oss`` for the models this program runs; empty where the file names none."""
        value = self.metadata.get("general.architecture")
        return value if isinstance(value, str) else ""

    @property
    def split_count(self) -> int:
        """How many files the model is in; 1 unless the header says otherwise."""
        value = self.metadata.get("split.count")
        return value if isinstance(value, int) and value > 1 else 1

    @property
    def missing_bytes(self) -> int:
        """How many bytes the tensors want beyond the file's end; 0 for a whole file."""
        return max(0, max((t.offset + t.size for t in self.tensors), default=0) - self.size)


def read_header(path: Path) -> GGUF:
    """Read and check the header of one file.

    Raises ModelFileError with a hint for a missing file, a folder, something that is no GGUF, and
    a header whose numbers do not fit the file. Tensors may reach beyond the end of the file here
    (``missing_bytes``), so that a caller can still say what the file wanted to be.
    """
    try:
        with open(path, "rb", buffering=0, opener=open_regular) as file:
            size = os.fstat(file.fileno()).st_size
            return _parse(path, BoundedReader(path, file, size), size)
    except (FileNotFoundError, NotADirectoryError):
        raise ModelFileError(
            _("There is no file {path}.").format(path=path), _("Check the path and its spelling.")
        ) from None
    except IsADirectoryError:
        raise ModelFileError(
            _("{path} is a folder, not a model file.").format(path=path),
            _("Name the .gguf file inside it."),
        ) from None
    except (OSError, ValueError) as error:
        raise ModelFileError(
            _("{path} cannot be read: {reason}.").format(path=path, reason=reason(error)),
            _("Check the file and its permissions."),
        ) from error


def strings(gguf: GGUF, key: str) -> list[str]:
    """The values of an array of strings, read from the file again.

    Raises ModelFileError where the key is absent, no array of strings, or no UTF-8.
    """
    array = gguf.metadata.get(key)
    if not isinstance(array, Array) or array.type != STRING:
        raise ModelFileError(
            _("{name} has no list {key}.").format(name=gguf.path.name, key=key), _(DAMAGED)
        )
    try:
        with gguf.path.open("rb") as file:
            file.seek(array.offset)
            data = file.read(array.size)
        found, at = [], 0
        for _each in range(array.count):
            begin = at + 8
            at = begin + U64.unpack_from(data, at)[0]
            if at > len(data):
                raise ModelFileError(
                    _("{name} changed while it was read.").format(name=gguf.path.name),
                    _("Try again."),
                )
            found.append(str(data[begin:at], "utf-8"))
    except UnicodeDecodeError as error:
        raise ModelFileError(
            _("{key} in {name} is no text.").format(key=key, name=gguf.path.name), _(DAMAGED)
        ) from error
    except (OSError, struct.error) as error:
        raise ModelFileError(
            _("{path} cannot be read: {reason}.").format(path=gguf.path, reason=reason(error)),
            _("Try again."),
        ) from error
    return found


def token_strings(gguf: GGUF) -> list[str]:
    """The vocabulary in the order of its ids, in GPT-2's byte-to-unicode alphabet."""
    return strings(gguf, "tokenizer.ggml.tokens")


def _parse(path: Path, source: BoundedReader, size: int) -> GGUF:
    check_magic(path, source, size)
    version = source.number(U32)
    if version not in (2, 3):
        raise ModelFileError(
            _("{name} is a GGUF of version {version}, which this program does not read.").format(
                name=path.name, version=version
            ),
            _("Use a file of version 2 or 3 for a little-endian machine."),
        )
    tensor_count, key_count = source.number(U64), source.number(U64)
    if tensor_count > MAX_TENSORS or key_count > MAX_KEYS:
        raise ModelFileError(
            _("{name} claims {tensor_count:,} tensors and {key_count:,} keys.").format(
                name=path.name, tensor_count=tensor_count, key_count=key_count
            ),
            _(DAMAGED),
        )
    metadata: dict[str, Scalar | Array] = {}
    for _each in range(key_count):
        key = source.text(MAX_NAME_BYTES)
        if key in metadata:
            raise ModelFileError(
                _("{name} has the key {key!r} twice.").format(name=path.name, key=key), _(DAMAGED)
            )
        metadata[key] = _value(source)
    alignment = metadata.get("general.alignment", 32)
    if not isinstance(alignment, int) or not 0 < alignment <= MAX_ALIGNMENT:
        raise ModelFileError(
            _("{name} has an impossible alignment.").format(name=path.name), _(DAMAGED)
        )
    if alignment & (alignment - 1):
        raise ModelFileError(
            _("{name} has an alignment that is no power of two.").format(name=path.name), _(DAMAGED)
        )
    raw = [_tensor(source) for _ in range(tensor_count)]
    if len({tensor.name for tensor in raw}) != len(raw):
        raise ModelFileError(
            _("{name} has two tensors of one name.").format(name=path.name), _(DAMAGED)
        )
    data_offset = -(-source.at // alignment) * alignment
    tensors = []
    for tensor in raw:
        if tensor.offset % alignment:
            raise ModelFileError(
                _("{name}: the tensor {tensor!r} lies askew.").format(
                    name=path.name, tensor=tensor.name
                ),
                _(DAMAGED),
            )
        at = data_offset + tensor.offset
        tensors.append(Tensor(tensor.name, tensor.shape, tensor.type, at, tensor.size))
    return GGUF(
        path, version, MappingProxyType(metadata), tuple(tensors), alignment, data_offset, size
    )


def _value(source: BoundedReader) -> Scalar | Array:
    kind = source.number(U32)
    if kind == STRING:
        return source.text(MAX_HEADER_BYTES)
    if kind == ARRAY:
        return source.array()
    if kind not in SCALARS:
        raise ModelFileError(
            _("{name} has a value of an unknown kind ({kind}).").format(
                name=source.name, kind=kind
            ),
            _(DAMAGED),
        )
    value: Scalar = source.scalar(SCALARS[kind])
    return value


def _tensor(source: BoundedReader) -> Tensor:
    """One entry of the tensor list; its offset still counts from the data part."""
    name = source.text(MAX_NAME_BYTES)
    dimensions = source.number(U32)
    if not 0 < dimensions <= MAX_DIMENSIONS:
        raise ModelFileError(
            _("{name}: {tensor!r} has {dimensions} dimensions.").format(
                name=source.name, tensor=name, dimensions=dimensions
            ),
            _(DAMAGED),
        )
    shape = tuple(source.number(U64) for _ in range(dimensions))
    kind = source.number(U32)
    if kind not in TENSOR_TYPES:
        raise ModelFileError(
            _("{name}: {tensor!r} is of a type ({kind}) this program does not know.").format(
                name=source.name, tensor=name, kind=kind
            ),
            _("Use a file in MXFP4, or a newer chat-tui."),
        )
    label, block, width = TENSOR_TYPES[kind]
    elements = 1
    for length in shape:
        elements *= length
    if not 0 < elements < 1 << 60 or shape[0] % block:
        raise ModelFileError(
            _("{name}: {tensor!r} has an impossible shape {shape}.").format(
                name=source.name, tensor=name, shape=shape
            ),
            _(DAMAGED),
        )
    offset = source.number(U64)
    if offset > 1 << 60:
        raise ModelFileError(
            _("{name}: {tensor!r} lies at an impossible place.").format(
                name=source.name, tensor=name
            ),
            _(DAMAGED),
        )
    return Tensor(name, shape, label, offset, elements // block * width)


def check_magic(path: Path, source: BoundedReader, size: int) -> None:
    """Say what the file is when it is no GGUF."""
    source.need(min(size, 512))
    start = bytes(source.data[:512])
    if start[:4] == b"GGUF" and size >= 24:
        source.at = 4
        return
    lowered = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not size:
        raise ModelFileError(_("{name} is empty.").format(name=path.name), _(AGAIN))
    if lowered.startswith((b"<!doctype html", b"<html", b"<head", b"<?xml")):
        raise ModelFileError(
            _("{name} is an HTML page, not a model.").format(name=path.name),
            _("The address led to a web page; use the file's direct download link."),
        )
    if lowered.startswith(b"version https://git-lfs"):
        raise ModelFileError(
            _("{name} is a Git LFS pointer, not the model itself.").format(name=path.name),
            _("Run `git lfs pull`."),
        )
    if start[:4] == b"GGUF"[: len(start)]:
        raise ModelFileError(
            _("{name} ends in the middle of its header.").format(name=path.name), _(AGAIN)
        )
    if start[8:9] == b"{" or start[:2] in (b"PK", b"\x80\x02"):
        raise ModelFileError(
            _("{name} is a model of another format.").format(name=path.name),
            _("This program reads GGUF files."),
        )
    raise ModelFileError(
        _("{name} is not a GGUF file.").format(name=path.name), _("This program reads GGUF files.")
    )
