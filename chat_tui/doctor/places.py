"""Where this program's files lie: how large, who may read them, how much the disk still takes.

Knows folders and the first bytes of a database; writes and makes nothing.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from chat_tui.doctor.facts import Conversations, Place
from chat_tui.paths import Paths
from chat_tui.store.schema import VERSION

MOST_FILES = 20_000
"""Names that are looked at in one folder."""
_MAGIC = b"SQLite format 3\0"
_HEADER = 100
_VERSION_AT = 60  # user_version, in SQLite's file format


def look(paths: Paths, hub: Path) -> tuple[Place, ...]:
    """The folders of the program, the files in them that matter, and where downloads go."""
    return (
        _place("settings", paths.settings),
        _place("config", paths.config),
        _place("data", paths.data),
        _place("conversations", paths.conversations.parent, private=True),
        _place("conversations file", paths.conversations, private=True),
        _place("library", paths.library, private=True),
        _place("state", paths.state),
        _place("edits", paths.edits, private=True),
        _place("cache", paths.cache),
        _place("states", paths.states, private=True),
        _place("log", paths.log),
        _place("models", hub, counted=False),
    )


def conversations(path: Path) -> Conversations:
    """What the first bytes of the database say. Raises OSError."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER)
    except FileNotFoundError:
        return Conversations(exists=False, newest=VERSION)
    version = int.from_bytes(head[_VERSION_AT : _VERSION_AT + 4], "big")
    whole = not head or (head.startswith(_MAGIC) and len(head) == _HEADER)
    return Conversations(True, whole, version, VERSION)


def _place(name: str, path: Path, *, private: bool = False, counted: bool = True) -> Place:
    """Facts about one path; nothing is followed out of it."""
    there = _nearest(path)
    free = _free(there)
    try:
        about = path.stat()
    except OSError:
        can = there is not None and there.is_dir() and os.access(there, os.W_OK)
        return Place(name, str(path), False, writable=can, free=free, private=private)
    size, whole = _size(path) if counted else (0, False)
    posix = os.name == "posix"
    return Place(
        *(name, str(path), True, size, whole),
        mode=stat.S_IMODE(about.st_mode) if posix else 0,
        owned=about.st_uid == os.getuid() if posix else True,
        writable=os.access(path, os.W_OK),
        free=free,
        private=private,
    )


def _nearest(path: Path) -> Path | None:
    # Not Path.exists, which raises where a folder above may not be entered.
    return next((one for one in (path, *path.parents) if os.path.exists(one)), None)  # noqa: PTH110


def _free(folder: Path | None) -> int | None:
    try:
        return shutil.disk_usage(folder).free if folder is not None else None
    except OSError:
        return None


def _size(path: Path) -> tuple[int, bool]:
    """Bytes below ``path``, and whether all of it was counted."""
    if path.is_file():
        return path.stat().st_size, True
    sizes = list(islice(_sizes(path), MOST_FILES))
    return sum(sizes), len(sizes) < MOST_FILES


def _sizes(path: Path) -> Iterator[int]:
    for folder, _, names in os.walk(path):
        for name in names:
            try:
                yield os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118  far quicker
            except OSError:
                yield 0
