"""``python -m chat_tui.runner.about``: what llama.cpp was built for and what it finds, as JSON.

A line for each step, the harmless ones first: a driver or a library that takes the process along
leaves what was said before. Keys are those of ``chat_tui.doctor.facts.Runner``.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from chat_tui.errors import LoadError
from chat_tui.language import _, choose
from chat_tui.runner import machine
from chat_tui.runner.llama import bindings

_KINDS = {0: "cpu", 1: "gpu", 2: "igpu", 3: "accel"}  # enum ggml_backend_dev_type
_FEATURE = re.compile(r"(?:^|: |\| )([A-Z0-9_]+) = ([^|]+)")


def features(system: str) -> tuple[str, ...]:
    """The names in ``CPU : AVX2 = 1 | FMA = 0 | …`` that are switched on."""
    return tuple(name for name, value in _FEATURE.findall(system) if value.strip() != "0")


def steps() -> Iterator[Mapping[str, Any]]:
    """What is found out, one thing after the other."""
    yield {
        "cores": machine.physical_cores(),
        "threads": os.cpu_count() or 0,
        "memory": machine.available_memory(),
        "memory_total": machine.granted_memory(),
    }
    try:
        yield {"binding": version("llama_cpp_python")}
    except PackageNotFoundError:
        yield {"problem": _("llama-cpp-python is not installed.")}
        return
    try:
        lib: Any = bindings()
        yield {"llama": _text(getattr(lib, "llama_version", bytes)())}
        lib.llama_backend_init()
        yield {
            "features": features(_text(lib.llama_print_system_info())),
            "offload": bool(lib.llama_supports_gpu_offload()),
        }
        yield from _registry(importlib.import_module("llama_cpp._ggml").libggml)
    except (LoadError, ImportError, OSError, RuntimeError, AttributeError) as error:
        yield {"problem": _("llama.cpp could not be asked: {error}").format(error=error)}


def _registry(ggml: Any) -> Iterator[Mapping[str, Any]]:
    """Backends and devices, as ggml-backend.h declares them."""
    for name in ("ggml_backend_reg_count", "ggml_backend_dev_count"):
        getattr(ggml, name).restype = ctypes.c_size_t
    for name in ("ggml_backend_reg_get", "ggml_backend_dev_get", "ggml_backend_dev_backend_reg"):
        getattr(ggml, name).restype = ctypes.c_void_p
    for name in ("ggml_version", "ggml_backend_reg_name", "ggml_backend_dev_description"):
        getattr(ggml, name).restype = ctypes.c_char_p
    yield {"ggml": _text(ggml.ggml_version())}
    backends = []
    for at in range(ggml.ggml_backend_reg_count()):
        entry = ctypes.c_void_p(ggml.ggml_backend_reg_get(ctypes.c_size_t(at)))
        backends.append(_text(ggml.ggml_backend_reg_name(entry)))
    yield {"backends": backends}
    devices = []
    for at in range(ggml.ggml_backend_dev_count()):
        device = ctypes.c_void_p(ggml.ggml_backend_dev_get(ctypes.c_size_t(at)))
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        ggml.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
        entry = ctypes.c_void_p(ggml.ggml_backend_dev_backend_reg(device))
        devices.append(
            {
                "name": _text(ggml.ggml_backend_dev_description(device)),
                "backend": _text(ggml.ggml_backend_reg_name(entry)),
                "kind": _KINDS.get(ggml.ggml_backend_dev_type(device), "accel"),
                "free": int(free.value),
                "total": int(total.value),
            }
        )
    yield {"devices": devices}


def _text(value: bytes | None) -> str:
    return (value or b"").decode("utf-8", "replace").strip()


def main() -> None:
    """Print it; whatever a driver writes to standard output goes to standard error."""
    choose()
    answer = os.dup(1)
    os.dup2(2, 1)
    for found in steps():
        os.write(answer, json.dumps(found).encode() + b"\n")


if __name__ == "__main__":
    main()
