"""A damaged file is put aside, and what can be read of it goes on."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from chat_tui.conversation import FINAL, Message, Role, user
from chat_tui.errors import StoreError
from chat_tui.store.salvage import LOST
from chat_tui.store.store import Store
from tests.store.sample import everything, said

PAGE = 4096


def overwrite(path: Path, page: int, count: int = 1) -> None:
    """Noise in place of pages, from 1."""
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE)
        file.write(b"\xa5" * PAGE * count)


def root_of(path: Path, table: str) -> int:
    connection = sqlite3.connect(path)
    (page,) = connection.execute(
        "SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)
    ).fetchone()
    connection.close()
    return int(page)


def kept(path: Path) -> list[Path]:
    return sorted(file for file in path.parent.glob("*.damaged-*") if "-wal" not in file.name)


@pytest.fixture
def filled(database: Path) -> Path:
    store = Store(database)
    store.insert(everything())
    for seed in range(1, 6):
        store.insert(said(seed, 20))
    store.search("nothing")
    store.close()
    return database


def test_a_root_page_that_is_gone_costs_nothing_that_hung_below_it(filled: Path) -> None:
    overwrite(filled, root_of(filled, "messages"))
    store = Store(filled)
    assert store.load(everything().id) == everything()
    for seed in range(1, 6):
        assert store.load(f"{seed:012x}").conversation == said(seed, 20).conversation
    assert len(store.search("river")) > 0
    assert store.salvaged is not None
    assert [str(file) for file in kept(filled)] == [store.salvaged.kept]
    store.close()
    again = Store(filled)
    assert again.salvaged is None
    assert again.check()
    again.close()


def test_a_lost_list_is_made_anew_from_the_messages(filled: Path) -> None:
    overwrite(filled, root_of(filled, "conversations"))
    store = Store(filled)
    assert store.count() == 6
    for seed in range(1, 6):
        stored = store.load(f"{seed:012x}")
        assert stored.conversation == said(seed, 20).conversation
        assert stored.title.startswith(f"{seed}.0")
    store.close()


@pytest.mark.parametrize("head", [b"", b"no database at all", b"\0" * 5000, b"SQLite format 3\0"])
def test_a_file_that_is_no_database_is_kept_and_replaced(database: Path, head: bytes) -> None:
    database.parent.mkdir()
    database.write_bytes(head)
    store = Store(database)
    pen = store.create("New")
    pen.add(user("Hi"), None)
    assert store.count() == 1
    store.close()
    assert [file.read_bytes() for file in kept(database)] == ([head] if head else [])


def test_a_message_that_is_lost_leaves_a_mark_in_its_place(filled: Path) -> None:
    connection = sqlite3.connect(filled)
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(
        "DELETE FROM messages WHERE conversation = ? AND number IN (4, 5)", (f"{2:012x}",)
    )
    connection.commit()
    connection.close()
    store = Store(filled)
    loaded = store.load(f"{2:012x}").conversation
    assert [message.content for message in loaded.messages[4:6]] == [LOST, LOST]
    assert [message.role for message in loaded.messages[4:6]] == [Role.USER, Role.ASSISTANT]
    expected = said(2, 20).conversation.messages
    assert loaded.messages[:4] + loaded.messages[6:] == expected[:4] + expected[6:]
    assert store.salvaged is not None
    store.close()


def test_damage_while_it_is_open_is_put_right_and_the_pen_writes_on(filled: Path) -> None:
    store = Store(filled)
    pen = store.create("Open")
    pen.add(user("before"), None)
    node = pen.start(Message(Role.ASSISTANT, "", channel=FINAL), 0)
    pen.append(node, "half")
    connection = sqlite3.connect(filled)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    overwrite(filled, root_of(filled, "messages"))
    # Another process's change makes this one read the file again.
    store._file._reader = None
    pen.append(node, " and")
    store.list_conversations()
    assert not store.check()
    pen.finish(node, Message(Role.ASSISTANT, "half and half", channel=FINAL))
    assert [one.content for one in store.load(pen.id).conversation.messages] == [
        "before",
        "half and half",
    ]
    assert store.trouble is None
    store.close()


def test_nothing_is_replaced_while_another_process_has_it_open(filled: Path) -> None:
    first = Store(filled)
    overwrite(filled, root_of(filled, "messages"))
    with pytest.raises(StoreError, match="another chat-tui has them open"):
        Store(filled)
    assert kept(filled) == []
    first.close()
    second = Store(filled)
    assert second.load(everything().id) == everything()
    second.close()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE messages SET role = 'king' WHERE number = 1",
        "UPDATE messages SET parent = 99 WHERE number = 1",
        "UPDATE messages SET repairs = 'no json' WHERE number = 1",
        "UPDATE messages SET tokens = x'010203' WHERE number = 1",
        "UPDATE conversations SET head = 4000",
        "UPDATE conversations SET started = 'long ago'",
        "DELETE FROM search_data WHERE id > 10",
        "UPDATE messages SET content = CAST(x'7269766572ff' AS TEXT), indexed = 0",
        "UPDATE messages SET content = 7 WHERE number = 2",
        "UPDATE conversations SET title = x'ff', updated = 'late'",
    ],
)
def test_rows_that_make_no_sense_do_not_stop_the_rest(filled: Path, change: str) -> None:
    connection = sqlite3.connect(filled)
    connection.execute(change)
    connection.commit()
    connection.close()
    store = Store(filled)
    store.check()
    for summary in store.list_conversations():
        assert store.load(summary.id).conversation.nodes[0].message.content
    store.search("river")
    store.search("ri")
    store.close()
