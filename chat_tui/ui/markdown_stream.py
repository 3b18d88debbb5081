"""Markdown that comes in pieces.

Knows where a growing document can no longer change; must not know widgets or times. What is
settled is read once, so that a long answer costs no more at its end than at its beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it.token import Token
from textual.content import Content

from chat_tui.ui.longtext import Piece
from chat_tui.ui.markdown import Block, Prose, blocks, read


class Stream:
    """A document that grows: settled blocks never change, the tail may.

    What text may still change is the last top-level block, or the last item of a top-level list;
    everything before is settled and not parsed again. Links whose address is defined further down
    are the exception; compare with ``parse`` of the whole text at the end.
    """

    TAIL_LIMIT = 20_000
    """Characters beyond which an unfinished block is shown without marks until it is finished."""

    def __init__(self) -> None:
        self._tail = ""
        self._begun = False
        self._next_item: int | None = None
        """Within a list, the number of the item that the tail begins with."""
        self.piece: Piece | None = None
        """Where the blocks came from that were settled last; None where none were."""

    def feed(self, text: str) -> tuple[list[Block], list[Block]]:
        """The newly settled blocks, and the blocks of the tail; ``text`` must be clean."""
        self._tail += text
        self.piece = None
        settled: list[Block] = []
        if "\n" in text:
            settled = self._settle()
        if len(self._tail) > self.TAIL_LIMIT:
            return settled, [Prose(Content(self._tail), gap="" if self._begun else None)]
        return settled, self._read(read(self._tail))

    def _settle(self) -> list[Block]:
        # Only whole lines decide: a fence or a rule may still turn into text within its line.
        whole = self._tail.rfind("\n") + 1
        last = _last_block(read(self._tail[:whole]))
        if last is None or last.line == 0:
            return []
        lines = self._tail.split("\n")
        done, self._tail = "\n".join(lines[: last.line]), "\n".join(lines[last.line :])
        self.piece = Piece(done, self._begun, self._next_item)
        settled = self._read(read(done))
        if last.items:
            goes_on = self._next_item is not None and last.begins == 0
            first = self._next_item if goes_on and self._next_item is not None else last.start
            self._next_item = first + last.items
        else:
            self._next_item = None
        self._begun = self._begun or bool(settled)
        return settled

    def _read(self, tokens: list[Token]) -> list[Block]:
        return list(blocks(tokens, begun=self._begun, next_item=self._next_item))


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
