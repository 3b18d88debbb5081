"""Whether a paste is the path of a file: what terminals send when one is dropped on them.

Knows how terminals and shells write paths; must not look at the disk. Pure.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from urllib.parse import unquote, urlsplit

MOST = 20
"""Files that are dropped at once."""
LONGEST = 8_192
_BEGINS = re.compile(r"(/|~/|\./|\.\./|file://|[A-Za-z]:[\\/])")


def paths_in(text: str) -> list[str]:
    """The paths that a paste consists of; none where it is, or may be, any other text."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        return []
    lines = text.splitlines()
    if len(lines) > 1:
        found = [path for line in lines if line.strip() for path in paths_in(line)]
        return found if len(found) == len([line for line in lines if line.strip()]) else []
    if "\\" in text and re.match(r"[A-Za-z]:\\", text.strip("\"'")):
        return [text.strip("\"'")]
    try:
        words = shlex.split(text)
    except ValueError:
        return []
    if text[0] not in "\"'" and not all(_BEGINS.match(word) for word in words):
        # Some terminals send a path with spaces as it is.
        words = [text]
    if len(words) > MOST or not all(_BEGINS.match(word) for word in words):
        return []
    return [_plain(word) for word in words]


def shortened(path: Path, folder: Path, home: Path) -> str:
    """The path as it is called from ``folder``; else from the home folder, else as it is."""
    if path.is_relative_to(folder):
        return path.relative_to(folder).as_posix()
    if path.is_relative_to(home):
        return f"~/{path.relative_to(home).as_posix()}"
    return str(path)


def _plain(word: str) -> str:
    if not word.startswith("file://"):
        return word
    return unquote(urlsplit(word).path)
