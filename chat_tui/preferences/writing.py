"""The settings file, put in place whole or not at all.

Knows files; must not know what stands in one. Who calls has made sure that the text can be read.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from chat_tui.errors import SettingsError
from chat_tui.language import _


def real_file(path: Path) -> Path:
    """The file itself: ``path`` may be a link into somebody's dotfiles."""
    return Path(os.path.realpath(path))


def write_settings(path: Path, text: str) -> None:
    """Have ``text`` in the file in one step, with its rights as they were. Raises SettingsError."""
    path = real_file(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
        descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=".settings-")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(aside).chmod(mode)
            Path(aside).replace(path)
        except BaseException:
            Path(aside).unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:
        problem = _("{path} cannot be written: {error}.").format(path=path, error=error)
        raise SettingsError(problem) from error
