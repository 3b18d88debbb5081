"""The user's own functions: Python files in the ``tools`` folder, and installed packages.

Knows files, hashes and the process that runs them. A file is run only after the user has
approved just these bytes; what was approved is kept with what the model is told, so that nothing
has to run to offer it. The code is the user's and has no sandbox; each call of it is asked about.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from chat_tui.arguments import parse_arguments
from chat_tui.conversation import FunctionSpec, Message, ToolSpec
from chat_tui.errors import ChatError, ToolError
from chat_tui.sandbox.base import Process, spawn
from chat_tui.tools.base import (
    CallView,
    Context,
    Progress,
    Result,
    Risk,
    Stop,
    Tool,
    function_of,
)
from chat_tui.tools.child import Child, Ended, Frame, Output
from chat_tui.tools.output import Decoder

GROUP = "chat_tui.tools"
"""The entry point group in which packages offer tools: a callable that makes one."""
SECONDS = 120.0
_SIZE_LIMIT = 1 << 20
_LIVE = 1 << 18
_GRACE = 0.9
_LOOK = 0.05


class State(StrEnum):
    """Whether a file may be run."""

    NEW = "new"
    CHANGED = "changed"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True)
class ToolFile:
    """A file of functions, as it was when it was read."""

    path: Path
    source: str

    @property
    def sha256(self) -> str:
        """What an approval is bound to."""
        return hashlib.sha256(self.source.encode()).hexdigest()


def scan(folder: Path) -> tuple[tuple[ToolFile, ...], tuple[ToolError, ...]]:
    """The files of the tools folder, by name, and what cannot be read. Runs nothing."""
    files, problems = [], []
    for path in sorted(folder.glob("*.py")) if folder.is_dir() else []:
        if path.name.startswith(("_", ".")):
            continue
        try:
            if path.stat().st_size > _SIZE_LIMIT:
                raise ToolError(f"{path} is larger than a file of functions can be.", "")
            files.append(ToolFile(path, path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            problems.append(ToolError(f"{path} cannot be read: {error}."))
        except ToolError as error:
            problems.append(error)
    return tuple(files), tuple(problems)


class Approvals:
    """The files that the user has approved, in a file of their configuration."""

    def __init__(self, path: Path) -> None:
        """``path`` need not exist yet; ToolError where it cannot be read."""
        self._path = path
        self._known: dict[str, dict[str, Any]] = {}
        try:
            self._known = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            raise ToolError(
                f"{path} cannot be read: {error}.", "Delete it, and approve your tools again."
            ) from error

    def state(self, file: ToolFile) -> State:
        """Whether these bytes are approved."""
        known = self._known.get(str(file.path))
        if not isinstance(known, dict):
            return State.NEW
        return State.APPROVED if known.get("sha256") == file.sha256 else State.CHANGED

    def functions(self, file: ToolFile) -> tuple[FunctionSpec, ...]:
        """What an approved file offers; ToolError where it is not approved."""
        if self.state(file) is not State.APPROVED:
            raise ToolError(f"{file.path} is not approved.", "Look at it and approve it first.")
        return tuple(_spec(each) for each in self._known[str(file.path)]["functions"])

    def approve(self, file: ToolFile) -> tuple[FunctionSpec, ...]:
        """Run the file for the first time and remember it; what it offers.

        Raises ToolError, in words for its author, where it does not run or has hints that a
        model cannot be told of; it is then not approved.
        """
        with _Host(file, file.path.parent) as host:
            told = host.functions
        if not told:
            raise ToolError(f"{file.path} defines no public function.")
        self._known[str(file.path)] = {"sha256": file.sha256, "functions": told}
        self._write()
        return tuple(_spec(each) for each in told)

    def revoke(self, path: Path) -> None:
        """Forget an approval."""
        if self._known.pop(str(path), None) is not None:
            self._write()

    def _write(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(dir=self._path.parent)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(self._known, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(self._path)


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
        problem = None
        body = call.content
        try:
            body = json.dumps(parse_arguments(call.content), indent=2, ensure_ascii=False)
        except ToolError as error:
            problem = str(error)
        return CallView(
            title=f"Call {call.recipient}",
            body=body,
            language="json",
            risk=Risk.OUTSIDE,
            touches=(f"runs your own code in {self._file.path}", "NOT sandboxed"),
            problem=problem,
        )

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
            problems.append(ToolError(f"The tool {point.name}: {error.message}", error.hint))
        except Exception as error:  # noqa: BLE001  somebody else's code
            said = f"{type(error).__name__}: {error}"
            problems.append(ToolError(f"The tool {point.name} could not be made: {said}"))
    return tuple(tools), tuple(problems)


def _made(make: Any) -> Tool:
    tool: Tool = make()
    missing = [name for name in ("spec", "describe", "run", "close") if not hasattr(tool, name)]
    if missing:
        raise ToolError(f"it has no {missing[0]}.", "See chat_tui.tools.base.Tool.")
    return tool


def _spec(told: dict[str, Any]) -> FunctionSpec:
    return FunctionSpec(told["name"], told["description"], told["parameters"])
