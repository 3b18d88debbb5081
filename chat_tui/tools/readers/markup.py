"""Text and links out of HTML, and whatever else is made of tags.

Knows tags; must not know files. Nothing is fetched, no entity is defined, no script is run: the
standard library's tokenizer reports tags, and this puts lines together.
"""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser

from chat_tui.errors import ToolError
from chat_tui.language import N_
from chat_tui.tools.pages import Anchor
from chat_tui.tools.readers import MAX_TEXT, Reading

_SKIPPED = {"script", "style", "template", "noscript", "svg", "math", "iframe", "object", "head"}
_BLOCKS = {
    *("address", "article", "aside", "blockquote", "body", "dd", "details", "div", "dl", "dt"),
    *("fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "li", "main", "nav"),
    *("ol", "p", "pre", "section", "summary", "table", "tbody", "thead", "tr", "ul"),
    *("h1", "h2", "h3", "h4", "h5", "h6"),
}
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "table", "ul", "ol", "blockquote"}
_SPACE = re.compile(r"[ \t\n\f\r\v]+")
_CHUNK = 1 << 16
_UNCLOSED = 1 << 13


def read_html(text: str, seconds: float = 10) -> Reading:
    """The readable part of a page. Raises ToolError where that takes longer than ``seconds``."""
    parser = _Html()
    feed(parser, text, seconds)
    return parser.reading()


def feed(parser: HTMLParser, text: str, seconds: float) -> None:
    """Parse ``text`` piece by piece, so that hostile markup cannot take for ever."""
    deadline = time.monotonic() + seconds
    for at in range(0, len(text), _CHUNK):
        parser.feed(text[at : at + _CHUNK])
        if time.monotonic() > deadline:
            raise ToolError(N_("The document takes too long to read."))
    if len(parser.rawdata) <= _UNCLOSED:
        parser.close()
    # Else a comment or a tag never ends; to take it for text, character by character, is slow.


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str | Anchor] = []
        self._length = 0
        self._skipped: list[str] = []
        self._title: list[str] | None = None
        self._titles: list[str] = []
        self._verbatim = 0
        self._link: tuple[str, list[str]] | None = None
        self._fresh = 2
        """Line ends that the text ends with; the beginning counts as a paragraph's end."""

    def reading(self) -> Reading:
        """What has been read."""
        self._end_link()
        title = " ".join("".join(self._titles).split())
        while self._pieces and isinstance(last := self._pieces[-1], str) and not last.strip():
            self._pieces.pop()
        return Reading(title, (*self._pieces, "\n") if self._pieces else ())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title" and not self._titles:
            self._title = []
            return
        if tag == "body":
            self._skipped.clear()  # a head that nobody closed
        if tag in _SKIPPED:
            self._skipped.append(tag)
        if self._skipped:
            return
        given = dict(attrs)
        if tag in _BLOCKS:
            self._break(2 if tag in _PARAGRAPHS else 1)
        if tag == "a" and given.get("href"):
            self._end_link()
            self._link = (str(given["href"]).strip(), [])
        elif tag == "br":
            self._add("\n")
        elif tag == "li":
            self._add("- ")
        elif tag in ("td", "th"):
            self._add(" ")
        elif tag == "img" and given.get("alt"):
            self._text(f"[Image: {given['alt']}]")
        elif tag == "pre":
            self._verbatim += 1
        elif len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
            self._add("#" * int(tag[1]) + " ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "title" and self._title is not None:
            self._titles, self._title = self._title or [""], None
            return
        if tag in self._skipped:
            del self._skipped[self._skipped.index(tag) :]
            return
        if self._skipped:
            return
        if tag == "a":
            self._end_link()
        elif tag == "pre":
            self._verbatim = max(0, self._verbatim - 1)
        if tag in _BLOCKS:
            self._break(2 if tag in _PARAGRAPHS else 1)

    def handle_data(self, data: str) -> None:
        if self._title is not None:
            self._title.append(data[:1000])
        elif not self._skipped:
            self._text(data)

    def _text(self, data: str) -> None:
        if self._verbatim:
            self._add(data)
            return
        text = _SPACE.sub(" ", data)
        if self._link is None and self._fresh:
            text = text.lstrip()
        self._add(text)

    def _add(self, text: str) -> None:
        if not text or self._length > MAX_TEXT:
            return
        self._length += len(text)
        if self._link is not None:
            self._link[1].append(text)
            return
        self._pieces.append(text)
        ends = len(text) - len(text.rstrip("\n"))
        self._fresh = ends + (self._fresh if ends == len(text) else 0)

    def _break(self, lines: int) -> None:
        self._end_link()
        if self._fresh < lines:
            self._add("\n" * (lines - self._fresh))

    def _end_link(self) -> None:
        if self._link is None:
            return
        (address, parts), self._link = self._link, None
        text = "".join(parts)
        label = " ".join(text.split())
        if not label:
            self._add(" " if text else "")
            return
        if text[0].isspace() and not self._fresh:
            self._add(" ")
        self._pieces.append(Anchor(label, address))
        self._fresh = 0
        if text[-1].isspace():
            self._add(" ")
