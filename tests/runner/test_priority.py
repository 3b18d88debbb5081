"""The process that computes lets the interface go first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CODE = """
import os
from pathlib import Path
from chat_tui.runner.__main__ import step_back
before = os.nice(0)
step_back()
group = Path("/proc/self/autogroup")
print(os.nice(0) - before, group.read_text() if group.exists() else "none")
"""


def test_it_is_less_urgent_by_itself_and_as_a_session() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        capture_output=True,
        text=True,
        check=True,
        start_new_session=True,
    )
    lower, group = done.stdout.split(maxsplit=1)
    assert int(lower) == 5
    if Path("/proc/self/autogroup").exists():
        assert group.split()[-1] == "5"
    else:
        assert group.strip() == "none"
