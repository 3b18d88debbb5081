"""The way to one MCP server: the process that speaks to it, asked and answered in frames.

Knows the frames of ``mcp_host`` and how long to wait for them; must not know tools or approvals.
The host may hang with its server: every wait ends with the user's stop or with a limit.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chat_tui.errors import ToolError
from chat_tui.sandbox.base import Process, spawn
from chat_tui.servers import Server
from chat_tui.tools.base import Progress, Stop
from chat_tui.tools.child import Child, Ended, Frame

_LOAD_SECONDS = 60.0
"""For the host to load the SDK, which takes one where nothing else is busy."""
_PING_SECONDS = 2.0
_CLOSE_SECONDS = 1.5
_LOOK = 0.05


class Stopped(Exception):
    """The user has ended the turn."""


class Refused(ToolError):
    """The server has answered, and the answer is an error; it can be asked again."""


class Never:
    """A stop that never comes."""

    def is_set(self) -> bool:
        """See ``Stop``."""
        return False


class Connection:
    """The host of one server, which starts the server when it is opened."""

    def __init__(self, server: Server) -> None:
        self.tools: list[dict[str, Any]] = []
        """What the server tells of its tools, once it is open."""
        self._server = server
        self._count = 0
        self._doubtful = False
        """Whether a call was given up: the server may still be busy with it."""

        def start(descriptor: int) -> Process:
            module = "chat_tui.tools.mcp_host"
            return spawn(
                [sys.executable, "-P", "-m", module, str(descriptor)],
                folder=Path("/"),
                variables=dict(os.environ),
                pass_fds=(descriptor,),
            )

        self._child = Child(start, f"mcp {server.name}")

    def open(self, stop: Stop, seconds: float) -> Iterator[Progress]:
        """Start the server and ask for its tools. Raises ToolError, and Stopped."""
        server = self._server
        about = {
            "command": server.command,
            "args": list(server.args),
            "env": dict(server.env),
            "inherit": list(server.inherit),
            "cwd": str(server.cwd or Path.home()),
        }
        for event in self.ask({"open": about, "seconds": seconds}, stop, seconds + _LOAD_SECONDS):
            if isinstance(event, Progress):
                yield event
            else:
                self.tools = event["tools"]

    def works(self) -> bool:
        """Whether the server can be asked; where that is doubtful it is tried."""
        while (event := self._child.next(0)) is not None:
            if isinstance(event, Ended):
                return False
        try:
            if self._doubtful:
                self._doubtful = False
                for _event in self.ask({"ping": True}, Never(), _PING_SECONDS):
                    pass
        except ToolError:
            return False
        return True

    def ask(
        self, frame: dict[str, Any], stop: Stop, seconds: float
    ) -> Iterator[Progress | dict[str, Any]]:
        """Ask the host; ends with its answer. Raises ToolError, and Stopped within 0.1 s."""
        self._count += 1
        number, name = self._count, self._server.name
        self._child.send({"id": number, **frame})
        deadline = time.monotonic() + seconds
        answered = False
        try:
            while not answered:
                event = self._child.next(_LOOK)
                if isinstance(event, Ended):
                    raise ToolError(f"The server {name} is gone: {event.reason}.")
                if isinstance(event, Frame) and event.value.get("id") == number:
                    if "progress" in event.value:
                        deadline = time.monotonic() + seconds
                        yield Progress(f"{event.value['progress']}\n")
                        continue
                    answered = True
                    if "error" in event.value:
                        raise _failure(name, event.value)
                    yield event.value
                elif stop.is_set():
                    raise Stopped
                elif time.monotonic() > deadline:
                    raise ToolError(f"The server {name} has not answered for {seconds:g} s.")
        finally:
            if not answered:
                self._doubtful = True
                self._child.send({"cancel": number})

    def close(self) -> None:
        """End the host, the server and what it started: by asking, and then without."""
        self._child.send({"close": True})
        deadline = time.monotonic() + _CLOSE_SECONDS
        while time.monotonic() < deadline and not isinstance(self._child.next(_LOOK), Ended):
            pass
        self._child.close()


def _failure(name: str, answer: dict[str, Any]) -> ToolError:
    if answer.get("gone"):
        said = str(answer.get("said", ""))
        return ToolError(f"The server {name} failed: {answer['error']}.", said)
    return Refused(f"The server {name} failed: {answer['error']}.")
