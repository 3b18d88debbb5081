"""One MCP server in conversation, through the official SDK; the only user of it.

Knows the SDK, the server's process and the frames of ``mcp_host``, in whose process it runs:
loading the SDK takes a second of pure Python, messages are parsed here, and whatever goes wrong
with them goes wrong here, away from the program.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import anyio
import mcp_types as types
from mcp import ClientSession, MCPError
from mcp.client.session import IncomingMessage
from mcp.shared.message import SessionMessage

from chat_tui import __version__
from chat_tui.tools.kernel_main import Frames
from chat_tui.tools.mcp_process import ServerProcess, environment
from chat_tui.tools.mcp_told import fingerprint, presented
from chat_tui.untrusted import clean_line

_PAGES = 50
_LIST = 2 << 20
"""Characters of a list of tools as JSON."""
_PROGRESS = 0.1
"""Seconds between two words about how far a call is."""


class _Session(ClientSession):
    """The SDK's, without the check of results against a server's own schema of them.

    A pattern in such a schema can keep Python busy for hours, and nobody here relies on it.
    """

    async def validate_tool_result(self, name: str, result: types.CallToolResult) -> None:
        del name, result


class Host:
    """One server in conversation; frames go in at ``answer``."""

    def __init__(self, frames: Frames, process: ServerProcess) -> None:
        self._frames = frames
        self._process = process
        self._told = ""
        """The fingerprint of its list of tools."""
        self._changed = False

    async def heard(self, message: IncomingMessage) -> None:
        """A notification of the server."""
        if isinstance(message, types.ToolListChangedNotification):
            self._changed = True

    async def answer(self, session: ClientSession, frame: dict[str, Any]) -> None:
        """Do what ``frame`` asks and say what came of it."""
        self._process.asked()
        answer: dict[str, Any]
        try:
            if "open" in frame:
                async with asyncio.timeout(frame["seconds"]):
                    await _greet(session)
                    answer = {"tools": await self._list(session)}
            elif "ping" in frame:
                await session.send_request(types.PingRequest(), types.EmptyResult)
                answer = {"pong": True}
            else:
                answer = await self._call(session, frame)
        except TimeoutError:
            why = f"it has not introduced itself within {frame['seconds']:g} s"
            answer = {"error": why, "gone": True, "said": self._process.last_words}
        except MCPError as error:
            answer = {"error": self._process.trouble or f"it answers: {error.message[:2000]}"}
            if "ping" in frame and not self._process.trouble:
                answer = {"pong": True}  # newer versions of MCP have no ping, but it answers
        except (RuntimeError, ValueError, RecursionError) as error:
            answer = {
                "error": f"its answer is not what MCP allows ({clean_line(str(error))[:160]})"
            }
        if "error" in answer and self._process.trouble:
            answer |= {"gone": True, "said": self._process.last_words}
        self._frames.write({"id": frame["id"], **answer})

    async def _call(self, session: ClientSession, frame: dict[str, Any]) -> dict[str, Any]:
        if self._changed:
            await self._list(session)
        if self._told != frame["approved"]:
            return {"changed": True}
        last = 0.0

        async def told(progress: float, total: float | None, message: str | None) -> None:
            nonlocal last
            if time.monotonic() - last > _PROGRESS:
                last = time.monotonic()
                text = message or (f"{progress:g} of {total:g}" if total else f"{progress:g}")
                self._frames.write({"id": frame["id"], "progress": text[:500]})

        result = await session.call_tool(frame["call"], frame["arguments"], progress_callback=told)
        return presented(result.model_dump(mode="json", by_alias=True, exclude_none=True))

    async def _list(self, session: ClientSession) -> list[dict[str, Any]]:
        """Its tools as it tells of them. Raises ValueError for more than anybody could read."""
        self._changed = False
        tools: list[dict[str, Any]] = []
        cursor = None
        for _page in range(_PAGES):
            page = await session.list_tools(params=types.PaginatedRequestParams(cursor=cursor))
            tools += [
                tool.model_dump(
                    mode="json", by_alias=True, include={"name", "description", "input_schema"}
                )
                for tool in page.tools
            ]
            if len(json.dumps(tools)) > _LIST:
                break
            cursor = page.next_cursor
            if cursor is None:
                self._told = fingerprint(tools)
                return tools
        raise ValueError("its list of tools is too long")


async def _greet(session: ClientSession) -> None:
    """Agree on a version: by a handshake, or, with a server that knows none, by discovery."""
    try:
        await session.initialize()
    except MCPError as error:
        if error.code == types.CONNECTION_CLOSED:
            raise
        await session.discover()


@asynccontextmanager
async def _connected(
    frames: Frames, process: ServerProcess, inbox: asyncio.Queue[dict[str, Any]]
) -> AsyncIterator[tuple[Host, ClientSession]]:
    """A session whose messages are the lines of ``process``; ``inbox`` is told of their end."""
    into, received = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    sent, out_of = anyio.create_memory_object_stream[SessionMessage](0)

    async def receive() -> None:
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
            async with into:
                async for line in process.lines():
                    try:
                        message = types.jsonrpc_message_adapter.validate_json(line, by_name=False)
                    except ValueError:
                        process.rubbish(line)
                        continue
                    await into.send(SessionMessage(message))
        inbox.put_nowait({"gone": True})

    async def send() -> None:
        async with out_of:
            async for message in out_of:
                text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                await process.write(text.encode() + b"\n")

    host = Host(frames, process)
    about = types.Implementation(name="chat-tui", version=__version__)
    async with anyio.create_task_group() as group:
        group.start_soon(receive)
        group.start_soon(send)
        async with _Session(received, sent, message_handler=host.heard, client_info=about) as one:
            yield host, one
        group.cancel_scope.cancel()


async def serve(frames: Frames, inbox: asyncio.Queue[dict[str, Any]]) -> None:
    """Start the server and answer frames until there is nothing more to answer."""
    first = await inbox.get()
    about = first["open"]
    try:
        process = await ServerProcess.start(
            about["command"],
            about["args"],
            environment(os.environ, about["inherit"], about["env"]),
            Path(about["cwd"]),
        )
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        where = f" ({error.filename})" if isinstance(error, OSError) and error.filename else ""
        frames.write({"id": first["id"], "error": f"it cannot be started: {why}{where}"})
        return
    running: dict[int, asyncio.Task[None]] = {}
    async with _connected(frames, process, inbox) as (host, session):
        frame = first
        while not frame.keys() & {"close", "gone"}:
            if "cancel" in frame:
                if (task := running.get(frame["cancel"])) is not None:
                    task.cancel()  # the SDK tells the server
            else:
                running = {at: task for at, task in running.items() if not task.done()}
                running[frame["id"]] = asyncio.create_task(host.answer(session, frame))
            frame = await inbox.get()
        if "gone" in frame and running:  # they have just heard of it
            await asyncio.wait(running.values(), timeout=1)
        await process.end()
