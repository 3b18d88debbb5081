"""Text out of EPUB and DOCX: zip archives of marked-up files.

Knows these two formats as far as their text goes. Archives are bounded in what they unpack to,
and their XML is read by tag, so that it can define no entities and fetch nothing.
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from html.parser import HTMLParser
from io import BytesIO
from urllib.parse import unquote

from chat_tui.errors import ToolError
from chat_tui.language import N_
from chat_tui.tools.pages import Anchor
from chat_tui.tools.readers import MAX_TEXT, Reading
from chat_tui.tools.readers.markup import feed, read_html
from chat_tui.tools.readers.plain import decode_markup

MAX_UNPACKED = 64 << 20
_SECONDS = 10


class _Archive:
    """A zip archive that gives at most MAX_UNPACKED bytes."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
            raise ToolError(N_("The file is damaged.")) from error
        self._left = MAX_UNPACKED

    def text(self, name: str) -> str:
        """A member as text; empty where there is none."""
        try:
            with self._zip.open(name) as member:
                data = member.read(self._left + 1)
        except KeyError:
            return ""
        except (
            zipfile.BadZipFile,
            zlib.error,
            RuntimeError,
            EOFError,
            OSError,
            ValueError,
        ) as error:
            raise ToolError(N_("The file is damaged or locked.")) from error
        self._left -= len(data)
        if self._left < 0:
            raise ToolError(f"The file unpacks to more than {MAX_UNPACKED >> 20} MB.")
        return decode_markup(data)


class _Tags(HTMLParser):
    """All tags of an XML file in order, each with its attributes and the text behind it."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str], list[str]]] = []
        feed(self, text, _SECONDS)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}, []))

    def handle_endtag(self, tag: str) -> None:
        self.found.append((f"/{tag}", {}, []))

    def handle_data(self, data: str) -> None:
        if self.found:
            self.found[-1][2].append(data)


def read_epub(data: bytes) -> Reading:
    """The chapters of a book in reading order. Raises ToolError."""
    archive = _Archive(data)
    roots = [
        given.get("full-path", "")
        for tag, given, _ in _Tags(archive.text("META-INF/container.xml")).found
        if tag == "rootfile"
    ]
    if not roots:
        raise ToolError(N_("The file is no EPUB book."))
    package = _Tags(archive.text(roots[0])).found
    title = "".join(next((text for tag, _, text in package if tag == "dc:title"), []))
    items = {given.get("id"): given.get("href", "") for tag, given, _ in package if tag == "item"}
    pieces: list[str | Anchor] = []
    length = 0
    for tag, given, _ in package:
        href = items.get(given.get("idref")) if tag == "itemref" else None
        if not href or length > MAX_TEXT:
            continue
        name = posixpath.normpath(posixpath.join(posixpath.dirname(roots[0]), unquote(href)))
        chapter = read_html(archive.text(name), _SECONDS)
        # A book's links lead inside the archive, where nothing can be opened.
        text = chapter.text
        length += len(text)
        pieces += [text, "\n"] if text else []
    return Reading(" ".join(title.split()), tuple(pieces))


def read_docx(data: bytes) -> Reading:
    """The paragraphs of a Word document. Raises ToolError."""
    archive = _Archive(data)
    body = archive.text("word/document.xml")
    if not body:
        raise ToolError(N_("The file is no Word document."))
    text = "".join(_paragraphs(_Tags(body)))[:MAX_TEXT]
    properties = _Tags(archive.text("docProps/core.xml")).found
    title = "".join(next((text for tag, _, text in properties if tag == "dc:title"), []))
    return Reading(" ".join(title.split()), (text,))


def _paragraphs(tags: _Tags) -> Iterator[str]:
    for tag, given, text in tags.found:
        match tag:
            case "w:t":
                yield "".join(text)
            case "w:tab":
                yield "\t"
            case "w:br" | "w:cr" | "/w:p":
                yield "\n"
            case "w:pstyle":
                level = given.get("w:val", "").removeprefix("Heading")
                if level in tuple("123456"):
                    yield "#" * int(level) + " "
            case "/w:tc":
                yield " "
