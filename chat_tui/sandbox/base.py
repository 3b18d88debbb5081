"""The seam between a command and the walls round it.

Knows processes, limits and which parts of a workspace stay closed; must not know which walls
there are, nor what the command is for.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from chat_tui.errors import ToolError
from chat_tui.language import N_, _

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Tier:
    """How much a sandbox holds, in words for a person."""

    name: str
    """``bubblewrap``, ``landlock``, ``seatbelt``, ``none``: what a grant is bound to."""
    label: str
    """For the status line and the approval card."""
    complete: bool
    """Whether code inside can do no harm outside the workspace, as far as is known."""
    note: str = ""
    """What it does not hold; empty where nothing is known."""


BUBBLEWRAP = Tier("bubblewrap", N_("sandboxed"), complete=True)
LANDLOCK = Tier(
    "landlock",
    N_("partly sandboxed"),
    complete=False,
    note=N_(
        "No network, no files outside the workspace. But .git and editors' settings in the "
        "workspace are open to changes, and processes it leaves behind may live on."
    ),
)
SEATBELT = Tier(
    "seatbelt",
    N_("sandboxed by macOS"),
    complete=False,
    note=N_(
        "No network, no files outside the workspace. But memory and processes are less bounded."
    ),
)
NONE = Tier(
    "none",
    N_("NOT sandboxed"),
    complete=False,
    note=N_("The code can do whatever you can: read your files, use the network, delete things."),
)


def default_memory() -> int:
    """Half of this machine's memory, between one and four GiB."""
    try:
        installed = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        installed = 0
    return min(4096 * _MIB, max(1024 * _MIB, installed // 2))


@dataclass(frozen=True, slots=True)
class Limits:
    """What one sandbox may use."""

    memory: int = field(default_factory=default_memory)
    """Bytes of address space of each process."""
    processes: int = 64
    """Processes and threads together. Does not bind root."""
    file: int = 512 * _MIB
    """Bytes of the largest file it may write."""
    open_files: int = 256
    temporary: int = 256 * _MIB
    """Bytes in its ``/tmp``, where that is one of its own."""


class Cleanup(Protocol):
    """Something that a sandbox needs while its process lives."""

    def close(self) -> None:
        """Take it away. May be called twice."""


@dataclass(slots=True)
class Process:
    """A started command, leader of its own session."""

    popen: subprocess.Popen[bytes]
    held: tuple[Cleanup, ...] = ()

    def kill(self) -> None:
        """End it and what it started, as far as this sandbox can reach them."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.popen.pid, signal.SIGKILL)

    def close(self) -> None:
        """Kill it, wait for its end and put everything away. May be called twice."""
        self.kill()
        self.popen.wait()
        for pipe in (self.popen.stdin, self.popen.stdout, self.popen.stderr):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        for each in self.held:
            each.close()


class Sandbox(Protocol):
    """Starts commands behind walls of one tier."""

    @property
    def tier(self) -> Tier:
        """What the walls hold."""

    def start(
        self,
        command: Sequence[str],
        *,
        workspace: Path,
        limits: Limits,
        readable: Sequence[Path] = (),
        pass_fds: Sequence[int] = (),
    ) -> Process:
        """Start ``command`` in ``workspace``, with pipes for its three standard streams.

        It may write the workspace and read ``readable`` and the system's programs; of the
        descriptors it has ``pass_fds`` alone. Start it on a thread that lives as long as the
        process does: it dies with the thread that started it. Raises ToolError for a workspace
        that cannot be opened to it, or when the walls cannot be built.
        """


PROTECTED = (
    ".git", ".hg", ".svn", ".vscode", ".idea", ".devcontainer", ".envrc", ".mcp.json", ".claude",
    ".cursor", ".husky",
)  # fmt: skip
"""What other programs run or obey without being asked, when it lies in a folder."""
MASKED = (".git", ".vscode", ".idea", ".envrc")
"""Of those, the ones that must not appear where they are not."""


_FOLDERS = 2_000
"""Folders that are looked into for repositories inside a workspace."""
_DEEP = 4
_REPOSITORIES = 200


def repositories(workspace: Path) -> tuple[Path, ...]:
    """The ``.git`` of repositories inside the workspace, as far as they are soon found.

    Submodules and checkouts beside each other; not that of the workspace itself. Code can still
    move the folder that holds one, so this keeps from accidents and plain attempts.
    """
    found: list[Path] = []
    level, looked_at = [workspace], 0
    for _level in range(_DEEP):
        below: list[Path] = []
        for folder in level:
            looked_at += 1
            if looked_at > _FOLDERS or len(found) >= _REPOSITORIES:
                return tuple(found)
            with suppress(OSError), os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_symlink():
                        continue
                    if entry.name == ".git" and folder != workspace:
                        found.append(folder / ".git")
                    elif entry.name not in PROTECTED and entry.is_dir(follow_symlinks=False):
                        below.append(folder / entry.name)
        level = below
    return tuple(found)


def check_workspace(workspace: Path, private: Sequence[Path] = ()) -> Path:
    """The real path of a workspace that a sandbox may open.

    ``private`` are the folders of this program: its settings, its store. Raises ToolError where
    opening the folder would open the user's home or one of those, or where it is none.
    """
    try:
        real = workspace.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        closed_to_us = _("The folder {path} cannot be opened.").format(path=workspace)
        raise ToolError(closed_to_us, str(error)) from error
    if not real.is_dir():
        raise ToolError(
            _("{path} is not a folder.").format(path=workspace),
            _("Choose a folder as the workspace."),
        )
    closed = [Path.home().resolve(), *(path.resolve() for path in private)]
    if any(path.is_relative_to(real) for path in closed):
        raise ToolError(
            _(
                "{path} is too much to open to code: it holds your home folder or the settings of"
                " this program."
            ).format(path=workspace),
            _("Start in a folder of its own, such as a project's."),
        )
    if any(real.is_relative_to(path.resolve()) for path in private):
        raise ToolError(
            _("{path} belongs to this program.").format(path=workspace),
            _("Start in a folder of your own work."),
        )
    for name in PROTECTED:
        if (real / name).is_symlink():
            raise ToolError(
                _("{name} in {path} is a symbolic link, which cannot be kept from changes.").format(
                    name=name, path=workspace
                ),
                _("Start in another folder."),
            )
    return real


def environment(executable: str = "") -> dict[str, str]:
    """All that a command finds in its environment: nothing of the user's."""
    folders = ["/usr/local/bin", "/usr/bin", "/bin"]
    if executable and (own := str(Path(executable).parent)) not in folders:
        folders.insert(0, own)
    return {
        "PATH": ":".join(folders),
        "HOME": "/tmp",  # noqa: S108  a folder of its own, where the tier has one
        "TMPDIR": "/tmp",  # noqa: S108
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "MPLBACKEND": "agg",
    }


def spawn(
    arguments: Sequence[str],
    *,
    folder: Path,
    variables: dict[str, str],
    pass_fds: Sequence[int],
    held: tuple[Cleanup, ...] = (),
) -> Process:
    """Start ``arguments`` as the leader of a new session, with pipes; ToolError where it cannot."""
    try:
        popen = subprocess.Popen(
            list(arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=variables,
            pass_fds=tuple(pass_fds),
            start_new_session=True,
            bufsize=0,
        )
    except (OSError, ValueError) as error:
        for each in held:
            each.close()
        raise ToolError(
            _("{program} could not be started.").format(program=arguments[0]), str(error)
        ) from error
    return Process(popen, held)


def tasks_of(user: int) -> int:
    """How many processes and threads ``user`` has, on Linux; they count against its limit."""
    count = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if folder.stat().st_uid == user:
                count += sum(1 for _ in (folder / "task").iterdir())
        except OSError:
            continue  # it has ended
    return count
