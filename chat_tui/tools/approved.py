"""Which of the user's files of functions may run: just those bytes that the user has approved.

Knows files and hashes; must not know how they are run. What was approved is kept with what the
model is told of it, so that nothing has to run to offer it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from chat_tui.conversation import FunctionSpec
from chat_tui.errors import ToolError
from chat_tui.language import _
from chat_tui.whole_file import write_whole

_SIZE_LIMIT = 1 << 20


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
                raise ToolError(
                    _("{path} is larger than a file of functions can be.").format(path=path)
                )
            files.append(ToolFile(path, path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            unread = _("{path} cannot be read: {error}.").format(path=path, error=error)
            problems.append(ToolError(unread))
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
            self._known = dict(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError) as error:
            raise ToolError(
                _("{path} cannot be read: {error}.").format(path=path, error=error),
                _("Delete it, and approve your tools again."),
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
            raise ToolError(
                _("{name} is not approved.").format(name=file.path),
                _("Look at it and approve it first."),
            )
        return tuple(spec_of(each) for each in self._known[str(file.path)]["functions"])

    def approve(self, file: ToolFile, functions: Sequence[dict[str, Any]]) -> None:
        """Remember the file with what it offers (see ``functions.inspect``)."""
        self._known[str(file.path)] = {"sha256": file.sha256, "functions": list(functions)}
        self._write()

    def revoke(self, path: Path) -> None:
        """Forget an approval."""
        if self._known.pop(str(path), None) is not None:
            self._write()

    def _write(self) -> None:
        try:
            write_whole(self._path, json.dumps(self._known, indent=1))
        except OSError as error:
            problem = _("{path} cannot be written: {error}.").format(path=self._path, error=error)
            raise ToolError(problem) from error


def spec_of(told: dict[str, Any]) -> FunctionSpec:
    """A function as the process that holds it described it."""
    return FunctionSpec(told["name"], told["description"], told["parameters"])
