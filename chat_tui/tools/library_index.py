"""The library's index: passages of documents in SQLite, found by FTS5.

Knows its own database file and nothing else of the disk. The file holds only what can be made anew
from the documents: a damaged one, or one of another version, is thrown away.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from chat_tui.tools.passages import (
    Passage,
    folded,
    loose_query,
    passages,
    spaced,
    strict_queries,
    words_of,
)

_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS document (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, title TEXT NOT NULL,
    size INTEGER NOT NULL, modified INTEGER NOT NULL, digest BLOB, problem TEXT);
CREATE TABLE IF NOT EXISTS passage (
    id INTEGER PRIMARY KEY, document INTEGER NOT NULL, line INTEGER NOT NULL, text TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS passage_document ON passage (document);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (
    title, body, content = '', tokenize = "unicode61 remove_diacritics 2");
"""
_TITLE_WEIGHT = 3.0
_LOOKED_AT = 400
"""Passages that a query may give; the best of each document counts."""
_FEW = 300
"""Passages that are ranked in no time."""
_ENOUGH = 3
"""Documents; with fewer, other forms of the words are looked for as well."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A document as the index knows it."""

    id: int
    path: str
    title: str
    size: int
    modified: int
    digest: bytes | None
    problem: str | None
    """Why there is no text of it; None where there is."""


@dataclass(frozen=True, slots=True)
class Match:
    """A passage that was found."""

    entry: Entry
    passage: Passage


class Index:
    """The database. Methods raise sqlite3.Error; ``reset`` begins anew."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db: sqlite3.Connection | None = None

    @property
    def db(self) -> sqlite3.Connection:
        """The connection, opened when it is first needed."""
        if self._db is None:
            self._db = self._opened()
        return self._db

    def close(self) -> None:
        """Close the file."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def reset(self) -> None:
        """Throw everything away."""
        self.close()
        for suffix in ("", "-wal", "-shm", "-journal"):
            with suppress(FileNotFoundError):
                Path(f"{self._path}{suffix}").unlink()

    def entries(self) -> dict[str, Entry]:
        """Every document by its path."""
        rows = self.db.execute(
            "SELECT id, path, title, size, modified, digest, problem FROM document"
        )
        return {row[1]: Entry(*row) for row in rows}

    def put(self, entry: Entry, text: str) -> None:
        """Take a document in, in place of what was at its path."""
        self.remove(entry.path)
        row = self.db.execute(
            "INSERT INTO document (path, title, size, modified, digest, problem)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (entry.path, entry.title, entry.size, entry.modified, entry.digest, entry.problem),
        ).lastrowid
        title = _indexed_title(entry)
        for passage in passages(text):
            at = self.db.execute(
                "INSERT INTO passage (document, line, text) VALUES (?, ?, ?)",
                (row, passage.line, passage.text),
            ).lastrowid
            self.db.execute(
                "INSERT INTO words (rowid, title, body) VALUES (?, ?, ?)",
                (at, title, spaced(passage.text)),
            )

    def touch(self, path: str, size: int, modified: int) -> None:
        """Remember that a file looks otherwise and says the same."""
        self.db.execute(
            "UPDATE document SET size = ?, modified = ? WHERE path = ?", (size, modified, path)
        )

    def remove(self, path: str) -> None:
        """Forget a document."""
        row = self.db.execute(
            "SELECT id, path, title, size, modified, digest, problem FROM document WHERE path = ?",
            (path,),
        ).fetchone()
        if row is None:
            return
        entry = Entry(*row)
        title = _indexed_title(entry)
        kept = self.db.execute("SELECT id, text FROM passage WHERE document = ?", (entry.id,))
        for at, text in kept.fetchall():
            # FTS5 without contents of its own has to be told what it forgets.
            self.db.execute(
                "INSERT INTO words (words, rowid, title, body) VALUES ('delete', ?, ?, ?)",
                (at, title, spaced(text)),
            )
        self.db.execute("DELETE FROM passage WHERE document = ?", (entry.id,))
        self.db.execute("DELETE FROM document WHERE id = ?", (entry.id,))

    def begin(self) -> None:
        """Be in a transaction; waits for other processes that write."""
        if not self.db.in_transaction:
            self.db.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Keep what was done since."""
        if self.db.in_transaction:
            self.db.execute("COMMIT")

    def rollback(self) -> None:
        """End it and forget what it did, if one is open."""
        if self._db is not None and self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def search(self, wanted: Sequence[str], count: int) -> list[Match]:
        """The best passage of each of the best ``count`` documents, best first."""
        found: dict[int, int] = {}
        telling = self._telling(wanted)
        if not telling:
            self._add_common(wanted, found, count)
        for query in strict_queries(telling):
            self._add_matches(query, found, count)
        if len(found) < min(count, _ENOUGH):
            self._add_matches(loose_query(telling), found, count)
        return [self._match(at) for at in found.values()]

    def _telling(self, wanted: Sequence[str]) -> list[str]:
        """Those of ``wanted`` that tell documents apart; ranking what all have takes long."""
        (rows,) = self.db.execute("SELECT ifnull(max(id), 0) FROM passage").fetchone()
        often = {term: min(map(self._passages_with, words_of(term)), default=0) for term in wanted}
        return [term for term in wanted if often[term] <= max(rows // 10, _FEW)]

    def _add_common(self, wanted: Sequence[str], found: dict[int, int], count: int) -> None:
        """Add passages for words that are everywhere: some, those with most of them first."""
        rows: list[tuple[int, int, str]] = []
        for query in strict_queries(wanted):
            rows = (
                rows
                or self.db.execute(
                    "SELECT p.id, p.document, p.text FROM"
                    " (SELECT rowid AS at FROM words WHERE words MATCH ? LIMIT ?) JOIN passage p"
                    " ON p.id = at",
                    (query, _LOOKED_AT),
                ).fetchall()
            )
        rows.sort(key=lambda row: -sum(map(folded(row[2]).count, wanted)))
        for at, document, _ in rows:
            if len(found) < count:
                found.setdefault(document, at)

    def _passages_with(self, word: str) -> int:
        row = self.db.execute("SELECT doc FROM vocabulary WHERE term = ?", (word,)).fetchone()
        return int(row[0]) if row else 0

    def _add_matches(self, query: str, found: dict[int, int], count: int) -> None:
        """Add the best passages for ``query`` to ``found``, one a document, up to ``count``."""
        if not query or len(found) >= count:
            return
        rows = self.db.execute(
            "SELECT rowid FROM words WHERE words MATCH ? ORDER BY bm25(words, ?, 1.0) LIMIT ?",
            (query, _TITLE_WEIGHT, _LOOKED_AT),
        ).fetchall()
        for (at,) in rows:
            row = self.db.execute("SELECT document FROM passage WHERE id = ?", (at,)).fetchone()
            if row is None:
                raise sqlite3.DatabaseError("the index contradicts itself")
            found.setdefault(row[0], at)
            if len(found) >= count:
                return

    def document(self, path: str) -> tuple[Entry, str] | None:
        """The document at ``path`` with its text; None where there is none."""
        row = self.db.execute(
            "SELECT id, path, title, size, modified, digest, problem FROM document WHERE path = ?",
            (path,),
        ).fetchone()
        if row is None:
            return None
        parts = self.db.execute(
            "SELECT text FROM passage WHERE document = ? ORDER BY id", (row[0],)
        )
        return Entry(*row), "".join(text for (text,) in parts)

    def _match(self, at: int) -> Match:
        row = self.db.execute(
            "SELECT d.id, d.path, d.title, d.size, d.modified, d.digest, d.problem, p.line, p.text"
            " FROM passage p JOIN document d ON d.id = p.document WHERE p.id = ?",
            (at,),
        ).fetchone()
        if row is None:
            raise sqlite3.DatabaseError("the index contradicts itself")
        return Match(Entry(*row[:7]), Passage(row[7], row[8]))

    def _opened(self) -> sqlite3.Connection:
        try:
            return self._connected()
        except sqlite3.OperationalError:
            raise  # busy, or no such folder: not the file's fault
        except sqlite3.DatabaseError:
            self.reset()
            return self._connected()

    def _connected(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        db = sqlite3.connect(self._path, timeout=5, isolation_level=None, check_same_thread=False)
        try:
            _use_wal(db)
            db.execute("PRAGMA synchronous = NORMAL")  # can be made anew
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version not in (0, _VERSION):
                raise sqlite3.DatabaseError("an index of another version")
            if version == 0:  # another program may be at the same: what is there already stays
                db.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}PRAGMA user_version={_VERSION};COMMIT;")
            db.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, words, row)")
        except sqlite3.Error:
            db.close()
            raise
        return db


def _use_wal(db: sqlite3.Connection) -> None:
    """Switch to WAL. Where another program is just doing that SQLite refuses without waiting."""
    for left in reversed(range(100)):
        try:
            db.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if not left:
                raise
            time.sleep(0.05)
        else:
            return


def _indexed_title(entry: Entry) -> str:
    return spaced(f"{entry.title} {Path(entry.path).name}")
