"""How long the list of conversations takes to its first paint, and a search in it.

Run it by hand: ``uv run python -m tests.ui.list_bench FOLDER``. The store has 10,000 conversations
and one of 10,000 messages. Milliseconds from the keys to the screen that shows what came of them:
best, median, and the least CPU time of the whole process, which other programs do not lengthen.
``longest wait of a key`` is CPU time of the drawing thread between two rounds of its loop.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from textual.events import Key

from chat_tui.conversation import Conversation
from chat_tui.store import queries
from chat_tui.ui.history.screen import HistoryScreen
from chat_tui.ui.pane import ChatPane
from tests.store.sample import said
from tests.ui.bench import watch
from tests.ui.kept import KeptStage

CONVERSATIONS = 10_000
ROUNDS = 3
TURNS_SECONDS = 0.002


async def drawn(condition: Callable[[], bool], stage: KeptStage) -> None:
    """Wait for it, and for the next time that the screen is drawn."""
    while not condition():
        await asyncio.sleep(TURNS_SECONDS)
    painted = asyncio.Event()
    stage.app.screen.call_after_refresh(painted.set)
    await painted.wait()


def rows(stage: KeptStage) -> int:
    """How many rows the list has; 0 while it is not there."""
    screen = stage.app.screen
    return len(screen._roll._rows) if isinstance(screen, HistoryScreen) else 0


def answered(stage: KeptStage, words: str) -> bool:
    """Whether the list shows what a search for these words has found."""
    screen = stage.app.screen
    if not isinstance(screen, HistoryScreen):
        return False
    looking = screen._looking
    return looking.words == words and looking._shown == looking._wanted


def fill(stage: KeptStage) -> str:
    """Ten thousand conversations and a long one; the long one's id."""
    few = said(1, 100)
    long = replace(
        few,
        id="ffffffffffff",
        updated=9e8,
        conversation=Conversation().add(*(few.conversation.messages * 100)),
        facts=few.facts * 100,
    )

    def work(connection: object) -> None:
        for number in range(CONVERSATIONS):
            queries.insert(connection, said(number + 1, 2))  # type: ignore[arg-type]

    stage.store.insert(long)
    stage.store._writer.do(work)
    stage.store.search("nothing")
    return long.id


async def measure(stage: KeptStage, figures: dict[str, object]) -> None:
    """Open, search, scroll, each several times."""
    times: dict[str, list[tuple[float, float]]] = {}
    busy = [0.0]
    watcher = asyncio.create_task(watch(busy))

    async def timed(name: str, keys: Sequence[Key], condition: Callable[[], bool]) -> None:
        begun, worked = time.perf_counter(), time.process_time()
        for key in keys:
            stage.app.post_message(key)
        await drawn(condition, stage)
        took, work = time.perf_counter() - begun, time.process_time() - worked
        times.setdefault(name, []).append((took * 1000, work * 1000))

    for _ in range(ROUNDS):
        await timed("first paint", [Key("ctrl+b", None)], lambda: rows(stage) > 0)
        await drawn(lambda: rows(stage) > CONVERSATIONS, stage)
        await asyncio.sleep(0.2)
        for word in ("river", "世", "zq", "#9999"):
            keys = [Key(letter, letter) for letter in word]
            await timed(f"search {word}", keys, lambda: answered(stage, word))  # noqa: B023
            stage.app.post_message(Key("ctrl+u", None))
            await drawn(lambda: rows(stage) > CONVERSATIONS, stage)
        for key in ("pagedown", "ctrl+end", "pageup", "ctrl+home"):
            before = stage.chosen
            await timed(key, [Key(key, None)], lambda: stage.chosen != before)  # noqa: B023
        stage.app.post_message(Key("escape", None))
        await stage.leaves_the_list()
    watcher.cancel()
    for name, found in times.items():
        took, work = zip(*found, strict=True)
        figures[name] = [round(min(took)), round(statistics.median(took)), round(min(work))]
    figures["longest wait of a key"] = round(max(busy) * 1000)


def main(folder: Path) -> dict[str, object]:
    """Fill a store and measure the list over it."""
    figures: dict[str, object] = {}
    with KeptStage(folder / "list" / "conversations.db") as stage:
        long = fill(stage)

        async def scenario(_stage: object) -> None:
            await stage.shows("ready")
            await measure(stage, figures)
            print(json.dumps(figures, indent=1, ensure_ascii=False), flush=True)
            talk = stage.app.query_one(ChatPane).talk
            await stage.write(f"/resume {long}")
            begun, worked = time.perf_counter(), time.process_time()
            stage.app.post_message(Key("enter", None))
            await drawn(lambda: stage.shelf.present == long and talk._turning is None, stage)
            took, work = time.perf_counter() - begun, time.process_time() - worked
            figures["open 10,000 messages"] = [round(took * 1000), round(work * 1000)]
            await stage.rests()

        stage.play(scenario)
    return figures


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
