"""A filter of system calls, built as the bytes that the kernel takes (classic BPF).

Knows two machines, x86_64 and aarch64, and which calls code from a model has no business with:
those that reach other processes, the system's settings, mounts and namespaces, the keyring, other
kinds of sockets, and large young parts of the kernel. Must not know who loads it. Built by hand
because inside a sandbox no library can be looked up.

Sources: linux/filter.h, linux/seccomp.h, linux/audit.h, the kernel's tables of system calls.
"""

from __future__ import annotations

import errno
import platform
import struct
from collections.abc import Iterable
from dataclasses import dataclass

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE, _KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
_AT_NUMBER, _AT_ARCH, _AT_ARGUMENTS = 0, 4, 16  # struct seccomp_data
_X32 = 0x40000000  # x86_64 answers a second set of numbers

AF_UNIX = 1
_NAMESPACES = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
_TIOCSTI, _TIOCSETD, _TIOCLINUX = 0x5412, 0x5423, 0x541C


@dataclass(frozen=True, slots=True)
class Machine:
    """How one processor numbers its system calls; None where it has no such call."""

    audit: int
    numbers: dict[str, int]
    has_x32: bool = False


_ALIKE = {
    # Calls younger than 5.1 have one number everywhere.
    "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426,
    "io_uring_register": 427, "open_tree": 428, "move_mount": 429, "fsopen": 430,
    "fsconfig": 431, "fsmount": 432, "fspick": 433, "clone3": 435, "pidfd_getfd": 438,
    "process_madvise": 440, "mount_setattr": 442, "quotactl_fd": 443, "memfd_secret": 447,
    "process_mrelease": 448, "fchmodat2": 452, "setxattrat": 463, "removexattrat": 466,
    "open_tree_attr": 467,
}  # fmt: skip

_X86_64 = Machine(
    audit=0xC000003E,
    has_x32=True,
    numbers=_ALIKE | {
        "ioctl": 16, "socket": 41, "socketpair": 53, "clone": 56, "kill": 62, "truncate": 76,
        "chmod": 90, "fchmod": 91, "chown": 92, "fchown": 93, "lchown": 94, "ptrace": 101,
        "syslog": 103, "rt_sigqueueinfo": 129, "uselib": 134, "personality": 135,
        "vhangup": 153, "modify_ldt": 154, "pivot_root": 155, "adjtimex": 159, "chroot": 161,
        "acct": 163, "settimeofday": 164, "mount": 165, "umount2": 166, "swapon": 167,
        "swapoff": 168, "reboot": 169, "sethostname": 170, "setdomainname": 171, "iopl": 172,
        "ioperm": 173, "init_module": 175, "delete_module": 176, "quotactl": 179,
        "nfsservctl": 180, "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190,
        "removexattr": 197, "lremovexattr": 198, "fremovexattr": 199, "tkill": 200,
        "lookup_dcookie": 212, "clock_settime": 227, "tgkill": 234, "mbind": 237,
        "set_mempolicy": 238, "get_mempolicy": 239, "kexec_load": 246, "add_key": 248,
        "request_key": 249, "keyctl": 250, "migrate_pages": 256, "fchownat": 260,
        "fchmodat": 268, "unshare": 272, "vmsplice": 278, "move_pages": 279,
        "rt_tgsigqueueinfo": 297, "perf_event_open": 298, "fanotify_init": 300,
        "name_to_handle_at": 303, "open_by_handle_at": 304, "clock_adjtime": 305, "setns": 308,
        "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "finit_module": 313,
        "kexec_file_load": 320, "bpf": 321, "userfaultfd": 323,
    },
)  # fmt: skip

_AARCH64 = Machine(
    audit=0xC00000B7,
    numbers=_ALIKE | {
        "setxattr": 5, "lsetxattr": 6, "fsetxattr": 7, "removexattr": 14, "lremovexattr": 15,
        "fremovexattr": 16, "lookup_dcookie": 18, "ioctl": 29, "umount2": 39, "mount": 40,
        "pivot_root": 41, "nfsservctl": 42, "truncate": 45, "chroot": 51, "fchmod": 52,
        "fchmodat": 53, "fchownat": 54, "fchown": 55, "vhangup": 58, "quotactl": 60,
        "vmsplice": 75, "acct": 89, "personality": 92, "unshare": 97, "kexec_load": 104,
        "init_module": 105, "delete_module": 106, "clock_settime": 112, "syslog": 116,
        "ptrace": 117, "kill": 129, "tkill": 130, "tgkill": 131, "rt_sigqueueinfo": 138,
        "reboot": 142, "sethostname": 161, "setdomainname": 162, "settimeofday": 170,
        "adjtimex": 171, "socket": 198, "socketpair": 199, "add_key": 217, "request_key": 218,
        "keyctl": 219, "clone": 220, "swapon": 224, "swapoff": 225, "mbind": 235,
        "get_mempolicy": 236, "set_mempolicy": 237, "migrate_pages": 238, "move_pages": 239,
        "rt_tgsigqueueinfo": 240, "perf_event_open": 241, "fanotify_init": 262,
        "name_to_handle_at": 264, "open_by_handle_at": 265, "clock_adjtime": 266, "setns": 268,
        "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272, "finit_module": 273,
        "bpf": 280, "userfaultfd": 282, "kexec_file_load": 294,
    },
)  # fmt: skip

MACHINES = {"x86_64": _X86_64, "aarch64": _AARCH64}

DENIED = (
    # other processes and what they hold
    "ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "process_madvise",
    "process_mrelease",
    # mounts, namespaces, roots
    "mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "open_tree", "move_mount",
    "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "open_tree_attr",
    "name_to_handle_at", "open_by_handle_at",
    # the keyring, which no namespace divides
    "keyctl", "add_key", "request_key",
    # large young parts of the kernel
    "bpf", "userfaultfd", "perf_event_open", "io_uring_setup", "io_uring_enter",
    "io_uring_register", "fanotify_init", "memfd_secret", "vmsplice", "modify_ldt",
    # the system's settings
    "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "reboot",
    "swapon", "swapoff", "syslog", "acct", "settimeofday", "clock_settime", "clock_adjtime",
    "adjtimex", "sethostname", "setdomainname", "iopl", "ioperm", "quotactl", "quotactl_fd",
    "nfsservctl", "lookup_dcookie", "uselib", "vhangup", "personality", "mbind", "set_mempolicy",
    "get_mempolicy", "migrate_pages", "move_pages",
)  # fmt: skip

SIGNALS = (
    "kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal",
)  # fmt: skip
"""What sends signals; to be denied where neither a PID namespace nor Landlock divides them."""

ATTRIBUTES = (
    "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat",
    "setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr",
    "setxattrat", "removexattrat",
)  # fmt: skip
"""What changes a file without opening it; to be denied where no mount hides other files."""


def supported() -> bool:
    """Whether this machine's system calls are known here."""
    return platform.system() == "Linux" and platform.machine() in MACHINES


def program(machine: str = "", *, also: Iterable[str] = (), unix_sockets: bool = True) -> bytes:
    """The filter for ``machine`` (as ``platform.machine()`` names it; empty: this one).

    What is denied fails with EPERM; ``clone3``, whose flags a filter cannot read, with ENOSYS, so
    that the C library takes ``clone``. A call by another machine's numbers ends the process.
    ``also`` denies more; ``unix_sockets`` False leaves pairs of connected sockets only.
    Raises KeyError for a machine or a call that is not known.
    """
    known = MACHINES[machine or platform.machine()]
    numbers = known.numbers
    code = [
        _instruction(_LOAD, _AT_ARCH),
        _instruction(_JUMP_EQUAL, known.audit, 1, 0),
        _instruction(_RETURN, _KILL_PROCESS),
        _instruction(_LOAD, _AT_NUMBER),
    ]
    if known.has_x32:
        code += [_instruction(_JUMP_AT_LEAST, _X32, 0, 1), _instruction(_RETURN, _KILL_PROCESS)]
    for name in (*DENIED, *also):
        if name not in numbers:
            if not any(name in each.numbers for each in MACHINES.values()):
                raise KeyError(name)
            continue  # this machine has no such call
        code += _when(numbers[name], [_refuse(errno.EPERM)])
    code += _when(numbers["clone3"], [_refuse(errno.ENOSYS)])
    code += _when(numbers["clone"], _refuse_argument(0, _JUMP_BITS, (_NAMESPACES,)))
    code += _when(
        numbers["ioctl"], _refuse_argument(1, _JUMP_EQUAL, (_TIOCSTI, _TIOCSETD, _TIOCLINUX))
    )
    code += _when(numbers["socketpair"], _only_argument(0, AF_UNIX))
    code += _when(
        numbers["socket"], _only_argument(0, AF_UNIX) if unix_sockets else [_refuse(errno.EPERM)]
    )
    code.append(_instruction(_RETURN, _ALLOW))
    return b"".join(code)


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _refuse(number: int) -> bytes:
    return _instruction(_RETURN, _REFUSE | number)


def _when(number: int, then: list[bytes]) -> list[bytes]:
    """``then`` for one system call; it ends with a return, or the next call is compared."""
    return [_instruction(_JUMP_EQUAL, number, 0, len(then)), *then]


def _refuse_argument(index: int, jump: int, values: tuple[int, ...]) -> list[bytes]:
    """Refuse where the low half of an argument matches one of ``values``; else allow."""
    code = [_instruction(_LOAD, _AT_ARGUMENTS + 8 * index)]
    for value in values:
        code += [_instruction(jump, value, 0, 1), _refuse(errno.EPERM)]
    return [*code, _instruction(_RETURN, _ALLOW)]


def _only_argument(index: int, value: int) -> list[bytes]:
    """Allow where the low half of an argument is ``value``; else refuse."""
    return [
        _instruction(_LOAD, _AT_ARGUMENTS + 8 * index),
        _instruction(_JUMP_EQUAL, value, 1, 0),
        _refuse(errno.EPERM),
        _instruction(_RETURN, _ALLOW),
    ]
