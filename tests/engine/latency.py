"""How long a stop and a crash keep the user waiting.

``python -m tests.engine.latency [MODEL] [--threads N] [--rounds N]`` stops answers and prompts at
random moments and kills the child in the middle of an answer, and prints seconds: from the stop
to the end of the generation, from the signal to the error, and from there to the next answer's
first token.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import tempfile
import threading
import time
from pathlib import Path

from chat_tui.conversation import Prompt, user
from chat_tui.engine.client import ChildEngine
from chat_tui.engine.protocol import Cancel, GenerateOptions, LoadOptions
from chat_tui.errors import EngineCrashed
from chat_tui.events import Delta, GenerationEnded, PromptProgress
from tests.gguf_factory import write_model


def stop(engine: ChildEngine, prompt: Prompt, *, reading: bool) -> float:
    """Seconds from a stop at a random moment to the end of the generation."""
    cancel, asked = Cancel(), [0.0]

    def ask_to_stop() -> None:
        asked[0] = time.monotonic()
        cancel.set()

    timer: threading.Timer | None = None
    for event in engine.generate(prompt, GenerateOptions(), cancel):
        if timer is None and isinstance(event, PromptProgress if reading else Delta):
            timer = threading.Timer(random.uniform(0.05, 0.6), ask_to_stop)
            timer.start()
        if isinstance(event, GenerationEnded):
            return time.monotonic() - asked[0]
    raise AssertionError("a generation always ends with GenerationEnded")


def interrupt(engine: ChildEngine, at: int) -> float:
    """Seconds from a question to the first word about it, while the child reads ahead."""
    engine.prime(Prompt((user(f"{at} " + "word " * 25_000),)))
    time.sleep(0.5)
    asked = time.monotonic()
    answer = engine.generate(Prompt((user("Hello"),)), GenerateOptions(max_tokens=4), Cancel())
    next(answer)
    seconds = time.monotonic() - asked
    list(answer)
    return seconds


def crash(engine: ChildEngine, prompt: Prompt, number: int) -> tuple[float, float]:
    """Seconds from a signal to the error, and from there to the next answer's first words."""
    sent = 0.0
    try:
        for event in engine.generate(prompt, GenerateOptions(), Cancel()):
            if isinstance(event, Delta) and not sent:
                sent = time.monotonic()
                os.kill(engine.pid or 0, number)
    except EngineCrashed:
        failed = time.monotonic()
    answer = engine.generate(prompt, GenerateOptions(max_tokens=16), Cancel())
    next(event for event in answer if isinstance(event, Delta))
    again = time.monotonic() - failed
    list(answer)  # a whole answer, so that this crash does not count with the next
    return failed - sent, again


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", type=Path)
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = options.model or write_model(folder / "m.gguf", layers=8, width=512, heads=8)
        load = LoadOptions(path, context=32_768, threads=options.threads)
        engine = ChildEngine(load, log=folder / "log", cache=folder)
        (*_, loaded) = engine.load()
        print(f"load {loaded.seconds:.2f} s")  # type: ignore[union-attr]
        for reading, text in ((False, "Hello"), (True, "word " * 25_000)):
            times = sorted(
                stop(engine, Prompt((user(f"{at} {text}"),)), reading=reading)
                for at in range(options.rounds)
            )
            what = "reading a prompt" if reading else "answering"
            print(f"stop while {what}: median {times[len(times) // 2]:.3f}, worst {times[-1]:.3f}")
        times = sorted(interrupt(engine, at) for at in range(options.rounds))
        print(f"reading ahead ends: median {times[len(times) // 2]:.3f}, worst {times[-1]:.3f}")
        for number in (signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT):
            told, again = crash(engine, Prompt((user("Hello"),)), number)
            print(f"{number.name}: told after {told:.3f}, next answer {again:.2f} s later")
        engine.close()


if __name__ == "__main__":
    main()
