"""The tools of the user's MCP servers: one process each, started by the first call.

Knows connections to servers (see ``mcp_connection``); must not know the SDK. A server is the
user's program without a sandbox, and what it says is hostile: each call is asked about, nothing is
offered that was not approved, and a server that misbehaves is ended and started anew by the next
call.
"""

from __future__ import annotations

import base64
import binascii
import importlib.util
import itertools
import threading
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from chat_tui.arguments import parse_arguments
from chat_tui.conversation import Message, ToolSpec
from chat_tui.errors import ToolError
from chat_tui.language import N_, _
from chat_tui.servers import Server
from chat_tui.tools.approved import State
from chat_tui.tools.base import (
    Attachment,
    CallView,
    Context,
    Progress,
    Result,
    Stop,
    function_of,
    unconfined_view,
)
from chat_tui.tools.mcp_approved import ServerApprovals, approve_it
from chat_tui.tools.mcp_connection import Connection, Never, Refused, Stopped
from chat_tui.tools.mcp_told import IMAGES, Told, named, specs
from chat_tui.untrusted import visible

START_SECONDS = 60.0
"""A server may have to be downloaded first."""
SECONDS = 120.0
"""Seconds without a word, after which a call has failed."""
_INSTALL = N_(
    'It needs the package mcp: pip install "chat-tui[mcp]", in the sources uv sync --extra mcp'
)


def inspect(server: Server) -> list[dict[str, Any]]:
    """Start a server and say what it tells of its tools. Raises ToolError."""
    if problem := not_installed():
        raise ToolError(_("{server} cannot be used.").format(server=server.title), problem)
    connection = Connection(server)
    try:
        for _event in connection.open(Never(), START_SECONDS):
            pass
        return connection.tools
    finally:
        connection.close()


def not_installed() -> str:
    """What to install before a server can be used; empty where nothing is missing."""
    return "" if importlib.util.find_spec("mcp") is not None else _(_INSTALL)


def offered(
    servers: Sequence[Server], approvals: ServerApprovals, taken: Collection[str], attachments: Path
) -> tuple[tuple[McpTool, ...], dict[str, str]]:
    """The tools of approved servers, and for each other one why not. Starts nothing.

    ``taken`` are names that functions have already; pictures are kept in ``attachments``.
    """
    tools: list[McpTool] = []
    missing: dict[str, str] = {}
    names = set(taken)
    problem = not_installed() if servers else ""
    for server in servers:
        if problem:
            missing[server.title] = problem
        elif approvals.state(server) is not State.APPROVED:
            missing[server.title] = _("It is new or changed.") + f" {approve_it(server)}"
        else:
            functions = named(server.name, approvals.tools(server), names)
            names |= functions.keys()
            approved = approvals.fingerprint(server)
            tools.append(McpTool(server, functions, approved, attachments, approvals.doubt))
    return tuple(tools), missing


class McpTool:
    """Implements ``Tool`` for one approved server."""

    def __init__(
        self,
        server: Server,
        functions: dict[str, Told],
        approved: str,
        attachments: Path,
        changed: Callable[[Server], None] = lambda _server: None,
        seconds: float = SECONDS,
    ) -> None:
        """``approved`` is the fingerprint of the list of tools that the user has looked at.

        ``changed`` hears of a server that has another list.
        """
        self.spec = ToolSpec("functions", specs(functions))
        self._server = server
        self._functions = functions
        self._approved = approved
        self._attachments = attachments
        self._changed = changed
        self._seconds = seconds
        self._connection: Connection | None = None
        self._ending: threading.Thread | None = None
        """Ends a connection that failed, without anybody waiting for it."""

    def describe(self, call: Message) -> CallView:
        """See ``Tool.describe``."""
        function = function_of(call, self.spec)
        name = self._functions[function.name].name if function else call.recipient
        title = _("Call {tool} of the server {server}").format(
            tool=visible(str(name)), server=self._server.name
        )
        runs = _("the MCP server {command}").format(command=self._server.command_line)
        return unconfined_view(call, title, runs)

    def run(self, call: Message, context: Context) -> Iterator[Progress | Result]:
        """See ``Tool.run``."""
        function = function_of(call, self.spec)
        if function is None:
            yield Result(f"There is no function {call.recipient}.", failed=True)
            return
        frame = {
            "call": self._functions[function.name].name,
            "arguments": parse_arguments(call.content),
            "approved": self._approved,
        }
        try:
            connection = yield from self._connected(context.stop)
            for event in connection.ask(frame, context.stop, self._seconds):
                yield event if isinstance(event, Progress) else self._result(event)
        except Stopped:
            yield Result("The user stopped this call.", failed=True)
        except Refused as error:
            yield Result(str(error), failed=True)
        except ToolError as error:
            self._drop()
            yield Result(str(error), failed=True)

    def close(self) -> None:
        """See ``Tool.close``."""
        self._drop()
        if self._ending is not None:
            self._ending.join()

    def _drop(self) -> None:
        """Let go of a connection; it ends within two seconds."""
        connection, self._connection = self._connection, None
        if connection is not None:
            self._ending = threading.Thread(target=connection.close, name="end of a server")
            self._ending.start()

    def _connected(self, stop: Stop) -> Generator[Progress, None, Connection]:
        """A connection that works, as the value of the iterator."""
        connection = self._connection
        if connection is not None and not connection.works():
            self._drop()
        if self._connection is None:
            self.close()  # two at once could be in each other's way
            starting = _("Starting the server {server} …").format(server=self._server.name)
            yield Progress(f"{starting}\n")
            self._connection = Connection(self._server)
            try:
                yield from self._connection.open(stop, START_SECONDS)
            except BaseException:
                self._drop()
                raise
        return self._connection

    def _result(self, answer: dict[str, Any]) -> Result:
        """What came of a call, for the model; pictures are kept for the user."""
        if answer.get("changed"):
            with suppress(OSError):
                self._changed(self._server)
            raise ToolError(
                f"The server {self._server.name} has other tools now than the user has approved.",
                f"The user can look at them: chat-tui tools approve {self._server.title}, "
                "then start chat-tui again.",
            )
        text, files = str(answer.get("text", "")), []
        for data in answer.get("images", ()):
            file = self._kept(str(data))
            if file is not None:
                files.append(file)
            said = f"the user sees it as {file.name}" if file else "of a kind that is not known"
            text = f"{text}\n[An image: {said}.]".strip()
        return Result(text, bool(answer.get("failed")), tuple(files))

    def _kept(self, data: str) -> Attachment | None:
        """Write a picture where the user can open it; None for what is no picture."""
        try:
            image = base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError):
            return None
        kinds = (kind for head, kind in IMAGES.items() if image.startswith(head))
        if (kind := next(kinds, None)) is None:
            return None
        media_type, suffix = kind
        self._attachments.mkdir(parents=True, exist_ok=True, mode=0o700)
        for number in itertools.count(1):
            path = self._attachments / f"{self._server.name}-{number}.{suffix}"
            try:
                with path.open("xb") as file:
                    path.chmod(0o600)
                    file.write(image)
            except FileExistsError:
                continue
            return Attachment(path.name, media_type, path)
        raise AssertionError("count never ends")
