"""Where a model of the catalog lies in the cache of huggingface_hub, and how much of it is there.

Knows that cache's layout, which all programs using it share: ``blobs`` are named by their hash,
``snapshots/COMMIT`` holds links to them. Must not know the network.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from chat_tui.models.catalog import Entry, RemoteFile


@dataclass(frozen=True, slots=True)
class Home:
    """Where an entry's files lie in the cache."""

    cache: Path
    entry: Entry

    @property
    def folder(self) -> Path:
        """The repository's folder."""
        return self.cache / f"models--{self.entry.repository.replace('/', '--')}"

    def pointer(self, file: RemoteFile) -> Path:
        """What programs open."""
        return self.folder / "snapshots" / self.entry.revision / file.name

    def blob(self, file: RemoteFile) -> Path:
        """What that leads to."""
        return self.folder / "blobs" / file.sha256

    def part(self, file: RemoteFile) -> Path:
        """What has come of it so far."""
        return self.folder / "blobs" / f"{file.sha256}.incomplete"

    def lock(self, file: RemoteFile) -> Path:
        """What huggingface_hub locks while it downloads this file."""
        return self.cache / ".locks" / self.folder.name / f"{file.sha256}.lock"

    def come(self, file: RemoteFile) -> int:
        """Bytes of a file that are there; all of them for a whole file."""
        for path in (self.pointer(file), self.blob(file), self.part(file)):
            with_size = size_of(path)
            if with_size is not None:
                return min(with_size, file.size)
        return 0

    def whole(self, file: RemoteFile) -> bool:
        """Whether nothing is left to do for a file."""
        return size_of(self.pointer(file)) == file.size


def already(entry: Entry, cache: Path) -> int:
    """Bytes of an entry that the cache holds."""
    home = Home(cache, entry)
    return sum(home.come(file) for file in entry.files)


def link(blob: Path, pointer: Path) -> None:
    """Put a blob where programs look for it; where links cannot be made, move it there."""
    pointer.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        pointer.unlink()
    try:
        pointer.symlink_to(os.path.relpath(blob, pointer.parent))
    except OSError:
        blob.replace(pointer)


def free_space(folder: Path) -> int:
    """Free bytes where ``folder`` is or would be."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def size_of(path: Path) -> int | None:
    """Bytes of a file; None where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return None
