"""Citations such as ``【3†L12-L18】`` in an answer: where they stand and what they point at.

Knows the marks and the texts of tool messages; must not know tools or a face. A page is found in
what the model was shown, so that citations of a conversation from last week resolve as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_CITATION = re.compile(r"【(\d{1,6})†L(\d{1,7})(?:\s?[-–]\s?L?(\d{1,7}))?(?:†[^【】]{0,80})?】")
_PARTIAL = re.compile(r"【[^【】\n]{0,120}\Z")
_HEAD = re.compile(
    r"\[(\d+)\] ([^\n]*)\n\*\*viewing lines \[(\d+) - (\d+)\] of (\d+)\*\*\n\n", re.ASCII
)
_NUMBERED = re.compile(r"L(\d+): (.*)")
_HIT = re.compile(r"\s*\* 【\d{1,6}†([^†】]+)[†】]")
"""How a line begins that tells of what a search found."""
_RESULTS = "# Search Results"


@dataclass(frozen=True, slots=True)
class Citation:
    """A citation in a text."""

    start: int
    """Where its mark begins in the text."""
    end: int
    cursor: int
    first: int
    """The first line that it names."""
    last: int


@dataclass(frozen=True, slots=True)
class Shown:
    """A view of a page that the model was shown."""

    cursor: int
    title: str
    address: str
    first: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """What a citation points at."""

    citation: Citation
    page: Shown
    lines: tuple[str, ...]
    """The cited lines, as far as they were shown."""

    @property
    def found(self) -> str:
        """Of lines in the results of a search, the document that they tell of; else nothing."""
        is_list = self.page.first == 0 and self.page.lines[:1] == (_RESULTS,)
        hit = _HIT.match(self.lines[0]) if is_list else None
        return hit[1] if hit else ""


def citations(text: str) -> tuple[Citation, ...]:
    """Every citation in ``text``, in order; whatever is not quite one is left alone."""
    found = []
    for match in _CITATION.finditer(text):
        first = int(match[2])
        last = int(match[3]) if match[3] else first
        found.append(Citation(match.start(), match.end(), int(match[1]), first, max(first, last)))
    return tuple(found)


def certain(text: str) -> int:
    """How much of a text that is still being written can be shown: all but a half citation."""
    partial = _PARTIAL.search(text)
    return partial.start() if partial else len(text)


def read_view(text: str) -> Shown | None:
    """The view in a browser's answer; None where the answer is an error."""
    head = _HEAD.match(text)
    if head is None:
        return None
    lines = [_NUMBERED.fullmatch(line) for line in text[head.end() :].split("\n")]
    title, address = _parted(head[2])
    return Shown(
        int(head[1]),
        title,
        address,
        int(head[3]),
        tuple(line[2] for line in lines if line),
    )


def _parted(head: str) -> tuple[str, str]:
    """Title and address of ``title (address)``; either may hold brackets of its own."""
    depth = 0
    for at in range(len(head) - 1, 0, -1):
        depth += {")": 1, "(": -1}.get(head[at], 0)
        if depth <= 0:
            if at < len(head) - 1 and head[at - 1] == " ":
                return head[: at - 1], head[at + 1 : -1]
            break
    return head, ""


def resolve(text: str, answers: Iterable[str]) -> tuple[Reference, ...]:
    """The citations in ``text`` that point at one of the browser's ``answers``, oldest first.

    A cursor that was used twice means its newest page. What points at no line that was shown is
    no reference: the model made it up.
    """
    pages = {shown.cursor: shown for one in answers if (shown := read_view(one))}
    found = []
    for citation in citations(text):
        shown = pages.get(citation.cursor)
        if shown is None:
            continue
        begin = max(0, citation.first - shown.first)
        lines = shown.lines[begin : max(0, citation.last + 1 - shown.first)]
        if lines:
            found.append(Reference(citation, shown, lines))
    return tuple(found)
