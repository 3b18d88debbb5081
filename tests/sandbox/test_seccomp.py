"""The filter of system calls, run by a small interpreter: what passes, on both machines."""

from __future__ import annotations

import errno
import struct

import pytest

from chat_tui.sandbox import seccomp

ALLOW, ERRNO, KILL = 0x7FFF0000, 0x00050000, 0x80000000
REFUSED, UNKNOWN = ERRNO | errno.EPERM, ERRNO | errno.ENOSYS


def verdict(program: bytes, audit: int, number: int, *arguments: int) -> int:
    """What a kernel would return for one call (the five instructions that filters here use)."""
    words = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("=IIQ6Q", number, audit, 0, *words)
    code = list(struct.iter_unpack("=HBBI", program))
    at, register = 0, 0
    while True:
        kind, if_true, if_false, value = code[at]
        at += 1
        match kind:
            case 0x20:
                (register,) = struct.unpack_from("=I", data, value)
            case 0x06:
                return int(value)
            case 0x15:
                at += if_true if register == value else if_false
            case 0x35:
                at += if_true if register >= value else if_false
            case 0x45:
                at += if_true if register & value else if_false
            case _:
                raise AssertionError(f"instruction {kind:#x}")


@pytest.fixture(params=sorted(seccomp.MACHINES))
def machine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def call(machine: str, name: str, *arguments: int, **options: object) -> int:
    known = seccomp.MACHINES[machine]
    program = seccomp.program(machine, **options)  # type: ignore[arg-type]
    return verdict(program, known.audit, known.numbers[name], *arguments)


def test_what_is_denied_is_refused(machine: str) -> None:
    for name in seccomp.DENIED:
        if name in seccomp.MACHINES[machine].numbers:
            assert call(machine, name) == REFUSED, name


def test_everything_else_passes(machine: str) -> None:
    known = seccomp.MACHINES[machine]
    program = seccomp.program(machine)
    named = set(known.numbers.values())
    assert {verdict(program, known.audit, n) for n in range(600) if n not in named} == {ALLOW}
    for name in (*seccomp.SIGNALS, *seccomp.ATTRIBUTES):
        if name in known.numbers:
            assert call(machine, name) == ALLOW, name


def test_new_processes_pass_and_new_namespaces_do_not(machine: str) -> None:
    threads = 0x3D0F00  # what pthread_create asks for
    assert call(machine, "clone", threads) == ALLOW
    assert call(machine, "clone", 17) == ALLOW
    for bit in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert call(machine, "clone", bit | 17) == REFUSED
    assert call(machine, "clone3") == UNKNOWN


def test_only_unix_sockets_pass(machine: str) -> None:
    for family in range(1, 46):
        wanted = ALLOW if family == seccomp.AF_UNIX else REFUSED
        assert call(machine, "socket", family, 1) == wanted
        assert call(machine, "socketpair", family, 1) == wanted
        assert call(machine, "socket", family | 1 << 32, 1) == wanted  # the kernel reads 32 bits
    assert call(machine, "socket", 1, unix_sockets=False) == REFUSED
    assert call(machine, "socketpair", 1, unix_sockets=False) == ALLOW


def test_nothing_types_into_a_terminal(machine: str) -> None:
    for request in (0x5412, 0x541C, 0x5423):
        assert call(machine, "ioctl", 0, request) == REFUSED
        assert call(machine, "ioctl", 0, request | 0xABCD << 32) == REFUSED
    assert call(machine, "ioctl", 0, 0x5413) == ALLOW


def test_more_can_be_denied(machine: str) -> None:
    assert call(machine, "kill", also=seccomp.SIGNALS) == REFUSED
    with pytest.raises(KeyError):
        seccomp.program(machine, also=["no_such_call"])


def test_the_calls_of_another_machine_end_the_process(machine: str) -> None:
    program = seccomp.program(machine)
    known = seccomp.MACHINES[machine]
    assert verdict(program, 0x40000003, 11) == KILL  # 32-bit x86
    if known.has_x32:
        assert verdict(program, known.audit, 0x40000000 | 101) == KILL


def test_the_filter_is_short_enough_for_the_kernel(machine: str) -> None:
    program = seccomp.program(machine, also=(*seccomp.SIGNALS, *seccomp.ATTRIBUTES))
    assert len(program) // 8 <= 4096
