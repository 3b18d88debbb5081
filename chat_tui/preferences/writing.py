"""The settings file, put in place whole or not at all.

Knows files; must not know what stands in one. Who calls has made sure that the text can be read.
"""

from __future__ import annotations

import os
from pathlib import Path

from chat_tui.errors import SettingsError
from chat_tui.language import _
from chat_tui.whole_file import write_whole


def real_file(path: Path) -> Path:
    """The file itself: ``path`` may be a link into somebody's dotfiles."""
    return Path(os.path.realpath(path))


def write_settings(path: Path, text: str) -> None:
    """Have ``text`` in the file in one step, with its rights as they were. Raises SettingsError."""
    path = real_file(path)
    try:
        write_whole(path, text)
    except (OSError, ValueError) as error:
        problem = _("{path} cannot be written: {error}.").format(path=path, error=error)
        raise SettingsError(problem) from error
