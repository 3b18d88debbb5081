"""MXFP4, the format of gpt-oss's experts: blocks of 32 four-bit floats under one power of two.

A block takes 17 bytes: the scale (E8M0: the exponent plus 127), then 16 bytes of nibbles in which
element i (low) and element i + 16 (high) share a byte. Knows numbers only, not the model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCK = 32
LEVELS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
"""Magnitudes of the eight codes without the sign bit (E2M1)."""


def pack(weights: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Quantise along the last dimension (a multiple of 32); (..., n) to (..., n / 32 * 17) bytes.

    The scale puts a block's largest magnitude between 4 and 8 steps; what passes 6 is cut to 6.
    """
    blocks = weights.astype(np.float32).reshape(-1, BLOCK)
    exponent = np.floor(np.log2(np.abs(blocks).max(1, keepdims=True) + 1e-30)) - 2
    exponent = np.clip(exponent, -126, 127)
    scaled = blocks / np.exp2(exponent)
    levels = np.asarray(LEVELS, np.float32)
    codes = np.searchsorted((levels[1:] + levels[:-1]) / 2, np.abs(scaled)).astype(np.uint8)
    codes |= (scaled < 0).astype(np.uint8) << 3
    nibbles = codes[:, :16] | (codes[:, 16:] << 4)
    scale = (exponent + 127).astype(np.uint8)
    return np.concatenate((scale, nibbles), axis=1).reshape(*weights.shape[:-1], -1)


def unpack(data: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The numbers that ``pack``'s bytes stand for."""
    blocks = data.reshape(-1, 17)
    nibbles = np.concatenate((blocks[:, 1:] & 15, blocks[:, 1:] >> 4), axis=1)
    values = np.asarray(LEVELS, np.float32)[nibbles & 7] * np.where(nibbles & 8, -1, 1)
    scaled = values * np.exp2(blocks[:, :1].astype(np.float32) - 127)
    result: NDArray[np.float32] = scaled.astype(np.float32).reshape(*data.shape[:-1], -1)
    return result
