"""``python -m chat_tui.runner``: the child process, started by ``engine.client`` alone.

Knows file descriptors and process attributes. Frames come in on standard input and leave on what
was standard output; whatever else writes to 1 or 2 (ggml, a C library, a traceback) lands in the
log file that the parent gave as standard error.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import os
import signal
import sys
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Set the process up and serve until the pipe closes."""
    commands = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    log = os.fdopen(os.dup(2), "wb", buffering=0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    faulthandler.enable()
    _die_with_parent(signal.SIGKILL)
    step_back()
    # Only now, so that nothing these modules print can get into the pipe.
    from chat_tui.language import choose  # noqa: PLC0415
    from chat_tui.runner.worker import Worker  # noqa: PLC0415

    choose()  # the language of the environment, as the parent has left it there
    Worker(commands, replies, log, outlive=lambda: _die_with_parent(0)).serve()


def _die_with_parent(number: int) -> None:
    """Choose the signal that comes when the parent ends; 0 is none. For the main thread."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)


def step_back() -> None:
    """Leave no core file of gigabytes, and let the interface go first."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415

        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with contextlib.suppress(OSError):
            os.nice(5)
    if sys.platform == "linux":
        # Where Linux groups processes by session, a session's number counts and no single one's;
        # this process is a session of its own (man 7 sched, "The autogroup feature").
        with contextlib.suppress(OSError), Path("/proc/self/autogroup").open("w") as group:
            group.write("5")


if __name__ == "__main__":
    main()
