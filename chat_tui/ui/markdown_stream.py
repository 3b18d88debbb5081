"""Markdown that comes in pieces.

Knows where a growing document can no longer change; must not know widgets or times. What is
settled is read once, and what is open is read in parts when it is long: a word costs as much at the
end of a long answer, or of a block of code without end, as at the beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from chat_tui.ui.growing import GrowingCode, GrowingText
from chat_tui.ui.longtext import FORCED, Piece, closes, fence_of, item_indent, split
from chat_tui.ui.markdown import Block, read

if TYPE_CHECKING:
    from markdown_it.token import Token

OPEN = 4_000
"""Characters beyond which an open block is read in parts until it ends."""


class Stream:
    """A document that grows: settled blocks never change, the tail may.

    What text may still change is the last top-level block, or the last item of a top-level list;
    everything before is settled and not parsed again. A block far too long is cut as ``split``
    cuts it. Links whose address is defined further down are the exception; compare with the whole
    text at the end.
    """

    def __init__(self) -> None:
        self._tail = ""
        self._begun = self._goes_on = False
        self._next_item: int | None = None
        """Within a list, the number of the item that the tail begins with."""
        self._code: GrowingCode | None = None
        """The code that the tail is, if it is open code."""
        self._marks = ""
        self._checked = 0
        """How far the tail was looked through for an end: the beginning of a line."""
        self._text: GrowingText | None = None
        self.pieces: list[tuple[Piece, list[Block]]] = []
        """What was settled last, and where it came from."""

    def feed(self, text: str) -> tuple[list[Block], list[Block]]:
        """The newly settled blocks, and the blocks of the tail; ``text`` must be clean."""
        self._tail += text
        self.pieces = []
        if "\n" in text and self._may_settle():
            self._settle()
        if len(self._tail) > FORCED:
            self._cut()
        return [block for _, found in self.pieces for block in found], self._show()

    def end(self) -> list[Block]:
        """The blocks of the tail, if nothing more comes."""
        return self._piece(self._tail).blocks()

    def _show(self) -> list[Block]:
        if self._code is not None:
            return self._code.blocks(self._tail.partition("\n")[2])
        if len(self._tail) > OPEN:
            if self._text is None:
                self._text = GrowingText(self._read, item_indent(self._tail))
            return self._text.blocks(self._tail)
        self._text = None
        return self._read(self._tail)

    def _read(self, source: str) -> list[Block]:
        return self._piece(source).blocks()

    @property
    def _gap(self) -> str | None:
        return "" if self._begun and not self._goes_on else None

    def _may_settle(self) -> bool:
        """Whether the whole lines not looked at yet may have ended the tail's first block."""
        begin, end = self._checked, self._tail.rfind("\n")
        self._checked = end + 1
        if self._code is not None:
            return any(closes(line, self._marks) for line in self._tail[begin:end].split("\n"))
        before = self._tail.rfind("\n", 0, max(0, begin - 1)) + 1
        lines = self._tail[before : max(0, end)].split("\n")
        return any(_may_end(one, other) for one, other in pairwise(lines))

    def _settle(self) -> None:
        # Only whole lines decide: a fence or a rule may still turn into text within its line.
        whole = self._tail.rfind("\n") + 1
        last = _last_block(read(self._tail[:whole]))
        if last is None:
            return
        if last.line > 0:
            lines = self._tail.split("\n")
            done, rest = "\n".join(lines[: last.line]), "\n".join(lines[last.line :])
            next_item = None
            if last.items:
                goes_on = self._next_item is not None and last.begins == 0
                first = self._next_item if goes_on and self._next_item is not None else last.start
                next_item = first + last.items
            self._take(self._piece(done), rest)
            self._next_item = next_item
        self._begin()

    def _cut(self) -> None:
        """End what is far too long where that is seen least."""
        whole = self._tail.rfind("\n") + 1
        if len(self._tail) - whole > FORCED:
            whole = len(self._tail)  # a line without end
        if whole <= FORCED or self._next_item is not None:
            return
        *done, rest = split(self._tail[:whole])
        if not done:
            return
        last = self._tail[whole:]
        for piece in done:
            own = self._piece(piece.source)
            self._take(replace(own, goes_on=own.goes_on or piece.goes_on), "")
        self._tail, self._begun, self._goes_on = rest.source + last, True, rest.goes_on
        self._begin()

    def _take(self, piece: Piece, rest: str) -> None:
        """Settle a piece; ``rest`` is the tail from now on."""
        self._tail, self._text = rest, None
        self._next_item, self._goes_on = None, False
        blocks = piece.blocks()
        if blocks:
            self._begun = True
            self.pieces.append((piece, blocks))

    def _begin(self) -> None:
        """Look what the tail begins with."""
        self._code, self._checked = None, self._tail.rfind("\n") + 1
        first, newline, rest = self._tail.partition("\n")
        if newline and self._next_item is None and (fence := fence_of(first)) and not fence[0]:
            self._marks = fence[1]
            if not any(closes(line, self._marks) for line in rest.split("\n")[:-1]):
                info = first[len(self._marks) :]
                self._code = GrowingCode(info, self._gap, goes_on=self._goes_on)

    def _piece(self, source: str) -> Piece:
        return Piece(source, self._begun, self._next_item, self._goes_on)


def _may_end(before: str, line: str) -> bool:
    """Whether a block may end before ``line``.

    A line at the margin that goes on no table and no quote; of two that begin with a letter the
    second goes on the paragraph.
    """
    if line[:1].strip() in ("", "|", ">"):
        return False
    return not (line[0].isalpha() and before.lstrip()[:1].isalpha())


@dataclass(frozen=True, slots=True)
class _Last:
    """What more text may change: the last block, or the last item of it if it is a list."""

    line: int
    begins: int
    """The line where the whole block begins."""
    items: int = 0
    """Of a list that goes on, the items before the line."""
    start: int = 1
    """The number of such a list's first item."""


def _last_block(tokens: Sequence[Token]) -> _Last | None:
    top = next((token for token in reversed(tokens) if token.level == 0 and token.map), None)
    if top is None or top.map is None:
        return None
    begins = top.map[0]
    if top.type.endswith("list_open"):
        items = [
            token.map[0]
            for token in tokens
            if token.type == "list_item_open"
            and token.level == 1
            and token.map
            and token.map[0] >= begins
        ]
        if len(items) > 1 and items[-1] > begins:
            start = int(top.attrs.get("start", 1))
            return _Last(items[-1], begins, len(items) - 1, start)
    return _Last(begins, begins)
