"""PNG files as tests need them: any filter, any size, good and bad."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(
    width: int,
    height: int,
    pixels: bytes,
    *,
    colour: int = 2,
    filters: Sequence[int] = (0,),
    palette: bytes = b"",
    packed: bytes | None = None,
    depth: int = 8,
    interlaced: int = 0,
) -> bytes:
    """A picture with these bytes; row ``n`` is filtered by ``filters[n % len(filters)]``."""
    length, step = width * CHANNELS[colour], CHANNELS[colour]
    rows, above = [], bytes(length)
    for at in range(height if packed is None else 0):
        line = pixels[at * length : (at + 1) * length]
        kind = filters[at % len(filters)]
        rows.append(bytes([kind]) + _filtered(kind, line, above, step))
        above = line
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    parts = [chunk(b"IHDR", head)]
    if palette:
        parts.append(chunk(b"PLTE", palette))
    body = zlib.compress(b"".join(rows)) if packed is None else packed
    parts += [chunk(b"IDAT", body[:50]), chunk(b"IDAT", body[50:]), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _filtered(kind: int, line: bytes, above: bytes, step: int) -> bytes:
    if kind == 0:
        return line
    out = []
    for at, value in enumerate(line):
        left = line[at - step] if at >= step else 0
        corner = above[at - step] if at >= step else 0
        up = above[at]
        guess = left + up - corner
        paeth = min((left, up, corner), key=lambda one: abs(guess - one))
        out.append((value - (0, left, up, (left + up) // 2, paeth)[kind]) & 255)
    return bytes(out)
