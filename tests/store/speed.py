"""How long the list, a conversation and a search take when there is much of everything.

``python -m tests.store.speed FOLDER`` prints a JSON object of milliseconds: the best and the
median of eleven runs.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from chat_tui.conversation import Conversation
from chat_tui.store.store import Store
from tests.store.sample import said


def taken(work: Callable[[], object]) -> list[float]:
    """Milliseconds: best and median."""
    times = []
    for _ in range(11):
        begun = time.perf_counter()
        work()
        times.append((time.perf_counter() - begun) * 1000)
    return [round(min(times), 1), round(statistics.median(times), 1)]


def main(folder: Path) -> dict[str, object]:
    """Fill a store and measure it."""
    path = folder / "speed" / "conversations.db"
    store = Store(path)
    few = said(1, 100)
    long = replace(
        few,
        id="ffffffffffff",
        conversation=Conversation().add(*(few.conversation.messages * 100)),
        facts=few.facts * 100,
    )
    store.insert(long)

    def fill(connection: object) -> None:
        from chat_tui.store import queries

        for number in range(10_000):
            one = said(number + 1, 1)
            queries.insert(connection, one)  # type: ignore[arg-type]

    store._writer.do(fill)
    begun = time.perf_counter()
    store.search("nothing")
    figures: dict[str, object] = {"first_index": round((time.perf_counter() - begun) * 1000)}
    figures["list"] = taken(lambda: store.list_conversations(50))
    figures["list_far"] = taken(lambda: store.list_conversations(50, 9_900))
    figures["list_all"] = taken(lambda: store.list_conversations(10_001))
    figures["load"] = taken(lambda: store.load(long.id))
    for query in ("river", "городской mountain", "#9999", "世界", "世", "absent words", "zq"):
        figures[f"search {query}"] = taken(lambda query=query: store.search(query))  # type: ignore[misc]
    store.close()

    def open_and_list() -> None:
        again = Store(path)
        again.list_conversations(50)
        again.close()

    figures["open_and_list"] = taken(open_and_list)
    figures["megabytes"] = round(path.stat().st_size / 1e6, 1)
    return figures


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1])), indent=1, ensure_ascii=False))
