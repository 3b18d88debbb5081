"""One of several processes that write at once.

``python -m tests.store.writers DATABASE WRITES NAME`` writes that many messages and tells the
conversation.
"""

from __future__ import annotations

import sys
from pathlib import Path

from chat_tui.conversation import user
from chat_tui.store.store import Store


def main(path: Path, writes: int, name: str) -> None:
    """Write, each message in a transaction of its own; any trouble ends it."""
    store = Store(path)
    pen = store.create(name)
    for number in range(writes):
        pen.add(user(f"{name} {number}"), number - 1 if number else None)
        if store.trouble is not None:
            raise store.trouble
    pen.close()
    if store.close():
        raise AssertionError("something waits still")
    print(pen.id)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
