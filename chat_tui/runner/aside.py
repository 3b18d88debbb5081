"""Where states of the cache are put down for a while: nameless files, or memory.

Knows bytes and room; must not know llama.cpp or which states are worth keeping. A whole state can
be as large as the cache itself. In a file without a name it takes none of the memory that models
need (the system's file cache gives way), nobody else can open it, and it is gone with the process,
however that ends. Without a folder, as when nothing may reach the disk, it lies in memory.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from chat_tui.runner import machine


class Laid:
    """A state that was put down."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file = file
        self.size = size
        """Bytes."""

    def take(self) -> Any | None:
        """The state, as a block of bytes in the C library's layout; None where it is not whole."""
        try:
            self._file.seek(0)
            return read_block(self._file, self.size)
        except OSError:
            return None

    def close(self) -> None:
        """Let go of it."""
        self._file.close()


class Aside:
    """Puts states down, in ``folder`` where there is one."""

    def __init__(
        self, folder: Path | None = None, *, free: Callable[[], int | None] | None = None
    ) -> None:
        """``free`` tells the bytes that are free; None asks the disk, or the system's memory."""
        self._folder = folder
        self._free = free

    def free(self) -> int | None:
        """Bytes that are free where states lie; None where that is not known."""
        if self._free is not None:
            return self._free()
        if self._folder is None:
            return machine.available_memory()
        try:
            return shutil.disk_usage(_made(self._folder)).free
        except OSError:
            return 0

    def put(self, state: Any) -> Laid | None:
        """Put a block of bytes down; None where there is no room."""
        file: IO[bytes] | None = None
        try:
            # Unbuffered: what is written is in the file, and a disk that is full says so here.
            file = io.BytesIO()
            if self._folder is not None:
                file = tempfile.TemporaryFile(dir=_made(self._folder), buffering=0)  # noqa: SIM115
            view, at = memoryview(state).cast("B"), 0
            while at < len(view):
                at += file.write(view[at:])
        except OSError:
            if file is not None:
                file.close()
            return None
        return Laid(file, len(view))


def read_block(file: IO[bytes], size: int) -> Any | None:
    """The next ``size`` bytes in the C library's layout; None where there are fewer.

    Raises OSError.
    """
    block = machine.block(size)
    view, at = memoryview(block).cast("B"), 0
    while at < size and (count := file.readinto(view[at:])):  # type: ignore[attr-defined]
        at += count
    return block if at == size else None


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
