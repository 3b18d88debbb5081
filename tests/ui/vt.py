"""A terminal as strict as no real one: it knows only what the app may write, and counts.

Reads the bytes of a terminal; knows nothing of the app. What is not on the short list of
sequences, or is longer than it has to be, is noted as unknown. Widths are Rich's, as in the app.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable
from itertools import repeat

from rich.cells import split_graphemes

MODES = {"7", "25", "1000", "1002", "1003", "1004", "1006", "1015", "1016", "1049", "2004", "2026"}
MODES |= {"2048"}
COPY_LIMIT = 2_000_000
"""Characters of base64 that may go to the clipboard in one piece."""
_TOKEN = re.compile(
    "(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
    "|\x1b\\[(?P<params>[<-?]?[0-9;:]{0,80})(?P<inter>[ -/]{0,2})(?P<final>[@-~])"
    "|\x1b\\](?P<osc>[^\x07\x1b\x80-\x9f]*)(?:\x07|\x1b\\\\)"
    "|(?P<other>[\x00-\x1f\x7f-\x9f])",
    re.DOTALL,
)
_OPEN = re.compile("\x1b(?:\\[[0-?]{0,82}[ -/]{0,2}|\\][^\x07\x1b]*\x1b?)?\\Z")
_LAST = re.compile(".[\xa0-\U0010ffff]{0,2000}\\Z")
_SGR = re.compile(r"[0-9;:]*")
_CLIPBOARD = re.compile(r"52;c;[A-Za-z0-9+/=]*")
_POINTER = re.compile(r"22;[a-z-]{1,20}")
Cell = tuple[str, str]
BLANK: Cell = (" ", "")


def allowed(params: str, inter: str, final: str) -> bool:
    """Whether the app may write this control sequence."""
    match final, inter:
        case "m", "":
            return _SGR.fullmatch(params) is not None
        case "H", "":
            return re.fullmatch(r"\d{1,4};\d{1,4}", params) is not None
        case (("h" | "l"), ""):
            return params[:1] == "?" and params[1:] in MODES
        case "p", "$":
            return params in ("?2026", "?2048")
        case "u", "":
            return re.fullmatch(r">\d{1,2}|<", params) is not None
    return False


class VT:
    """A grid of cells, what was wrong, and how much was written in vain."""

    def __init__(
        self, columns: int, rows: int, copies: bool = False, *, counts: bool = True
    ) -> None:
        """``copies``: whether the clipboard may be written; ``counts``: how much, in the end."""
        self.columns, self.rows = columns, rows
        self.unknown: list[str] = []
        self.seen: Counter[str] = Counter()
        self.written = 0
        """Cells written."""
        self.same = 0
        """Of these the ones that held just that before."""
        self.blanked = 0
        """Cells that were wiped and then given back what they had held, within two frames."""
        self.copied: list[str] = []
        self._copies = copies
        self._counts = counts
        self._grid: list[list[Cell]] = [[BLANK] * columns for _ in range(rows)]
        self._x = self._y = 0
        self._moved = False
        self._style = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self._wiped: dict[tuple[int, int], Cell] = {}
        self._wiped_before: dict[tuple[int, int], Cell] = {}

    def feed(self, data: bytes) -> None:
        """More output."""
        text = self._held + self._decoder.decode(data)
        self._held = ""
        if cut := _OPEN.search(text):
            text, self._held = text[: cut.start()], text[cut.start() :]
        for found in _TOKEN.finditer(text):
            last = found.end() == len(text) and not self._held and found["text"]
            if last and (open_ := _LAST.search(last)):
                # Where a read ended says nothing: more of the character may come.
                self._write(last[: open_.start()])
                self._held = open_[0]
            else:
                self._take(found)

    @property
    def lines(self) -> list[str]:
        """What is to be read on it."""
        self._end()
        return ["".join(char for char, _ in row).rstrip() for row in self._grid]

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(self.lines)

    def part(self, row: int, x: int, width: int) -> str:
        """What stands in so many cells of a row."""
        self._end()
        return "".join(char for char, _ in self._grid[row][x : x + width])

    def styles(self, row: int) -> Iterable[str]:
        """The styles of a row's cells."""
        return [style for _, style in self._grid[row]]

    def _end(self) -> None:
        """Nothing more comes to what was held back."""
        if self._held and self._held[0] != "\x1b":
            held, self._held = self._held, ""
            self._write(held)

    def _take(self, found: re.Match[str]) -> None:
        if (text := found["text"]) is not None:
            self._write(text)
        elif (final := found["final"]) is not None:
            self._control(found["params"], found["inter"], final)
        elif (osc := found["osc"]) is not None:
            self._command(osc)
        elif (other := found["other"]) == "\n":
            self._y = min(self._y + 1, self.rows - 1)
        elif other == "\r":
            self._x = 0
        else:
            self._note(other)

    def _control(self, params: str, inter: str, final: str) -> None:
        if not allowed(params, inter, final):
            self._note(f"\x1b[{params}{inter}{final}")
            return
        self.seen[f"{params if final in 'hlpu' else ''}{inter}{final}"] += 1
        if final == "H":
            row, column = params.split(";")
            self._y = min(int(row), self.rows) - 1
            self._x = min(int(column), self.columns) - 1
            if self._moved:  # first to where the cursor stays, then to where the next frame begins
                self._wiped_before, self._wiped = self._wiped, {}
            self._moved = True
        elif final == "m":
            self._style = "" if params in ("", "0") else f"{self._style};{params}".strip(";")

    def _command(self, osc: str) -> None:
        self.seen[f"OSC {osc[:3]}"] += 1
        if _CLIPBOARD.fullmatch(osc) and self._copies and len(osc) <= COPY_LIMIT:
            self.copied.append(osc[5:])
        elif not _POINTER.fullmatch(osc):
            self._note(f"\x1b]{osc[:60]}")

    def _note(self, sequence: str) -> None:
        if len(self.unknown) < 50:
            self.unknown.append(sequence)

    def _write(self, text: str) -> None:
        self._moved = False
        if text.isascii() and not self._counts:
            piece = text[: self.columns - self._x]
            self._grid[self._y][self._x : self._x + len(piece)] = zip(piece, repeat(self._style))
            self._x += len(piece)
            return
        if text.isascii():
            for char in text[: self.columns - self._x]:
                self._put(char)
            return
        for start, end, width in split_graphemes(text)[0]:
            char = text[start:end]
            if width == 0:
                self._join(char)
                continue
            if self._x + width > self.columns:
                self._x = self.columns  # no wrapping: what sticks out is cut
                continue
            self._put(char)
            for _ in range(width - 1):
                self._put("")

    def _join(self, mark: str) -> None:
        """A mark without a cell of its own goes to the character before it."""
        row, x = self._grid[self._y], self._x - 1
        while x > 0 and row[x][0] == "":
            x -= 1
        if x >= 0:
            row[x] = (row[x][0] + mark, row[x][1])

    def _put(self, char: str) -> None:
        row, x, place = self._grid[self._y], self._x, (self._y, self._x)
        before, after = row[x], (char, self._style)
        self.written += 1
        if before == after:
            self.same += 1
        elif char == " " and before[0] != " ":
            self._wiped[place] = before
        else:
            gone = self._wiped.pop(place, None) or self._wiped_before.pop(place, None)
            self.blanked += gone == after
        row[x] = after
        self._x += 1
