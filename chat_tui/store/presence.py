"""Who has the database open: many processes at a time, or one that may replace the file.

Knows file locks; must not know SQLite. Where there are none (Windows) an open file cannot be
renamed, which serves the same end.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chat_tui.errors import StoreError
from chat_tui.language import _

if sys.platform != "win32":
    import fcntl


class Presence:
    """Says to the others that this process has the database open, until ``close``."""

    def __init__(self, path: Path) -> None:
        self._file = os.fdopen(os.open(path, os.O_CREAT | os.O_RDWR, 0o600), "rb")
        self._lock(alone=False)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While this lasts no other process opens the database. Raises StoreError if one has it."""
        try:
            self._lock(alone=True)
        except BlockingIOError as error:
            self._lock(alone=False)
            raise StoreError(
                _("The conversations are damaged, and another chat-tui has them open."),
                _("Close all other windows of chat-tui; this one then puts them right."),
            ) from error
        try:
            yield
        finally:
            self._lock(alone=False)

    def close(self) -> None:
        """Leave."""
        self._file.close()

    def _lock(self, *, alone: bool) -> None:
        if sys.platform != "win32":
            kind = fcntl.LOCK_EX | fcntl.LOCK_NB if alone else fcntl.LOCK_SH
            fcntl.flock(self._file, kind)
