"""How long the list of conversations takes to its first paint, and a search in it.

Run it by hand: ``uv run python -m tests.ui.list_bench FOLDER``. The store has 10,000 conversations
and one of 10,000 messages. Times are milliseconds from the key to the screen that shows what came
of it, best and median; ``busy`` is the longest that the drawing thread was at work meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

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


async def shown(condition: Callable[[], bool]) -> float:
    """Wait for it, and give the time."""
    while not condition():
        await asyncio.sleep(TURNS_SECONDS)
    return time.perf_counter()


def answered(stage: KeptStage, words: str) -> bool:
    """Whether the list shows what a search for these words has found."""
    screen = stage.app.screen
    return (
        isinstance(screen, HistoryScreen)
        and (screen._words, screen._shown) == (words, screen._wanted)
        and "ound" in stage.lines[0]
    )


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
    """Open, search, scroll, open the long one."""
    press = stage.pilot.press
    times: dict[str, list[float]] = {}
    busy = [0.0]
    watcher = asyncio.create_task(watch(busy))

    def note(name: str, begun: float, ended: float) -> None:
        times.setdefault(name, []).append((ended - begun) * 1000)

    for _ in range(ROUNDS):
        begun = time.perf_counter()
        await press("ctrl+b")
        note("first paint", begun, await shown(lambda: "Conversation 10000" in stage.text))
        await shown(lambda: "· 10,001" in stage.text)
        for word in ("river", "世", "zq", "#9999"):
            begun = time.perf_counter()
            stage.burst(word)
            ended = await shown(lambda: answered(stage, word))  # noqa: B023
            note(f"search {word}", begun, ended)
            await press("ctrl+u")
            await shown(lambda: "· 10,001" in stage.text)
        for key in ("pagedown", "ctrl+end", "pageup", "ctrl+home"):
            begun = time.perf_counter()
            before = stage.text
            await press(key)
            note(key, begun, await shown(lambda: stage.text != before))  # noqa: B023
        await press("escape")
        await stage.leaves_the_list()
    watcher.cancel()
    for name, found in times.items():
        figures[name] = [round(min(found)), round(statistics.median(found))]
    figures["busy"] = round(max(busy) * 1000)


def main(folder: Path) -> dict[str, object]:
    """Fill a store and measure the list over it."""
    figures: dict[str, object] = {}
    with KeptStage(folder / "list" / "conversations.db") as stage:
        long = fill(stage)

        async def scenario(_stage: object) -> None:
            await stage.shows("ready")
            await measure(stage, figures)
            begun = time.perf_counter()
            await stage.send(f"/resume {long}")
            talk = stage.app.query_one(ChatPane).talk
            await shown(lambda: stage.shelf.present == long and talk._turning is None)
            await shown(lambda: stage.lines[0].strip().startswith("Conversation 1 "))
            figures["open 10,000 messages"] = round((time.perf_counter() - begun) * 1000)

        stage.play(scenario)
    return figures


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1])), indent=1, ensure_ascii=False))
