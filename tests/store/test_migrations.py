"""Files of every past schema open, whatever happened while they were brought up to date."""

from __future__ import annotations

import os
import signal
import sqlite3
from pathlib import Path

import pytest

from chat_tui.conversation import FINAL, Message, Role, user
from chat_tui.store.schema import STEPS, VERSION, connect, migrate, version
from chat_tui.store.store import Store

SAID = (user("Old words"), Message(Role.ASSISTANT, "Old answer", channel=FINAL, tokens=(7,)))


def old_file(path: Path, schema: int) -> None:
    """A file as the program of that time left it."""
    path.parent.mkdir(parents=True)
    connection = connect(path)
    migrate(connection, path, STEPS[:schema])
    connection.execute(
        "INSERT INTO conversations (id, title, named, created, updated, started, head, model)"
        " VALUES ('00000000000a', 'Old', 0, 1.0, 2.0, '2026-01-31', 1, 'm')"
    )
    for number, message in enumerate(SAID):
        connection.execute(
            "INSERT INTO messages (conversation, number, parent, role, channel, content, tokens,"
            " interrupted, open, created, finished, model)"
            " VALUES ('00000000000a', ?, ?, ?, ?, ?, ?, 0, 0, 1.0, 1.5, 'm')",
            (
                number,
                number - 1 if number else None,
                str(message.role),
                message.channel,
                message.content,
                b"\x07\0\0\0" if message.tokens else None,
            ),
        )
    connection.close()


def is_whole(path: Path) -> None:
    """The file opens with the newest schema, and everything is there and can be found."""
    store = Store(path)
    stored = store.load("00000000000a")
    assert stored.conversation.messages == SAID
    assert (stored.title, stored.pinned) == ("Old", False)
    assert len(store.search("old")) == 3
    assert store.salvaged is None
    store.close()
    connection = sqlite3.connect(path)
    assert version(connection) == VERSION
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


@pytest.mark.parametrize("schema", range(1, VERSION + 1))
def test_every_schema_opens(database: Path, schema: int) -> None:
    old_file(database, schema)
    is_whole(database)


@pytest.mark.parametrize("schema", range(1, VERSION))
def test_the_file_is_copied_before_it_is_changed(database: Path, schema: int) -> None:
    old_file(database, schema)
    is_whole(database)
    copy = database.with_name(f"{database.name}.v{schema}.bak")
    assert copy.stat().st_mode & 0o077 == 0
    connection = sqlite3.connect(copy)
    assert version(connection) == schema
    assert connection.execute("SELECT count(*) FROM messages").fetchone() == (2,)
    connection.close()


@pytest.mark.parametrize(
    ("schema", "step"),
    [(schema, step) for schema in range(1, VERSION) for step in range(schema + 1, VERSION + 1)],
)
def test_a_kill_inside_a_migration_leaves_the_old_file(
    database: Path, schema: int, step: int
) -> None:
    old_file(database, schema)

    def die(done: int) -> None:
        if done == step:
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        try:
            migrate(connect(database), database, after_step=die)
        finally:
            os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    connection = sqlite3.connect(database)
    assert version(connection) == schema
    connection.close()
    is_whole(database)


def test_a_kill_while_the_copy_is_made_does_no_harm(database: Path) -> None:
    old_file(database, 1)
    database.with_name(f"{database.name}.{os.getpid()}.part").write_bytes(b"half a copy")
    is_whole(database)


def test_a_failing_step_changes_nothing(database: Path) -> None:
    old_file(database, VERSION)
    connection = connect(database)
    steps = (*STEPS, "CREATE TABLE more (a); CREATE TABLE messages (b)")
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, database, steps)
    connection.close()
    is_whole(database)
