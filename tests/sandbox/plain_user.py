"""Run a command as a user without rights, also where the tests run as root.

Root hides faults: limits of processes do not bind it and it may read everything. So root's tests
step into a view of the file system in which the interpreter and this repository can be reached
by others (they often lie below a home that is closed to them), and become ``nobody`` there.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from chat_tui.sandbox import interpreter

ROOT = Path(__file__).parents[2]
NOBODY = 65534
HOME = "/tmp/nobody-home"  # noqa: S108


def as_plain_user(command: list[str]) -> list[str]:
    """``command`` as someone who is not root would run it, in the repository."""
    variables = ["env", f"HOME={HOME}", f"PYTHONPATH={ROOT}", "PYTHONDONTWRITEBYTECODE=1"]
    if os.geteuid() != 0:
        return [*variables, *command]
    view = ["/usr/bin/bwrap", "--dev-bind", "/", "/"]
    made: set[Path] = set()
    for needed in sorted({ROOT, *interpreter.own().folders}, key=lambda path: len(path.parts)):
        closed = _closed_ancestor(needed)
        if closed is None:
            continue
        if closed not in made:
            view += ["--tmpfs", str(closed)]
            made.add(closed)
        for folder in reversed(needed.parents):
            if folder.is_relative_to(closed) and folder not in made:
                view += ["--perms", "0755", "--dir", str(folder)]
                made.add(folder)
        view += ["--ro-bind", str(needed), str(needed)]
        made.add(needed)
    become = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    return [*view, "--chdir", str(ROOT), *become, *variables, *command]


def run_as_plain_user(module: str, *words: str, seconds: float = 120) -> str:
    """What ``python -m module words`` writes as a plain user; an AssertionError if it fails."""
    command = as_plain_user([sys.executable, "-m", module, *words])
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=seconds, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:] or done.stdout[-4000:]
    return done.stdout


def _closed_ancestor(path: Path) -> Path | None:
    """The outermost folder above ``path`` that others may not enter."""
    for folder in reversed(path.parents):
        if not folder.stat().st_mode & 0o001:
            return folder
    return None
