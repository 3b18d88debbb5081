"""A stateful Python session in a sandbox, from the outside: run a cell, interrupt it, end it.

Knows ``kernel_main``'s frames and the clock; must not know what becomes of the output. A cell
that ignores an interrupt for long is ended together with its session.
"""

from __future__ import annotations

import base64
import binascii
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chat_tui.sandbox.base import Limits, Process, Sandbox
from chat_tui.sandbox.interpreter import Interpreter
from chat_tui.tools import kernel_main
from chat_tui.tools.base import Stop
from chat_tui.tools.child import Child, Ended, Output

_LOOK = 0.05
"""Seconds between looks at the clock, the stop and the disk."""
GRACE = 0.8
"""Seconds that an interrupted cell has before its session is ended."""
_MEDIA_COUNT = 16
_MEDIA_BYTES = 24 << 20
_SIGNATURES = {"image/png": b"\x89PNG\r\n\x1a\n", "text/html": b""}
DISK_LEFT = 256 << 20
DISK_TAKEN = 16 << 20


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or a table that a cell made."""

    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Finished:
    """How a cell ended. Nothing in it is to be trusted."""

    result: str = ""
    """The last expression's value; empty where there is none."""
    error: str = ""
    """A traceback; empty where the cell went well."""
    media: tuple[Media, ...] = ()
    stopped: str = ""
    """Why it was interrupted; empty where it was not."""
    lost: str = ""
    """Why the session is gone with all its variables; empty while it lives."""


@dataclass(slots=True)
class _Cell:
    """What is known of a running cell."""

    number: int
    deadline: float
    media: list[Media] = field(default_factory=list)
    media_bytes: int = 0
    stopped: str = ""
    look_at: float = 0.0
    kill_at: float = float("inf")


class Kernel:
    """One session. One thread at a time runs cells; ``close`` is for any."""

    def __init__(
        self,
        sandbox: Sandbox,
        workspace: Path,
        interpreter: Interpreter,
        limits: Limits,
        *,
        grace: float = GRACE,
        disk_left: int = DISK_LEFT,
    ) -> None:
        """Start it; ToolError where that fails.

        ``grace`` is how many seconds an interrupted cell has. A cell that fills the workspace's
        disk until only ``disk_left`` bytes are free is interrupted.
        """
        self._workspace = workspace
        self._grace = grace
        self._disk_left = disk_left
        self._count = 0
        program = Path(kernel_main.__file__)

        def start(descriptor: int) -> Process:
            return sandbox.start(
                [interpreter.executable, "-I", str(program), str(descriptor)],
                workspace=workspace,
                limits=limits,
                readable=(*interpreter.folders, program),
                pass_fds=(descriptor,),
            )

        self._child = Child(start, "python kernel")

    def run(self, code: str, stop: Stop, seconds: float) -> Iterator[Output | Finished]:
        """Run a cell for at most ``seconds``; ends with Finished. Closing it early stops the cell.

        After ``Finished.lost`` the kernel is of no more use.
        """
        self._count += 1
        cell = _Cell(self._count, time.monotonic() + seconds)
        free = self._free()
        self._child.send({"id": cell.number, "code": code})
        ended = False
        try:
            while not ended:
                event = self._child.next(_LOOK)
                self._watch(cell, stop, seconds, free)
                if event is None:
                    continue
                if isinstance(event, Output):
                    yield event
                elif isinstance(event, Ended):
                    ended = True
                    yield Finished(stopped=cell.stopped, lost=cell.stopped or event.reason)
                elif done := _taken(cell, event.value):
                    ended = True
                    yield done
        finally:
            if not ended:
                self._child.kill()

    def close(self) -> None:
        """End the session. May be called twice."""
        self._child.close()

    def _watch(self, cell: _Cell, stop: Stop, seconds: float, free_before: int) -> None:
        """Interrupt the cell when it has to end, and end the session when it does not."""
        now = time.monotonic()
        if now < cell.look_at:
            return
        cell.look_at = now + _LOOK
        if now > cell.kill_at:
            self._child.kill()
        if cell.stopped:
            return
        free = self._free()
        if stop.is_set():
            cell.stopped = "the user stopped it"
        elif now > cell.deadline:
            cell.stopped = f"it took longer than {seconds:g} seconds"
        elif free < self._disk_left and free_before - free > DISK_TAKEN:
            cell.stopped = "it was filling the disk"
        else:
            return
        cell.kill_at = now + self._grace
        self._child.send({"interrupt": cell.number})

    def _free(self) -> int:
        try:
            return shutil.disk_usage(self._workspace).free
        except OSError:
            return 0


def _taken(cell: _Cell, frame: dict[str, Any]) -> Finished | None:
    """What a frame says of ``cell``: Finished at its end; None for pictures and for nonsense."""
    if frame.get("id") != cell.number:
        return None
    kind, data = frame.get("media"), frame.get("data")
    if isinstance(kind, str) and isinstance(data, str):
        _keep(cell, kind, data)
        return None
    result, error = frame.get("result"), frame.get("error")
    if not isinstance(result, str) or not isinstance(error, str):
        return None
    return Finished(result, error, tuple(cell.media), cell.stopped)


def _keep(cell: _Cell, kind: str, data: str) -> None:
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return
    known = kind in _SIGNATURES and raw.startswith(_SIGNATURES[kind])
    if known and len(cell.media) < _MEDIA_COUNT and cell.media_bytes + len(raw) <= _MEDIA_BYTES:
        cell.media.append(Media(kind, raw))
        cell.media_bytes += len(raw)
