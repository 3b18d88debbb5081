"""JSON set in lines while it comes.

Knows brackets and strings; must not know schemas. Only blanks between tokens change: numbers and
strings stay as they were written, and text that is no JSON loses nothing but blanks.
"""

from __future__ import annotations

STEP = "  "
DEEPEST = 40
"""Levels beyond which lines are not indented further."""


class Indenter:
    """Sets the text of one JSON document; ``feed`` takes it in pieces of any size."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = False
        self._escaped = False
        self._opened = False
        """The last token was an opening bracket, and nothing has followed yet."""

    def feed(self, text: str) -> str:
        """``text`` in lines; all pieces together are the whole."""
        return "".join(map(self._next, text))

    def _next(self, char: str) -> str:
        if self._in_string:
            if self._escaped or char == "\\":
                self._escaped = not self._escaped
            elif char == '"':
                self._in_string = False
            return char
        if char in " \t\n\r":
            return ""
        if char in "}]":
            self._depth = max(0, self._depth - 1)
            opened, self._opened = self._opened, False
            return char if opened else self._line() + char
        before = self._line() if self._opened else ""
        self._opened = char in "{["
        self._depth += self._opened
        self._in_string = char == '"'
        if char == ",":
            return before + char + self._line()
        return before + (": " if char == ":" else char)

    def _line(self) -> str:
        return "\n" + STEP * min(self._depth, DEEPEST)
