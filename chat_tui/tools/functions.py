"""The user's own functions: Python files in the ``tools`` folder, and installed packages.

Knows the process that runs a file; must not know who approved it (see ``approved``). The code is
the user's and has no sandbox; each call of it is asked about.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from chat_tui.arguments import parse_arguments
from chat_tui.conversation import FunctionSpec, Message, ToolSpec
from chat_tui.errors import ChatError, ToolError
from chat_tui.language import _
from chat_tui.sandbox.base import Process, spawn
from chat_tui.tools.approved import Approvals, State, ToolFile, scan
from chat_tui.tools.base import (
    CallView,
    Context,
    Progress,
    Result,
    Stop,
    Tool,
    function_of,
    unconfined_view,
)
from chat_tui.tools.child import Child, Ended, Frame, Output
from chat_tui.tools.output import Decoder

GROUP = "chat_tui.tools"
"""The entry point group in which packages offer tools: a callable that makes one."""
SECONDS = 120.0
_LIVE = 1 << 18
_GRACE = 0.8
_LOOK = 0.05


def inspect(file: ToolFile) -> tuple[dict[str, Any], ...]:
    """Run an approved file for the first time and describe what it offers.

    Raises ToolError, in words for its author, where it does not run or has hints that a model
    cannot be told of.
    """
    with _Host(file, file.path.parent) as host:
        if not host.functions:
            raise ToolError(_("{path} defines no public function.").format(path=file.path))
        return tuple(host.functions)


def offered(
    folder: Path, approvals: Approvals
) -> tuple[tuple[FunctionsTool, ...], tuple[ToolFile, ...], tuple[ToolError, ...]]:
    """The tools of the approved files, the files that wait for approval, and what is wrong.

    Runs nothing.
    """
    files, problems = scan(folder)
    approved = [file for file in files if approvals.state(file) is State.APPROVED]
    waiting = tuple(file for file in files if file not in approved)
    tools = tuple(FunctionsTool(file, approvals.functions(file)) for file in approved)
    return tools, waiting, problems


class FunctionsTool:
    """Implements ``Tool`` for one approved file; its process starts with the first call."""

    def __init__(
        self, file: ToolFile, functions: tuple[FunctionSpec, ...], seconds: float = SECONDS
    ) -> None:
        """``functions`` are those of ``Approvals.functions`` for the same ``file``."""
        self._file = file
        self._seconds = seconds
        self._host: _Host | None = None
        self.spec = ToolSpec("functions", functions)

    def describe(self, call: Message) -> CallView:
        """See ``Tool.describe``."""
        title = _("Call {tool}").format(tool=call.recipient)
        runs = _("runs your own code in {path}").format(path=self._file.path)
        return unconfined_view(call, title, runs)

    def run(self, call: Message, context: Context) -> Iterator[Progress | Result]:
        """See ``Tool.run``."""
        function = function_of(call, self.spec)
        if function is None:
            yield Result(f"There is no function {call.recipient}.", failed=True)
            return
        arguments = parse_arguments(call.content)
        done = False
        try:
            if self._host is None:
                self._host = _Host(self._file, context.workspace)
            frame = {"name": function.name, "arguments": arguments}
            for event in self._host.ask(frame, context.stop, self._seconds):
                done = isinstance(event, Result)
                yield event
        except ToolError as error:
            done = False
            yield Result(str(error), failed=True)
        finally:
            if not done:
                self.close()

    def close(self) -> None:
        """See ``Tool.close``."""
        host, self._host = self._host, None
        if host is not None:
            host.close()


class _Host:
    """The running process of one file."""

    def __init__(self, file: ToolFile, folder: Path) -> None:
        """Start it and load the file; ToolError where that fails."""
        self._count = 0

        def start(descriptor: int) -> Process:
            module = "chat_tui.tools.function_host"
            return spawn(
                [sys.executable, "-P", "-m", module, str(descriptor)],
                folder=folder,
                variables=dict(os.environ),
                pass_fds=(descriptor,),
            )

        self._child = Child(start, "functions")
        try:
            frame = {"path": str(file.path), "source": file.source}
            for event in self._events(frame, _Never(), SECONDS):
                if isinstance(event, Frame):
                    if event.value.get("error"):
                        raise ToolError(f"{file.path}: {event.value['error']}")
                    self.functions: list[dict[str, Any]] = event.value["functions"]
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> _Host:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def ask(self, frame: dict[str, Any], stop: Stop, seconds: float) -> Iterator[Progress | Result]:
        """Call a function; ends with a Result. ToolError where the process had to be ended."""
        decoder, room = Decoder(), _LIVE
        for event in self._events(frame, stop, seconds):
            if isinstance(event, Output):
                text = decoder.feed(event.data)[:room]
                room -= len(text)
                if text:
                    yield Progress(text)
            else:
                error = str(event.value.get("error", ""))
                yield Result(error or str(event.value.get("result", "")), failed=bool(error))

    def close(self) -> None:
        """End the process."""
        self._child.close()

    def _events(
        self, frame: dict[str, Any], stop: Stop, seconds: float
    ) -> Iterator[Output | Frame]:
        """What the process says until it has answered; ToolError where it does not."""
        self._count += 1
        self._child.send({"id": self._count, **frame})
        deadline = time.monotonic() + seconds
        why, kill_at = "", float("inf")
        while True:
            event = self._child.next(_LOOK)
            now = time.monotonic()
            if now > kill_at:
                raise ToolError(f"The function was ended: {why}.")
            if not why and (stop.is_set() or now > deadline):
                why = "the user stopped it" if stop.is_set() else f"it took over {seconds:g} s"
                kill_at = now + _GRACE
                self._child.send({"interrupt": self._count})
            if isinstance(event, Ended):
                raise ToolError(f"The functions' process is gone: {event.reason}.")
            if isinstance(event, Frame) and event.value.get("id") != self._count:
                continue
            if event is not None:
                yield event
            if isinstance(event, Frame):
                return


class _Never:
    def is_set(self) -> bool:
        return False


def installed() -> tuple[tuple[Tool, ...], tuple[ToolError, ...]]:
    """The tools that installed packages offer, and why some of them could not be made."""
    tools: list[Tool] = []
    problems: list[ToolError] = []
    for point in entry_points(group=GROUP):
        try:
            tools.append(_made(point.load()))
        except ChatError as error:
            text = _("The tool {name}: {error}").format(name=point.name, error=error.message)
            problems.append(ToolError(text, error.hint))
        except Exception as error:  # noqa: BLE001  somebody else's code
            said = f"{type(error).__name__}: {error}"
            text = _("The tool {name} could not be made: {error}")
            problems.append(ToolError(text.format(name=point.name, error=said)))
    return tuple(tools), tuple(problems)


def _made(make: Any) -> Tool:
    tool: Tool = make()
    missing = [name for name in ("spec", "describe", "run", "close") if not hasattr(tool, name)]
    if missing:
        raise ToolError(
            _("it has no {member}.").format(member=missing[0]),
            _("See {place}.").format(place="chat_tui.tools.base.Tool"),
        )
    return tool
