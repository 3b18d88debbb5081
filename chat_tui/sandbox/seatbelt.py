"""The sandbox of macOS: ``sandbox-exec`` with a profile that denies by default.

Knows the profile language (SBPL). The tool is marked deprecated by Apple and has been used by
browsers and package managers ever since; the functional probe decides whether it works.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chat_tui.sandbox.base import (
    PROTECTED,
    SEATBELT,
    Limits,
    Process,
    Tier,
    check_workspace,
    environment,
    repositories,
    spawn,
)
from chat_tui.sandbox.temporary import TemporaryFolder

SANDBOX_EXEC = Path("/usr/bin/sandbox-exec")
_SYSTEM = (
    "/usr/lib", "/usr/bin", "/bin", "/usr/share", "/usr/local", "/opt/homebrew", "/System",
    "/Library/Frameworks", "/private/var/db/timezone", "/private/var/db/dyld",
)  # fmt: skip
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
_LIMIT = 'ulimit -c 0 -f "$1" -n "$2" -u "$3" || exit 1; shift 3; exec "$@"'
_BLOCK = 512


class Seatbelt:
    """Implements ``Sandbox``."""

    tier: Tier = SEATBELT

    def __init__(self, private: Sequence[Path] = ()) -> None:
        """``private`` are folders that no workspace may open: this program's own."""
        self._private = tuple(private)

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
        folder = str(temporary.path)
        numbers = (limits.file // _BLOCK, limits.open_files, limits.processes)
        shell = ["/bin/sh", "-c", _LIMIT, "sh", *map(str, numbers)]
        rules = profile(real, temporary.path, readable)
        return spawn(
            [*shell, str(SANDBOX_EXEC), "-p", rules, *command],
            folder=real,
            variables=environment(command[0]) | {"HOME": folder, "TMPDIR": folder},
            pass_fds=pass_fds,
            held=(temporary,),
        )


def profile(workspace: Path, temporary: Path, readable: Sequence[Path]) -> str:
    """The rules, later ones winning: nothing, but reading ``readable`` and writing two folders."""
    read = "\n".join(_subpath(path) for path in [*map(Path, _SYSTEM), *readable])
    devices = " ".join(f"(literal {_quoted(path)})" for path in _DEVICES)
    kept = [workspace / name for name in PROTECTED]
    closed = "\n".join(map(_subpath, [*kept, *repositories(workspace), *readable]))
    return f"""(version 1)
(deny default)
(allow process-fork)
(allow process-exec)
(allow signal (target same-sandbox))
(allow sysctl-read)
(allow file-read-metadata)
(allow file-read* (literal "/") {devices}
{read})
(allow file-write-data (literal "/dev/null"))
(allow file-read* file-write*
{_subpath(workspace)}
{_subpath(temporary)})
(deny file-write*
{closed})
(deny network*)
"""


def _subpath(path: str | Path) -> str:
    return f"  (subpath {_quoted(path)})"


def _quoted(path: str | Path) -> str:
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
