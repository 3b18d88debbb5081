"""What the operating system says is built in, whatever llama.cpp was built for.

Knows where Linux writes it down and what two programs print; must not know llama.cpp. The folders
are arguments, so that a test can bring a machine of its own.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from chat_tui.doctor.facts import Hardware

_SECONDS = 8.0
_MAKERS = {"0x10de": "nvidia", "0x1002": "amd", "0x8086": "intel"}
"""Vendors of the PCI registry."""
_MANAGERS = ("debian", "fedora", "arch", "suse", "alpine")
_KIN = {
    **dict.fromkeys(("ubuntu", "linuxmint", "raspbian", "pop"), "debian"),
    **dict.fromkeys(("rhel", "centos", "rocky", "almalinux", "amzn"), "fedora"),
    **dict.fromkeys(("opensuse", "opensuse-leap", "opensuse-tumbleweed", "sles"), "suse"),
    **dict.fromkeys(("manjaro", "endeavouros"), "arch"),
}
_CUDA = re.compile(r"CUDA(?: UMD)? Version:\s*(\d+\.\d+)")


def look(root: Path = Path("/")) -> Hardware:
    """All of it; takes some seconds at most where a driver is slow."""
    nvidia = tuple(("nvidia", name) for name in _nvidia_names(root))
    others = [maker for maker in dict.fromkeys(_makers(root)) if not (nvidia and maker == "nvidia")]
    gpus = [*nvidia, *((maker, "") for maker in others)]
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        gpus.append(("apple", "Apple silicon"))
    return Hardware(
        gpus=tuple(gpus),
        cuda=_cuda() if nvidia else "",
        compilers=tuple(_compilers(root)),
        flags=_flags(_read(root / "proc/cpuinfo")),
        container=any((root / name).exists() for name in (".dockerenv", "run/.containerenv")),
        distribution=distribution(_read(root / "etc/os-release")),
    )


def distribution(text: str) -> str:
    """Whose package manager a Linux has, from its ``os-release``; empty where unknown."""
    values = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    names = f"{values.get('ID', '')} {values.get('ID_LIKE', '')}".replace('"', "").split()
    return next((_KIN.get(name, name) for name in names if _KIN.get(name, name) in _MANAGERS), "")


def restricted(root: Path = Path("/")) -> str:
    """Which switch of Linux forbids user namespaces: ``apparmor``, ``clone``, ``max`` or none."""
    if _read(root / "proc/sys/user/max_user_namespaces") == "0":
        return "max"
    if _read(root / "proc/sys/kernel/unprivileged_userns_clone") == "0":
        return "clone"
    if _read(root / "proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1":
        return "apparmor"
    return ""


def _nvidia_names(root: Path) -> list[str]:
    told = _said("nvidia-smi", "--query-gpu=name", "--format=csv,noheader")
    names = [line.strip() for line in told.splitlines() if line.strip()]
    if names:
        return names
    return [
        match[1].strip()
        for file in sorted(root.glob("proc/driver/nvidia/gpus/*/information"))
        if (match := re.search(r"Model:(.+)", _read(file)))
    ]


def _cuda() -> str:
    found = _CUDA.search(_said("nvidia-smi"))
    return found[1] if found else ""


def _makers(root: Path) -> Iterator[str]:
    for file in sorted(root.glob("sys/class/drm/card*/device/vendor")):
        if maker := _MAKERS.get(_read(file)):
            yield maker


def _compilers(root: Path) -> Iterator[str]:
    if shutil.which("nvcc") or (root / "usr/local/cuda/bin/nvcc").exists():
        yield "nvcc"
    for name in ("hipcc", "glslc"):
        if shutil.which(name):
            yield name
    if any(shutil.which(name) for name in ("c++", "g++", "clang++", "cl")):
        yield "c++"


def _flags(text: str) -> tuple[str, ...]:
    found = re.search(r"^(?:flags|Features)\s*:(.*)$", text, re.MULTILINE)
    return tuple(found[1].split()) if found else ()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _said(*command: str) -> str:
    """What a program prints; empty where it is not there, fails or takes too long."""
    return said(command, _SECONDS)


def said(command: Sequence[str], seconds: float) -> str:
    """What ``command`` prints within that time; empty where it fails."""
    try:
        told = subprocess.run(
            list(command),
            capture_output=True,
            check=True,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C"},
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return told.stdout.decode("utf-8", "replace")
