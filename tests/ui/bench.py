"""How long the first paint takes, and what part of a core the screen needs.

Run it by hand: ``uv run python -m tests.ui.bench``. The stream is a scripted answer at 100 tokens
a second; the share is that of the thread that draws, and of the whole process.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import pty
import random
import resource
import select
import subprocess
import sys
import time

from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.session.chat import Chat
from chat_tui.settings import ReasoningView
from chat_tui.ui.app import ChatApp
from chat_tui.ui.furniture import Furniture
from chat_tui.ui.pane import ChatPane
from tests.ui.screen import harmony

CHILD = """
from tests.ui.screen import Stage, harmony
Stage(harmony("Hello.")).app.run()
"""
WORDS = ["the", "of", "Paris", "river", "`code`", "**bold**", "people", "*old*", "stone"]


def prose(tokens: int, seed: int = 0) -> str:
    """Markdown of all kinds, about ``tokens`` words long."""
    choose = random.Random(seed)
    parts: list[str] = []
    count = 0
    while count < tokens:
        kind = choose.choice(["text", "text", "list", "code", "table", "heading"])
        words = [choose.choice(WORDS) for _ in range(choose.randint(20, 80))]
        count += len(words)
        lines = [" ".join(words[at : at + 8]) for at in range(0, len(words), 8)]
        match kind:
            case "text":
                parts.append(" ".join(words))
            case "list":
                parts.append("\n".join(f"- {line}" for line in lines))
            case "code":
                parts.append("```python\n" + "\n".join(f"x = {line!r}" for line in lines) + "\n```")
            case "table":
                rows = [f"| {line[:20]} | {line[20:40]} |" for line in lines]
                parts.append("\n".join([rows[0], "|---|---|", *rows[1:]]))
            case _:
                parts.append("## " + lines[0])
    return "\n\n".join(parts)


def first_paint() -> tuple[float, float]:
    """Seconds from the start of a process to the composer, and to the loaded model, on a pty."""
    began = time.monotonic()
    main, child = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", CHILD], stdin=child, stdout=child, stderr=child, close_fds=True
    ) as process:
        os.close(child)
        painted, seen = 0.0, b""
        while time.monotonic() - began < 30:
            if not select.select([main], [], [], 1)[0]:
                continue
            seen += os.read(main, 65536)
            if not painted and b"sk anything" in seen:
                painted = time.monotonic() - began
            if b"scripted" in seen:
                break
        ready = time.monotonic() - began
        process.terminate()
        process.wait()
    os.close(main)
    return painted, ready


async def watch(busy: list[float]) -> None:
    """Note the CPU time of the drawing thread between two rounds: so long may a key have to wait.

    CPU time and not wall time: other programs on the machine are not what is measured.
    """
    while True:
        at = time.thread_time()
        await asyncio.sleep(0.005)
        busy.append(time.thread_time() - at)


async def stream(tokens: int, rate: float, view: ReasoningView) -> None:
    """Stream an answer of ``tokens`` with a thought of a fifth of it, and print the shares."""
    completion = harmony(prose(tokens), reasoning=prose(tokens // 5, seed=1))
    app = ChatApp(Furniture(Chat(ScriptedEngine([completion], delay=1 / rate)), view))
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause(0.5)
        app.query_one("Composer").insert("Write.")  # type: ignore[attr-defined]
        began, drawing, process = time.monotonic(), time.thread_time(), time.process_time()
        busy = [0.0]
        watcher = asyncio.create_task(watch(busy))
        await pilot.press("enter")
        await asyncio.sleep(0.2)
        while app.query_one(ChatPane).talk.is_busy:
            await asyncio.sleep(0.1)
        watcher.cancel()
        took = time.monotonic() - began
        share = (time.thread_time() - drawing) / took
        whole = (time.process_time() - process) / took
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{tokens} tokens, reasoning {view}: {took:.0f} s, drawing thread {share:.0%} of a core, "
        f"process {whole:.0%}, longest wait of a key {max(busy) * 1000:.0f} ms, "
        f"peak {memory:.0f} MiB"
    )


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=100.0)
    words = parser.parse_args()
    runs = sorted(first_paint() for _ in range(5))
    painted, ready = runs[2]
    print(f"first paint {painted * 1000:.0f} ms, model shown {ready * 1000:.0f} ms (median of 5)")
    for view in (ReasoningView.FOLDED, ReasoningView.SHOWN):
        asyncio.run(stream(words.tokens, words.rate, view))


if __name__ == "__main__":
    main()
