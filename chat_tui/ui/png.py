"""A PNG picture, made small enough for a terminal's cells.

Knows the format as plots have it (8 bits a channel, not interlaced) and nothing of widgets. The
picture is a hostile file, so it is read in Python, a row at a time: no more is unpacked than its
stated size, and that is bounded, as is the time. Whatever is not read is NotShown.
Source: PNG, third edition (W3C), chapters 5, 7, 9 and 11.
"""

from __future__ import annotations

import os
import stat
import struct
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from operator import add
from pathlib import Path

MAX_BYTES = 8 << 20
MAX_SIDE = 8192
MAX_PIXELS = 4 << 20
SECONDS = 4.0
"""How long reading may take; then the picture is not shown."""
SMALL = 240
"""Pixels of the longer side of what is kept."""

_PIECE = 1 << 16
"""Packed bytes that are unpacked at a time."""
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""By colour type: grey, RGB, palette, grey and alpha, RGB and alpha."""
_LOW = (255).__and__

Pixel = tuple[int, int, int]
Row = list[Pixel]


class NotShown(ValueError):
    """A file that is no picture that can be shown here."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Rows of RGB pixels, the topmost first."""

    width: int
    height: int
    rows: tuple[Row, ...]

    def fitted(self, width: int, height: int) -> Picture:
        """The picture made to ``width`` by ``height`` pixels, each the mean of what it covers."""
        across = [_span(at, width, self.width) for at in range(width)]
        rows = []
        for at in range(height):
            lines = self.rows[slice(*_span(at, height, self.height))]
            rows.append(
                [_mean([pixel for line in lines for pixel in line[a:b]]) for a, b in across]
            )
        return Picture(width, height, tuple(rows))


def load(path: Path) -> Picture:
    """The picture in the file, small. Raises NotShown, OSError."""
    # Without waiting, and over no link: the file may have been exchanged for a pipe.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode) or about.st_size > MAX_BYTES:
            raise NotShown("no file, or a large one")
        return read(file.read(MAX_BYTES))


def read(data: bytes, seconds: float = SECONDS) -> Picture:
    """The picture, small. Raises NotShown."""
    end = time.monotonic() + seconds
    try:
        head, palette, packed = _chunks(data)
        width, height, depth, colour, *ways = struct.unpack(">IIBBBBB", head)
        if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
            raise NotShown("its size")
        if width * height > MAX_PIXELS or depth != 8 or colour not in _CHANNELS or any(ways):
            raise NotShown("its size or its kind")
        if colour == 3 and not palette:
            raise NotShown("no palette")
        step = max(1, -(-max(width, height) // SMALL))
        rows: list[Row] = []
        sums: list[list[int]] = []
        lines = _lines(packed, width * _CHANNELS[colour], height, _CHANNELS[colour], end)
        for taken, line in enumerate(lines, 1):
            sums.extend([_sums(channel, step) for channel in _rgb(line, colour, palette)])
            if taken % step == 0 or taken == height:
                rows.append(_row(sums, width, step))
                sums = []
    except (struct.error, zlib.error, IndexError, ValueError) as error:
        raise NotShown(str(error)) from error
    return Picture(len(rows[0]), len(rows), tuple(rows))


def _chunks(data: bytes) -> tuple[bytes, bytes, bytes]:
    """Head, palette and packed pixels."""
    if data[:8] != _SIGNATURE:
        raise NotShown("no PNG")
    head, palette, packed, at = b"", b"", [], 8
    while at + 8 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            head = body
        elif kind == b"PLTE":
            palette = body
        elif kind == b"IDAT":
            packed.append(body)
        elif kind == b"IEND":
            break
        at += length + 12
    return head, palette, b"".join(packed)


def _lines(packed: bytes, length: int, count: int, pixel: int, end: float) -> Iterator[bytes]:
    """The rows of bytes, unpacked one at a time and unfiltered."""
    unpacker = zlib.decompressobj()
    before, left, at = bytes(length), b"", 0
    for _ in range(count):
        have = b""
        while len(have) < length + 1:
            if not left:
                left, at = packed[at : at + _PIECE], at + _PIECE
                if not left:
                    raise NotShown("it ends too early")
            have += unpacker.decompress(left, length + 1 - len(have))
            left = unpacker.unconsumed_tail
        if time.monotonic() > end:
            raise NotShown("it takes too long")
        before = _unfiltered(have[0], have[1:], before, pixel)
        yield before


def _unfiltered(kind: int, line: bytes, above: bytes, pixel: int) -> bytes:
    if kind == 0:
        return line
    if kind == 1:
        out = bytearray(len(line))
        for channel in range(pixel):
            out[channel::pixel] = bytes(map(_LOW, accumulate(line[channel::pixel])))
        return bytes(out)
    if kind == 2:
        return bytes(map(_LOW, map(add, line, above)))
    out = bytearray(len(line))
    for channel in range(pixel):
        left = corner = 0
        done = []
        if kind == 3:
            for value, up in zip(line[channel::pixel], above[channel::pixel], strict=True):
                left = (value + ((left + up) >> 1)) & 255
                done.append(left)
        elif kind == 4:
            for value, up in zip(line[channel::pixel], above[channel::pixel], strict=True):
                over, down, both = up - corner, left - corner, left + up - 2 * corner
                over, down, both = abs(over), abs(down), abs(both)
                if not (over <= down and over <= both):
                    left = up if down <= both else corner
                left = (value + left) & 255
                corner = up
                done.append(left)
        else:
            raise NotShown("an unknown filter")
        out[channel::pixel] = bytes(done)
    return bytes(out)


def _rgb(line: bytes, colour: int, palette: bytes) -> tuple[bytes, bytes, bytes]:
    """Red, green and blue of a row; what is see-through stands on white."""
    if colour == 3:
        table = palette.ljust(768, b"\0")
        red, green, blue = (line.translate(table[at:768:3]) for at in range(3))
    elif colour in (0, 4):
        red = green = blue = line[:: _CHANNELS[colour]]
    else:
        red, green, blue = (line[at :: _CHANNELS[colour]] for at in range(3))
    if colour in (4, 6):
        alpha = line[_CHANNELS[colour] - 1 :: _CHANNELS[colour]]
        if alpha.strip(b"\xff"):
            red, green, blue = (_on_white(one, alpha) for one in (red, green, blue))
    return red, green, blue


def _on_white(channel: bytes, alpha: bytes) -> bytes:
    return bytes(
        255 + (value - 255) * part // 255 for value, part in zip(channel, alpha, strict=True)
    )


def _sums(channel: bytes, step: int) -> list[int]:
    if step == 1:
        return list(channel)
    return [sum(channel[at : at + step]) for at in range(0, len(channel), step)]


def _row(sums: list[list[int]], width: int, step: int) -> Row:
    """One row of means of the sums of the rows of each channel."""
    lines = len(sums) // 3
    counts = [min(step, width - at) * lines for at in range(0, width, step)]
    totals = [map(sum, zip(*sums[channel::3], strict=True)) for channel in range(3)]
    return [
        (red // count, green // count, blue // count)
        for red, green, blue, count in zip(*totals, counts, strict=True)
    ]


def _span(at: int, parts: int, whole: int) -> tuple[int, int]:
    """Which of ``whole`` pixels the part covers: one at least."""
    begin = at * whole // parts
    return begin, max(begin + 1, (at + 1) * whole // parts)


def _mean(pixels: Row) -> Pixel:
    count = len(pixels)
    red, green, blue = (sum(pixel[channel] for pixel in pixels) // count for channel in range(3))
    return red, green, blue
