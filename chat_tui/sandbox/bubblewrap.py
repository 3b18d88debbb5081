"""The full sandbox of Linux: namespaces by bubblewrap, a system call filter, limits.

Knows bubblewrap's arguments. The program inside sees ``/usr``, its interpreter and the workspace;
it has no network, no home, no other process, no terminal. Always ``/usr/bin/bwrap``: some systems
allow user namespaces to that path alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from chat_tui.errors import ToolError
from chat_tui.language import N_, _
from chat_tui.sandbox import seccomp
from chat_tui.sandbox.base import (
    BUBBLEWRAP,
    MASKED,
    PROTECTED,
    Limits,
    Process,
    Tier,
    check_workspace,
    environment,
    repositories,
    spawn,
    tasks_of,
)
from chat_tui.sandbox.placeholders import Placeholders

BWRAP = Path("/usr/bin/bwrap")
PRLIMIT = Path("/usr/bin/prlimit")
_LINKED = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_READ = ("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives", "/nix/store")
_ROOT = N_("You are root, whom the limit of processes does not bind.")
TRAINED_FOLDER = "/mnt/data"
"""Where gpt-oss was taught to look for the user's files; a link to the workspace."""


class Bubblewrap:
    """Implements ``Sandbox``."""

    def __init__(self, private: Sequence[Path] = ()) -> None:
        """``private`` are folders that no workspace may open: this program's own."""
        self._private = tuple(private)
        self._filter = seccomp.program()
        self.tier: Tier = BUBBLEWRAP if os.getuid() else replace(BUBBLEWRAP, note=_ROOT)

    def start(
        self,
        command: Sequence[str],
        *,
        workspace: Path,
        limits: Limits,
        readable: Sequence[Path] = (),
        pass_fds: Sequence[int] = (),
    ) -> Process:
        """See ``Sandbox.start``."""
        real = check_workspace(workspace, self._private)
        try:
            placeholders = Placeholders(real, MASKED)
        except OSError as error:
            raise ToolError(
                _("The folder {folder} cannot be made safe for running code.").format(
                    folder=workspace
                ),
                str(error),
            ) from error
        descriptor = _file_of(self._filter)
        try:
            return spawn(
                [
                    *_outer_limits(limits),
                    str(BWRAP),
                    *arguments(command, real, limits, readable),
                    "--seccomp",
                    str(descriptor),
                    "--",
                    str(PRLIMIT),
                    f"--nproc={_process_limit(limits)}",
                    "--",
                    *command,
                ],
                folder=Path("/"),
                variables={},
                pass_fds=(descriptor, *pass_fds),
                held=(placeholders,),
            )
        finally:
            os.close(descriptor)


def arguments(
    command: Sequence[str],
    workspace: Path,
    limits: Limits,
    readable: Sequence[Path],
) -> list[str]:
    """Bubblewrap's arguments, but for the filter and the command itself."""
    size = str(limits.temporary)
    words = ["--unshare-all", "--new-session", "--die-with-parent", "--clearenv"]
    words += ["--hostname", "sandbox"]
    for name, value in environment(command[0]).items():
        words += ["--setenv", name, value]
    words += ["--ro-bind", "/usr", "/usr"]
    for name in _LINKED:
        path = Path(name)
        if path.is_symlink():
            words += ["--symlink", str(path.readlink()), name]
        elif path.is_dir():
            words += ["--ro-bind", name, name]
    for name in _READ:
        words += ["--ro-bind-try", name, name]
    words += ["--proc", "/proc", "--dev", "/dev"]
    words += ["--size", size, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]  # noqa: S108
    words += ["--size", size, "--tmpfs", "/tmp"]  # noqa: S108
    for option, path in _mounts(workspace, readable):
        words += [option, str(path), str(path)]
    words += ["--symlink", str(workspace), TRAINED_FOLDER]
    return [*words, "--remount-ro", "/", "--chdir", str(workspace)]


def _mounts(workspace: Path, readable: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    """The binds, outer folders first: what lies inside another is mounted over it.

    So an interpreter or this program itself stays read-only inside a workspace that holds it.
    """
    kept = (workspace / name for name in PROTECTED)
    closed = {*readable, *(path for path in kept if path.exists()), *repositories(workspace)}
    binds = [("--bind", workspace), *(("--ro-bind", path) for path in closed)]
    return iter(sorted(binds, key=lambda bind: (len(bind[1].parts), bind[0] == "--ro-bind")))


def _outer_limits(limits: Limits) -> list[str]:
    return [
        str(PRLIMIT),
        f"--as={limits.memory}",
        "--core=0",
        f"--fsize={limits.file}",
        f"--nofile={limits.open_files}",
        "--",
    ]


def _process_limit(limits: Limits) -> int:
    """The limit to set inside: older kernels count the user's processes outside with it."""
    major, minor = (int(part) for part in os.uname().release.split("-")[0].split(".")[:2])
    return limits.processes + (0 if (major, minor) >= (5, 14) else tasks_of(os.getuid()))


def _file_of(content: bytes) -> int:
    """A descriptor to read ``content`` from; to be closed."""
    descriptor = os.memfd_create("filter")
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor
