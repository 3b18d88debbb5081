"""Fill the disk at many offsets, and make room again.

``python -m tests.store.full_disk OFFSETS FOLDER`` prints a JSON object of counts. The disk is
filled by a limit on the size of files (RLIMIT_FSIZE), which needs no rights.
"""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
import time
from pathlib import Path

from chat_tui.conversation import FINAL, Message, Role, user
from chat_tui.errors import StoreError
from chat_tui.store.store import Store

STEP = 40_013
"""Bytes from one offset to the next: most of them go through a WAL's whole life."""


def limit(size: int) -> None:
    """No file may grow beyond ``size`` bytes."""
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))


def filled(path: Path, offset: int) -> dict[str, int]:
    """One store that meets a full disk: what went wrong, by kind."""
    told: list[StoreError | None] = []
    wrong = dict.fromkeys(("lost", "unsound", "silent", "stuck", "unreadable"), 0)
    store = Store(path, told=told.append, retry_seconds=0.01)
    pen = store.create("Full")
    said = [user("The first words.")]
    pen.add(said[0], None)
    limit(offset)
    try:
        while store.trouble is None and len(said) < 600:
            said.append(user(f"{len(said)} " + "word " * 6000))
            pen.add(said[-1], len(said) - 2)
        wrong["silent"] += store.trouble is None
        # The chat goes on: whole messages and one that streams.
        said.append(user("Said while there was no room."))
        pen.add(said[-1], len(said) - 2)
        node = pen.start(Message(Role.ASSISTANT, "", channel=FINAL), len(said) - 1)
        for piece in ("an", "swer"):
            pen.append(node, piece)
        said.append(Message(Role.ASSISTANT, "answer", channel=FINAL))
        pen.finish(node, said[-1])
        try:
            committed = store.load(pen.id).conversation.messages
            wrong["lost"] += committed != tuple(said[: len(committed)])
        except StoreError:
            wrong["unreadable"] += 1  # with not a byte to spare, not even reading goes
        time.sleep(0.03)
    finally:
        limit(resource.RLIM_INFINITY)
    until = time.monotonic() + 20
    # The end of trouble is told a moment after it is over.
    while (store.trouble or (told and told[-1])) and time.monotonic() < until:
        time.sleep(0.005)
    wrong["stuck"] += store.trouble is not None or bool(told and told[-1] is not None)
    said.append(user("And on."))
    pen.add(said[-1], len(said) - 2)
    wrong["lost"] += store.load(pen.id).conversation.messages != tuple(said)
    wrong["lost"] += store.close()
    connection = sqlite3.connect(path)
    wrong["unsound"] += connection.execute("PRAGMA integrity_check").fetchone() != ("ok",)
    connection.close()
    store = Store(path)
    wrong["lost"] += store.load(pen.id).conversation.messages != tuple(said)
    wrong["unsound"] += store.salvaged is not None
    store.close()
    return wrong


def main(offsets: int, folder: Path) -> dict[str, int]:
    """Run and add up."""
    total: dict[str, int] = {"offsets": offsets}
    for number in range(offsets):
        path = folder / str(number) / "conversations.db"
        # Some lie close together, within the next pages; the rest far into the files' growth.
        offset = number * 512 if number % 4 == 0 else number * STEP
        for name, count in filled(path, 60_000 + offset).items():
            total[name] = total.get(name, 0) + count
        for file in path.parent.iterdir():
            file.unlink()
    return total


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), Path(sys.argv[2]))))
