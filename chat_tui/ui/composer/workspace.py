"""The files of a folder that one may want to attach.

Knows git and the disk, so it takes a while: call it in a thread. Hidden files, those that git
ignores, folders of dependencies and what is plainly no text are left out. A git that is asked about
a stranger's folder runs no program of that folder: its hooks for watching files are switched off.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from chat_tui.untrusted import clean_line

MOST = 20_000
"""Files; of a larger folder the first so many."""
SECONDS = 3.0
_PASSED_OVER = frozenset({
    "__pycache__", "node_modules", "venv", "env", "target", "dist", "build", "site-packages",
    "vendor",
})  # fmt: skip
_BINARY = (
    ".png .jpg .jpeg .gif .webp .bmp .ico .tif .tiff .heic .psd .mp3 .wav .ogg .flac .m4a .mp4 .mkv"
    " .mov .avi .webm .zip .gz .xz .bz2 .zst .7z .rar .tar .tgz .jar .whl .pyc .pyo .so .dylib .dll"
    " .exe .o .a .obj .class .bin .dat .db .sqlite .sqlite3 .gguf .safetensors .onnx .pt .pth .npy"
    " .npz .pkl .parquet .woff .woff2 .ttf .otf .eot .pdf .epub .docx .xlsx .pptx .odt .iso .dmg"
    " .img .deb .rpm .wasm .lockb"
)
_NO_TEXT = frozenset(_BINARY.split())


def files_of(folder: Path) -> list[str]:
    """Paths within ``folder``, the shallow ones first, with slashes on every system."""
    found = _tracked(folder)
    if found is None:
        found = list(_walked(folder))
    kept = (path for path in found if _is_wanted(path))
    unique = list(dict.fromkeys(kept))[:MOST]
    return sorted(unique, key=lambda path: (path.count("/"), path.lower()))


def entries_of(folder: Path, *, only_text: bool = True) -> list[str]:
    """The names in one folder, folders with a slash behind them; none where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            names = [f"{one.name}/" if one.is_dir() else one.name for one in entries]
    except OSError:
        return []
    return sorted(name for name in names if _is_wanted(name, only_text=only_text))[:MOST]


def _is_wanted(path: str, *, only_text: bool = True) -> bool:
    parts = PurePosixPath(path).parts
    if any(part.startswith(".") or part in _PASSED_OVER for part in parts):
        return False
    if clean_line(path) != path:
        return False  # what cannot be shown as it is cannot be chosen
    return not only_text or PurePosixPath(path).suffix.lower() not in _NO_TEXT


def _tracked(folder: Path) -> list[str] | None:
    """What git knows of here and does not ignore; None where there is no git."""
    if not any((at / ".git").exists() for at in (folder, *folder.parents)):
        return None
    quiet = ("-c", "core.fsmonitor=false", "-c", "core.untrackedCache=false")
    wanted = ("ls-files", "--cached", "--others", "--exclude-standard", "-z")
    try:
        told = subprocess.run(
            ["git", *quiet, *wanted],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            timeout=SECONDS,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return [os.fsdecode(path) for path in told.split(b"\0") if path][: 5 * MOST]


def _walked(folder: Path) -> Iterator[str]:
    until, count = time.monotonic() + SECONDS, 0
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and name not in _PASSED_OVER
        )
        within = Path(at).relative_to(folder).as_posix()
        for name in sorted(names):
            yield name if within == "." else f"{within}/{name}"
            count += 1
        if count > MOST or time.monotonic() > until:
            return
