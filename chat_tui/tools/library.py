"""The user's library: files and folders they chose, searched and opened without any connection.

Knows what was chosen and keeps the index in step with it; the browser's pages are made elsewhere.
The choice is kept beside the index, which can be thrown away and made anew at any time.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from chat_tui.errors import ToolError
from chat_tui.home import at_home
from chat_tui.language import N_, _
from chat_tui.tools.base import Risk
from chat_tui.tools.library_index import Entry, Index, Match
from chat_tui.tools.pages import Document, Hit, snippet_width
from chat_tui.tools.passages import best_line, snippet, terms
from chat_tui.tools.readers.child import SUFFIXES, ReaderProcess
from chat_tui.tools.readers.plain import decode
from chat_tui.tools.scan import Found, Unreadable, scan

MAX_TEXT_FILE = 4 << 20
"""Bytes of a plain text file; larger ones are data or logs."""
_FRESH = 60.0
"""Seconds after which a search looks for changed files again."""
_BATCH = 1.0
"""Seconds of indexing in one transaction."""
_Got = TypeVar("_Got")
_NO_FAULT_OF_THE_FILE = {
    *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY),
    *(sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_INTERRUPT),
}


@dataclass(slots=True)
class Report:
    """What a run of the indexer did."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    problems: list[Unreadable] = field(default_factory=list)
    stopped: bool = False

    @property
    def documents(self) -> int:
        """How many documents the library has now."""
        return self.added + self.changed + self.unchanged


class Library:
    """The ``library`` source of the browser. May be used from several threads."""

    name = N_("library")
    about = "the user's own files"
    risk = Risk.READS

    def __init__(self, folder: Path) -> None:
        self._choice = folder / "library.json"
        self._index = Index(folder / "library.db")
        self._reader = ReaderProcess()
        self._lock = threading.RLock()
        self._looked = -_FRESH

    @property
    def place(self) -> str:
        """``about`` for the user."""
        return _("the user's own files")

    def roots(self) -> tuple[Path, ...]:
        """The files and folders that were chosen. Raises ToolError where that is unreadable."""
        try:
            names = json.loads(self._choice.read_text(encoding="utf-8"))
            return tuple(Path(name) for name in names)
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, TypeError) as error:
            raise ToolError(
                _("The list of the library's folders, {file}, cannot be read.").format(
                    file=self._choice
                ),
                _("Mend it or move it away and add the folders again."),
            ) from error

    def add(self, path: Path) -> Path:
        """Choose a file or folder; index() then takes it in. Raises ToolError."""
        whole = Path(os.path.realpath(at_home(path)))
        if not whole.exists():
            raise ToolError(_("There is no file or folder {path}.").format(path=path))
        roots = self.roots()
        if not any(whole.is_relative_to(root) for root in roots):
            self._choose([root for root in roots if not root.is_relative_to(whole)] + [whole])
        self._looked = -_FRESH
        return whole

    def remove(self, path: Path) -> None:
        """Choose a file or folder no longer. Raises ToolError where it was not chosen."""
        roots = self.roots()
        gone = {path, Path(os.path.realpath(at_home(path)))}
        if not gone & set(roots):
            raise ToolError(_("{path} is not in the library.").format(path=path), _listed(roots))
        self._choose([root for root in roots if root not in gone])
        self._looked = -_FRESH

    def index(
        self,
        progress: Callable[[int], None] = lambda _count: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Report:
        """Bring the index in step with the files; ``progress`` gets the count of files so far.

        Files of an unchanged size and time are not read. Raises ToolError for a full disk and the
        like; a file that cannot be read is only reported.
        """
        with self._lock:
            report = self._guarded(lambda: self._bring_in_step(progress, stop))
            self._looked = time.monotonic()
            return report

    def search(self, query: str, topn: int) -> list[Hit]:
        """The best documents, each with its best line."""
        with self._lock:
            if time.monotonic() - self._looked >= _FRESH:
                self.index()
            wanted = terms(query)
            matches = self._guarded(lambda: self._index.search(wanted, topn))
        names = _names([match.entry.path for match in matches])
        return [
            _hit(match, name, wanted, snippet_width(name, self.name))
            for match, name in zip(matches, names, strict=True)
        ]

    def fetch(self, address: str) -> Document:
        """A document by its path, or by the end of its path where only one ends so."""
        with self._lock:
            found = self._guarded(
                lambda: self._index.document(address) or self._index.document(self._meant(address))
            )
        if found is None or found[0].problem is not None:
            raise ToolError(f"The library has no text of {address}.")
        entry, text = found
        return Document(entry.title, entry.path, (text,))

    def count(self) -> int:
        """How many documents are indexed."""
        with self._lock:
            entries = self._guarded(self._index.entries)
            return sum(entry.problem is None for entry in entries.values())

    def close(self) -> None:
        """Close the database and end the reading process."""
        with self._lock:
            self._index.close()
            self._reader.close()

    def _meant(self, address: str) -> str:
        """The path of the one document whose path ends like ``address``."""
        tail = "/" + address.removeprefix("file://").replace("\\", "/").strip("/")
        paths = [path for path in self._index.entries() if Path(path).as_posix().endswith(tail)]
        if len(paths) > 1:
            raise ToolError(f"Several documents are called {address}.", ", ".join(paths[:5]))
        if not paths:
            raise ToolError(f"The library has no document {address}.", "Use search to find it.")
        return paths[0]

    def _bring_in_step(self, progress: Callable[[int], None], stop: Callable[[], bool]) -> Report:
        report = Report()
        known = self._index.entries()
        roots = self.roots()
        kept: list[Path] = []
        seen: set[str] = set()
        begun = time.monotonic()
        try:
            for found in _files(roots, kept):
                if stop():
                    report.stopped = True
                    break
                if isinstance(found, Unreadable):
                    report.problems.append(found)
                    kept.append(Path(found.path))
                elif not _is_text(found.path):
                    report.problems.append(Unreadable(found.path, _("Its name is no text.")))
                elif found.path not in seen:
                    seen.add(found.path)
                    self._take(found, known.get(found.path), report)
                    progress(len(seen))
                if time.monotonic() - begun > _BATCH:
                    self._index.commit()
                    begun = time.monotonic()
            if not report.stopped:
                for path in known.keys() - seen:
                    if not any(Path(path).is_relative_to(root) for root in kept):
                        self._index.begin()
                        self._index.remove(path)
                        report.removed += known[path].problem is None
            self._index.commit()
        finally:
            self._index.rollback()
        return report

    def _take(self, found: Found, before: Entry | None, report: Report) -> None:
        """Index one file, unless it is as it was."""
        if before and (before.size, before.modified) == (found.size, found.modified):
            if before.problem is None:
                report.unchanged += 1
            elif before.problem:
                report.problems.append(Unreadable(found.path, _(before.problem)))
            return
        try:
            digest, title, text = self._read(found)
        except ToolError as error:
            self._index.begin()
            self._index.put(_entry(found, "", None, error.message), "")
            if error.message:
                report.problems.append(Unreadable(found.path, _(error.message)))
            return
        self._index.begin()
        if before and before.problem is None and before.digest == digest:
            self._index.touch(found.path, found.size, found.modified)
            report.unchanged += 1
            return
        self._index.put(_entry(found, title, digest, None), text)
        if before and before.problem is None:
            report.changed += 1
        else:
            report.added += 1

    def _read(self, found: Found) -> tuple[bytes, str, str]:
        """Digest, title and text of a file. Raises ToolError, without words for mere data."""
        path = Path(found.path)
        if path.suffix.casefold() in SUFFIXES:
            self._index.commit()  # this may take a while, and others may want to write
            reading = self._reader.read(path)
            text, title = reading.text, reading.title
        else:
            if found.size > MAX_TEXT_FILE:
                raise ToolError(f"The file is larger than {MAX_TEXT_FILE >> 20} MB.")
            try:
                with path.open("rb") as file:
                    data = file.read(MAX_TEXT_FILE)
            except OSError as error:
                raise ToolError(error.strerror or str(error)) from error
            plain = decode(data)
            if plain is None:
                raise ToolError("")
            text, title = plain, _heading(path, plain)
        text = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
        digest = hashlib.sha256(f"{title}\0{text}".encode("utf-8", "replace")).digest()
        return digest, title.strip() or path.name, text

    def _choose(self, roots: Sequence[Path]) -> None:
        """Keep the choice: written aside and renamed, for the user's eyes alone."""
        aside = self._choice.with_suffix(f".{os.getpid()}.tmp")
        try:
            self._choice.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            aside.write_text(json.dumps([str(root) for root in roots], indent=1), encoding="utf-8")
            aside.chmod(0o600)
            aside.replace(self._choice)
        except OSError as error:
            with suppress(OSError):
                aside.unlink()
            lost = _("The choice cannot be kept: {error}.")
            raise ToolError(lost.format(error=error.strerror or error)) from error

    def _guarded(self, work: Callable[[], _Got]) -> _Got:
        """Do ``work``; where the index is damaged, make it anew and do it again.

        Raises ToolError for whatever else keeps the database from working.
        """
        for attempt in range(2):
            try:
                if attempt:
                    self._bring_in_step(lambda _count: None, lambda: False)
                return work()
            except sqlite3.Error as error:
                code = getattr(error, "sqlite_errorcode", 0) & 0xFF
                if attempt or code in _NO_FAULT_OF_THE_FILE:
                    raise ToolError(f"The library's index cannot be used: {error}.") from error
                self._index.reset()
        raise AssertionError("a loop that always returns or raises")


def _files(roots: Sequence[Path], kept: list[Path]) -> Iterator[Found | Unreadable]:
    for root in roots:
        if root.exists():
            yield from scan(root)
        else:  # a drive that is not plugged in takes nothing out of the library
            kept.append(root)
            yield Unreadable(str(root), _("It is not there now."))


def _is_text(path: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in path)


def _entry(found: Found, title: str, digest: bytes | None, problem: str | None) -> Entry:
    return Entry(0, found.path, title, found.size, found.modified, digest, problem)


def _heading(path: Path, text: str) -> str:
    """The title that a text gives itself; only Markdown does."""
    if path.suffix.casefold() in (".md", ".markdown", ".rst", ".txt"):
        for line in text[:2000].split("\n"):
            if line.startswith("# ") and line[2:].strip():
                return line[2:].strip()[:200]
    return ""


def _names(paths: Sequence[str]) -> list[str]:
    """The files' names, with the folder before those that occur twice."""
    names = [Path(path).name for path in paths]
    return [
        f"{Path(path).parent.name}/{name}" if names.count(name) > 1 else name
        for path, name in zip(paths, names, strict=True)
    ]


def _hit(match: Match, name: str, wanted: Sequence[str], width: int) -> Hit:
    line, text, at = best_line(match.passage.text, wanted)
    return Hit(name, match.entry.path, snippet(text, at, width), match.passage.line + line)


def _listed(roots: Sequence[Path]) -> str:
    if not roots:
        return _("It is empty.")
    return _("It has: {names}.").format(names=", ".join(map(str, roots)))
