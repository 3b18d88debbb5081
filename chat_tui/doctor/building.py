"""The command that builds or installs llama-cpp-python another way, for this very machine.

Knows uv, pip, CMake's switches and the index of ready wheels; must not know what is wrong. Sources:
the installation chapters of llama-cpp-python and llama.cpp.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from chat_tui.doctor.facts import Hardware, Program

NEEDED = "llama-cpp-python>=0.3.36"
_NAME = "llama-cpp-python"
_WHEELS = "https://abetlen.github.io/llama-cpp-python/whl"
_CUDA_WHEELS = ((12, 1), (12, 2), (12, 3), (12, 4))
_VULKAN_PARTS = {
    "debian": "sudo apt install libvulkan-dev glslc",
    "fedora": "sudo dnf install vulkan-loader-devel vulkan-headers glslc",
    "arch": "sudo pacman -S vulkan-headers vulkan-icd-loader shaderc",
}


def rebuild(program: Program, switch: str = "") -> str:
    """Compile it anew with a switch of CMake, such as ``-DGGML_CUDA=on``."""
    if program.project and program.uv:
        words = ["uv", "sync", "--project", program.project]
        words += ["--reinstall-package", _NAME, "--no-cache"]
    elif program.uv:
        words = ["uv", "pip", "install", "--python", program.executable, "--no-cache"]
        words += ["--reinstall-package", _NAME, "--no-binary", _NAME, NEEDED]
    else:
        words = [program.executable, "-m", "pip", "install", "--force-reinstall", "--no-deps"]
        words += ["--no-cache-dir", "--no-binary", _NAME, NEEDED]
    return _with(program, switch, words)


def ready(program: Program, kind: str) -> str:
    """Install a ready wheel: ``cpu``, ``cu124``, ``metal``. Refused where none is new enough."""
    where = ["--no-deps", "--index-url", f"{_WHEELS}/{kind}", NEEDED]
    if program.uv:
        words = ["uv", "pip", "install", "--python", program.executable]
        return _with(program, "", [*words, "--reinstall-package", _NAME, *where])
    words = [program.executable, "-m", "pip", "install", "--force-reinstall"]
    return _with(program, "", [*words, "--only-binary", _NAME, *where])


def cuda_wheel(driver: str) -> str:
    """The newest kind of wheel that a driver of this version of CUDA can run; empty for none."""
    major, _, minor = driver.partition(".")
    if not (major.isdigit() and minor.isdigit()):
        return ""
    fitting = [one for one in _CUDA_WHEELS if one <= (int(major), int(minor))]
    return f"cu{fitting[-1][0]}{fitting[-1][1]}" if fitting else ""


def vulkan(program: Program, hardware: Hardware) -> str:
    """Compile it for Vulkan, with what that needs installed first where it is not there."""
    build = rebuild(program, "-DGGML_VULKAN=on")
    parts = _VULKAN_PARTS.get(hardware.distribution, "")
    return f"{parts} && {build}" if parts and "glslc" not in hardware.compilers else build


def _with(program: Program, switch: str, words: Sequence[str]) -> str:
    if program.system == "Windows":
        line = " ".join(f'"{word}"' if set(word) & set(" >") else word for word in words)
        line = f"& {line}" if line.startswith('"') else line  # as PowerShell runs it
        return f'$env:CMAKE_ARGS="{switch}"; {line}' if switch else line
    line = shlex.join(words)
    return f'CMAKE_ARGS="{switch}" {line}' if switch else line
