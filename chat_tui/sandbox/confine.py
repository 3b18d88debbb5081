"""A program that gives up its rights for good and then becomes another: for Linux with Landlock.

Run as ``python -I confine.py '{…}'`` by ``landlock`` alone; knows the standard library only. It
does one thing after the other: die with the parent, no new privileges, limits, Landlock, the
filter of system calls, exec. When a step fails it ends, and nothing is run. The JSON holds
``read`` and ``write`` (paths), ``limits`` (name of an RLIMIT to number), ``filter`` (hex) and
``command``.

Sources: linux/landlock.h, linux/prctl.h, linux/seccomp.h.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import struct
import sys
from typing import Any

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 1, 38, 22
_SECCOMP_MODE_FILTER = 2
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULE_PATH_BENEATH = 1
_VERSION_ONLY = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE, _IOCTL_DEVICE = 1 << 14, 1 << 15
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_MAKE_DEVICES = 1 << 6 | 1 << 11
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEVICE
_TCP = 3
_ABSTRACT_SOCKETS_AND_SIGNALS = 3


def handled(abi: int) -> tuple[int, int, int]:
    """What Landlock of version ``abi`` can refuse: file rights, network rights, scopes."""
    rights = 13 + (abi >= 2) + (abi >= 3) + (abi >= 5)
    scopes = _ABSTRACT_SOCKETS_AND_SIGNALS if abi >= 6 else 0
    return (1 << rights) - 1, _TCP if abi >= 4 else 0, scopes


def landlock_version() -> int:
    """The version of Landlock; 0 where the kernel has none."""
    found = _libc().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_ONLY)
    return max(0, int(found))


def main() -> None:
    """Confine this process and run the command of the first argument."""
    plan: dict[str, Any] = json.loads(sys.argv[1])
    libc = _libc()
    parent = os.getppid()
    _check(libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")
    if os.getppid() != parent:
        sys.exit("the parent has ended")
    _check(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    for name, value in plan["limits"].items():
        resource.setrlimit(getattr(resource, name), (value, value))
    _restrict(libc, plan["read"], plan["write"])
    _filter(libc, bytes.fromhex(plan["filter"]))
    os.execv(plan["command"][0], plan["command"])  # noqa: S606  what this program is for


def _restrict(libc: ctypes.CDLL, readable: list[str], writable: list[str]) -> None:
    files, network, scopes = handled(landlock_version())
    attributes = struct.pack("=QQQ", files, network, scopes)
    if landlock_version() < 6:
        attributes = attributes[:16] if network else attributes[:8]
    ruleset = _check(
        libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0), "landlock"
    )
    for path in readable:
        _allow(libc, ruleset, path, _READ & files)
    for path in writable:
        _allow(libc, ruleset, path, files & ~_MAKE_DEVICES & ~_IOCTL_DEVICE)
    _check(libc.syscall(_RESTRICT_SELF, ruleset, 0), "landlock")
    os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    if not os.path.isdir(path):  # noqa: PTH112  pathlib takes long to load
        rights &= _OF_A_FILE
    rule = struct.pack("=Qi", rights, descriptor)
    _check(libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0), path)
    os.close(descriptor)


def _filter(libc: ctypes.CDLL, code: bytes) -> None:
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("HP", len(code) // 8, ctypes.addressof(buffer))
    _check(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, program, 0, 0), "seccomp")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> int:
    if result < 0:
        sys.exit(f"{what}: {os.strerror(ctypes.get_errno())}")
    return result


if __name__ == "__main__":
    main()
