"""The gpt-oss models that are on this machine already, in whatever program's folders.

Knows folders and first bytes; must not write, copy or follow anything but files. What is passed
over has a reason that one can ask for. A file is judged by its header, never by its name.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from chat_tui.errors import ModelFileError
from chat_tui.language import _
from chat_tui.models import ollama
from chat_tui.models.bounded import reason
from chat_tui.models.gpt_oss import ARCHITECTURE
from chat_tui.models.peek import Peek, peek
from chat_tui.models.places import Layout, Place
from chat_tui.models.splits import SPLIT_NAME

MAX_DEPTH = 8
MAX_FILES = 20_000
"""Names looked at below one folder; whoever points the program at a whole disk is told."""


@dataclass(frozen=True, slots=True)
class Found:
    """A gpt-oss model on this machine, judged by its first bytes."""

    path: Path
    """Its file, or the first of its parts."""
    source: str
    name: str
    """The file's name without what tells parts apart, or what its program calls it."""
    sizes: tuple[int, ...]
    """Bytes of each part, in order."""

    @property
    def size(self) -> int:
        """Bytes of all parts."""
        return sum(self.sizes)


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A file or folder that gives no model, and why."""

    path: Path
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found."""

    found: tuple[Found, ...]
    passed_over: tuple[PassedOver, ...]


@dataclass(slots=True)
class _Search:
    found: list[Found] = field(default_factory=list)
    passed_over: list[PassedOver] = field(default_factory=list)
    seen: set[tuple[int, int]] = field(default_factory=set)
    """Device and inode of every file and folder met, so that links and loops count once."""

    def new(self, path: Path) -> bool:
        """Whether this is a file or folder not met before. Raises OSError for a dead link."""
        status = path.stat()
        # Windows has inodes too, but not on every file system.
        identity = (status.st_dev, status.st_ino or hash(path.resolve()))
        if identity in self.seen:
            return False
        self.seen.add(identity)
        return True

    def skip(self, path: Path, place: Place, why: str) -> None:
        self.passed_over.append(PassedOver(path, place.source, why))


def discover(places: Iterable[Place]) -> Discovery:
    """Look into all places, in order; a file that several of them name counts for the first.

    Takes about 0.1 ms a file. Raises nothing: a place that cannot be read is passed over.
    """
    search = _Search()
    for place in places:
        if place.layout is Layout.OLLAMA:
            _look_into_ollama(place, search)
            continue
        roots = _snapshots(place, search) if place.layout is Layout.HUB else (place.folder,)
        for root in roots:
            _look_into(root, place, search)
    return Discovery(tuple(search.found), tuple(search.passed_over))


def _snapshots(place: Place, search: _Search) -> Iterator[Path]:
    """The folders of models in a hub's cache; data sets and blobs are none."""
    for name in _names(place.folder, place, search):
        if name.startswith("models--"):
            folder = place.folder / name / "snapshots"
            if folder.is_dir():
                yield folder


def _look_into(root: Path, place: Place, search: _Search) -> None:
    """Everything below a folder, breadth first."""
    folders, count = [(root, 0)], 0
    for folder, depth in folders:
        try:
            if not search.new(folder):
                continue
        except OSError:
            continue  # most places do not exist on most machines
        for name in _names(folder, place, search):
            count += 1
            if count > MAX_FILES:
                search.skip(
                    root,
                    place,
                    _("Only the first {max_files:,} names were looked at.").format(
                        max_files=MAX_FILES
                    ),
                )
                return
            path = folder / name
            kind = _kind(path)
            if kind is None:
                if path.suffix.lower() == ".gguf":
                    search.skip(
                        path, place, _("The link leads nowhere, or the file cannot be seen.")
                    )
            elif stat.S_ISDIR(kind):
                if depth < MAX_DEPTH:
                    folders.append((path, depth + 1))
            elif path.suffix.lower() == ".gguf":
                _judge(path, place, search)


def _names(folder: Path, place: Place, search: _Search) -> list[str]:
    try:
        return sorted(os.listdir(folder))  # noqa: PTH208 - names alone, without a Path for each
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        search.skip(
            folder, place, _("The folder cannot be read: {reason}.").format(reason=reason(error))
        )
        return []


def _kind(path: Path) -> int | None:
    """The mode of what a path leads to; None where it leads nowhere."""
    try:
        return path.stat().st_mode
    except (OSError, ValueError):
        return None


def _judge(path: Path, place: Place, search: _Search, name: str = "") -> None:
    """Add one file to what was found or passed over."""
    try:
        if not search.new(path):
            return
        seen = peek(path)
        if seen.architecture != ARCHITECTURE:
            if not _is_part(path, seen):
                search.skip(path, place, ollama.why_not(seen.architecture))
            return
        parts = _parts(path)
        sizes = tuple(part.stat().st_size for part in parts)
    except ModelFileError as error:
        search.skip(path, place, str(error))
        return
    except OSError as error:
        search.skip(
            path,
            place,
            _("A part of it is missing or unreadable: {reason}.").format(reason=reason(error)),
        )
        return
    search.found.append(Found(path, place.source, name or _name(path), sizes))


def _name(path: Path) -> str:
    """The file's, without what tells parts apart; Jan calls each ``model.gguf`` in its folder."""
    match = SPLIT_NAME.fullmatch(path.name)
    stem = match["stem"] if match else path.stem
    return path.parent.name if stem == "model" and path.parent.name else stem


def _is_part(path: Path, seen: Peek) -> bool:
    """Whether a file belongs to another one, which speaks for both."""
    match = SPLIT_NAME.fullmatch(path.name)
    if match is None or not (seen.later_part or not seen.architecture):
        return False
    return int(match["number"]) > 1 and _first(path, match).exists()


def _parts(path: Path) -> tuple[Path, ...]:
    """All files of a model whose first one this is."""
    match = SPLIT_NAME.fullmatch(path.name)
    if match is None:
        return (path,)
    if int(match["number"]) != 1:
        raise ModelFileError(_("{name} is a later part of a split model.").format(name=path.name))
    count = min(int(match["count"]), 999)
    return tuple(
        path.with_name(f"{match['stem']}-{number:05d}-of-{match['count']}.gguf")
        for number in range(1, count + 1)
    )


def _first(path: Path, match: re.Match[str]) -> Path:
    return path.with_name(f"{match['stem']}-00001-of-{match['count']}.gguf")


def _look_into_ollama(place: Place, search: _Search) -> None:
    for model in ollama.models(place.folder):
        if isinstance(model, ollama.Unreadable):
            search.skip(model.path, place, model.reason)
        elif not model.blob.exists():
            search.skip(
                model.blob, place, _("The file of {name} is not there.").format(name=model.name)
            )
        else:
            _judge(model.blob, place, search, model.name)
