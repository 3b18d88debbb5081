"""The tilde of a path.

Knows the operating system only; must not know what lies where.
"""

from __future__ import annotations

import os
from pathlib import Path


def at_home(path: Path | str) -> Path:
    """The path with the home folder in the place of its tilde; as it is where nobody has one.

    ``Path.expanduser`` raises a RuntimeError there, of all things: a name such as ``~nobody/x`` is
    one of a file that is not there, like any other.
    """
    return Path(os.path.expanduser(path))  # noqa: PTH111 - see above
