"""Kill a process that streams, again and again, and look at what is left.

``python -m tests.store.kills ROUNDS FOLDER`` prints a JSON object: pieces shown, messages of which
something shown is missing after reopening, rounds in which the file was not sound, and the
milliseconds that reopening took.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sqlite3
import sys
import time
from pathlib import Path

from chat_tui.conversation import ANALYSIS, FINAL, Message, Role, user
from chat_tui.store.store import Store

SHOWN = "\x1e"


def stream(path: Path, screen: int, seed: int) -> None:
    """Write conversations as a model would, each piece to the screen when it is on the disk."""
    random_ = random.Random(seed)
    store = Store(path)
    while True:
        pen = store.create(f"Round {seed}")
        pen.add(user(f"Question {seed}"), None)
        for number in range(random_.randint(1, 4)):
            channel = (ANALYSIS, FINAL)[number % 2]
            node = pen.start(Message(Role.ASSISTANT, "", channel=channel), pen.size - 1)
            whole = ""
            for _ in range(random_.randint(1, 30)):
                word = f"{random_.choice('ab世ж')}{random_.randint(0, 999)} "
                piece = word * random_.randint(1, 20)
                pen.append(node, piece)
                whole += piece
                os.write(screen, f"{pen.id} {node} {piece}{SHOWN}".encode())
            pen.finish(node, Message(Role.ASSISTANT, whole, channel=channel, tokens=(1, 2, 3)))
        pen.close()


def until_killed(path: Path, seed: int, delay: float) -> str:
    """All that a streaming process showed before it was killed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            stream(path, writing, seed)
        finally:
            os._exit(1)  # only an error leads here
    os.close(writing)
    seen, until = [], time.monotonic() + delay
    while (left := until - time.monotonic()) > 0:
        if select.select([reading], [], [], left)[0]:
            seen.append(os.read(reading, 1 << 16))
    os.kill(child, signal.SIGKILL)
    while data := os.read(reading, 1 << 16):
        seen.append(data)
    os.close(reading)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status):
        raise AssertionError("the streaming process failed")
    return b"".join(seen).decode("utf-8", "replace")


def main(rounds: int, folder: Path) -> dict[str, float]:
    """Run and count."""
    path = folder / "kept" / "conversations.db"
    random_ = random.Random(1)
    pieces = missing = unsound = 0
    seconds = []
    Store(path).close()
    for seed in range(rounds):
        screen = until_killed(path, seed, random_.uniform(0.0, 0.25))
        shown: dict[tuple[str, int], str] = {}
        for line in screen.split(SHOWN)[:-1]:
            conversation, node, piece = line.split(" ", 2)
            shown[conversation, int(node)] = shown.get((conversation, int(node)), "") + piece
            pieces += 1
        begun = time.perf_counter()
        store = Store(path)
        last = store.last()
        if last is not None:
            store.resume(last)
        seconds.append(time.perf_counter() - begun)
        for (conversation, node_), text in shown.items():
            kept = store.load(conversation).conversation.nodes[node_].message.content
            missing += not kept.startswith(text)
        store.close()
        connection = sqlite3.connect(path)
        sound = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()
        unsound += not sound or store.salvaged is not None
    seconds.sort()
    return {
        "rounds": rounds,
        "shown": pieces,
        "missing": missing,
        "unsound": unsound,
        "reopened_p50_ms": round(seconds[len(seconds) // 2] * 1000, 1),
        "reopened_p99_ms": round(seconds[int(len(seconds) * 0.99)] * 1000, 1),
        "reopened_max_ms": round(seconds[-1] * 1000, 1),
    }


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), Path(sys.argv[2]))))
