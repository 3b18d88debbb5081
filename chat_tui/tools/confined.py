"""Reading and changing files of one folder, and never anything outside it.

Knows files and folders; must not know patches or who asks. A path is walked folder by folder from
an open file descriptor of the root, and no symbolic link is followed, so neither ``..``, nor an
absolute path, nor a folder exchanged for a link in the meantime leads out. Several changes are
made all together or not at all.
"""

from __future__ import annotations

import os
import secrets
import stat
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from chat_tui.errors import ToolError

MAX_BYTES = 16 << 20
"""The largest file that is read or written."""
SUPPORTED = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
"""Whether this system can walk a path without following links; Windows cannot."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it was read."""

    data: bytes
    mode: int
    identity: tuple[int, int, int, int]
    """Device, inode, size, time of the last change in ns: another one means another file."""


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one file."""

    path: str
    before: Seen | None
    """None where there must be no file yet."""
    after: bytes | None
    """None to remove the file."""
    mode: int | None = None
    """Permissions of a new file; None for those that are usual."""


class ConfinedFolder:
    """A folder, opened. A context manager; nothing stays open after it."""

    def __init__(self, root: Path, protected: Iterable[Path] = ()) -> None:
        if not SUPPORTED:
            raise ToolError("Files cannot be edited safely on this system.")
        self._root = Path(os.path.realpath(root))
        self._protected = [Path(os.path.realpath(path)) for path in protected]
        self._forbidden = set()
        for path in self._protected:
            with suppress(OSError):  # not there yet; its name alone then protects it
                self._forbidden.add(_same(path.stat()))
        self._open: list[int] = []
        self._made: list[tuple[int, str]] = []
        try:
            self._top = self._keep(os.open(self._root, os.O_RDONLY | os.O_DIRECTORY))
        except OSError as error:
            raise ToolError(f"The folder {root} cannot be opened: {error.strerror}.") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        while self._open:
            os.close(self._open.pop())

    def parts(self, path: str) -> tuple[str, ...]:
        """The names on the way to ``path``; ToolError where it leads out or to what is ours."""
        inner = path
        if path.startswith("/"):
            try:
                inner = str(Path(path).relative_to(self._root))
            except ValueError:
                raise ToolError(f"{path} is outside the workspace.") from None
        names = tuple(name for name in inner.split("/") if name not in ("", "."))
        if ".." in names or inner.startswith("~"):
            raise ToolError(f"{path} is outside the workspace.")
        if not names or inner.endswith("/"):
            raise ToolError(f"`{path}` names no file.")
        if any(unicodedata.category(char) in ("Cc", "Cs") for char in inner):
            raise ToolError("A path holds control characters.")
        if any(_is_git(name) for name in names):
            raise ToolError(f"{path} belongs to Git.")
        whole = self._root.joinpath(*names)
        if any(whole.is_relative_to(path) for path in self._protected):
            raise self._ours(path)
        return names

    def read(self, path: str) -> Seen | None:
        """The file at ``path``; None where there is none. Raises ToolError."""
        try:
            where, name = self._parent(path, make=False)
            # Without waiting: opening a pipe would wait for somebody to write into it.
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
            fd = os.open(name, flags, dir_fd=where)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._failed(path, error) from error
        try:
            about = os.fstat(fd)
            if not stat.S_ISREG(about.st_mode):
                raise ToolError(f"{path} is no file.")
            if _same(about) in self._forbidden:
                raise self._ours(path)
            if about.st_size > MAX_BYTES:
                raise ToolError(f"{path} is larger than {MAX_BYTES >> 20} MB.")
            with os.fdopen(fd, "rb", closefd=False) as file:
                return Seen(file.read(MAX_BYTES), about.st_mode & 0o777, _identity(about))
        finally:
            os.close(fd)

    def commit(self, changes: Sequence[Change], first: Callable[[], None] = lambda: None) -> None:
        """Make all changes, or none of them and raise ToolError.

        ``first`` is called when everything is on the disk but nothing is in its place yet; what
        it raises also ends the commit.
        """
        steps = [_Step(change) for change in changes]
        done: list[_Step] = []
        try:
            for step in steps:
                self._stage(step)
            first()
            for step in steps:
                done.append(step)
                step.install()
        except BaseException as error:
            for step in reversed(done):
                step.revert()
            for step in steps:
                step.clear()
            while self._made:
                where, name = self._made.pop()
                with suppress(OSError):  # not empty: someone else has begun to use it
                    os.rmdir(name, dir_fd=where)
            if isinstance(error, OSError):
                path = (done or steps)[-1].change.path
                raise self._failed(path, error) from error
            raise
        for step in steps:
            step.clear()
        for where in {step.where for step in steps}:
            with suppress(OSError):  # some file systems cannot sync a folder
                os.fsync(where)

    def _stage(self, step: _Step) -> None:
        """Write what the file is to be beside it."""
        change = step.change
        try:
            step.where, step.name = self._parent(change.path, make=change.after is not None)
            if change.after is not None:
                step.write(change.after)
        except OSError as error:
            raise self._failed(change.path, error) from error

    def _parent(self, path: str, *, make: bool) -> tuple[int, str]:
        """The open folder that holds ``path``, and the name in it. Raises OSError, ToolError."""
        *folders, name = self.parts(path)
        at = self._top
        for folder in folders:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(folder, dir_fd=at)
                    self._made.append((at, folder))
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
            at = self._keep(os.open(folder, flags, dir_fd=at))
            if _same(os.fstat(at)) in self._forbidden:
                raise self._ours(path)
        return at, name

    def _keep(self, fd: int) -> int:
        self._open.append(fd)
        return fd

    def _failed(self, path: str, error: OSError) -> ToolError:
        if isinstance(error, FileExistsError):
            return ToolError(f"{path} exists already.")
        if self._has_link(path):
            return ToolError(f"{path} leads over a symbolic link.", "Use the path it stands for.")
        return ToolError(f"{path} cannot be used: {error.strerror or error}.")

    def _has_link(self, path: str) -> bool:
        """Whether a link is what was in the way: asked for the message's sake alone."""
        at = self._root
        with suppress(OSError):  # a name that is too long
            for name in self.parts(path):
                at /= name
                if at.is_symlink():
                    return True
        return False

    def _ours(self, path: str) -> ToolError:
        return ToolError(f"{path} belongs to this program's own files.")


class _Step:
    """One change on its way: staged, installed, and taken back where another one fails."""

    def __init__(self, change: Change) -> None:
        self.change = change
        self.where = -1
        self.name = ""
        mark = secrets.token_hex(8)
        self._new = f".{mark}.chat-tui-new"
        self._old = f".{mark}.chat-tui-old"
        self._staged = self._moved = self._linked = self._installed = False

    def write(self, data: bytes) -> None:
        before = self.change.before
        mode = before.mode if before else self.change.mode
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        fd = os.open(self._new, flags, 0o666 if mode is None else 0o600, dir_fd=self.where)
        self._staged = True
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            if mode is not None:
                os.fchmod(fd, mode)
            os.fsync(fd)

    def install(self) -> None:
        if self.change.before:
            self._set_aside(self.change.before)
        if self.change.after is None:
            if self._linked:
                os.unlink(self.name, dir_fd=self.where)
        elif self.change.before:
            os.rename(self._new, self.name, src_dir_fd=self.where, dst_dir_fd=self.where)
            self._staged = False
        else:
            self._put()
        self._installed = True

    def _set_aside(self, before: Seen) -> None:
        """Give the old file a second name, and see that it is still the one that was read."""
        try:
            self._link(self.name, self._old)
            self._linked = True
        except FileNotFoundError:
            raise self._changed() from None
        except OSError:  # a file system without hard links, or a file of somebody else
            os.rename(self.name, self._old, src_dir_fd=self.where, dst_dir_fd=self.where)
            self._moved = True
        about = os.stat(self._old, dir_fd=self.where, follow_symlinks=False)
        if _identity(about) != before.identity:
            raise self._changed()

    def _changed(self) -> ToolError:
        return ToolError(f"{self.change.path} was changed by someone else in the meantime.")

    def _put(self) -> None:
        """Give the new file its name, which nothing may have yet."""
        try:
            self._link(self._new, self.name)
        except FileExistsError:
            raise
        except OSError:  # without hard links: take the name first, then put the file over it
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            os.close(os.open(self.name, flags, 0o600, dir_fd=self.where))
            os.rename(self._new, self.name, src_dir_fd=self.where, dst_dir_fd=self.where)
            self._staged = False

    def _link(self, source: str, target: str) -> None:
        os.link(
            source,
            target,
            src_dir_fd=self.where,
            dst_dir_fd=self.where,
            follow_symlinks=False,
        )

    def revert(self) -> None:
        """Undo what ``install`` did, as far as it came."""
        try:
            if self._moved or (self._linked and self._installed):
                os.rename(self._old, self.name, src_dir_fd=self.where, dst_dir_fd=self.where)
                self._moved = self._linked = False
            elif self._installed:
                os.unlink(self.name, dir_fd=self.where)
        except OSError:
            # The old file then stays under its second name: better than nowhere.
            self._moved = self._linked = False

    def clear(self) -> None:
        """Remove the names that only this step used."""
        for exists, name in ((self._staged, self._new), (self._linked or self._moved, self._old)):
            if exists:
                with suppress(OSError):
                    os.unlink(name, dir_fd=self.where)


def _same(about: os.stat_result) -> tuple[int, int]:
    return about.st_dev, about.st_ino


def _identity(about: os.stat_result) -> tuple[int, int, int, int]:
    return about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns


def _is_git(name: str) -> bool:
    """Whether some file system would take ``name`` for Git's folder."""
    plain = unicodedata.normalize("NFKC", name).casefold().split(":")[0].rstrip(" .")
    visible = "".join(char for char in plain if unicodedata.category(char) != "Cf")
    return visible in (".git", "git~1")
