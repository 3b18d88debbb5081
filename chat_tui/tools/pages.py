"""Pages as gpt-oss knows them from its browser: numbered lines, links with ids, a cursor.

    [3] Tea (notes/tea.md)
    **viewing lines [0 - 1] of 1**

    L0: Tea is a hot drink, see
    L1: 【0†water】 and 【1†its makers†example.org】.

Knows texts only; must not know where a page comes from or who keeps it. Text of a page is from
outside: brackets and daggers that mean something to the model are exchanged for others like them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from chat_tui.errors import ToolError

WIDTH = 80
"""Columns of a line, without its number."""
VIEW_TOKENS = 1024
"""About how much is shown where nobody says how many lines."""
MAX_VIEW_TOKENS = 8 * VIEW_TOKENS
_BYTES_PER_TOKEN = 4
"""Of UTF-8: near the truth for English and for Chinese alike."""
MAX_MATCHES, MATCH_LINES = 50, 4
_TITLE = 200

_LINK = re.compile(r"【\d+†([^†】]*)(?:†[^†】]*)?】")


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link inside a text."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class Document:
    """What a source has at an address."""

    title: str
    address: str
    pieces: tuple[str | Anchor, ...]
    """The text from beginning to end; lines end with ``\\n``."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One result of a search."""

    name: str
    address: str
    snippet: str
    line: int | None = None
    """The line of the document that the snippet is from, counted from 0."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a link leads."""

    address: str
    line: int | None = None
    """A line of the document; None is its beginning."""


@dataclass(frozen=True, slots=True)
class Page:
    """A text in numbered lines."""

    title: str
    address: str
    lines: tuple[str, ...]
    origins: tuple[int, ...] = ()
    """For each line the line of the document that it is (a part of)."""
    links: tuple[Target, ...] = ()
    results: bool = field(default=False)
    """Whether this lists places in other pages."""

    def line_of(self, origin: int) -> int:
        """The first line that shows line ``origin`` of the document; the last one at most."""
        for at, shown in enumerate(self.origins):
            if shown >= origin:
                return at
        return max(0, len(self.lines) - 1)


def page(document: Document) -> Page:
    """``document`` wrapped, with its links numbered; a repeated address keeps its number."""
    home = _domain(document.address)
    ids: dict[str, int] = {}
    text: list[str] = []
    for piece in document.pieces:
        if isinstance(piece, str):
            text.append(_escaped(piece))
            continue
        label = " ".join(_escaped(piece.text).replace("†", "‡").split())
        if not label:
            continue
        number = ids.setdefault(piece.address, len(ids))
        domain = _domain(piece.address)
        where = f"†{_escaped(domain).replace('†', '‡')}" if domain and domain != home else ""
        text.append(f"【{number}†{label}{where}】")
    lines, origins = _wrapped("".join(text).split("\n"))
    return Page(
        _title(document.title) or document.address,
        document.address,
        lines,
        origins,
        tuple(Target(address) for address in ids),
    )


def source_page(document: Document) -> Page:
    """``document`` without its links: its text as it is."""
    plain = tuple(piece if isinstance(piece, str) else piece.text for piece in document.pieces)
    return page(Document(document.title, document.address, plain))


def results_page(query: str, source: str, hits: Sequence[Hit]) -> Page:
    """The list of what a search found; each hit is one line, which can be quoted and cited."""
    lines = ["# Search Results", ""]
    names = [" ".join(_escaped(hit.name).replace("†", "‡").split()) for hit in hits]
    for number, (hit, name) in enumerate(zip(hits, names, strict=True)):
        prefix = f"  * 【{number}†{_cut(name, WIDTH // 2)}†{source}】 "
        lines.append(prefix + " ".join(_escaped(hit.snippet).split()))
    if not hits:
        lines = ["No results found."]
    links = tuple(Target(hit.address, hit.line) for hit in hits)
    return Page(_title(f"Search results for {query}"), source, tuple(lines), (), links, True)


def snippet_width(name: str, source: str) -> int:
    """How much of a line is left for a snippet behind the link."""
    return max(WIDTH // 2, WIDTH - len(f"  * 【00†{_cut(name, WIDTH // 2)}†{source}】 "))


def find(where: Page, pattern: str) -> Page:
    """The places of ``where`` that have ``pattern`` in them, whatever its case.

    A place that runs from one line into the next counts for the line where it begins.
    """
    wanted = " ".join(pattern.casefold().split())
    plain = [_LINK.sub(r"\1", line) for line in where.lines]
    found: list[str] = []
    links: list[Target] = []
    at = 0
    while wanted and at < len(plain) and len(links) < MAX_MATCHES:
        if not _begins(wanted, plain, at):
            at += 1
            continue
        found += (
            ["", f"# 【{len(links)}†match at L{at}】"]
            if links
            else [f"# 【{len(links)}†match at L{at}】"]
        )
        found += plain[at : at + MATCH_LINES]
        origin = where.origins[at] if at < len(where.origins) else at
        links.append(Target(where.address, origin))
        at += MATCH_LINES
    shown = _escaped(_cut(" ".join(pattern.split()), _TITLE))
    return Page(
        _title(f"Find results for text: `{shown}` in `{where.title}`"),
        f"{where.address}/find?pattern={quote(shown)}",
        tuple(found) or (f"No `find` results for pattern: `{shown}`",),
        (),
        tuple(links),
        True,
    )


def _begins(wanted: str, lines: Sequence[str], at: int) -> bool:
    line = " ".join(lines[at].casefold().split())
    if wanted in line:
        return True
    after = " ".join(lines[at + 1].casefold().split()) if at + 1 < len(lines) else ""
    return any(0 <= joined.find(wanted) < len(line) for joined in (f"{line} {after}", line + after))


def view(shown: Page, cursor: int, loc: int = 0, num_lines: int = -1) -> str:
    """``shown`` from line ``loc`` on, as the model reads it. Raises ToolError past its end."""
    last = len(shown.lines) - 1
    if loc > last:
        raise ToolError(
            f"Invalid location parameter: `{loc}`. Cannot exceed page maximum of {last}."
        )
    budget = (MAX_VIEW_TOKENS if num_lines > 0 else VIEW_TOKENS) * _BYTES_PER_TOKEN
    wanted = shown.lines[loc : loc + num_lines] if num_lines > 0 else shown.lines[loc:]
    numbered: list[str] = []
    for number, line in enumerate(wanted, loc):
        text = f"L{number}: {line}"
        budget -= len(text.encode("utf-8", "replace")) + 1
        if numbered and budget < 0:
            break
        numbered.append(text)
    address = f" ({_cut(_escaped(shown.address), 1024)})" if shown.address else ""
    end = loc + len(numbered) - 1
    head = f"[{cursor}] {shown.title}{address}\n**viewing lines [{loc} - {end}] of {last}**\n\n"
    return head + "\n".join(numbered)


def _escaped(text: str) -> str:
    return text.replace("【", "〖").replace("】", "〗")


def _title(text: str) -> str:
    return _cut(" ".join(_escaped(text).split()), _TITLE)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _domain(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return parts.hostname or "" if parts.scheme in ("http", "https") else ""


def _wrapped(lines: Iterable[str]) -> tuple[tuple[str, ...], tuple[int, ...]]:
    shown: list[str] = []
    origins: list[int] = []
    for origin, line in enumerate(lines):
        for piece in wrap(line.rstrip("\r").expandtabs(4)):
            shown.append(piece)
            origins.append(origin)
    if len(shown) > 1 and not shown[-1]:  # what follows the last line's end is no line
        shown.pop()
        origins.pop()
    return tuple(shown), tuple(origins)


def wrap(line: str) -> list[str]:
    """``line`` in pieces of at most WIDTH characters, broken at blanks where there are any."""
    pieces: list[str] = []
    at = 0
    while len(line) - at > WIDTH:
        blank = line.rfind(" ", at, at + WIDTH + 1)
        if blank <= at or not line[at:blank].strip():
            pieces.append(line[at : at + WIDTH])
            at += WIDTH
        else:
            pieces.append(line[at:blank])
            at = blank + 1
    return [*pieces, line[at:]]
