"""The speed of the face on a real pseudo-terminal, beside a bare Textual app with one TextArea.

``uv run python -m tests.ui.pty_bench`` prints all figures; ``--hours 2`` is the long run alone.
Wall time is what a person feels; CPU time stands beside it, because other programs may use the
machine. Ratios are ours by the bare app's, runs of both taken in turn. Both find their bytecode
as an installed program does, whatever the environment says of writing it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path

from chat_tui.runner.__main__ import step_back
from tests.ui.pty_app import PtyApp, python

BARE = """
from textual.app import App
from textual.widgets import TextArea
class Bare(App):
    def compose(self):
        yield TextArea(placeholder="Ask anything")
Bare().run()
"""
STREAMS = """
from dataclasses import replace
from chat_tui.engine.scripted import SCRIPTED, ScriptedEngine
from chat_tui.session.chat import Chat
from chat_tui.ui.app import ChatApp
from chat_tui.ui.furniture import Furniture
from tests.ui.bench import prose
from tests.ui.screen import harmony
text = harmony(prose({tokens}), reasoning=prose({thought}, seed=1) if {thought} else "")
def count(_generation, token):
    if token == 0:  # it notes for tests all that it was asked: more and more of the same
        engine.prompts[:-1] = engine.prompts[-1:] * (len(engine.prompts) - 1)
        engine.primed.clear()
    if token % 20 == 0:
        with open({count!r}, "w") as file:
            file.write(str(token))
model = replace(SCRIPTED, context=10**9)
engine = ScriptedEngine([text], delay=1 / {rate}, model=model, hook=count)
ChatApp(Furniture(Chat(engine))).run()
"""
ASKS = "sk anything"
BUSY, READY = "writing", "ready"
KEYS = "abcdefghijklmnopqrstuvwxyz"


def p95(values: list[float]) -> float:
    """The 95th of a hundred."""
    return sorted(values)[int(len(values) * 0.95)]


def ours() -> PtyApp:
    """The whole program, in a home of its own."""
    home = Path(tempfile.gettempdir()) / f"chat-tui-bench-{os.getpid()}"
    home.mkdir(exist_ok=True)
    names = ("CONFIG", "DATA", "STATE", "CACHE")
    folders = {f"XDG_{name}_HOME": str(home / name.lower()) for name in names}
    return PtyApp([sys.executable, "-m", "chat_tui"], environment={"HOME": str(home), **folders})


def bare() -> PtyApp:
    """What Textual itself takes."""
    return PtyApp(python(BARE))


def streams(tokens: int, rate: float, thought: int = 0) -> PtyApp:
    """The chat with an engine that writes so many tokens, so many a second."""
    code = STREAMS.format(tokens=tokens, rate=rate, thought=thought, count=str(_count()))
    return PtyApp(python(code))


def _count() -> Path:
    """Where the child tells how many tokens it has written."""
    return Path(tempfile.gettempdir()) / f"chat-tui-bench-{os.getpid()}.count"


def written() -> int:
    """Tokens until now."""
    try:
        return int(_count().read_text() or 0)
    except (OSError, ValueError):
        return 0  # it is just being written


def start(make: Callable[[], PtyApp]) -> tuple[float, float, float]:
    """Seconds to the first paint, to the first key seen, and of CPU until then."""
    with closing(make()) as app:
        painted = app.shows(ASKS)
        app.type("q")
        app.until(lambda: ASKS not in app.vt.text)
        return painted, time.monotonic() - app.began, app.cpu()


def echo(app: PtyApp, keys: int) -> tuple[list[float], float]:
    """Seconds from each key to its being on the screen, and of CPU a key."""
    found, spent, typed = [], app.cpu(main_only=True), ""
    pauses = random.Random(keys)  # people do not type like a clock, nor is anything drawn like one
    for number in range(keys):
        if number % 20 == 0:
            app.type("\x15")  # clears the line
            app.rest(0.3)
            typed = ""
        typed += KEYS[(number * 7) % 26]
        began = time.monotonic()
        app.type(typed[-1])
        app.shows(typed)
        found.append(time.monotonic() - began)
        app.rest(pauses.uniform(0.03, 0.4))
    return found, (app.cpu(main_only=True) - spent) / keys


def _burn() -> None:
    os.setsid()
    step_back()
    while True:
        pass


@contextmanager
def decoding() -> Iterator[None]:
    """Both cores at work, as when a model decodes: in a session that lets others go first."""
    busy = [multiprocessing.Process(target=_burn, daemon=True) for _ in range(2)]
    for one in busy:
        one.start()
    yield
    for one in busy:
        one.kill()
        one.join()


@contextmanager
def bytecode() -> Iterator[None]:
    """A folder for bytecode: without it each start would compile all sources anew."""
    with tempfile.TemporaryDirectory(prefix="chat-tui-bench-bytecode-") as folder:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = folder
        yield


def starts(runs: int) -> None:
    """First paint and readiness."""
    found: dict[str, list[tuple[float, float, float]]] = {"bare": [], "ours": []}
    for make in (bare, ours):
        start(make)  # makes the folders and the bytecode
    for _ in range(runs):
        found["bare"].append(start(bare))
        found["ours"].append(start(ours))
    for at, what in enumerate(("first paint", "first key seen", "CPU until then")):
        one, other = (statistics.median(run[at] for run in found[who]) for who in found)
        print(f"{what}: bare {one * 1000:.0f} ms, ours {other * 1000:.0f} ms, {other / one:.2f}×")


def compare_echo(name: str, bare_app: PtyApp, our_app: PtyApp, keys: int) -> None:
    """The echo of both, side by side."""
    one, bare_cpu = echo(bare_app, keys)
    other, our_cpu = echo(our_app, keys)
    print(
        f"key echo p95 {name}: bare {p95(one) * 1000:.1f} ms, ours {p95(other) * 1000:.1f} ms, "
        f"{p95(other) / p95(one):.2f}×; "
        f"CPU a key {bare_cpu * 1000:.1f} and {our_cpu * 1000:.1f} ms",
        flush=True,
    )


def echoes(keys: int) -> None:
    """At rest, and while an answer streams and both cores decode."""
    with closing(bare()) as bare_app, closing(streams(9000, 100, 400)) as our_app:
        for app in (bare_app, our_app):
            app.shows(ASKS)
            app.rest(2.0)
        compare_echo("at rest", bare_app, our_app, keys)
        our_app.type("\x15go\r")
        our_app.shows(BUSY)
        our_app.rest(1.0)
        cells = (our_app.vt.written, our_app.vt.same, our_app.vt.blanked)
        spent, began = our_app.cpu(main_only=True), time.monotonic()
        our_app.rest(15.0)
        took = time.monotonic() - began
        share = (our_app.cpu(main_only=True) - spent) / took
        new = [now - then for now, then in zip(_cells(our_app), cells, strict=True)]
        print(f"the thread that draws, at 100 tokens a second: {share:.1%} of a core")
        print(
            f"cells written meanwhile {new[0] / took:,.0f} a second, {new[1] / max(1, new[0]):.0%} "
            f"of them held the same before; wiped and written back {new[2]}",
            flush=True,
        )
        with decoding():
            compare_echo("while it streams, both cores busy", bare_app, our_app, keys)
        print(f"still streaming: {BUSY in our_app.vt.text}; unknown: {our_app.vt.unknown}")


def _cells(app: PtyApp) -> tuple[int, int, int]:
    return app.vt.written, app.vt.same, app.vt.blanked


def long_answer(tokens: int, rate: float) -> None:
    """What a token costs at the beginning of a very long answer, and at its end."""
    with closing(streams(tokens, rate)) as app:
        app.shows(ASKS)
        app.rest(1.0)
        app.type("go\r")
        app.shows(BUSY)
        marks = [(0, app.cpu(main_only=True))]
        while BUSY in app.vt.text:
            app.rest(1.0)
            if (now := written()) - marks[-1][0] >= tokens / 10:
                marks.append((now, app.cpu(main_only=True)))
        costs = [(cpu - before) / (now - then) for (then, before), (now, cpu) in pairwise(marks)]
        shown = ", ".join(f"{cost * 1000:.3f}" for cost in costs)
        print(f"{tokens:,} tokens: ms of CPU a token, by tenths: {shown}; {app.memory:.0f} MiB")
        if len(costs) > 2:
            print(f"last tenth by first: {costs[-1] / costs[0]:.2f}×")
    _count().unlink(missing_ok=True)


def long_run(hours: float) -> None:
    """One answer after the other at 100 tokens a second: what grows?"""
    with closing(streams(1500, 100, 200)) as app:
        app.shows(ASKS)
        until = time.monotonic() + hours * 3600
        first: tuple[float, int, int] | None = None
        turns, began = 0, time.monotonic()
        while time.monotonic() < until:
            app.type("go on\r")
            app.shows(BUSY, patience=60)
            app.until(lambda: BUSY not in app.vt.text and READY in app.vt.text, patience=120)
            turns += 1
            now = (app.memory, app.threads, app.descriptors)
            minutes = (time.monotonic() - began) / 60
            if first is None and (minutes >= 2 or minutes >= hours * 60 / 5):
                first = now
            print(f"{minutes:.1f} min, turn {turns}: {now[0]:.1f} MiB, {now[1:]}", flush=True)
        if first is not None:
            print(f"memory {now[0] / first[0] - 1:+.1%} since the warm-up; was {first}, is {now}")
        print(f"unknown sequences: {app.vt.unknown}")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--keys", type=int, default=100)
    parser.add_argument("--tokens", type=int, default=100_000, help="of the long answer")
    parser.add_argument("--rate", type=float, default=1000.0, help="of the long answer")
    parser.add_argument("--hours", type=float, help="the long run, and nothing else")
    parser.add_argument("--only", choices=("start", "echo", "long"))
    words = parser.parse_args()
    with bytecode():
        if words.hours is not None:
            long_run(words.hours)
            return
        if words.only in (None, "start"):
            starts(words.runs)
        if words.only in (None, "echo"):
            echoes(words.keys)
        if words.only in (None, "long"):
            long_answer(words.tokens, words.rate)


if __name__ == "__main__":
    main()
