"""Markdown on the screen, growing as it comes, however long.

Knows segments of text and which of them are near the reader; must not know events. Finished blocks
are frozen in chunks that are not drawn again; only the tail is parsed anew, and of a long text
only what is near the reader is there at all.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence

from textual.app import ComposeResult
from textual.widget import Widget

from chat_tui.ui.footnotes import unforged
from chat_tui.ui.longtext import PIECE, LongText, Piece, Place, split
from chat_tui.ui.markdown import Block, Code, plain, same
from chat_tui.ui.markdown_stream import Stream
from chat_tui.ui.pacing import Pace
from chat_tui.ui.widgets.chunk import Chunk
from chat_tui.ui.widgets.tall import Tall
from chat_tui.ui.widgets.window import Heights, Window, rows
from chat_tui.untrusted import Cleaner

__all__ = ["Chunk", "Document"]

CHUNK_BLOCKS = 24
"""Blocks to a chunk: enough to keep widgets few, few enough to lay one out quickly."""
FEW = 6
"""Segments that are all built, wherever the reader is."""
SHORT = 2_000
"""Characters up to which a text is read at once."""
WHOLE = 20_000
"""Characters up to which a text that came in pieces is compared with itself as a whole."""
_DEFINES = re.compile(r"^ {0,3}\[[^\]\n]+\]:", re.MULTILINE)
"""Where the address of a link above may stand."""


class Document(Tall):
    """Markdown that may still grow."""

    DEFAULT_CSS = """
    Document { height: auto; width: 1fr; layout: vertical; }
    """

    def __init__(self, *, cites: bool = False) -> None:
        """``cites``: marks in its text are footnotes, and not what somebody forged."""
        super().__init__()
        self._cites = cites
        self._raw: list[str] = []
        self._pending: list[str] = []
        self._cleaner = Cleaner()
        self._stream = Stream()
        self._tail = Chunk()
        self._text = LongText()
        self._last = 0
        """Blocks of the last segment."""
        self.window = Window()
        """What is built of it."""
        self._measured = 0
        """The width that the heights are for."""
        self._marks: tuple[re.Pattern[str] | None, Place | None] = (None, None)
        self._pace = Pace(self, self._draw)
        self._final = False

    @property
    def source(self) -> str:
        """The text so far, as it came."""
        return "".join(self._raw)

    @property
    def blocks(self) -> list[Block]:
        """All that is shown."""
        found: list[Block] = []
        for at in range(len(self._text)):
            chunk = self.window.widgets.get(at)
            found += chunk.blocks if isinstance(chunk, Chunk) else self._text.blocks(at)
        return [*found, *self._tail.blocks]

    def compose(self) -> ComposeResult:
        """Only the tail at first."""
        yield self._tail

    async def feed(self, text: str) -> None:
        """More text; drawn soon, not at once."""
        if self._final:
            return
        text = text if self._cites else unforged(text)
        self._raw.append(text)
        self._pending.append(self._cleaner.feed(text))
        self._pace.ask()

    async def finish(self, text: str) -> None:
        """The whole text is known: show exactly that."""
        text = text if self._cites else unforged(text)
        came, self._final = self.source, True
        if held := self._cleaner.flush():
            self._pending.append(held)
        if came:
            self._draw()  # what waits for its turn is most often all that is missing
        if len(text) <= WHOLE:
            # In a thread: a long text takes a while, and typing must go on.
            short = len(text) < SHORT
            blocks = _whole(text) if short else await asyncio.to_thread(_whole, text)
            if came and same(blocks, self.blocks):
                return
        elif came == text and not _DEFINES.search(text):
            self._tail.show(await asyncio.to_thread(self._stream.end))
            return
        self._raw, self._pending = [text], []
        whole = await asyncio.to_thread(LongText.of, text) if text else LongText()
        with self.app.batch_update():  # laid out empty, it would lose the reader's place
            self._text = whole
            self._tail.show(())
            await self.remove_children(list(self.window.widgets.values()))
            self.window.widgets.clear()
            self.window.built = range(0)
            self._measured = 0
            self._measure()
            # The end of a conversation is what one sees first.
            count = len(self._text)
            self._build(range(max(0, count - FEW), count))

    def on_chunk_copy_requested(self, message: Chunk.CopyRequested) -> None:
        """Of code that is cut, all is meant."""
        if message.code is None:
            return
        message.stop()
        parts, found = [message.code.source], False
        for block in self.blocks:
            if found and not (isinstance(block, Code) and block.goes_on):
                break
            if found and isinstance(block, Code):
                parts.append(block.source)
            found = found or block is message.code
        self.post_message(Chunk.CopyRequested("\n".join(parts), message.what))

    def look(self, top: int, bottom: int) -> None:
        """The reader sees the lines from ``top`` to before ``bottom``: have those built."""
        self._measure()
        if len(self._text) > FEW:
            planned = self.window.plan(top, bottom)
            if planned != self.window.built:
                self._build(planned)

    @property
    def is_searchable(self) -> bool:
        """Whether there is anything to search."""
        return bool(len(self._text) or self._tail.blocks)

    def search(self, pattern: re.Pattern[str]) -> Iterator[list[Place]]:
        """See ``Searchable``; a place is a segment, a block and how far into its text."""
        yield from self._text.search(pattern)
        yield [
            (len(self._text), number, match.start())
            for number, block in enumerate(self._tail.blocks)
            for match in pattern.finditer(plain(block))
        ]

    def mark(self, pattern: re.Pattern[str] | None, here: Place | None) -> None:
        """See ``Searchable``."""
        self._marks = (pattern, here)
        if pattern is None:
            self._text.forget()
        for at, chunk in self.window.widgets.items():
            self._mark(at, chunk)
        self._mark(len(self._text), self._tail)

    def reach(self, place: Place) -> None:
        """Have the segment of a place built."""
        count, at = len(self._text), place[0]
        if at < count and at not in self.window.widgets:
            self._build(range(max(0, at - 1), min(count, at + 2)))

    def spot(self, place: Place) -> tuple[Widget, int]:
        """See ``Searchable``; it has been reached."""
        chunk = self.window.widgets.get(place[0], self._tail)
        return chunk, chunk.line_of(place[1:]) if isinstance(chunk, Chunk) else 0

    def _draw(self) -> None:
        text = "".join(self._pending)
        self._pending.clear()
        if not text:
            return
        _, tail = self._stream.feed(text)
        for piece, blocks in self._stream.pieces:
            self._freeze(blocks, piece)
        self._tail.show(tail)

    def _freeze(self, settled: Sequence[Block], piece: Piece) -> None:
        """Take blocks from the tail into the last segment, or into one more."""
        if len(piece.source) > 2 * PIECE and piece.next_item is None:
            for part in split(piece.source):
                begun = piece.begun or part.begun
                self._append(Piece(part.source, begun, goes_on=part.goes_on), None)
            self._last = CHUNK_BLOCKS
            return
        last = len(self._text) - 1
        if last < 0 or self._last + len(settled) > CHUNK_BLOCKS:
            self._append(piece, settled)
            self._last = len(settled)
            return
        self._text.put(last, (*self._text[last], piece))
        self._last += len(settled)
        if isinstance(chunk := self.window.widgets.get(last), Chunk):
            chunk.extend(settled)
            self.window.heights.set(last, chunk.rows(self._width))
        else:
            self.window.heights.set(last, self._guess(last))
            self.window.settle()

    def _append(self, piece: Piece, blocks: Sequence[Block] | None) -> None:
        at, window = len(self._text), self.window
        self._text.put(at, (piece,))
        window.heights.set(at, self._guess(at))
        if window.built.stop == at:
            # It was built to the end, so the end is seen, or all is built that there is.
            self._build(range(window.built.start, at + 1), blocks)
        else:
            window.settle()

    def _build(self, planned: range, blocks: Sequence[Block] | None = None) -> None:
        """Have ``planned`` built; the last of them shows ``blocks`` where they are known."""
        if not self.is_attached:
            return  # it was taken down meanwhile
        window, width = self.window, self._width
        if len(self._text) > len(planned) and window.above.parent is None:
            self.mount(window.above, before=0)
            self.mount(window.below, before=self._tail)
        for at in [at for at in window.widgets if at not in planned]:
            gone = window.widgets.pop(at)
            gone.display = False
            gone.remove()
        for at in planned:
            if at in window.widgets:
                continue
            known = blocks if at == planned[-1] else None
            chunk = Chunk(self._text.blocks(at) if known is None else known)
            window.heights.set(at, chunk.rows(width))
            following = next((w for n, w in sorted(window.widgets.items()) if n > at), None)
            end = window.below if window.below.parent else self._tail
            window.widgets[at] = chunk
            self.mount(chunk, before=following or end)
            self._mark(at, chunk)
        window.built = planned
        window.settle()

    def _mark(self, at: int, chunk: Widget) -> None:
        pattern, here = self._marks
        if isinstance(chunk, Chunk):
            chunk.mark(pattern, here[1:] if here and here[0] == at else None)

    def _measure(self) -> None:
        """Guess the heights anew where the width is another."""
        if self._measured != self._width:
            self._measured = self._width
            window = self.window
            window.heights = Heights(
                chunk.rows(self._width)
                if isinstance(chunk := window.widgets.get(at), Chunk)
                else self._guess(at)
                for at in range(len(self._text))
            )
            window.settle()

    def _guess(self, at: int) -> int:
        return sum(rows(piece.source, self._width) for piece in self._text[at])

    @property
    def _width(self) -> int:
        return self.content_size.width or self.app.size.width - 5


def _whole(text: str) -> list[Block]:
    """All that is shown of a text that is there as a whole."""
    pieces = LongText.of(text)
    return [block for at in range(len(pieces)) for block in pieces.blocks(at)]
