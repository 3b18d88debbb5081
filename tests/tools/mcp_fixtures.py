"""What the tests of MCP servers share: the server of the tests, set up and approved."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from chat_tui.servers import Server
from chat_tui.tools.mcp import McpTool
from chat_tui.tools.mcp_told import fingerprint, named, told
from tests.tools import mcp_server

SCRIPT = Path(mcp_server.__file__)


def server(mode: str = "", **more: object) -> Server:
    about: dict[str, object] = {"command": sys.executable, "args": (str(SCRIPT), mode), **more}
    return Server("test", **about)  # type: ignore[arg-type]


def made(one: Server, folder: Path, **more: object) -> McpTool:
    """A tool for a server that tells what the test's one does, as if the user had approved it."""
    listed = mcp_server.listed()
    functions = named("test", told(listed)[0], ())
    return McpTool(one, functions, fingerprint(listed), folder, **more)  # type: ignore[arg-type]


def alive(process: int) -> bool:
    """Whether a process runs; one that has ended and was not fetched does not."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def until(true: Callable[[], bool], seconds: float = 60) -> bool:
    """Wait for something; whether it came."""
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
    return true()
