"""Who writes a conversation: one process at a time, told by its number and its birth.

Knows processes and times; must not know SQLite. A lease whose process is gone is free at once;
where one cannot look (another machine, another container), it is free when its heart has not
beaten for a while.
"""

from __future__ import annotations

import os
import platform
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

BEAT_SECONDS = 30.0
EXPIRY_SECONDS = 120.0
"""A heart that has been silent for four beats has stopped, or its machine sleeps."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that may write."""

    owner: str
    """Random: two stores in one process are two holders."""
    pid: int
    machine: str
    """The running system and its process namespace: where ``pid`` means something."""
    born: str
    """When the process started; empty where that cannot be learnt."""


def this_process() -> Holder:
    """A holder for this process."""
    pid = os.getpid()
    return Holder(secrets.token_hex(8), pid, _machine(), _birth(pid))


def is_gone(holder: Holder, beat: float, now: float) -> bool:
    """Whether ``holder`` can no longer write: its lease, last renewed at ``beat``, is free."""
    if holder.machine == _machine() and holder.born:
        return _birth(holder.pid) != holder.born
    if holder.machine == _machine() and os.name == "posix" and not _exists(holder.pid):
        return True
    # A clock that was set back must not keep a lease for ever.
    return abs(now - beat) > EXPIRY_SECONDS


def _machine() -> str:
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"  # noqa: PTH115 - not a path
    return platform.node()


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _birth(pid: int) -> str:
    """When process ``pid`` started, in Linux's clock ticks since boot; empty if there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return ""
    # The name, in parentheses, may hold anything; the start time is field 22 (proc(5)).
    fields = stat.rpartition(b")")[2].split()
    return "" if fields[0] in (b"Z", b"X") else fields[19].decode("ascii")
