"""What this machine has: cores to compute with and memory to plan with.

Knows where operating systems write that down; must not know models. Every answer has a fallback,
because a wrong guess costs speed and an exception would cost the chat.
"""

from __future__ import annotations

import ctypes
import os
import re
from pathlib import Path

_CPU = Path("/sys/devices/system/cpu")
_CGROUP = Path("/sys/fs/cgroup")


def physical_cores() -> int:
    """Cores that this process may use, not counting hyper-threads, nor more than its quota."""
    try:
        usable = os.sched_getaffinity(0)
    except AttributeError:  # macOS and Windows
        return (_darwin_cores() if os.name == "posix" else None) or (os.cpu_count() or 2) // 2 or 1
    siblings = {
        _read(_CPU / f"cpu{core}" / "topology" / "thread_siblings_list") or str(core)
        for core in usable
    }
    return max(1, min(len(siblings), _quota() or len(siblings)))


def available_memory() -> int | None:
    """Bytes that can be used without swapping; None where that is unknown."""
    found = [bytes_ for bytes_ in (_linux_memory(), _cgroup_memory()) if bytes_ is not None]
    if found:
        return min(found)
    if os.name == "nt":
        return _windows_memory()
    try:
        # macOS tells only what is built in; it frees its file cache on demand, as a rule.
        return int(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * 0.75)
    except (ValueError, OSError, AttributeError):
        return None


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, ValueError):
        return ""


def _quota() -> int | None:
    """Whole cores that the control group grants."""
    quota, _, period = _read(_CGROUP / "cpu.max").partition(" ")
    if quota.isdigit() and period.isdigit() and int(period):
        return max(1, round(int(quota) / int(period)))
    return None


def _linux_memory() -> int | None:
    match = re.search(r"MemAvailable:\s+(\d+) kB", _read(Path("/proc/meminfo")))
    return int(match[1]) * 1024 if match else None


def _cgroup_memory() -> int | None:
    """What the control group leaves, counting file cache as free."""
    limit, used = _read(_CGROUP / "memory.max"), _read(_CGROUP / "memory.current")
    if not (limit.isdigit() and used.isdigit()):
        return None
    cache = re.search(r"^inactive_file (\d+)$", _read(_CGROUP / "memory.stat"), re.MULTILINE)
    return max(0, int(limit) - int(used) + (int(cache[1]) if cache else 0))


def _darwin_cores() -> int | None:
    """The fast cores of a Mac: the slow ones hold the others up."""
    if os.uname().sysname != "Darwin":
        return None
    count, size = ctypes.c_int(), ctypes.c_size_t(ctypes.sizeof(ctypes.c_int))
    for name in (b"hw.perflevel0.physicalcpu", b"hw.physicalcpu"):
        if not ctypes.CDLL(None).sysctlbyname(
            name, ctypes.byref(count), ctypes.byref(size), None, 0
        ):
            return max(1, count.value)
    return None


def _windows_memory() -> int | None:
    class Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *((f"bytes{at}", ctypes.c_ulonglong) for at in range(7)),
        )

    status = Status(length=ctypes.sizeof(Status))
    if not ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):  # type: ignore[attr-defined]
        return None
    return int(status.bytes1)  # ullAvailPhys
