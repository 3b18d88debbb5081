"""Empty folders that stand where a file must not appear while a sandbox runs.

Knows files and locks. A mount needs something to be mounted on, and that something is real: an
empty folder in the user's workspace, taken away afterwards. Removing it would take the mount of
every other sandbox on the same workspace with it, so whoever uses it holds a shared lock, and
only the last one removes it. A program that was killed leaves it; the next run tidies up.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_TRIES = 20


class Placeholders:
    """The placeholders of one sandbox, made in the constructor."""

    def __init__(self, workspace: Path, names: Iterable[str]) -> None:
        """Stand in for those of ``names`` that ``workspace`` lacks; OSError where it cannot."""
        self._held: list[tuple[Path, int]] = []
        try:
            for name in names:
                self._hold(workspace / name)
        except OSError:
            self.close()
            raise

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where a mount has to go."""
        return tuple(path for path, _ in self._held)

    def close(self) -> None:
        """Let go, and remove what nobody else holds and nobody filled."""
        while self._held:
            path, descriptor = self._held.pop()
            with suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.rmdir()
            os.close(descriptor)

    def _hold(self, path: Path) -> None:
        for _ in range(_TRIES):
            with suppress(FileExistsError):
                path.mkdir(mode=0o755)
            try:
                if path.is_symlink() or not path.is_dir() or any(path.iterdir()):
                    return  # there is a real one: that is protected as it is
                descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            except FileNotFoundError:
                continue  # its last holder has just removed it
            with suppress(OSError):  # without locks (some network drives) nobody else removes it
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            if path.exists() and os.path.samestat(os.fstat(descriptor), path.stat()):
                self._held.append((path, descriptor))
                return
            os.close(descriptor)
        raise FileNotFoundError(f"{path} vanishes again and again")
