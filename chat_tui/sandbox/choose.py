"""Which sandbox this machine gets: the best one that is seen to hold.

Knows all tiers, and tries each by running a program in it that attempts what must fail. Nothing
is believed of versions, settings or file names. Where a try fails the next tier is tried; what
went wrong is kept for the user.
"""

from __future__ import annotations

import json
import platform
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chat_tui.errors import ToolError
from chat_tui.language import _
from chat_tui.sandbox import confine, interpreter, seccomp
from chat_tui.sandbox.base import BUBBLEWRAP, LANDLOCK, SEATBELT, Limits, Sandbox, Tier
from chat_tui.sandbox.bubblewrap import BWRAP, PRLIMIT, Bubblewrap
from chat_tui.sandbox.landlock import Landlock
from chat_tui.sandbox.seatbelt import SANDBOX_EXEC, Seatbelt
from chat_tui.sandbox.unconfined import Unconfined

_SECONDS = 10.0
_TRY = """
import json, socket, sys, threading
outside, seen = sys.argv[1], []
def attempt(name, act):
    try:
        act()
        seen.append(name)
    except OSError:
        pass
attempt("write", lambda: open("written", "w").close())
attempt("thread", lambda: threading.Thread(target=int).start())
attempt("read outside", lambda: open(outside).read())
try:
    open(outside + ".new", "w").close()  # may land in a /tmp of its own
except OSError:
    pass
def connect():
    with socket.socket() as it:
        it.connect(("127.0.0.1", int(sys.argv[2])))
attempt("connect", connect)
if sys.platform == "linux":  # shows that the filter of system calls is there
    attempt("open a socket", lambda: socket.socket().close())
print(json.dumps(seen))
"""
_WANTED = {"write", "thread"}


@dataclass(frozen=True, slots=True)
class Choice:
    """The sandbox that was found, and why it is not a better one."""

    sandbox: Sandbox
    passed_over: tuple[tuple[Tier, str, str], ...] = ()
    """For each better tier: what is missing, and what to do about it (may be empty)."""

    @property
    def tier(self) -> Tier:
        """What the sandbox holds."""
        return self.sandbox.tier


def choose(private: Sequence[Path] = ()) -> Choice:
    """Try the tiers of this platform, best first; the last resort is no sandbox at all.

    ``private`` are this program's own folders. Takes some 0.1 s; starts processes.
    """
    candidates: list[tuple[Tier, Callable[[], Sandbox]]] = []
    if platform.system() == "Linux":
        candidates = [
            (BUBBLEWRAP, lambda: _bubblewrap(private)),
            (LANDLOCK, lambda: _landlock(private)),
        ]
    elif platform.system() == "Darwin":
        candidates = [(SEATBELT, lambda: _seatbelt(private))]
    failed: list[tuple[Tier, str, str]] = []
    for tier, make in candidates:
        try:
            sandbox = make()
            check(sandbox)
        except ToolError as error:
            failed.append((tier, error.message, error.hint))
        else:
            return Choice(sandbox, tuple(failed))
    return Choice(Unconfined(private), tuple(failed))


def check(sandbox: Sandbox) -> None:
    """Run a program in ``sandbox`` that tries to break out; ToolError unless that fails."""
    python = interpreter.own()
    try:
        with tempfile.TemporaryDirectory(prefix="chat-tui-") as folder, _listener() as port:
            outside, workspace = Path(folder, "outside"), Path(folder, "workspace")
            outside.write_text("not for you", encoding="utf-8")
            workspace.mkdir()
            command = [python.executable, "-I", "-S", "-c", _TRY]
            command += [str(outside), str(port)]
            process = sandbox.start(
                command, workspace=workspace, limits=Limits(), readable=python.folders
            )
            try:
                out, error = process.popen.communicate(timeout=_SECONDS)
            finally:
                process.close()
            wrote = Path(f"{outside}.new").exists()
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise ToolError(_("It could not be tried."), str(problem)) from problem
    try:
        seen = {*json.loads(out), *(["write outside"] if wrote else [])}
    except ValueError as problem:
        said = error.decode(errors="replace").strip()[-500:]
        raise ToolError(_("A program does not start in it."), said) from problem
    if seen != _WANTED:
        wrong = sorted(seen ^ _WANTED)
        loose = _("It does not hold, or holds too much: {what}.")
        raise ToolError(loose.format(what=", ".join(wrong)))


@contextmanager
def _listener() -> Iterator[int]:
    """A port of this machine that answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield int(listening.getsockname()[1])


def _bubblewrap(private: Sequence[Path]) -> Sandbox:
    if not BWRAP.exists():
        raise ToolError(
            _("bubblewrap is not installed."),
            _("On Debian: {command}").format(command="sudo apt install bubblewrap"),
        )
    if not PRLIMIT.exists():
        raise ToolError(
            _("{path} is missing.").format(path=PRLIMIT), _("Install the package util-linux.")
        )
    _need_filter()
    return Bubblewrap(private)


def _landlock(private: Sequence[Path]) -> Sandbox:
    if not confine.landlock_version():
        raise ToolError(_("This kernel has no Landlock."), _("Linux has it since 5.13."))
    _need_filter()
    return Landlock(private)


def _need_filter() -> None:
    if not seccomp.supported():
        unknown = _("System calls of {machine} are not known to this program.")
        raise ToolError(unknown.format(machine=platform.machine()))


def _seatbelt(private: Sequence[Path]) -> Sandbox:
    if not SANDBOX_EXEC.exists():
        raise ToolError(_("{path} is missing.").format(path=SANDBOX_EXEC))
    return Seatbelt(private)
