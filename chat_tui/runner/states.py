"""What a model has read, kept on disk from one start to the next.

Knows files and their safety; must not know llama.cpp, whose state is bytes here. A file is
a JSON line (format, model, engine, counts), the token ids, the state, and a checksum over all of
it. llama.cpp may end the process over a damaged state, so nothing reaches it that the checksum
does not cover. The folder is the user's own: bounded, mode 0700, the least recently used file
goes first.

What is damaged, or was made by another version of llama.cpp or of the model, is removed. Two
kinds are left alone until their turn comes: files of other models, which their names tell, and
files of a newer format, which a newer chat-tui beside this one still reads.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import threading
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from chat_tui.runner.aside import read_block
from chat_tui.runner.cache import digests

FORMAT = 1
LIMIT = 4 << 30
SHARE = 0.05
"""Of the free disk: the other limit, where none is given."""
ABANDONED = 3600.0
"""Seconds after which a half-written file has nobody who writes it."""

_HEAD_BYTES = 4096
_SUM_BYTES = 16
_TOKEN = array("i").itemsize
_CHUNK = 4 << 20
_SUFFIX = ".state"


@dataclass(frozen=True, slots=True)
class Kept:
    """A state file as its header describes it."""

    path: Path
    count: int
    """Tokens."""
    digest: bytes
    """Of the tokens; see ``cache.digests``."""
    preface: bool
    """Whether it is a system message with tools, which other conversations begin with too."""
    state_bytes: int


@dataclass(frozen=True, slots=True)
class Content:
    """A state file, read and verified."""

    tokens: Sequence[int]
    state: Any
    """A block of bytes in the C library's layout."""


class _Bad(Exception):
    """A file that is of no use to this version; ``newer`` ones may be to another."""

    def __init__(self, reason: str, *, newer: bool = False) -> None:
        super().__init__(reason)
        self.newer = newer


class States:
    """The state files of one model; ``save`` works in a thread of its own."""

    def __init__(
        self,
        folder: Path,
        model: str,
        engine: str,
        limit: int | None = None,
        log: Callable[[str], None] = lambda _line: None,
    ) -> None:
        """Look through the folder. ``model`` is a hash that tells model files apart.

        ``engine`` is everything else that a state depends on: versions, cache types. ``limit``
        is in bytes; None takes LIMIT or SHARE of the free disk, whatever is less.
        """
        self._folder = folder
        self._model = model
        self._engine = engine
        self._log = log
        self._lock = threading.Lock()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="states")
        self._writes: list[Future[None]] = []
        self._kept = list(self._look())
        self._limit = self._default_limit() if limit is None else limit

    def kept(self) -> list[Kept]:
        """The files that can be loaded, as far as their headers tell."""
        with self._lock:
            return list(self._kept)

    def load(self, kept: Kept) -> Content | None:
        """Read and verify a file; None where it is not what its header said: then it is gone."""
        try:
            with kept.path.open("rb") as file:
                content = self._content(file, kept)
            os.utime(kept.path)
        except (OSError, _Bad) as error:
            self._log(f"{kept.path.name} cannot be used: {error}\n")
            self.forget(kept)
            return None
        return content

    def forget(self, kept: Kept) -> None:
        """Remove a file."""
        with self._lock:
            self._kept = [one for one in self._kept if one.path != kept.path]
        _remove(kept.path)

    def save(self, tokens: Sequence[int], state: Any, *, preface: bool) -> None:
        """Begin to write a state; it replaces shorter ones of the same conversation."""
        tokens = array("i", tokens)
        self._writes = [one for one in self._writes if not one.done()]
        self._writes.append(self._writer.submit(self._save, tokens, state, preface))

    def finish(self, seconds: float) -> bool:
        """Wait until all is written; False where that took too long."""
        return not wait(self._writes, seconds).not_done

    def close(self) -> None:
        """Write what is to be written, and end the thread."""
        self._writer.shutdown()

    def _save(self, tokens: array[int], state: Any, preface: bool) -> None:
        digest = digests(tokens, [len(tokens)])[len(tokens)]
        kept = Kept(
            self._folder / f"{self._model[:12]}-{digest.hex()}{_SUFFIX}",
            len(tokens),
            digest,
            preface,
            len(state),
        )
        head = self._head(kept)
        size = len(head) + len(tokens) * _TOKEN + len(state) + _SUM_BYTES
        if size > self._limit:
            return
        aside = kept.path.with_suffix(f".{os.getpid()}.tmp")
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._make_room(size)
            with _private(aside) as file:
                _write(file, head, tokens, state)
            aside.replace(kept.path)
        except OSError as error:
            self._log(f"a state could not be saved: {error}\n")
            return
        finally:
            _remove(aside)
        older = [] if preface else self._superseded(tokens)
        with self._lock:
            self._kept = [one for one in self._kept if one.path != kept.path]
            self._kept.append(kept)
        for one in older:
            self.forget(one)

    def _superseded(self, tokens: Sequence[int]) -> list[Kept]:
        """Files of the same conversation when it was shorter."""
        kept = [one for one in self.kept() if one.count < len(tokens) and not one.preface]
        found = digests(tokens, (one.count for one in kept))
        return [one for one in kept if found[one.count] == one.digest]

    def _head(self, kept: Kept) -> bytes:
        return (
            json.dumps(
                {
                    "chat-tui state": FORMAT,
                    "model": self._model,
                    "engine": self._engine,
                    "preface": kept.preface,
                    "tokens": kept.count,
                    "digest": kept.digest.hex(),
                    "state": kept.state_bytes,
                    "order": sys.byteorder,
                }
            ).encode("ascii")
            + b"\n"
        )

    def _look(self) -> Iterator[Kept]:
        """The usable files of this model; those of no use to anybody are removed."""
        for path in _files(self._folder, f"{self._model[:12]}-*{_SUFFIX}"):
            try:
                with path.open("rb") as file:
                    yield self._described(file, path)
            except OSError:
                continue
            except _Bad as error:
                self._log(f"{path.name} cannot be used: {error}\n")
                if not error.newer:
                    _remove(path)
        for path in _files(self._folder, "*.tmp"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > ABANDONED:
                    path.unlink()

    def _described(self, file: BinaryIO, path: Path) -> Kept:
        """What the header says, checked as far as that goes without reading the rest."""
        head = file.readline(_HEAD_BYTES)
        try:
            fields = json.loads(head)
            version = fields["chat-tui state"]
            if version > FORMAT:
                raise _Bad(f"it is of format {version}", newer=True)
            kept = Kept(
                path,
                int(fields["tokens"]),
                bytes.fromhex(fields["digest"]),
                bool(fields["preface"]),
                int(fields["state"]),
            )
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise _Bad("its header is damaged") from error
        if head != self._head(kept):
            raise _Bad("it is of another version of the model or of llama.cpp")
        size = len(head) + kept.count * _TOKEN + kept.state_bytes + _SUM_BYTES
        if kept.count <= 0 or kept.state_bytes <= 0 or os.fstat(file.fileno()).st_size != size:
            raise _Bad("it is not whole")
        return kept

    def _content(self, file: BinaryIO, kept: Kept) -> Content:
        if self._described(file, kept.path) != kept:
            raise _Bad("it was changed")
        head = self._head(kept)
        tokens = array("i")
        tokens.frombytes(file.read(kept.count * _TOKEN))
        state = read_block(file, kept.state_bytes)
        if state is None:
            raise _Bad("its checksum is wrong")
        if file.read() != _checksum((head, tokens.tobytes(), memoryview(state).cast("B"))):
            raise _Bad("its checksum is wrong")
        if digests(tokens, [kept.count]).get(kept.count) != kept.digest:
            raise _Bad("its tokens are others than its name says")
        return Content(tokens.tolist(), state)

    def _make_room(self, size: int) -> None:
        """Remove files, the least recently used first, until ``size`` more bytes may be there."""
        found = []
        for path in _files(self._folder, f"*{_SUFFIX}"):
            with suppress(OSError):
                about = path.stat()
                found.append((about.st_mtime, about.st_size, path))
        total = sum(one[1] for one in found)
        for _, bytes_, path in sorted(found):
            if total + size <= self._limit:
                return
            total -= bytes_
            with self._lock:
                self._kept = [one for one in self._kept if one.path != path]
            _remove(path)

    def _default_limit(self) -> int:
        there = sum(path.stat().st_size for path in _files(self._folder, f"*{_SUFFIX}"))
        folder = self._folder
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        try:
            free = shutil.disk_usage(folder).free
        except OSError:
            return 0
        return min(LIMIT, int((free + there) * SHARE))


def model_hash(paths: Iterable[Path]) -> str:
    """A hash that tells model files apart: sizes, times of change, first and last bytes."""
    seen = hashlib.blake2b(digest_size=16)
    for path in paths:
        about = path.stat()
        seen.update(f"{about.st_size} {about.st_mtime_ns}\n".encode())
        with path.open("rb") as file:
            seen.update(file.read(_CHUNK // 64))
            file.seek(max(0, about.st_size - _CHUNK // 64))
            seen.update(file.read())
    return seen.hexdigest()


def _write(file: BinaryIO, head: bytes, tokens: array[int], state: Any) -> None:
    parts = (head, tokens.tobytes(), memoryview(state).cast("B"))
    file.writelines(parts)
    file.write(_checksum(parts))
    file.flush()
    os.fsync(file.fileno())


def _checksum(parts: Iterable[bytes | memoryview]) -> bytes:
    seen = hashlib.blake2b(digest_size=_SUM_BYTES)
    for part in parts:
        seen.update(part)
    return seen.digest()


def _private(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _files(folder: Path, pattern: str) -> list[Path]:
    return [path for path in folder.glob(pattern) if path.is_file() and not path.is_symlink()]


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
