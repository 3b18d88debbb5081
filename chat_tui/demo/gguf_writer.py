"""The smallest writer of GGUF version 3 that a gpt-oss model needs.

Knows the container: a header, metadata, tensor infos, then aligned data. Nothing of the model.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

ALIGNMENT = 32
F32, F16, Q8_0, MXFP4 = 0, 1, 8, 39
"""ggml's numbers of the tensor types used here."""

_U32, _F32, _BOOL, _STRING, _ARRAY, _I32 = 4, 6, 7, 8, 9, 5

Value = bool | int | float | str | list[str] | list[int]


@dataclass(frozen=True, slots=True)
class Tensor:
    """Bytes of a tensor; ``shape`` is numpy's (ggml counts dimensions the other way round)."""

    name: str
    shape: tuple[int, ...]
    type: int
    data: bytes


def f32(name: str, array: NDArray[np.float32]) -> Tensor:
    """A tensor in single precision."""
    return Tensor(name, array.shape, F32, array.astype("<f4").tobytes())


def f16(name: str, array: NDArray[np.float32]) -> Tensor:
    """A tensor in half precision."""
    return Tensor(name, array.shape, F16, array.astype("<f2").tobytes())


def q8_0(name: str, array: NDArray[np.float32]) -> Tensor:
    """A tensor of blocks of 32: a half-precision scale and 32 signed bytes each."""
    blocks = array.reshape(-1, 32)
    scale = (np.abs(blocks).max(1, keepdims=True) / 127).astype("<f2")
    divisor = np.where(scale == 0, 1, scale.astype(np.float32))
    steps = np.clip(np.rint(blocks / divisor), -127, 127).astype(np.int8)
    packed = np.concatenate((scale.view(np.uint8), steps.view(np.uint8)), axis=1)
    return Tensor(name, array.shape, Q8_0, packed.tobytes())


def _text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def _value(value: Value) -> bytes:
    match value:
        case bool():
            return struct.pack("<I?", _BOOL, value)
        case int():
            return struct.pack("<II", _U32, value)
        case float():
            return struct.pack("<If", _F32, value)
        case str():
            return struct.pack("<I", _STRING) + _text(value)
    strings = [item for item in value if isinstance(item, str)]
    if strings:
        items = b"".join(map(_text, strings))
        return struct.pack("<IIQ", _ARRAY, _STRING, len(strings)) + items
    return struct.pack("<IIQ", _ARRAY, _I32, len(value)) + np.asarray(value, "<i4").tobytes()


def write(path: Path, metadata: dict[str, Value], tensors: list[Tensor]) -> None:
    """Write the file aside and rename it: whoever finds it finds it whole."""

    def padding(size: int) -> bytes:
        return b"\0" * (-size % ALIGNMENT)

    head = [b"GGUF", struct.pack("<IQQ", 3, len(tensors), len(metadata))]
    head += [_text(key) + _value(value) for key, value in metadata.items()]
    offset = 0
    for tensor in tensors:
        dims = tuple(reversed(tensor.shape))
        head.append(_text(tensor.name) + struct.pack(f"<I{len(dims)}Q", len(dims), *dims))
        head.append(struct.pack("<IQ", tensor.type, offset))
        offset += len(tensor.data) + len(padding(len(tensor.data)))
    start = b"".join(head)
    aside = path.with_suffix(".new")
    with aside.open("wb") as file:
        file.write(start + padding(len(start)))
        for tensor in tensors:
            file.write(tensor.data + padding(len(tensor.data)))
    aside.replace(path)
