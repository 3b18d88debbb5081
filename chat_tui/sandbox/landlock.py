"""The partial sandbox of Linux, for machines without user namespaces: Landlock and a filter.

Knows what Landlock leaves open and closes that with the system call filter where it can: sockets
at all, attributes of files, signals before Landlock knew them. It cannot close a folder inside
the workspace, hide that files exist, or end what the process leaves behind.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from chat_tui.sandbox import confine, seccomp
from chat_tui.sandbox.base import (
    LANDLOCK,
    Limits,
    Process,
    Tier,
    check_workspace,
    environment,
    spawn,
    tasks_of,
)
from chat_tui.sandbox.temporary import TemporaryFolder

_READ = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/etc/ld.so.cache",
    "/etc/localtime", "/etc/alternatives", "/dev/zero", "/dev/urandom", "/dev/random",
)  # fmt: skip
_WRITE = ("/dev/null",)


class Landlock:
    """Implements ``Sandbox``; the caller has seen that this kernel has Landlock."""

    tier: Tier = LANDLOCK

    def __init__(self, private: Sequence[Path] = ()) -> None:
        """``private`` are folders that no workspace may open: this program's own."""
        self._private = tuple(private)
        version = confine.landlock_version()
        also = list(seccomp.ATTRIBUTES)
        if version < 3:
            also.append("truncate")
        if version < 6:
            also += seccomp.SIGNALS
        self._filter = seccomp.program(also=also, unix_sockets=False)

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
        temporary = TemporaryFolder()
        plan = {
            "read": [*_READ, *map(str, readable)],
            "write": [*_WRITE, str(real), str(temporary.path)],
            "limits": {
                "RLIMIT_AS": limits.memory,
                "RLIMIT_CORE": 0,
                "RLIMIT_FSIZE": limits.file,
                "RLIMIT_NOFILE": limits.open_files,
                "RLIMIT_NPROC": limits.processes + tasks_of(os.getuid()),
            },
            "filter": self._filter.hex(),
            "command": list(command),
        }
        folder = str(temporary.path)
        return spawn(
            [sys.executable, "-I", str(Path(confine.__file__)), json.dumps(plan)],
            folder=real,
            variables=environment(command[0]) | {"HOME": folder, "TMPDIR": folder},
            pass_fds=pass_fds,
            held=(temporary,),
        )
