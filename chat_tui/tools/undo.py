"""What files were before they were edited, so that an edit can be taken back.

Knows one folder of records, each a JSON file of mode 0600, named so that the newest sorts last;
must not know how files are changed. Records of the same workspace form a stack of KEPT.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from chat_tui.errors import ToolError
from chat_tui.language import _

KEPT = 20
"""Edits of one workspace that can be taken back."""


@dataclass(frozen=True, slots=True)
class Before:
    """One file before an edit."""

    path: str
    data: bytes | None
    """None where there was no file."""
    mode: int | None
    after: str | None
    """The SHA-256 of what the edit made of it; None where it removed the file."""


@dataclass(frozen=True, slots=True)
class Record:
    """One edit."""

    at: Path
    files: tuple[Before, ...]


class Records:
    """The edits of one workspace."""

    def __init__(self, folder: Path, workspace: Path) -> None:
        self._workspace = str(workspace)
        name = hashlib.sha256(os.fsencode(self._workspace)).hexdigest()[:24]
        self._folder = folder / name

    def push(self, files: Sequence[Before]) -> Record:
        """Keep what ``files`` were. Raises ToolError where that cannot be written."""
        document = {
            "workspace": self._workspace,
            "files": [
                {
                    "path": file.path,
                    "data": None if file.data is None else base64.b64encode(file.data).decode(),
                    "mode": file.mode,
                    "after": file.after,
                }
                for file in files
            ],
        }
        at = self._folder / f"{time.time_ns():020}.json"
        aside = at.with_suffix(".tmp")
        try:
            for folder in (self._folder.parent, self._folder):  # the mode is the last one's only
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            fd = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(fd, "w", encoding="utf-8") as file:
                json.dump(document, file)
                file.flush()
                os.fsync(fd)
            aside.rename(at)
        except OSError as error:
            with suppress(OSError):
                aside.unlink()
            raise ToolError(
                f"What the files were before cannot be kept: {error.strerror or error}.",
                "Nothing was changed.",
            ) from error
        for old in self._all()[:-KEPT]:
            self.drop(old)
        return Record(at, tuple(files))

    def last(self) -> Record | None:
        """The newest edit; None where there is none. Raises ToolError for a damaged record."""
        for at in reversed(self._all()):
            try:
                document = json.loads(at.read_text(encoding="utf-8"))
                files = tuple(_before(one) for one in document["files"])
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise ToolError(
                    _("The record of the last edit is damaged."),
                    _("It lies in {file}.").format(file=at),
                ) from error
            return Record(at, files)
        return None

    def drop(self, at: Path) -> None:
        """Forget one edit."""
        with suppress(OSError):
            at.unlink()

    def _all(self) -> list[Path]:
        return sorted(self._folder.glob("*.json"))


def _before(one: dict[str, str | int | None]) -> Before:
    data, mode, after = one["data"], one["mode"], one["after"]
    return Before(
        str(one["path"]),
        None if data is None else base64.b64decode(str(data), validate=True),
        None if mode is None else int(mode),
        None if after is None else str(after),
    )
