"""Measures the sandbox: ``uv run python -m tests.sandbox.bench [ROUNDS]``.

Prints, as a user without rights: how long a program takes to start in it (and the same program
without it), a Python session's first answer, how soon running code stops, and how soon code that
will not stop is ended.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from chat_tui.sandbox import interpreter
from chat_tui.sandbox.base import Limits
from chat_tui.sandbox.bubblewrap import Bubblewrap
from chat_tui.tools.child import Output
from chat_tui.tools.kernel import Finished, Kernel
from tests.sandbox.plain_user import as_plain_user

_STUBBORN = "import signal; signal.signal(signal.SIGINT, print)\nwhile True: pass"


def timed(rounds: int, act: Callable[[], float | None]) -> str:
    """Median, 95th percentile and maximum in milliseconds of ``act``'s seconds."""
    taken = []
    for _ in range(rounds):
        time.sleep(0.1)  # what the round before took down is still being taken down
        began = time.perf_counter()
        own = act()
        taken.append(own if own is not None else time.perf_counter() - began)
    taken.sort()
    p95 = taken[min(len(taken) - 1, int(len(taken) * 0.95))]
    milliseconds = (1000 * value for value in (taken[len(taken) // 2], p95, taken[-1]))
    return "median {:7.1f}   p95 {:7.1f}   max {:7.1f} ms".format(*milliseconds)


def stopped(kernel: Kernel, code: str) -> tuple[float, Finished]:
    """Seconds from the stop to the end of ``code``, and how it ended."""
    stop, at = threading.Event(), [0.0]

    def end() -> None:
        at[0] = time.perf_counter()
        stop.set()

    timer = threading.Timer(0.2, end)
    timer.start()
    for event in kernel.run(code, stop, 60):
        if not isinstance(event, Output):
            return time.perf_counter() - at[0], event
    raise AssertionError("no end")


def measure(rounds: int) -> None:
    """Print one line for each figure."""
    sandbox, python, limits = Bubblewrap(), interpreter.own(), Limits()
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)

        def start() -> float:
            began = time.perf_counter()
            process = sandbox.start(["/usr/bin/echo"], workspace=workspace, limits=limits)
            assert process.popen.stdout is not None
            assert process.popen.stdout.read(1)
            taken = time.perf_counter() - began
            process.close()
            return taken

        def bare() -> float:
            began = time.perf_counter()
            with subprocess.Popen(["/usr/bin/echo"], stdout=subprocess.PIPE) as process:
                assert process.stdout is not None
                assert process.stdout.read(1)
                return time.perf_counter() - began

        def session() -> float:
            began = time.perf_counter()
            kernel = Kernel(sandbox, workspace, python, limits)
            list(kernel.run("1", threading.Event(), 60))
            taken = time.perf_counter() - began
            kernel.close()
            return taken

        def stop() -> float:
            return stopped(kernel, "while True: pass")[0]

        def force() -> float:
            stubborn = Kernel(sandbox, workspace, python, limits)
            taken, finished = stopped(stubborn, _STUBBORN)
            stubborn.close()
            assert finished.lost
            return taken

        print("a program starts plainly       ", timed(rounds, bare))
        print("a program starts in it         ", timed(rounds, start))
        print("a session's first answer       ", timed(max(5, rounds // 5), session))
        kernel = Kernel(sandbox, workspace, python, limits)
        print("running code stops             ", timed(max(5, rounds // 5), stop))
        kernel.close()
        print("stubborn code is ended         ", timed(5, force))


if __name__ == "__main__":
    if "--here" in sys.argv:
        measure(int(sys.argv[1]))
    else:
        count = sys.argv[1] if len(sys.argv) > 1 else "100"
        words = [sys.executable, "-m", "tests.sandbox.bench", count, "--here"]
        sys.exit(subprocess.run(as_plain_user(words), check=False).returncode)
