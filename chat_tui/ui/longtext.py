"""A long Markdown text as pieces that are read one by one, when they are needed.

Knows where a text may be cut and what a piece looks like; must not know widgets. A piece keeps its
source only: the blocks of two megabytes would take a hundred and fifty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chat_tui.ui.markdown import Block, Code, blocks, plain, read
from chat_tui.untrusted import clean

PIECE = 2_000
"""Characters after which a piece ends where it may."""
FORCED = 4 * PIECE
"""Characters after which it ends at the next line, whatever that does to a list."""
LINE = FORCED
"""Characters of a line that is cut in the middle of it."""
Place = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """Some top-level blocks, or a part of one; the source is clean."""

    source: str
    begun: bool = False
    """Whether anything comes before it."""
    next_item: int | None = None
    """Within a list, the number of the item that it begins with."""
    goes_on: bool = False
    """Whether it begins in the middle of a block."""

    def blocks(self) -> list[Block]:
        """What is shown."""
        found = list(blocks(read(self.source), begun=self.begun, next_item=self.next_item))
        if self.goes_on and found:
            first = found[0]
            found[0] = replace(first, gap=None)
            if isinstance(first, Code):
                found[0] = replace(first, gap=None, language="", goes_on=True)
        return found


Segment = tuple[Piece, ...]
"""What is shown and taken away together."""


class LongText:
    """Segments, and their plain text for as long as it is searched."""

    def __init__(self, segments: Sequence[Segment] = ()) -> None:
        self._segments = list(segments)
        self._texts: dict[int, list[str]] = {}

    @classmethod
    def of(cls, text: str) -> LongText:
        """The whole of a text, which needs not be clean."""
        return cls([(piece,) for piece in split(clean(text))])

    def __len__(self) -> int:
        return len(self._segments)

    def __getitem__(self, at: int) -> Segment:
        return self._segments[at]

    def put(self, at: int, segment: Segment) -> None:
        """Exchange a segment, or add one behind the last."""
        self._segments[at:] = [segment, *self._segments[at + 1 :]]
        self._texts.pop(at, None)

    def blocks(self, at: int) -> list[Block]:
        """What a segment shows."""
        return [block for piece in self._segments[at] for block in piece.blocks()]

    def search(self, pattern: re.Pattern[str]) -> Iterator[list[Place]]:
        """Where the pattern is, segment by segment: segment, block, and how far into its text."""
        for at in range(len(self._segments)):
            if at not in self._texts:
                self._texts[at] = [plain(block) for block in self.blocks(at)]
            yield [
                (at, number, match.start())
                for number, text in enumerate(self._texts[at])
                for match in pattern.finditer(text)
            ]

    def forget(self) -> None:
        """It is not searched any more."""
        self._texts.clear()


_FENCE = re.compile(r"( {0,3})(`{3,}|~{3,})(.*)")
_ITEM = re.compile(r"( {0,3}(?:[-+*]|\d{1,9}[.)]) {1,4})\S")
_DELIMITER = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")


def fence_of(line: str) -> tuple[str, str] | None:
    """The indentation and the marks, if code begins with this line at the top level."""
    found = _FENCE.match(line)
    if found is None or ("`" in found[3] and found[2][0] == "`"):
        return None
    return found[1], found[2]


def is_delimiter(line: str) -> bool:
    """Whether it is the line below a table's header."""
    return _DELIMITER.fullmatch(line) is not None


def item_indent(line: str) -> int:
    """How deep the text of the item is indented that begins with this line; 0 if none does."""
    found = _ITEM.match(line)
    return len(found[1]) if found else 0


def closes(line: str, marks: str) -> bool:
    """Whether code that began with ``marks`` ends with this line."""
    found = _FENCE.match(line)
    return found is not None and found[2].startswith(marks) and not found[3].strip()


def split(text: str) -> Iterator[Piece]:
    """``text``, which is clean, in pieces that look as in the whole.

    A piece ends before a line that begins at the margin after a blank one: no list, quote, table
    or paragraph reaches over that. Code is cut between lines. Only what is far too long otherwise
    is cut where it may be seen; and an address that is defined in another piece is not known.
    """
    gathered: list[str] = []
    size = 0
    begun = goes_on = False
    fence: tuple[str, str, str] | None = None
    """Indentation, marks and first line of the code that is open."""
    item = 0
    """How deep the text of the list that is open is indented; 0 for none."""
    header: tuple[str, ...] = ()
    """The first two lines of the table that is open."""
    before = ""
    blank = True

    for line in _lines(text):
        at_margin = blank and line[:1].strip() != "" and not _ITEM.match(line)
        if fence is None and (
            (size > PIECE and at_margin) or (size > FORCED and line[:1] not in "|\t ")
        ):
            yield Piece("\n".join(gathered), begun, goes_on=goes_on)
            gathered, size, begun, goes_on = [], 0, True, not at_margin
            header = ()
        elif fence is not None and size > FORCED and line.strip() and not closes(line, fence[1]):
            indent, marks, first = fence
            yield Piece("\n".join([*gathered, indent + marks]), begun, goes_on=goes_on)
            gathered, size, begun, goes_on = [first], 0, True, True
        elif fence is None and size > FORCED and header and line[:1] == "|":
            yield Piece("\n".join(gathered), begun, goes_on=goes_on)
            gathered, size, begun, goes_on = list(header), 0, True, True
        gathered.append(line)
        size += len(line) + 1
        if found := _FENCE.match(line):
            indent, marks, rest = found.groups()
            if fence is not None:
                fence = None if closes(line, fence[1]) else fence
            elif len(indent) >= item and item:
                pass  # within an item: it ends where the item does
            elif marks[0] == "~" or "`" not in rest:
                fence, item = (indent, marks, line), 0
        elif fence is None:
            if at_margin:
                item = 0
            if not item and (found := _ITEM.match(line)):
                item = len(found[1])
        if before[:1] == "|" and fence is None and is_delimiter(line):
            header = header or (before, line)
        blank, before = not line.strip(), line
        header = () if blank else header
    yield Piece("\n".join(gathered), begun, goes_on=goes_on)


def _lines(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        if len(line) <= LINE:
            yield line
        else:
            yield from (line[at : at + LINE] for at in range(0, len(line), LINE))
