"""A folder for temporary files of tiers that cannot give a process a ``/tmp`` of its own."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path


class TemporaryFolder:
    """A new folder for this user alone; removed by ``close``."""

    def __init__(self) -> None:
        """Make it; OSError where that fails."""
        self.path = Path(tempfile.mkdtemp(prefix="chat-tui-")).resolve()

    def close(self) -> None:
        """Remove it with what is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
