"""The tables, and the steps that made them what they are.

Knows SQL and ``user_version``; must not know what a conversation means. A step is never changed
once it was published: files made by it exist.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from chat_tui.errors import StoreError
from chat_tui.language import _

_BEGINNING = """
CREATE TABLE conversations (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    named INTEGER NOT NULL,
    created REAL NOT NULL,
    updated REAL NOT NULL,
    started TEXT NOT NULL,
    head INTEGER,
    effort TEXT,
    model TEXT NOT NULL,
    extra TEXT
);
CREATE TABLE messages (
    key INTEGER PRIMARY KEY,
    conversation TEXT NOT NULL,
    number INTEGER NOT NULL,
    parent INTEGER,
    role TEXT NOT NULL,
    channel TEXT,
    recipient TEXT,
    name TEXT,
    content_type TEXT,
    content TEXT NOT NULL,
    tokens BLOB,
    effort TEXT,
    repairs TEXT,
    interrupted INTEGER NOT NULL,
    closed_by TEXT,
    open INTEGER NOT NULL,
    created REAL NOT NULL,
    finished REAL,
    model TEXT NOT NULL,
    usage TEXT,
    extra TEXT,
    UNIQUE (conversation, number)
);
CREATE INDEX messages_open ON messages (conversation) WHERE open;
CREATE TABLE chunks (
    key INTEGER PRIMARY KEY,
    conversation TEXT NOT NULL,
    number INTEGER NOT NULL,
    text TEXT NOT NULL
);
CREATE TABLE leases (
    conversation TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    pid INTEGER NOT NULL,
    machine TEXT NOT NULL,
    born TEXT NOT NULL,
    beat REAL NOT NULL
);
"""

# Trigrams find parts of words in every script, and code. Without positions (detail=none) the
# index is a fraction of the size; the words themselves are compared afterwards.
_SEARCH = """
ALTER TABLE messages ADD COLUMN indexed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX messages_unindexed ON messages (key) WHERE NOT indexed AND NOT open;
CREATE VIRTUAL TABLE search USING fts5 (
    content, recipient, name,
    content='messages', content_rowid='key', tokenize='trigram', detail='none'
);
"""

_LIST = """
ALTER TABLE conversations ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN deleted REAL;
CREATE INDEX conversations_listed ON conversations (deleted, pinned DESC, updated DESC);
CREATE INDEX chunks_message ON chunks (conversation, number);
"""

STEPS: Sequence[str] = (_BEGINNING, _SEARCH, _LIST)
VERSION = len(STEPS)


def connect(path: Path) -> sqlite3.Connection:
    """A connection that commits to the disk and waits for other writers."""
    connection = sqlite3.connect(
        path, timeout=5.0, isolation_level=None, check_same_thread=False, cached_statements=64
    )
    try:
        connection.execute("PRAGMA busy_timeout = 5000")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        # What was deleted is gone from the file, so that salvage cannot bring it back.
        connection.execute("PRAGMA secure_delete = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def version(connection: sqlite3.Connection) -> int:
    """The schema's number in this file; 0 for an empty one."""
    found: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return found


def check_version(connection: sqlite3.Connection, newest: int = VERSION) -> None:
    """Raise StoreError for a file that a later version of this program made."""
    found = version(connection)
    if found > newest:
        raise StoreError(
            _(
                "The conversations were written by a newer chat-tui (schema {found}, this one"
                " knows {newest})."
            ).format(found=found, newest=newest),
            _("Update chat-tui; nothing in the file was changed."),
        )


def migrate(
    connection: sqlite3.Connection,
    path: Path,
    steps: Sequence[str] = STEPS,
    *,
    after_step: Callable[[int], None] = lambda _step: None,
) -> None:
    """Bring the file at ``path`` to the newest schema: all steps or none.

    A file that has conversations is copied first, to ``<name>.v<version>.bak``. Raises StoreError
    for a newer schema and whatever SQLite raises. ``after_step`` is called inside the transaction.
    """
    newest = len(steps)
    check_version(connection, newest)
    found = version(connection)
    if found == newest:
        return
    if found:
        _back_up(connection, path, found)
    connection.execute("BEGIN IMMEDIATE")
    try:
        check_version(connection, newest)
        for number in range(version(connection), newest):  # another process may have been faster
            for statement in steps[number].split(";"):
                if statement.strip():
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number + 1}")
            after_step(number + 1)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _back_up(connection: sqlite3.Connection, path: Path, found: int) -> None:
    aside = path.with_name(f"{path.name}.{os.getpid()}.part")
    aside.unlink(missing_ok=True)
    private_file(aside)
    connection.execute("VACUUM INTO ?", (str(aside),))
    aside.replace(path.with_name(f"{path.name}.v{found}.bak"))


def private_file(path: Path) -> None:
    """Make sure that ``path`` exists and only its owner reads it; SQLite keeps the mode."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
