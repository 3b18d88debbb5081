"""Blocks that are still being written, in parts of which only the last one changes.

Knows code and text; must not know Markdown's rules or widgets. A block may grow to any length
before it ends: what it costs to show a little more of it must not grow with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import takewhile

from textual.content import Content

from chat_tui.ui.footnotes import labelled
from chat_tui.ui.highlight import highlight
from chat_tui.ui.longtext import FORCED, closes, fence_of, is_delimiter, item_indent
from chat_tui.ui.markdown import Block, Code, Table, blocks, language_of, read

PART = 2_000
"""Characters after which a part ends with its line."""
LONG_CODE = FORCED
"""Characters after which it does so in the middle of an item's code."""


class GrowingCode:
    """Code whose end has not come; a part keeps the colours it has in the whole."""

    def __init__(self, info: str, gap: str | None, *, goes_on: bool) -> None:
        """``info`` is what stands behind the marks of its first line."""
        self._language = language_of(info)
        label = "" if goes_on else self._language or "code"
        self._empty = Code(Content(""), label, gap=gap, goes_on=goes_on)
        self._parts: list[Code] = []
        self._done = 0

    def blocks(self, code: str) -> list[Block]:
        """What is shown of ``code``, which begins as it did before."""
        code = labelled(code).expandtabs(4)
        while (end := code.find("\n", self._done + PART)) >= 0:
            content = highlight(code[:end], self._language)[self._done : end]
            self._parts.append(self._part(content))
            self._done = end + 1
        rest = code[self._done :].rstrip("\n")
        if rest or not self._parts:
            return [*self._parts, self._part(highlight(rest, self._language))]
        return list(self._parts)

    def _part(self, content: Content) -> Code:
        if self._parts:
            return Code(content, "", source=content.plain, goes_on=True)
        return replace(self._empty, content=content, source=content.plain)


class GrowingText:
    """A block that is too long to be read again with every word: read part by part.

    A part ends with a line and not within code, unless that is long, too; what reaches over its
    end, such as bold words, looks right when the block is over and read as a whole.
    """

    def __init__(self, read_first: Callable[[str], list[Block]], indent: int) -> None:
        """``read_first`` reads the beginning; ``indent`` is that of an item's other lines."""
        self._read_first = read_first
        self._indent = re.compile(f"^ {{1,{indent}}}", re.MULTILINE) if indent else None
        self._parts: list[Block] = []
        self._done = 0
        self._ended = False
        """Whether a paragraph, or a block of code, ended with the last part."""
        self._header = ""
        """The first two lines of the table that a part ended in."""

    def blocks(self, text: str) -> list[Block]:
        """What is shown of ``text``, which begins as it did before."""
        while length := _part(text[self._done :]):
            part = text[self._done : self._done + length]
            self._parts = self._with(part)
            last = part.removesuffix("\n").rpartition("\n")[2].strip()
            self._ended = not last or fence_of(last) is not None
            self._header = _open_table(self._header + part)
            self._done += length
        return self._with(text[self._done :])

    def _with(self, part: str) -> list[Block]:
        if not self._done:
            return self._read_first(part)
        within = self._parts[0].rest if self._parts and self._indent else ""
        begun = self._ended or not part.partition("\n")[0].strip()
        source = self._header + (self._indent.sub("", part) if self._indent else part)
        more = list(blocks(read(source), begun=begun, within=within))
        if self._header and self._parts and more:
            table, rest = self._parts[-1], more[0]
            if isinstance(table, Table) and isinstance(rest, Table):
                whole = replace(table, rows=(*table.rows, *rest.rows[1:]))
                return [*self._parts[:-1], whole, *more[1:]]
        return [*self._parts, *more]


def _part(text: str) -> int:
    """How much of ``text`` is a part; 0 as long as it is too short."""
    marks, length, blank = "", 0, False
    for line in text.split("\n")[:-1] if len(text) > PART else ():
        begins = blank or line.lstrip()[:1] in ("|", ">") or item_indent(line.lstrip())
        if length > PART and not marks and (begins or length > 2 * PART):
            return length
        length += len(line) + 1
        blank = not line.strip()
        if marks:
            marks = "" if closes(line.strip(), marks) else marks
        elif fence := fence_of(line.strip()):
            marks = fence[1]
        if marks and length > LONG_CODE:
            return length
    return 0


def _open_table(text: str) -> str:
    """The first two lines of the table that ``text`` ends in; empty where it does not."""
    lines = text.removesuffix("\n").split("\n")
    rows = list(takewhile(lambda line: line.lstrip()[:1] == "|", reversed(lines)))[::-1]
    if len(rows) > 1 and is_delimiter(rows[1].strip()):
        return f"{rows[0]}\n{rows[1]}\n"
    return ""
