"""Damage databases in many ways and count what is salvaged of what was not hit.

``python -m tests.store.damage ROUNDS FOLDER`` prints a JSON object of counts.
"""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import sys
from dataclasses import dataclass
from pathlib import Path

from chat_tui.conversation import FINAL, Message, Role, user
from chat_tui.store.store import Store
from tests.store.sample import said

PAGE = 4096

Key = tuple[str, int]


@dataclass(frozen=True)
class Sound:
    """A sound database: its files, what is in it, and on which pages each row stands."""

    files: dict[str, bytes]
    texts: dict[Key, str]
    pages: dict[Key, frozenset[int]]


def pages_of_messages(path: Path) -> dict[Key, frozenset[int]]:
    """The pages of each message's row as SQLite itself tells: its leaf and its overflow chain."""
    connection = sqlite3.connect(path)
    found = connection.execute(
        "SELECT path, pageno, pagetype, ncell FROM dbstat WHERE name = 'messages' ORDER BY path"
    ).fetchall()
    keys = iter(
        connection.execute("SELECT conversation, number FROM messages ORDER BY key").fetchall()
    )
    connection.close()
    overflow: dict[str, set[int]] = {}
    for path_, page, kind, _cells in found:
        if kind == "overflow":
            overflow.setdefault(path_.partition("+")[0], set()).add(page)
    pages: dict[Key, frozenset[int]] = {}
    for path_, page, kind, cells in found:
        for cell in range(cells if kind == "leaf" else 0):
            pages[next(keys)] = frozenset({page} | overflow.get(f"{path_}{cell:03x}", set()))
    return pages


def build(folder: Path, *, wal: bool) -> Sound:
    """A database of 24 conversations; with ``wal`` its last changes are not in the file yet."""
    path = folder / "sound" / "conversations.db"
    store = Store(path)
    for seed in range(1, 25):
        store.insert(said(seed, 24, 25))
    store.search("nothing")
    store.close()
    store = Store(path)
    if wal:
        pen = store.create("The newest")
        for number in range(30):
            pen.add(user(f"new {number}"), number - 1 if number else None)
        pen.append(pen.start(Message(Role.ASSISTANT, "", channel=FINAL), 29), "half an ans")
    texts = {
        (one.id, number): entry.message.content
        for one in store.list_conversations(100)
        for number, entry in enumerate(store.load(one.id).conversation.nodes)
    }
    pages = pages_of_messages(path)
    names = ("conversations.db", "conversations.db-wal") if wal else ("conversations.db",)
    files = {name: path.with_name(name).read_bytes() for name in names}
    store.close()
    shutil.rmtree(folder / "sound")
    return Sound(files, texts, pages)


def hit(data: bytes, random_: random.Random) -> tuple[bytes, set[int]]:
    """Damaged ``data`` and the pages that were hit, from 1."""
    damaged, pages = bytearray(data), len(data) // PAGE
    touched: set[int] = set()
    match random_.choice(["zero", "noise", "bytes", "cut", "head", "swap", "run"]):
        case "zero":
            for page in random_.sample(range(pages), random_.randint(1, 8)):
                damaged[page * PAGE : (page + 1) * PAGE] = bytes(PAGE)
                touched.add(page)
        case "noise":
            for page in random_.sample(range(pages), random_.randint(1, 4)):
                damaged[page * PAGE : (page + 1) * PAGE] = random_.randbytes(PAGE)
                touched.add(page)
        case "bytes":
            for _ in range(random_.randint(1, 40)):
                at = random_.randrange(len(damaged))
                damaged[at] ^= random_.randint(1, 255)
                touched.add(at // PAGE)
        case "cut":
            left = random_.randint(PAGE, len(damaged) - 1)
            del damaged[left:]
            touched |= set(range(left // PAGE, pages))
        case "head":
            size = random_.choice([16, 100, PAGE])
            damaged[:size] = random_.randbytes(size)
            touched.add(0)
        case "swap":
            one, other = random_.sample(range(pages), 2)
            first = bytes(damaged[one * PAGE : (one + 1) * PAGE])
            damaged[one * PAGE : (one + 1) * PAGE] = damaged[other * PAGE : (other + 1) * PAGE]
            damaged[other * PAGE : (other + 1) * PAGE] = first
            touched |= {one, other}
        case "run":
            start = random_.randrange(pages)
            length = random_.randint(1, max(1, pages // 4))
            for page in range(start, min(pages, start + length)):
                damaged[page * PAGE : (page + 1) * PAGE] = b"\xa5" * PAGE
                touched.add(page)
    return bytes(damaged), {page + 1 for page in touched}


def one_round(sound: Sound, folder: Path, seed: int) -> tuple[int, int, bool, bool]:
    """What became of one damaged file.

    Rows on intact pages, those of them that are there afterwards, whether the file was salvaged,
    and whether the damaged one was then kept as it was.
    """
    path = folder / "kept" / "conversations.db"
    path.parent.mkdir(mode=0o700, parents=True)
    damaged, touched = hit(sound.files["conversations.db"], random.Random(seed))
    for name, data in sound.files.items():
        path.with_name(name).write_bytes(damaged if name == path.name else data)
    store = Store(path)
    store.check()
    there: dict[Key, str] = {}
    for one in store.list_conversations(1000):
        stored = store.load(one.id)
        for number, entry in enumerate(stored.conversation.nodes):
            there[one.id, number] = entry.message.content
    store.search("river")
    store.search("世")
    salvaged = store.salvaged
    store.close()
    intact = [key for key, pages in sound.pages.items() if not pages & touched]
    found = sum(there.get(key) == sound.texts[key] for key in intact)
    # SQLite writes the WAL's pages into a file before it knows that the rest is damaged.
    kept = salvaged is None or (
        Path(salvaged.kept).exists()
        and (len(sound.files) > 1 or Path(salvaged.kept).read_bytes() == damaged)
    )
    shutil.rmtree(path.parent)
    return len(intact), found, salvaged is not None, kept


def main(rounds: int, folder: Path) -> dict[str, float]:
    """Run and add up."""
    kinds = [build(folder, wal=False), build(folder, wal=True)]
    total: dict[str, float] = {"intact": 0, "found": 0, "salvaged": 0, "not_kept": 0, "worst": 1.0}
    for seed in range(rounds):
        intact, found, salvaged, kept = one_round(kinds[seed % 2], folder, seed)
        total["intact"] += intact
        total["found"] += found
        total["salvaged"] += salvaged
        total["not_kept"] += not kept
        total["worst"] = min(total["worst"], found / intact if intact else 1.0)
    return {"rounds": rounds, **total}


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), Path(sys.argv[2]))))
