"""What this machine has: cores to compute with and memory to plan with, and giving memory back.

Knows where operating systems write that down; must not know models. Every answer has a fallback,
because a wrong guess costs speed and an exception would cost the chat.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

_CPU = Path("/sys/devices/system/cpu")
_CGROUP = Path("/sys/fs/cgroup")
_OWN_CGROUPS = Path("/proc/self/cgroup")
_MADV_DONTNEED = 4


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


def granted_memory() -> int | None:
    """Bytes of main memory, or what a container is granted of them; None where unknown."""
    found = list(_memory_limits())
    with suppress(ValueError, OSError, AttributeError):
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    return min(found, default=None)


def _memory_limits() -> Iterator[int]:
    for folder, second in _folders("memory"):
        yield from _numbers(folder, "memory.max" if second else "memory.limit_in_bytes") or ()


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, ValueError):
        return ""


def block(size: int) -> Any:
    """Bytes in the C library's layout, ``size`` of them (at least one), with ``len``.

    They come straight from the system and return there when nobody holds them any more. The
    allocator would keep the room of a large one for itself.
    """
    return (ctypes.c_uint8 * size).from_buffer(mmap.mmap(-1, size))


def give_back(model_files: tuple[str, ...] = ()) -> None:
    """Return memory that nobody uses any more to the system; does nothing where that has no way.

    That is what the allocator keeps for later, and the mapped pages of ``model_files``: where
    llama.cpp computes with repacked copies of weights, the originals would count as this
    process's memory too. Pages that are needed after all come back from the file cache.
    """
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    for line in _read(Path("/proc/self/maps")).splitlines():
        extent, *_, name = line.split(maxsplit=5)
        if name in model_files:
            begin, end = (int(number, 16) for number in extent.split("-"))
            library.madvise(
                ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), ctypes.c_int(_MADV_DONTNEED)
            )
    with suppress(AttributeError):  # a C library other than glibc
        library.malloc_trim(ctypes.c_size_t(0))


def _folders(controller: str) -> Iterator[tuple[Path, bool]]:
    """The control groups that bind this process, its own first; whether each is of version 2.

    Inside a container the root is its own group; elsewhere every group up to the root binds.
    """
    for line in _read(_OWN_CGROUPS).splitlines():
        _, _, rest = line.partition(":")
        names, _, path = rest.partition(":")
        root = _CGROUP if not names else _CGROUP / controller
        if names and controller not in names.split(","):
            continue
        folder = root / path.strip("/")
        while True:
            yield folder, not names
            if folder == root or root not in folder.parents:
                break
            folder = folder.parent


def _numbers(folder: Path, *names: str) -> list[int] | None:
    """The numbers in these files; None where one is missing or has none, such as ``max``."""
    texts = [_read(folder / name) for name in names]
    return [int(text) for text in texts] if all(text.isdigit() for text in texts) else None


def _quota() -> int | None:
    """Whole cores that the control groups grant; at least one."""
    granted = []
    for folder, second in _folders("cpu"):
        if second:
            quota, _, period = _read(folder / "cpu.max").partition(" ")
            numbers = [int(quota), int(period)] if quota.isdigit() and period.isdigit() else None
        else:
            numbers = _numbers(folder, "cpu.cfs_quota_us", "cpu.cfs_period_us")
        if numbers and numbers[1]:
            granted.append(max(1, round(numbers[0] / numbers[1])))
    return min(granted, default=None)


def _linux_memory() -> int | None:
    match = re.search(r"MemAvailable:\s+(\d+) kB", _read(Path("/proc/meminfo")))
    return int(match[1]) * 1024 if match else None


def _cgroup_memory() -> int | None:
    """What the control groups leave, counting file cache as free."""
    left = []
    for folder, second in _folders("memory"):
        names = (
            ("memory.max", "memory.current")
            if second
            else ("memory.limit_in_bytes", "memory.usage_in_bytes")
        )
        numbers = _numbers(folder, *names)
        if numbers is None:
            continue
        limit, used = numbers
        cached = r"^inactive_file (\d+)$" if second else r"^total_inactive_file (\d+)$"
        cache = re.search(cached, _read(folder / "memory.stat"), re.MULTILINE)
        left.append(max(0, limit - used + (int(cache[1]) if cache else 0)))
    return min(left, default=None)


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
