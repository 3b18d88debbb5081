"""What a patch makes of a text: where each hunk belongs, and the text with all of them applied.

Knows lines; must not know files. A hunk goes to the one place that its lines describe, most
closely first: exactly, then but for white space at the ends of lines, then but for indentation,
then but for the kind of quotes, dashes and spaces. Where they describe two places alike, that is
an error that names both: a guess would edit the wrong one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from chat_tui.tools.patch import Hunk, PatchError, Update


def updated(text: str, change: Update) -> str:
    """``text`` with the hunks of ``change`` applied.

    Line ends (``\\n`` or ``\\r\\n``, line by line), a byte order mark and a missing final newline
    stay as they are; a new line ends as its neighbour does. Raises PatchError.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix(mark)
    *whole, rest = body.split("\n")
    lines = [line.removesuffix("\r") for line in whole]
    ends = ["\r\n" if line.endswith("\r") else "\n" for line in whole]
    if rest:
        lines, ends = [*lines, rest], [*ends, ends[-1] if ends else "\n"]
    search = _Search(change.path, lines)
    edits: list[_Edit] = []
    for number, hunk in enumerate(change.hunks, 1):
        edits += search.edits(hunk, number)
    pieces = [piece for pair in _edited(lines, ends, edits, change.path) for piece in pair]
    return mark + "".join(pieces[:-1] if rest else pieces)


@dataclass(frozen=True, slots=True)
class _Edit:
    at: int
    removed: int
    added: tuple[str, ...]


def _edited(
    lines: list[str], ends: list[str], edits: list[_Edit], path: str
) -> Iterator[tuple[str, str]]:
    """Every line of the result with its end."""
    at = 0
    for edit in sorted(edits, key=lambda edit: edit.at):
        if edit.at < at:
            raise PatchError(f"Two hunks change line {edit.at + 1} of {path}.")
        yield from zip(lines[at : edit.at], ends[at : edit.at], strict=True)
        neighbour = edit.at if edit.removed else max(edit.at - 1, 0)
        yield from ((line, ends[neighbour] if ends else "\n") for line in edit.added)
        at = edit.at + edit.removed
    yield from zip(lines[at:], ends[at:], strict=True)


_PUNCTUATION = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u2018\u2019\u201a\u201b", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f", '"'),
    }
)


def _plain(line: str) -> str:
    """Typographic punctuation as ASCII, any white space as one space, none around."""
    return " ".join(line.translate(_PUNCTUATION).split())


_LEVELS: tuple[Callable[[str], str], ...] = (str, str.rstrip, str.strip, _plain)
"""How closely lines have to agree, from exactly to loosely; the first that finds a place counts."""
_SHIFTED = 2
"""From this level on the indentation may differ."""


class _Search:
    """Finds where the hunks of one file belong."""

    def __init__(self, path: str, lines: list[str]) -> None:
        self._path = path
        self._lines = lines
        self._views = [[level(line) for line in lines] for level in _LEVELS]

    def edits(self, hunk: Hunk, number: int) -> list[_Edit]:
        """The changes that ``hunk`` makes, in the lines' own numbers. Raises PatchError."""
        start, level, hunk = self._place(hunk, number)
        shift = self._shift(hunk.old, start) if level >= _SHIFTED else ("", "")
        found: list[_Edit] = []
        at = start
        removed, begin = 0, start
        added: list[str] = []
        for sign, text in (*hunk.lines, (" ", "")):
            if sign == " ":
                if removed or added:
                    found.append(_Edit(begin, removed, tuple(added)))
                at += 1
                removed, added, begin = 0, [], at
            elif sign == "-":
                removed += 1
                at += 1
            else:
                added.append(_shifted(text, shift))
        return found

    def _place(self, hunk: Hunk, number: int) -> tuple[int, int, Hunk]:
        """The line where ``hunk`` begins, how loosely it fits, and what of it does."""
        attempts = [hunk]
        if hunk.lines[-1] == (" ", ""):
            # A last empty line may only part this hunk from what follows it in the patch.
            attempts.append(replace(hunk, lines=hunk.lines[:-1]))
        for attempt in attempts:
            places, level = self._places(attempt)
            if len(places) > 1:
                raise PatchError(
                    f"Hunk {number} of {self._path} fits at line {places[0] + 1} and at line "
                    f"{places[1] + 1}. Give more lines around the change, or an @@ line."
                )
            if places:
                return places[0], level, attempt
        raise PatchError(f"Hunk {number} of {self._path} does not fit: {self._nearest(hunk.old)}")

    def _places(self, hunk: Hunk) -> tuple[list[int], int]:
        """Every line where ``hunk`` could begin, and how loosely it fits there."""
        scopes = self._scopes(hunk.headers)
        end = len(self._lines)
        if not hunk.old:
            if hunk.end_of_file or not end:
                return [end], 0
            return [begin for begin, _ in scopes or ()], 0
        begins = [begin for begin, _ in scopes or ()]
        right_below = [(begin, begin + 1) for begin in begins]
        # The hunk may repeat the line that its @@ names.
        blocks = [(begin - 1, stop) for begin, stop in scopes or ()]
        anywhere = [(begin - 1, end) for begin in begins] or [(0, end)]
        for level in range(len(_LEVELS)):
            for ranges in (right_below, blocks):
                if found := self._starts(hunk, ranges, level):
                    return found, level
        for level in range(len(_LEVELS)):
            if found := self._starts(hunk, anywhere, level):
                return found, level
        return [], 0

    def _starts(self, hunk: Hunk, ranges: list[tuple[int, int]], level: int) -> list[int]:
        """Where in ``ranges`` the old lines of ``hunk`` begin that agree at ``level``."""
        old = [_LEVELS[level](line) for line in hunk.old]
        view, last = self._views[level], len(self._lines) - len(old)
        if hunk.end_of_file and last >= 0 and view[last:] == old:
            return [last]
        return sorted(
            {
                at
                for begin, end in ranges
                for at in range(begin, min(end, last + 1))
                if view[at] == old[0] and view[at : at + len(old)] == old
            }
        )

    def _scopes(self, headers: tuple[str, ...]) -> list[tuple[int, int]] | None:
        """The blocks below the lines that the headers name; None where nothing names any."""
        scopes = None
        for header in headers:
            for level, view in zip(_LEVELS, self._views, strict=True):
                wanted = level(header)
                inner = [
                    (at + 1, min(end, self._block_end(at)))
                    for begin, end in scopes or [(0, len(self._lines))]
                    for at in range(begin, end)
                    if view[at] == wanted
                ]
                if inner:
                    scopes = inner
                    break
        return scopes

    def _block_end(self, at: int) -> int:
        """The end of what is indented below line ``at``; the file's, where nothing is."""
        indent = _indent(self._lines[at])
        for end in range(at + 1, len(self._lines)):
            if self._lines[end].strip() and _indent(self._lines[end]) <= indent:
                return end if end > at + 1 else len(self._lines)
        return len(self._lines)

    def _shift(self, old: tuple[str, ...], start: int) -> tuple[str, str]:
        """The patch's and the file's indentation, where one was exchanged for the other."""
        pairs = [
            (_lead(mine), _lead(theirs))
            for mine, theirs in zip(old, self._lines[start:], strict=False)
            if mine.strip()
        ]
        if not pairs:
            return "", ""
        mine, theirs = min(pairs, key=lambda pair: len(pair[0]))
        even = all(a.startswith(mine) and b == theirs + a[len(mine) :] for a, b in pairs)
        return (mine, theirs) if even else ("", "")

    def _nearest(self, old: tuple[str, ...]) -> str:
        """What keeps the lines from fitting, in words."""
        if not old:
            return "it has no lines that say where; give the lines around the change."
        view, wanted = self._views[-1], [_plain(line) for line in old]
        best, length = 0, 0
        for at, line in enumerate(view):
            if line != wanted[0]:
                continue
            same = 1
            while same < len(wanted) and view[at + same : at + same + 1] == [wanted[same]]:
                same += 1
            if same > length:
                best, length = at, same
        if not length:
            return f"its first line `{old[0][:80]}` is not in the file."
        if length == len(wanted):
            return "its lines are in the file, but not there."
        there = best + length
        is_there = f"`{self._lines[there][:80]}`" if there < len(view) else "the end of the file"
        return f"line {there + 1} should be `{old[length][:80]}`, but is {is_there}."


def _lead(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _indent(line: str) -> int:
    return len(_lead(line))


def _shifted(line: str, shift: tuple[str, str]) -> str:
    mine, theirs = shift
    return theirs + line[len(mine) :] if line.strip() and line.startswith(mine) else line
