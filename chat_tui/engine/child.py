"""The child process as its parent sees it: started, spoken to, listened to, ended.

Knows processes, threads and the wire; must not know what a model or a turn is. One thread starts
the process and reads it until its end: on Linux the kernel's parent-death signal follows the
thread that started the child, so a turn's short-lived thread must not be the one.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO

from chat_tui import wire
from chat_tui.errors import EngineError
from chat_tui.language import _

MAX_LOG_BYTES = 2 << 20
"""A log file larger than this is put aside when a child starts."""

_SPINS = {"GOMP_SPINCOUNT": "100"}
"""How long llama.cpp's threads wait for each other before they let go of their core.

The default, about 300,000 turns, halves the speed or worse as soon as any other program wants a
core, and this program's own interface does. With 100, two threads lose 5 % of a core of their own.
"""

_COMMAND = (sys.executable, "-P", "-m", "chat_tui.runner")
"""-P keeps the working folder, which may be anybody's, off the module path."""


class Ended:
    """What ``receive`` gives after the child's last word."""


ENDED = Ended()


class Child:
    """One runner process; ``send`` and ``kill`` may be called from any thread."""

    def __init__(self, log: Path) -> None:
        """Start it, standard error into ``log``; EngineError where that cannot be done."""
        self._log = log
        self._received: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._process: subprocess.Popen[bytes] | None = None
        self._failure: OSError | None = None
        self._sending = threading.Lock()
        self._left = threading.Event()
        started = threading.Event()
        threading.Thread(target=self._run, args=(started,), name="runner", daemon=True).start()
        started.wait()
        if self._failure is not None:
            raise EngineError(
                _("The model process could not be started: {error}.").format(error=self._failure),
                _("Check that {folder} can be written and that memory is left.").format(
                    folder=log.parent
                ),
            ) from self._failure

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid if self._process else 0

    @property
    def alive(self) -> bool:
        """Whether the process is still running."""
        return self._process is not None and self._process.poll() is None

    def send(self, command: wire.Command) -> None:
        """Send a command; to a child that has ended it is lost. WireError if it is too large."""
        frame = wire.encode([command])
        stdin = self._process.stdin if self._process else None
        if stdin is None:
            return
        with self._sending:
            try:
                stdin.write(frame)
                stdin.flush()
            except (OSError, ValueError):
                return  # whoever receives learns of the end

    def receive(self, timeout: float | None = None) -> Any:
        """The next value; None when nothing came in time, ENDED when nothing will."""
        try:
            return self._received.get(timeout=timeout)
        except queue.Empty:
            return None

    def kill(self) -> None:
        """End the process now; it holds nothing but a copy of the model."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def leave(self, seconds: float) -> None:
        """Let the process save what it has read and end by itself; kill it where it dawdles.

        Returns when the model is freed, after ``seconds`` at most.
        """
        if self._process is not None:
            self._close_stdin(self._process)
            if not self._left.wait(seconds):
                self.kill()

    def epitaph(self) -> str:
        """How the process ended, a sentence for people."""
        code = self._process.wait() if self._process else 0
        if code == -getattr(signal, "SIGKILL", 9):
            return _("The model process was killed, as happens when memory runs out.")
        if code < 0:
            crashed = _("The model process crashed ({signal}).")
            return crashed.format(signal=signal.Signals(-code).name)
        return _("The model process ended with code {code}.").format(code=code)

    def _run(self, started: threading.Event) -> None:
        try:
            process = self._process = self._start()
        except OSError as error:
            self._failure = error
            return
        finally:
            started.set()
        stdout: BinaryIO = process.stdout  # type: ignore[assignment]
        try:
            while (values := wire.read(stdout)) is not None:
                for value in values:
                    self._received.put(value)
                    if isinstance(value, wire.Left):
                        self._received.put(ENDED)
                        self._left.set()
        except (wire.WireError, OSError, ValueError):
            process.kill()
        process.wait()
        stdout.close()
        self._close_stdin(process)
        self._received.put(ENDED)
        self._left.set()

    def _start(self) -> subprocess.Popen[bytes]:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        if self._log.exists() and self._log.stat().st_size > MAX_LOG_BYTES:
            self._log.replace(self._log.with_suffix(".old"))
        with self._log.open("ab") as log:
            self._log.chmod(0o600)
            log.write(f"\n--- started {time.strftime('%Y-%m-%d %H:%M:%S')}\n".encode())
            log.flush()
            return subprocess.Popen(
                _COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**_SPINS, **os.environ},
                start_new_session=True,  # Ctrl+C in the terminal is not meant for the model
            )

    def _close_stdin(self, process: subprocess.Popen[bytes]) -> None:
        with self._sending:
            try:
                if process.stdin is not None:
                    process.stdin.close()
            except OSError:
                return  # what was not flushed has no reader any more


def drain(child: Child, until: type, seconds: float) -> bool:
    """Read on until a value of this type; False where it does not come in time."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        value = child.receive(left)
        if isinstance(value, until):
            return True
        if value is ENDED:
            return False
    return False
