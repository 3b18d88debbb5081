"""Which folders a Python interpreter needs in order to start.

Knows prefixes and symbolic links; must not know who wants it started.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

_SYSTEM = (Path("/usr"), Path("/bin"), Path("/lib"), Path("/lib64"), Path("/sbin"))


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python to run code with."""

    executable: str
    folders: tuple[Path, ...]
    """What it reads besides the system's own folders."""


def own() -> Interpreter:
    """The interpreter that runs this program, with the packages that are installed for it."""
    executable = Path(sys.executable)
    found = [Path(sys.prefix), Path(sys.base_prefix)]
    hop = executable
    for _ in range(16):  # a virtual environment's python is a link to a link to ...
        found.append(hop.parent.parent)
        if not hop.is_symlink():
            break
        hop = hop.parent / hop.readlink()
    found += [path.resolve() for path in found]
    kept = dict.fromkeys(path for path in found if path.is_dir() and not _is_system(path))
    return Interpreter(str(executable), tuple(kept))


def _is_system(path: Path) -> bool:
    """Whether a folder is bound anyway, or would bind far too much."""
    home = Path.home()
    if home.is_relative_to(path) or home.resolve().is_relative_to(path.resolve()):
        return True
    return any(path.is_relative_to(system) for system in _SYSTEM)
