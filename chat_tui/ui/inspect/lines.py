"""A prompt in lines of a given width: which part of which entry each shows, and how it looks.

Knows entries and cells; must not know widgets or the chat. Pure. Lines are only places in the
texts, so that a hundred thousand tokens are laid out quickly and drawn a window at a time.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from chat_tui.language import N_, _, ngettext
from chat_tui.session.inspect import Entry, Fate, Inspected
from chat_tui.untrusted import clean_line, is_mark, masked

GUTTER = 2
"""Cells before a text: what becomes of it."""
SIGNS = {Fate.DROPPED: "- ", Fate.LEFT_OUT: "- ", Fate.MARK: "  "}
_FATES = {
    Fate.DROPPED: N_("not read: reasoning of an earlier turn"),
    Fate.LEFT_OUT: N_("not read: left out to make room"),
}
_CROWD = 10
"""Characters to the cell at most, a letter with all marks that ``masked`` leaves on it: signs that
take no cell would make a line of any length."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line: the heading of an entry, or a part of its text."""

    entry: int
    begin: int = -1
    end: int = -1

    @property
    def is_heading(self) -> bool:
        """Whether it shows no text."""
        return self.begin < 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """All lines of a prompt at one width, with the texts as they may be shown."""

    entries: tuple[Entry, ...]
    texts: tuple[str, ...]
    """As long as those of the entries; nothing in them acts on a terminal."""
    lines: tuple[Line, ...]
    headings: tuple[int, ...]
    """The line at which each entry begins."""
    width: int

    def line_of(self, entry: int, place: int) -> int:
        """The line that shows a place in an entry's text."""
        first = self.headings[entry]
        last = self.headings[entry + 1] if entry + 1 < len(self.headings) else len(self.lines)
        begins = [line.begin for line in self.lines[first + 1 : last]]
        return first + max(1, bisect_right(begins, place)) if begins else first

    def entry_at(self, line: int) -> int:
        """The entry that a line belongs to."""
        return max(0, bisect_right(self.headings, line) - 1)


Hit = tuple[int, int, int]
"""An entry, and from where to where in its text."""


def sheet(inspected: Inspected, width: int) -> Sheet:
    """Lay all of it out; takes a while for a long one."""
    texts = tuple(masked(entry.text).replace("\t", "→") for entry in inspected.entries)
    lines: list[Line] = []
    headings: list[int] = []
    for number, text in enumerate(texts):
        headings.append(len(lines))
        lines.append(Line(number))
        lines += (Line(number, begin, end) for begin, end in _wrapped(text, width - GUTTER))
    return Sheet(inspected.entries, texts, tuple(lines), tuple(headings), width)


def _wrapped(text: str, room: int) -> Iterator[tuple[int, int]]:
    """Where lines of at most ``room`` cells begin and end; a newline ends one and is not in it."""
    room = max(2, room)
    begin = 0
    while begin < len(text):
        end = text.find("\n", begin)
        end = len(text) if end < 0 else end
        if begin == end:
            yield (begin, end)
        yield from _folded(text, begin, end, room)
        begin = end + 1


def _folded(text: str, begin: int, end: int, room: int) -> Iterator[tuple[int, int]]:
    """Pieces of one line, between words where they are not too long; a blank stays behind one."""
    while begin < end:
        at = min(begin + room, end)
        if not text[begin:at].isascii():
            at = _fitting(text, begin, min(begin + _CROWD * room, end), room)
        if at < end and (blank := text.rfind(" ", begin + (at - begin) // 2, at)) >= 0:
            at = blank + 1
        while begin + 1 < at < end and is_mark(text[at]):
            at -= 1  # it goes with its letter
        yield (begin, at)
        begin = at


def _fitting(text: str, begin: int, end: int, room: int) -> int:
    """Up to where a text fits into ``room`` cells; one character always does."""
    used = 0
    for at in range(begin, end):
        used += cell_len(text[at])
        if used > room:
            return max(at, begin + 1)
    return end


def heading(entry: Entry, number: int, width: int) -> Content:
    """``3 assistant · final · 240 tokens · 200 cached``."""
    role = clean_line(entry.name or entry.role)
    facts = [clean_line(entry.channel)] if entry.channel else []
    if entry.recipient:
        facts.append(_("to {name}").format(name=clean_line(entry.recipient)))
    if entry.fate is Fate.READ:
        tokens = ngettext("{n:,} token", "{n:,} tokens", entry.tokens)
        facts.append(tokens.format(n=entry.tokens))
        if entry.reused == entry.tokens:
            facts.append(_("cached"))
        elif entry.reused:
            facts.append(_("{tokens:,} cached").format(tokens=entry.reused))
    else:
        role = "" if entry.fate is Fate.MARK else role
        facts += filter(None, [_(_FATES.get(entry.fate, ""))])
    if entry.note:
        facts.append(clean_line(entry.note))
    name = Content.styled(f"{number} {role}".strip(), "bold $text-accent")
    return (name + Content.styled("".join(f" · {fact}" for fact in facts), "$text-muted")).truncate(
        width, ellipsis=True
    )


def drawn(
    sheet: Sheet, at: int, *, boundaries: bool, hits: Sequence[Hit], here: Hit | None
) -> Content:
    """One line; ``hits`` are those of the whole sheet, in order."""
    line = sheet.lines[at]
    entry = sheet.entries[line.entry]
    if line.is_heading:
        return heading(entry, line.entry + 1, sheet.width)
    shown = Content(sheet.texts[line.entry][line.begin : line.end])
    if entry.fate is not Fate.READ:
        return Content.styled(SIGNS[entry.fate], "$text-muted") + shown.stylize("$text-muted")
    first, last = bisect_right(entry.ends, line.begin), bisect_left(entry.ends, line.end)
    markup = frozenset(_within(entry.specials, first, last))
    for token in range(first, min(last, len(entry.ends) - 1) + 1):
        begin = max(0, (entry.ends[token - 1] if token else 0) - line.begin)
        end = min(entry.ends[token], line.end) - line.begin
        if token in markup:
            shown = shown.stylize("$text-muted italic", begin, end)
        if boundaries and token % 2:
            shown = shown.stylize("underline on $primary 30%", begin, end)
    for hit in _in_line(hits, line):
        style = "bold reverse" if hit == here else "reverse"
        shown = shown.stylize(style, max(0, hit[1] - line.begin), hit[2] - line.begin)
    known = bool(entry.reused) and line.end <= entry.ends[entry.reused - 1]
    return Content("  ") + shown if known else Content.styled("+ ", "$text-success") + shown


def _within(ordered: Sequence[int], first: int, last: int) -> Sequence[int]:
    return ordered[bisect_left(ordered, first) : bisect_right(ordered, last)]


def _in_line(hits: Sequence[Hit], line: Line) -> Iterable[Hit]:
    """The hits that a line shows a part of."""
    at = bisect_left(hits, (line.entry, line.begin, 0))
    if at and hits[at - 1][0] == line.entry and hits[at - 1][2] > line.begin:
        at -= 1
    while at < len(hits) and hits[at][0] == line.entry and hits[at][1] < line.end:
        yield hits[at]
        at += 1


def search(sheet: Sheet, words: str, most: int) -> list[Hit]:
    """Where ``words`` stand, in capitals or not; ``most`` places at most."""
    if not words:
        return []
    pattern = re.compile(re.escape(words), re.IGNORECASE)
    found: list[Hit] = []
    for number, text in enumerate(sheet.texts):
        for match in pattern.finditer(text):
            found.append((number, match.start(), match.end()))
            if len(found) >= most:
                return found
    return found
