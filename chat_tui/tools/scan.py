"""Which files of the chosen folders belong into the library.

Knows files' names and sizes; must not read them. Symbolic links are not followed: a folder that
somebody made could lead to what its user never chose, and in circles. Hidden files and folders,
and those that programs make for themselves, are left out.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_GENERATED = {
    *("node_modules", "__pycache__", "venv", "site-packages", "target", "dist", "build"),
    *("$RECYCLE.BIN", "System Volume Information"),
}
_NO_TEXT = frozenset(
    """
    .png .jpg .jpeg .gif .bmp .webp .ico .tif .tiff .heic .avif .psd .mp3 .mp4 .m4a .m4v .mkv .avi
    .mov .wav .flac .ogg .opus .webm .zip .gz .bz2 .xz .zst .7z .rar .tar .tgz .jar .whl .deb .rpm
    .iso .dmg .exe .dll .so .dylib .o .a .obj .class .pyc .pyo .bin .dat .db .sqlite .sqlite3 .gguf
    .safetensors .pt .pth .onnx .npy .npz .parquet .woff .woff2 .ttf .otf .eot .swf .doc .xls .xlsx
    .ppt .pptx .odt .ods .mobi .azw3 .lock .map .wasm .pkl
    """.split()  # noqa: SIM905 - a list of words reads worse
)


@dataclass(frozen=True, slots=True)
class Found:
    """A file that may have text in it."""

    path: str
    size: int
    modified: int
    """Nanoseconds."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A folder or file that could not be looked at."""

    path: str
    reason: str


def scan(root: Path) -> Iterator[Found | Unreadable]:
    """The files below ``root``, or ``root`` itself where it is a file."""
    if not root.is_dir():
        try:
            about = root.stat()
        except OSError as error:
            yield Unreadable(str(root), error.strerror or str(error))
            return
        if stat.S_ISREG(about.st_mode):
            yield Found(str(root), about.st_size, about.st_mtime_ns)
        return
    waiting = [str(root)]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(folder) as entries:
                ordered = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield Unreadable(folder, error.strerror or str(error))
            continue
        for entry in ordered:
            if entry.name.startswith(".") or entry.name in _GENERATED:
                continue
            try:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                elif entry.is_file(follow_symlinks=False) and _may_have_text(entry.name):
                    about = entry.stat(follow_symlinks=False)
                    yield Found(entry.path, about.st_size, about.st_mtime_ns)
            except OSError as error:
                yield Unreadable(entry.path, error.strerror or str(error))


def _may_have_text(name: str) -> bool:
    return Path(name).suffix.casefold() not in _NO_TEXT
