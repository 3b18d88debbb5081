"""A program on a terminal of its own, its screen read as a terminal would, its time counted."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.ui.vt import VT

SIZE = (100, 30)
PATIENCE = 120.0


class PtyApp:
    """A child on a pseudo-terminal."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = SIZE,
        environment: Mapping[str, str] | None = None,
        copies: bool = False,
        counts: bool = True,
        folder: Path | None = None,
        descriptors: Sequence[int] = (),
    ) -> None:
        """It runs in ``folder``, and has these ``descriptors`` beside its terminal."""
        self.vt = VT(*size, copies=copies, counts=counts)
        main, child = pty.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        kept = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES", "NO_COLOR")}
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            command,
            stdin=child,
            stdout=child,
            stderr=child,
            env={**kept, "TERM": "xterm-256color", **(environment or {})},
            start_new_session=True,
            cwd=folder,
            pass_fds=descriptors,
        )
        os.close(child)
        self._main = main
        self.bytes = 0

    def fileno(self) -> int:
        """What it writes can be read there."""
        return self._main

    def read(self, seconds: float) -> bool:
        """Take in what comes within that time; False once the child has gone."""
        if not select.select([self._main], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self._main, 1 << 18)
        except OSError:
            return False
        self.bytes += len(data)
        self.vt.feed(data)
        return bool(data)

    def until(self, condition: Callable[[], object], patience: float = PATIENCE) -> float:
        """Read until ``condition``; the seconds that took. Raises TimeoutError."""
        began = time.monotonic()
        while not condition():
            if not self.read(0.5) or time.monotonic() - began > patience:
                raise TimeoutError(f"it never happened; the screen:\n{self.vt.text}")
        return time.monotonic() - began

    def shows(self, text: str, patience: float = PATIENCE) -> float:
        """Read until ``text`` is on the screen; the seconds that took."""
        return self.until(lambda: text in self.vt.text, patience)

    def rest(self, seconds: float) -> None:
        """Read for so long."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and self.read(left):
            pass

    def type(self, text: str) -> None:
        """Keys, as a terminal sends them."""
        os.write(self._main, text.encode())

    @property
    def pid(self) -> int:
        """The child's number."""
        return self.process.pid

    def cpu(self, main_only: bool = False) -> float:
        """Seconds of CPU its threads have used, or only the one that draws."""
        tasks = Path(f"/proc/{self.pid}/task")
        names = [str(self.pid)] if main_only else [task.name for task in tasks.iterdir()]
        spent = 0
        for name in names:
            try:
                spent += int((tasks / name / "schedstat").read_text().split()[0])
            except OSError:
                continue  # the thread has just ended
        return spent / 1e9

    @property
    def memory(self) -> float:
        """MiB in RAM."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    @property
    def threads(self) -> int:
        """How many there are."""
        return len(list(Path(f"/proc/{self.pid}/task").iterdir()))

    @property
    def descriptors(self) -> int:
        """How many files it has open."""
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    def vanish(self) -> None:
        """Close the terminal; no signal tells the child, whose session has none of its own."""
        os.close(self._main)
        self._main = os.open(os.devnull, os.O_RDONLY)

    def close(self) -> None:
        """End it."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        os.close(self._main)


def python(code: str) -> list[str]:
    """The command that runs ``code``."""
    return [sys.executable, "-c", code]
