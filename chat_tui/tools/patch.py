"""The patch language gpt-oss was taught, read into values.

Knows the envelope (``*** Begin Patch`` … ``*** End Patch``) and what models put around it; must not
know files, or what a hunk does to one (``hunks``).

    Patch   := Begin { Add | Delete | Update } End
    Add     := "*** Add File: " path { "+" line }
    Delete  := "*** Delete File: " path
    Update  := "*** Update File: " path [ "*** Move to: " path ] { Hunk }
    Hunk    := { "@@" [ " " header ] } { " " line | "-" line | "+" line } [ "*** End of File" ]

The first hunk of a file may lack its ``@@``, and an empty line is an empty line of context.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from chat_tui.errors import ToolError

_BEGIN, _END = "*** Begin Patch", "*** End Patch"
_ADD, _DELETE, _UPDATE = "*** Add File:", "*** Delete File:", "*** Update File:"
_MOVE, _END_OF_FILE = "*** Move to:", "*** End of File"
_HINT = "Nothing was changed. Correct the patch and call apply_patch again."
_WRAPPER = re.compile(
    # What models put around the envelope: code fences, a shell's heredoc, its end.
    r"\s*|```\w*|~~~\w*|(?:\$ )?apply_?patch\b.{0,40}|cat\b.{0,40}<<.{0,20}"
    r"|[\"']?[A-Z_]{1,20}[\"']?"
)
_RANGES = re.compile(r"^[-+]?\d+(?:,\d+)? [-+]?\d+(?:,\d+)? @@ ?")
"""The line numbers of a unified diff, which some models write into an ``@@`` line."""


class PatchError(ToolError):
    """A patch cannot be read or does not fit; the message is meant for the model."""

    def __init__(self, message: str) -> None:
        super().__init__(message, _HINT)


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines to find, and what becomes of them."""

    headers: tuple[str, ...]
    """The texts of its ``@@`` lines: lines of the file that stand above, outermost first."""
    lines: tuple[tuple[str, str], ...]
    """Each line with its sign: a space, ``-`` or ``+``."""
    end_of_file: bool = False

    @property
    def old(self) -> tuple[str, ...]:
        """What has to be in the file: context and removed lines."""
        return tuple(text for sign, text in self.lines if sign != "+")


@dataclass(frozen=True, slots=True)
class Add:
    """A new file."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Delete:
    """A file to remove."""

    path: str


@dataclass(frozen=True, slots=True)
class Update:
    """A file to change, and perhaps to move."""

    path: str
    move_to: str | None
    hunks: tuple[Hunk, ...]


Operation = Add | Delete | Update


def patch_text(body: str) -> str:
    """The patch in a call's body, which is the patch itself or JSON whose only value it is."""
    start = body.lstrip()
    if not start.startswith(("{", '"')):
        return body
    try:
        # Not strict: a model that writes JSON here writes the line breaks as they are.
        value = json.JSONDecoder(strict=False).decode(start)
    except (ValueError, RecursionError) as error:
        raise PatchError(f"The arguments are not valid JSON: {error}.") from error
    if isinstance(value, dict) and len(value) == 1:
        (value,) = value.values()
    if not isinstance(value, str):
        raise PatchError("The arguments have to be the patch alone.")
    return value


def parse(text: str) -> tuple[Operation, ...]:
    """The operations of a patch, in its order. Raises PatchError, in words for the model."""
    if any("\ud800" <= char <= "\udfff" or char == "\0" for char in text):
        raise PatchError("The patch holds characters that no text file can hold.")
    return _Reader(_envelope(text)).operations()


def _envelope(text: str) -> list[str]:
    """The lines between Begin and End; only wrappers may stand around them."""
    lines = text.split("\n")
    marks = [line.rstrip() for line in lines]
    if _BEGIN not in marks:
        raise PatchError(f"The patch has to begin with the line `{_BEGIN}`.")
    begin = marks.index(_BEGIN)
    if _END not in marks[begin:]:
        raise PatchError(f"The patch is not finished: the line `{_END}` is missing.")
    end = marks.index(_END, begin)
    for mark in (*marks[:begin], *marks[end + 1 :]):
        if not _WRAPPER.fullmatch(mark):
            raise PatchError(
                f"Only one patch may stand in a call, and nothing around it: `{mark[:60]}`."
            )
    inner = lines[begin + 1 : end]
    if lines[begin].endswith("\r"):
        inner = [line.removesuffix("\r") for line in inner]
    return inner


class _Reader:
    """The lines of an envelope, read once from top to bottom."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines
        self._at = 0

    def operations(self) -> tuple[Operation, ...]:
        found: list[Operation] = []
        while self._at < len(self._lines):
            if not self._lines[self._at].strip():
                self._at += 1
            elif (path := self._take(_ADD)) is not None:
                found.append(self._add(path))
            elif (path := self._take(_DELETE)) is not None:
                found.append(Delete(path))
            elif (path := self._take(_UPDATE)) is not None:
                found.append(self._update(path))
            else:
                raise self._strange(f"expected `{_ADD}`, `{_UPDATE}` or `{_DELETE}` and a path")
        if not found:
            raise PatchError("The patch is empty.")
        return tuple(found)

    def _take(self, mark: str) -> str | None:
        """The path behind ``mark`` where the next line has it; the line is then read."""
        line = self._lines[self._at] if self._at < len(self._lines) else ""
        if not line.startswith(mark):
            return None
        path = line.removeprefix(mark).strip()
        if not path:
            raise self._strange("the path is missing")
        self._at += 1
        return path

    def _body(self) -> Iterator[str]:
        """The lines up to the next operation."""
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if line.startswith((_ADD, _DELETE, _UPDATE)):
                return
            yield line
            self._at += 1

    def _add(self, path: str) -> Add:
        lines = []
        for line in self._body():
            if line.startswith("+"):
                lines.append(line[1:] + "\n")
            elif line.strip() and line.rstrip() != _END_OF_FILE:
                raise self._strange("every line of a new file begins with `+`")
        return Add(path, "".join(lines))

    def _update(self, path: str) -> Update:
        move_to = self._take(_MOVE)
        hunks: list[Hunk] = []
        headers: list[str] = []
        lines: list[tuple[str, str]] = []

        def finish(end_of_file: bool = False) -> None:
            if lines:
                hunks.append(Hunk(tuple(headers), tuple(lines), end_of_file))
                headers.clear()
                lines.clear()

        for line in self._body():
            if line.startswith("@@"):
                finish()
                header = _RANGES.sub("", line[2:].removeprefix(" "))
                if header.strip():
                    headers.append(header)
            elif line.rstrip() == _END_OF_FILE:
                finish(end_of_file=True)
            elif not line:
                lines.append((" ", ""))
            elif line[0] in " +-":
                lines.append((line[0], line[1:]))
            else:
                raise self._strange("every line of a hunk begins with a space, `-` or `+`")
        finish()
        hunks = [hunk for hunk in hunks if any(sign != " " or text for sign, text in hunk.lines)]
        if not hunks and move_to is None:
            raise PatchError(f"There is no hunk for {path}.")
        return Update(path, move_to, tuple(hunks))

    def _strange(self, wish: str) -> PatchError:
        # Lines are counted as the model wrote them: the envelope's first line is line 1.
        line = self._lines[self._at][:80]
        return PatchError(f"Line {self._at + 2} of the patch is `{line}`: {wish}.")
