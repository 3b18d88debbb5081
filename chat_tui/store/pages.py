"""SQLite's file format, read without SQLite: the rows of every table leaf, wherever it hangs.

Knows the format of database and WAL files (sqlite.org/fileformat2.html); must not know which
tables there are. A damaged inner page hides thousands of good rows from SQLite; here each leaf
speaks for itself. Nothing in the file is trusted: what does not fit is left out.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PAGE_BYTES = 4096
"""What SQLite makes by default, and this program never changes."""

_LEAF = 0x0D
_HEADER = b"SQLite format 3\x00"
_WAL = struct.Struct(">8I")
_FRAME = struct.Struct(">6I")
_MOST_BYTES = 1 << 30

Value = str | bytes | int | float | None


@dataclass(frozen=True, slots=True)
class Row:
    """A row, with the page it stands on (from 1)."""

    page: int
    rowid: int
    values: tuple[Value, ...]


class Pages:
    """The pages of a database file with those that its WAL has newer."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._size = path.stat().st_size
        head = self._file.read(100)
        known = len(head) == 100 and head.startswith(_HEADER)
        size = int.from_bytes(head[16:18], "big") if known else 0
        self.page_bytes = size if size in (512, 1024, 2048, 4096, 8192, 16384, 32768) else 0
        self.page_bytes = self.page_bytes or PAGE_BYTES
        reserved = head[20] if known else 0
        self.usable = self.page_bytes - (reserved if reserved <= 64 else 0)
        self._newer = _newer_pages(path.with_name(path.name + "-wal"), self.page_bytes)

    @property
    def count(self) -> int:
        """The number of the last page."""
        return max(self._size // self.page_bytes, *self._newer, 0)

    def get(self, number: int) -> bytes:
        """Page ``number``; empty where there is none."""
        if number in self._newer:
            return self._newer[number]
        self._file.seek((number - 1) * self.page_bytes)
        page = self._file.read(self.page_bytes)
        return page if len(page) == self.page_bytes else b""

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def rows(pages: Pages) -> Iterator[Row]:
    """Every row that can be read, page by page; rows of freed pages are not there any more."""
    for number in range(2, pages.count + 1):  # page 1 holds the schema
        page = pages.get(number)
        if page and page[0] == _LEAF:
            yield from _leaf(pages, number, page)


def _leaf(pages: Pages, number: int, page: bytes) -> Iterator[Row]:
    cells = int.from_bytes(page[3:5], "big")
    if 8 + 2 * cells > pages.usable:
        return
    for at in struct.unpack_from(f">{cells}H", page, 8):
        try:
            yield _cell(pages, number, page, at)
        except (ValueError, IndexError, struct.error):
            continue


def _cell(pages: Pages, number: int, page: bytes, at: int) -> Row:
    length, at = _varint(page, at)
    rowid, at = _varint(page, at)
    if not 0 < length <= _MOST_BYTES or rowid >= 1 << 63:
        raise ValueError("no cell")
    most = pages.usable - 35
    if length <= most:
        payload = page[at : at + length]
    else:
        least = (pages.usable - 12) * 32 // 255 - 23
        local = least + (length - least) % (pages.usable - 4)
        local = local if local <= most else least
        payload = page[at : at + local]
        payload += _overflow(pages, int.from_bytes(page[at + local : at + local + 4], "big"))(
            length - local
        )
    if len(payload) != length:
        raise ValueError("a payload that is cut off")
    return Row(number, rowid, _record(payload))


class _overflow:  # noqa: N801 - reads like a function
    """The chain of overflow pages that begins at ``first``."""

    def __init__(self, pages: Pages, first: int) -> None:
        self._pages, self._next = pages, first

    def __call__(self, length: int) -> bytes:
        parts: list[bytes] = []
        while length > 0:
            page = self._pages.get(self._next) if self._next > 1 else b""
            if not page:
                raise ValueError("a chain that ends early")
            part = page[4 : self._pages.usable][:length]
            parts.append(part)
            length -= len(part)
            self._next = int.from_bytes(page[:4], "big")
        return b"".join(parts)


def _record(payload: bytes) -> tuple[Value, ...]:
    """The values of a record. Raises ValueError or IndexError for one that does not add up."""
    end, at = _varint(payload, 0)
    body, values = end, []
    while at < end:
        kind, at = _varint(payload, at)
        value, body = _value(payload, body, kind)
        values.append(value)
    if at != end or body != len(payload):
        raise ValueError("a record that does not add up")
    return tuple(values)


_SIZES = (0, 1, 2, 3, 4, 6, 8, 8)
"""Bytes of the integer types and of the float, by type."""


def _value(payload: bytes, at: int, kind: int) -> tuple[Value, int]:
    if kind == 0:
        return None, at
    if kind in (8, 9):
        return kind - 8, at
    if kind in (10, 11):
        raise ValueError("a reserved type")
    size = _SIZES[kind] if kind < 8 else (kind - 12) // 2
    if at + size > len(payload):
        raise ValueError("a value that is cut off")
    raw, at = payload[at : at + size], at + size
    if kind < 7:
        return int.from_bytes(raw, "big", signed=True), at
    if kind == 7:
        return struct.unpack(">d", raw)[0], at
    return (raw if kind % 2 == 0 else raw.decode("utf-8", "replace")), at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for count in range(9):
        byte = data[at + count]
        if count == 8:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + count + 1
    raise AssertionError("nine bytes at most")


def _newer_pages(wal: Path, page_bytes: int) -> dict[int, bytes]:
    """The pages that committed transactions left in the WAL; its checksums decide."""
    try:
        data = wal.read_bytes()
    except OSError:
        return {}
    if len(data) < _WAL.size:
        return {}
    magic, _version, size, _sequence, *salts, sum1, sum2 = _WAL.unpack_from(data)
    if magic not in (0x377F0682, 0x377F0683) or size != page_bytes:
        return {}
    order = ">" if magic & 1 else "<"
    if _checksum(data[: _WAL.size - 8], order, (0, 0)) != (sum1, sum2):
        return {}
    committed: dict[int, bytes] = {}
    waiting: dict[int, bytes] = {}
    sums, at = (sum1, sum2), _WAL.size
    while at + _FRAME.size + size <= len(data):
        number, commit, *frame_salts, frame1, frame2 = _FRAME.unpack_from(data, at)
        page = data[at + _FRAME.size : at + _FRAME.size + size]
        sums = _checksum(data[at : at + 8] + page, order, sums)
        if frame_salts != salts or sums != (frame1, frame2):
            break
        waiting[number] = page
        if commit:
            committed.update(waiting)
            waiting.clear()
        at += _FRAME.size + size
    return committed


def _checksum(data: bytes, order: str, sums: tuple[int, int]) -> tuple[int, int]:
    one, two = sums
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for at in range(0, len(words), 2):
        one = (one + words[at] + two) & 0xFFFFFFFF
        two = (two + words[at + 1] + one) & 0xFFFFFFFF
    return one, two
