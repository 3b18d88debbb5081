"""The process of an MCP server, in the host that speaks to it: its lines, bounded, and its end.

Knows pipes and processes; must not know MCP. A server may write without end, in one line or in
many, or leave processes behind; whatever it does ends in ``trouble``, in words for people.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from chat_tui.untrusted import clean_line

MAX_LINE = 16 << 20
MAX_BYTES = 64 << 20
"""What it may write between two requests."""
MAX_RUBBISH = 1 << 20
_TAIL = 600
"""Characters of its last words that are told."""
_GRACE = 0.5
_ROUNDS = 50
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER
_PASSED = (
    *("HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ"),
    *("USER", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"),
)


def environment(
    own: Mapping[str, str], inherit: Sequence[str], env: Mapping[str, str]
) -> dict[str, str]:
    """The variables of a server: where things lie, and what the settings name; no others."""
    return {**{name: own[name] for name in (*_PASSED, *inherit) if name in own}, **env}


class ServerProcess:
    """One running server; ``start`` makes it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.trouble = ""
        """Why nothing more comes; empty while it may."""
        self._process = process
        self._read = 0
        self._rubbish: list[bytes] = []
        self._rubbish_size = 0
        self._tail = b""
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def start(
        cls, command: str, args: Sequence[str], variables: Mapping[str, str], folder: Path
    ) -> ServerProcess:
        """Start it in this process's own group. Raises OSError."""
        pipe = asyncio.subprocess.PIPE
        return cls(
            await asyncio.create_subprocess_exec(
                *(command, *args),
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                env=dict(variables),
                cwd=folder,
                limit=MAX_LINE,
            )
        )

    async def lines(self) -> AsyncIterator[bytes]:
        """What it writes, line by line, until there is ``trouble``."""
        out = self._process.stdout
        try:
            while out is not None and not self.trouble:
                line = await out.readuntil(b"\n")
                self._read += len(line)
                if self._read > MAX_BYTES:
                    self.trouble = f"it wrote more than {MAX_BYTES >> 20} MB without being asked"
                elif line.strip():
                    yield line
        except asyncio.LimitOverrunError:
            self.trouble = f"it sent a message of more than {MAX_LINE >> 20} MB"
        except asyncio.IncompleteReadError:
            self.trouble = await self._epitaph()

    def asked(self) -> None:
        """Something is asked of it, so it may write again."""
        self._read = 0

    def rubbish(self, line: bytes) -> None:
        """A line was none that it should write there."""
        self._rubbish = [*self._rubbish, line[:80]][:3]
        self._rubbish_size += len(line)
        if self._rubbish_size > MAX_RUBBISH:
            self.trouble = "it writes to its standard output what is not MCP"

    async def write(self, data: bytes) -> None:
        """Send it ``data``; where it is gone ``lines`` will tell."""
        if (pipe := self._process.stdin) is not None:
            with suppress(OSError):
                pipe.write(data)
                await pipe.drain()

    @property
    def last_words(self) -> str:
        """The end of its standard error, else what it wrote instead of MCP; one line or none."""
        said = clean_line(self._tail.decode("utf-8", "replace"))[-_TAIL:]
        if not said and self._rubbish:
            said = clean_line(b" ".join(self._rubbish).decode("utf-8", "replace"))
        return f"It said: {said}" if said else ""

    async def end(self) -> None:
        """Let it go by closing its input, then make it."""
        if (pipe := self._process.stdin) is not None:
            pipe.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), _GRACE)
        self._listening.cancel()

    async def _listen(self) -> None:
        """Read its standard error, so that it never has to wait, and keep the end."""
        while self._process.stderr and (data := await self._process.stderr.read(1 << 16)):
            self._tail = (self._tail + data)[-4 * _TAIL :]

    async def _epitaph(self) -> str:
        """How it ended; its output is closed, so it should be about to."""
        with suppress(TimeoutError):
            code = await asyncio.wait_for(self._process.wait(), _GRACE)
            # What it said last may still lie in the pipe.
            await asyncio.wait({self._listening}, timeout=_GRACE)
            if code < 0:
                with suppress(ValueError):
                    return f"it was ended by {signal.Signals(-code).name}"
            return f"it ended with status {code}"
        return "it closed its output"


def adopt_orphans() -> None:
    """Become the parent of what loses its own below here, where the system lets one: Linux."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


def kill_all() -> None:
    """End this process, its group, and everything below it that has left the group."""
    known: set[int] = {os.getpid()}
    for _round in range(_ROUNDS):
        found = set(_below(os.getpid())) - known
        if not found:
            break
        for one in found:
            with suppress(OSError):
                os.kill(one, signal.SIGKILL)
        known |= found
    os.killpg(0, signal.SIGKILL)


def _below(process: int) -> list[int]:
    """The processes that ``process`` started, and those that they did, where Linux tells."""
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            with suppress(OSError, ValueError):
                for child in map(int, (task / "children").read_text().split()):
                    found += [child, *_below(child)]
    return found
