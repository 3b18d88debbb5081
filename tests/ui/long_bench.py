"""How smooth long conversations are: opening, scrolling, typing, finding.

Run it by hand: ``uv run python -m tests.ui.long_bench``. Headless, 100 by 30 cells. A step is the
time from a scroll to the screen being drawn with all that is near it built; the echo is the time
from a key to the composer being drawn with it. CPU time of the process stands beside wall time,
because other programs may use the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import resource
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date

from textual.widget import Widget

from chat_tui.conversation import Conversation, Message, Role, user
from chat_tui.engine.scripted import SCRIPTED, ScriptedEngine
from chat_tui.session.chat import Chat
from chat_tui.ui.app import ChatApp
from chat_tui.ui.furniture import Furniture
from chat_tui.ui.pane import ChatPane
from chat_tui.ui.widgets.composer import Composer
from chat_tui.ui.widgets.find import FindBar
from chat_tui.ui.widgets.transcript import Transcript
from tests.ui.bench import prose
from tests.ui.screen import harmony

SIZE = (100, 30)


def conversation(messages: int) -> Conversation:
    """Questions, thoughts and answers of all kinds, one after the other."""
    said: list[Message] = []
    texts = [prose(60 + 5 * seed, seed) for seed in range(40)]
    while len(said) < messages:
        number = len(said)
        said += [
            user(f"Question {number}: what of it?"),
            Message(Role.ASSISTANT, f"Thought {number}.", channel="analysis"),
            Message(Role.ASSISTANT, f"Answer {number}.\n\n{texts[number % 40]}", channel="final"),
        ]
    return Conversation().add(*said[:messages])


def answer(size: int) -> Conversation:
    """One answer of so many characters."""
    text = prose(size // 5)
    return Conversation().add(
        user("Write."), Message(Role.ASSISTANT, (text * 2)[:size], channel="final")
    )


def p95(values: list[float]) -> str:
    """The middle, and the 95th of a hundred, in ms."""
    ordered = sorted(values)
    return (
        f"p95 {ordered[int(len(ordered) * 0.95)] * 1000:.0f} ms, most {ordered[-1] * 1000:.0f} ms"
    )


class Clock:
    """Wall and CPU time of something."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.monotonic(), time.process_time()

    def __str__(self) -> str:
        wall, cpu = time.monotonic() - self._wall, time.process_time() - self._cpu
        return f"{wall * 1000:.0f} ms (CPU {cpu * 1000:.0f} ms)"


async def drawn(app: ChatApp) -> None:
    """Wait until the screen has been drawn."""
    await _after_refresh(app.screen)


async def _after_refresh(widget: Widget) -> None:
    done = asyncio.Event()
    widget.call_after_refresh(done.set)
    await done.wait()


async def scroll(app: ChatApp, name: str, steps: int) -> None:
    """Wheel, pages and jumps through all of it."""
    transcript = app.query_one(Transcript)
    choose = random.Random(1)
    wall: list[float] = []
    cpu: list[float] = []

    async def step(move: Callable[[], object]) -> None:
        began, spent = time.monotonic(), time.process_time()
        move()
        for _ in range(3):
            # It hears of a scroll only when what it builds for the one before is there.
            await _after_refresh(transcript)
            await drawn(app)
        wall.append(time.monotonic() - began)
        cpu.append(time.process_time() - spent)

    def up() -> None:
        transcript.scroll_relative(y=-3, animate=False)

    def page() -> None:
        transcript.scroll_page_up(animate=False)

    def jump() -> None:
        transcript.scroll_to(y=choose.random() * transcript.max_scroll_y, animate=False)

    for kind, move, count in (("wheel", up, steps), ("page", page, steps), ("jump", jump, 20)):
        wall.clear()
        cpu.clear()
        for _ in range(count):
            await step(move)
        print(f"{name}: {kind} {p95(wall)}; CPU {p95(cpu)}", flush=True)


async def find(app: ChatApp, words: str) -> None:
    """From the word to the first hit, and to the number of all."""
    clock = Clock()
    app.query_one(FindBar).open(words)
    first = ""
    while True:
        await asyncio.sleep(0.01)
        count = str(app.query_one("FindBar .count").render())
        if " of " in count and not first:
            first = str(clock)
        if count and not count.endswith("…"):
            break
    print(f"find '{words}': {count}; first hit {first}, all {clock}", flush=True)
    app.query_one(FindBar).action_close_find()


async def echo(app: ChatApp, keys: int) -> None:
    """Type while an answer streams."""
    composer = app.query_one(Composer)
    await app.query_one(ChatPane).talk.send("Go on.")
    await asyncio.sleep(1.0)
    wall: list[float] = []
    cpu: list[float] = []
    for number in range(keys):
        began, spent = time.monotonic(), time.process_time()
        composer.insert("abcdefghij"[number % 10])
        await drawn(app)
        wall.append(time.monotonic() - began)
        cpu.append(time.process_time() - spent)
        await asyncio.sleep(0.07)
    busy = app.query_one(ChatPane).talk.is_busy
    print(f"echo while it streams ({busy}): {p95(wall)}; CPU {p95(cpu)}", flush=True)


async def watch(
    name: str, held: Conversation, then: Callable[[ChatApp], Awaitable[None]], completion: str = ""
) -> None:
    """Open a conversation and look at it."""
    # No conversation fills its context: what is asked here is answered at once.
    model = replace(SCRIPTED, context=10**9)
    chat = Chat(ScriptedEngine([completion or harmony("Yes.")], delay=0.01, model=model))
    chat.open(held, date.today())
    app = ChatApp(Furniture(chat))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        pane = app.query_one(ChatPane)
        transcript = app.query_one(Transcript)
        await transcript.cut(0)
        clock = Clock()
        await pane.talk.show_history()
        await drawn(app)
        print(f"{name}: open to first paint {clock}", flush=True)
        await pilot.pause(1.0)
        await then(app)
        widgets = len(app.query("*"))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{name}: {widgets} widgets, peak {memory:.0f} MiB", flush=True)


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--size", type=int, default=2_000_000)
    parser.add_argument("--steps", type=int, default=60)
    words = parser.parse_args()
    name = f"{words.messages:,} messages"

    async def many(app: ChatApp) -> None:
        await scroll(app, name, words.steps)
        await find(app, f"Thought {words.messages // 3}")
        await find(app, "river")
        await echo(app, 100)

    async def one(app: ChatApp) -> None:
        await scroll(app, "one answer", words.steps)
        await find(app, "river")

    streams = harmony(prose(3000))
    asyncio.run(watch(name, conversation(words.messages), many, streams))
    asyncio.run(watch(f"one answer of {words.size:,}", answer(words.size), one))


if __name__ == "__main__":
    main()
