"""Numbers and strings from a file's beginning, none of which can claim more than the file holds.

Knows GGUF's primitive values and nothing of what they are for. Every count and length is held
against the bytes that are there before anything is read or kept.
"""

from __future__ import annotations

import os
import stat
import struct
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any

from chat_tui.errors import ModelFileError
from chat_tui.language import N_, _

MAX_HEADER_BYTES = 192 << 20
"""gpt-oss has a header of 13 MB, most of it the vocabulary and its merges."""

AGAIN = N_("The download was probably cut short; download the file again.")
DAMAGED = N_("The file is damaged; download it again.")

SCALARS = {
    0: struct.Struct("<B"),
    1: struct.Struct("<b"),
    2: struct.Struct("<H"),
    3: struct.Struct("<h"),
    4: struct.Struct("<I"),
    5: struct.Struct("<i"),
    6: struct.Struct("<f"),
    7: struct.Struct("<?"),
    10: struct.Struct("<Q"),
    11: struct.Struct("<q"),
    12: struct.Struct("<d"),
}
STRING, ARRAY = 8, 9
INT32 = 5
U32, U64 = SCALARS[4], SCALARS[10]


@dataclass(frozen=True, slots=True)
class Array:
    """An array in the metadata: where its values lie in the file."""

    type: int
    count: int
    offset: int
    size: int
    """Bytes from ``offset`` to the end of the last value."""


class BoundedReader:
    """The file's first bytes, read in pieces as the parser goes on, up to MAX_HEADER_BYTES."""

    def __init__(self, path: Path, file: FileIO, size: int, piece: int = 1 << 20) -> None:
        self.name = path.name
        self.data = bytearray()
        self.at = 0
        self._file = file
        self._size = size
        self._piece = piece

    @property
    def left(self) -> int:
        """Bytes of the file that were not parsed yet."""
        return self._size - self.at

    def need(self, count: int) -> None:
        """Make the next ``count`` bytes available, or say why that cannot be."""
        end = self.at + count
        if end > self._size:
            raise ModelFileError(
                _("{name} ends in the middle of its header.").format(name=self.name), _(AGAIN)
            )
        if end > MAX_HEADER_BYTES:
            raise ModelFileError(
                _("The header of {name} is larger than any model's.").format(name=self.name),
                _(DAMAGED),
            )
        while len(self.data) < end:
            piece = self._file.read(max(end - len(self.data), self._piece))
            if not piece:
                raise ModelFileError(
                    _("{name} ends in the middle of its header.").format(name=self.name), _(AGAIN)
                )
            self.data += piece

    def scalar(self, kind: struct.Struct) -> Any:
        """The next value of this kind: int, float or bool."""
        self.need(kind.size)
        (value,) = kind.unpack_from(self.data, self.at)
        self.at += kind.size
        return value

    def number(self, kind: struct.Struct) -> int:
        """The next value of a kind that is a whole number."""
        return int(self.scalar(kind))

    def text(self, limit: int) -> str:
        """The next string, if it is no longer than ``limit`` bytes and is UTF-8."""
        length = self.number(U64)
        if length > limit:
            raise ModelFileError(
                _("{name} has a name or text of {length:,} bytes.").format(
                    name=self.name, length=length
                ),
                _(DAMAGED),
            )
        self.need(length)
        raw = bytes(self.data[self.at : self.at + length])
        self.at += length
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ModelFileError(
                _("{name} has a name that is no text.").format(name=self.name), _(DAMAGED)
            ) from error

    def array(self) -> Array:
        """Step over the next array and remember where it lies."""
        kind, count = self.number(U32), self.number(U64)
        begin = self.at
        if kind in SCALARS:
            width = SCALARS[kind].size
        elif kind == STRING:
            width = U64.size
        else:
            raise ModelFileError(
                _("{name} has a list of an unknown kind ({kind}).").format(
                    name=self.name, kind=kind
                ),
                _(DAMAGED),
            )
        if count * width > self.left:
            raise ModelFileError(
                _("{name} claims a list of {count:,} values.").format(name=self.name, count=count),
                _(AGAIN),
            )
        if kind != STRING:
            self.need(count * width)
            self.at += count * width
        else:
            self._skip_strings(count)
        return Array(kind, count, begin, self.at - begin)

    def _skip_strings(self, count: int) -> None:
        # 650,000 strings are usual: the loop is kept tight and asks for bytes only at the edge.
        at, unpack = self.at, U64.unpack_from
        for _each in range(count):
            if at + 8 > len(self.data):
                self.at = at
                self.need(8)
            at += 8 + unpack(self.data, at)[0]
            if at > len(self.data):
                self.at = at
                self.need(0)
        self.at = at


def open_regular(name: str, flags: int) -> int:
    """Open a file without waiting for a pipe's other end, and only if it is a plain file."""
    descriptor = os.open(name, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(name)
        raise OSError(_("it is no plain file"))
    return descriptor


def reason(error: Exception) -> str:
    """What the operating system says about a failure, as a part of a sentence."""
    return (getattr(error, "strerror", None) or str(error)).lower()
