"""What one can rely on when conversations are kept, listed and opened again."""

from __future__ import annotations

import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from chat_tui.conversation import FINAL, Effort, Message, Role, user
from chat_tui.errors import StoreBusy, StoreError
from chat_tui.store.schema import VERSION
from chat_tui.store.store import KEEP_DELETED_SECONDS, Store
from chat_tui.store.titles import TITLE_CHARACTERS, title_of
from tests.store.sample import EVERYTHING, USAGE, everything

ANSWER = Message(Role.ASSISTANT, "Four.", channel=FINAL, tokens=(1, 2))


def test_every_field_of_every_message_comes_back(store: Store, database: Path) -> None:
    stored = everything()
    assert store.insert(stored) == stored.id
    assert store.load(stored.id) == stored
    store.close()
    again = Store(database)
    assert again.load(stored.id) == stored
    again.close()


def test_messages_come_back_as_they_were_written(store: Store) -> None:
    pen = store.create("A talk", effort=Effort.HIGH, model="gpt-oss-120b")
    for number, message in enumerate(EVERYTHING):
        assert pen.add(message, number - 1 if number else None) == number
    pen.note(2, usage=USAGE, extra={"approval": "allow"})
    pen.note(2, extra={"more": [1]})
    stored = store.load(pen.id)
    assert stored.conversation.messages == EVERYTHING
    assert stored.effort is Effort.HIGH
    assert stored.facts[2].usage == USAGE
    assert stored.facts[2].extra == {"approval": "allow", "more": [1]}


def test_a_message_that_comes_in_pieces_is_there_at_any_moment(store: Store) -> None:
    pen = store.create()
    pen.add(user("How much?"), None)
    number = pen.start(Message(Role.ASSISTANT, "", channel=FINAL), 0)
    for piece in ("Fo", "u", "r.\ud83d"):
        pen.append(number, piece)
    shown = store.load(pen.id).conversation.messages[-1]
    assert (shown.content, shown.interrupted) == ("Four.\ud83d", True)
    pen.finish(number, ANSWER)
    assert store.load(pen.id).conversation.messages[-1] == ANSWER


def test_an_interrupted_message_keeps_what_was_shown(store: Store) -> None:
    pen = store.create()
    number = pen.start(Message(Role.ASSISTANT, "", channel=FINAL, effort=Effort.LOW), None)
    pen.append(number, "Fo")
    pen.interrupt(number)
    pen.add(user("Go on."), number)
    first, second = store.load(pen.id).conversation.messages
    assert first == Message(
        Role.ASSISTANT, "Fo", channel=FINAL, effort=Effort.LOW, interrupted=True
    )
    assert second == user("Go on.")


def test_the_head_and_the_branches_come_back(store: Store) -> None:
    pen = store.create()
    pen.add(user("A"), None)
    pen.add(ANSWER, 0)
    pen.add(Message(Role.ASSISTANT, "4", channel=FINAL), 0)
    pen.move(1)
    tree = store.load(pen.id).conversation
    assert tree.path() == (0, 1)
    assert tree.siblings(1) == (1, 2)
    pen.move(None)
    assert store.load(pen.id).conversation.head is None


def test_the_list_is_paged_pinned_first_then_newest(tmp_path: Path) -> None:
    times = iter(range(1000, 2000))
    store = Store(tmp_path / "kept" / "c.db", now=lambda: float(next(times)))
    ids = []
    for number in range(5):
        pen = store.create(f"Talk {number}")
        pen.add(user("Hi"), None)
        pen.close()
        ids.append(pen.id)
    store.pin(ids[1])
    store.rename(ids[0], "My own title")
    listed = store.list_conversations()
    assert [one.id for one in listed] == [ids[1], ids[4], ids[3], ids[2], ids[0]]
    assert listed[-1].title == "My own title"
    assert listed[0].messages == 1
    assert store.list_conversations(2, 1) == listed[1:3]
    assert store.count() == 5
    assert store.last() == ids[4]
    store.close()


def test_a_deleted_conversation_can_be_restored_for_a_while(tmp_path: Path) -> None:
    now = [1e9]
    store = Store(tmp_path / "kept" / "c.db", now=lambda: now[0])
    kept, gone = everything(), store.create("Gone")
    gone.add(user("unmistakable words"), None)
    gone.close()
    store.insert(kept)
    store.delete(kept.id)
    store.delete(gone.id)
    assert store.list_conversations() == ()
    assert store.search("unmistakable") == ()
    assert {one.id for one in store.list_conversations(deleted=True)} == {kept.id, gone.id}
    store.restore(kept.id)
    assert store.load(kept.id) == kept
    now[0] += KEEP_DELETED_SECONDS + 1
    store.close()
    store = Store(tmp_path / "kept" / "c.db", now=lambda: now[0])
    assert store.search("weather")
    with pytest.raises(StoreError):
        store.load(gone.id)
    store.close()
    assert b"unmistakable" not in (tmp_path / "kept" / "c.db").read_bytes()


def test_a_fork_is_the_path_alone_and_stands_for_itself(store: Store) -> None:
    stored = everything()
    store.insert(stored)
    fork = store.load(store.fork(stored.id, 3))
    assert fork.conversation.messages == stored.conversation.messages[:4]
    assert fork.facts == stored.facts[:4]
    assert not fork.pinned
    store.delete(stored.id)
    store.purge(stored.id)
    assert store.load(fork.id) == fork


def test_an_id_can_be_shortened_but_not_guessed(store: Store) -> None:
    stored = everything()
    store.insert(stored)
    assert store.resolve("0123") == stored.id
    for name in ("9", "0123456789abc", "%"):
        with pytest.raises(StoreError, match="No conversation begins"):
            store.resolve(name)
    other = store.insert(stored)
    assert other != stored.id
    with pytest.raises(StoreError, match="Several"):
        store.resolve("")


def test_one_store_writes_a_conversation_until_it_gives_it_back(store: Store) -> None:
    pen = store.create()
    pen.add(user("Mine"), None)
    other = Store(store.path)
    with pytest.raises(StoreBusy):
        other.resume(pen.id)
    with pytest.raises(StoreBusy):
        other.delete(pen.id)
    assert other.load(pen.id).conversation.messages == (user("Mine"),)
    pen.close()
    stored, second = other.resume(pen.id)
    assert second.add(user("Now mine"), 0) == len(stored.facts)
    with pytest.raises(StoreBusy):
        pen.add(user("Still mine?"), 0)
    assert [one.content for one in store.load(pen.id).conversation.messages] == ["Mine", "Now mine"]
    other.close()


def test_halves_of_characters_do_no_harm_anywhere(store: Store) -> None:
    pen = store.create("half \ud83d", model="\udc00")
    pen.add(user("half \ud83d"), None, model="\ud800")
    pen.set(model="\udfff")
    pen.close()
    store.rename(pen.id, "\ud800")
    assert store.list_conversations()[0].title == "\ufffd"
    assert store.load(pen.id).conversation.messages == (user("half \ud83d"),)
    assert store.search("\ud83d abc") == ()
    for name in ("\udcff", "\x00"):
        with pytest.raises(StoreError):
            store.resolve(name)
        with pytest.raises(StoreError):
            store.load(name)
    assert store.salvaged is None


def test_nobody_else_can_read_the_files(database: Path, store: Store) -> None:
    store.create().add(user("secret"), None)
    assert stat.S_IMODE(database.parent.stat().st_mode) == 0o700
    files = list(database.parent.iterdir())
    assert len(files) >= 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_loose_permissions_are_tightened(database: Path) -> None:
    Store(database).close()
    database.chmod(0o644)
    database.parent.chmod(0o755)
    Store(database).close()
    assert stat.S_IMODE(database.stat().st_mode) == 0o600
    assert stat.S_IMODE(database.parent.stat().st_mode) == 0o700


def test_a_newer_schema_is_refused_and_left_alone(database: Path) -> None:
    Store(database).close()
    connection = sqlite3.connect(database)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.commit()
    connection.close()
    before = database.read_bytes()
    with pytest.raises(StoreError, match="newer chat-tui") as caught:
        Store(database)
    assert caught.value.hint
    assert database.read_bytes() == before


def test_a_place_that_cannot_be_written_is_an_error_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        Store(tmp_path / "file" / "c.db")
    (tmp_path / "folder" / "c.db").mkdir(parents=True)
    with pytest.raises(StoreError):
        Store(tmp_path / "folder" / "c.db")


def test_threads_write_and_read_at_once(store: Store) -> None:
    failed: list[BaseException] = []

    def talk(seed: int) -> None:
        try:
            pen = store.create(str(seed))
            for number in range(8):
                pen.add(user(f"{seed}-{number}"), number - 1 if number else None)
                assert len(store.load(pen.id).facts) == number + 1
                store.list_conversations()
        except BaseException as error:  # noqa: BLE001 - told to the test's thread
            failed.append(error)

    threads = [threading.Thread(target=talk, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert [one.messages for one in store.list_conversations()] == [8] * 4


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Hello", "Hello"),
        ("\n\n  # A heading #\nmore", "A heading #"),
        ("```python\nprint(1)\n```", "print(1)"),
        ("a" * 100, "a" * 59 + "…"),
        ("Explain " + "very " * 30, "Explain " + "very " * 9 + "very…"),
        ("\x1b]0;owned\x07Hi\u202e there", "Hi there"),
        ("中" * 100, "中" * 59 + "…"),
        ("```", ""),
        ("  \n ", ""),
    ],
)
def test_a_title_is_the_first_line_that_says_something(text: str, title: str) -> None:
    assert title_of(text) == title
    assert len(title) <= TITLE_CHARACTERS
