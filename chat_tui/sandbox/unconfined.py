"""No sandbox: the command runs with all that its user may do.

For machines where no wall can be built. Nothing here protects anything, so whoever uses it has to
ask before each call; ``tier`` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from chat_tui.sandbox.base import NONE, Limits, Process, Tier, check_workspace, environment, spawn
from chat_tui.sandbox.temporary import TemporaryFolder


class Unconfined:
    """Implements ``Sandbox`` in name."""

    tier: Tier = NONE

    def __init__(self, private: Sequence[Path] = ()) -> None:
        """``private`` are folders that no workspace may be."""
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
        """See ``Sandbox.start``; nothing is limited."""
        del limits, readable
        real = check_workspace(workspace, self._private)
        temporary = TemporaryFolder()
        folder = str(temporary.path)
        return spawn(
            command,
            folder=real,
            variables=environment(command[0]) | {"HOME": folder, "TMPDIR": folder},
            pass_fds=pass_fds,
            held=(temporary,),
        )
