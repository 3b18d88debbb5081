"""Killed processes, many writers, full disks, damaged files: small runs of what soak tests do.

The long runs are ``uv run pytest -m soak -n 0 tests/store/test_crashes.py``; each part has its own
command too, see the modules that are run here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chat_tui.conversation import user
from chat_tui.store.store import Store

SMALL_AND_LONG = pytest.mark.parametrize(
    "share", [pytest.param(0.005, id="small"), pytest.param(1.0, id="long", marks=pytest.mark.soak)]
)


def figures(module: str, *words: object) -> Any:
    """What a module of this folder prints, run in a process of its own."""
    result = subprocess.run(
        [sys.executable, "-W", "error", "-m", f"tests.store.{module}", *map(str, words)],
        capture_output=True,
        check=False,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    return json.loads(result.stdout)


@SMALL_AND_LONG
@pytest.mark.timeout(3600)
def test_what_was_shown_is_there_after_a_kill(tmp_path: Path, share: float) -> None:
    found = figures("kills", int(1000 * share) or 1, tmp_path)
    assert found["shown"] > 0
    assert (found["missing"], found["unsound"]) == (0, 0)


@SMALL_AND_LONG
@pytest.mark.timeout(3600)
def test_four_processes_write_at_once(tmp_path: Path, share: float) -> None:
    path, writes = tmp_path / "kept" / "conversations.db", int(1500 * share)
    Store(path).close()
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.store.writers", path, str(writes), f"writer {number}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        for number in range(4)
    ]
    ends = [(*process.communicate(), process.returncode) for process in processes]
    assert [(error, code) for _, error, code in ends] == [("", 0)] * 4
    store = Store(path)
    for number, (said, _, _) in enumerate(ends):
        messages = store.load(said.strip()).conversation.messages
        assert messages == tuple(user(f"writer {number} {at}") for at in range(writes))
    store.close()


@SMALL_AND_LONG
@pytest.mark.timeout(3600)
def test_a_full_disk_loses_nothing_and_holds_up_nobody(tmp_path: Path, share: float) -> None:
    found = figures("full_disk", int(200 * share) or 1, tmp_path)
    wrong = {name: count for name, count in found.items() if name not in ("offsets", "unreadable")}
    assert wrong == dict.fromkeys(("lost", "unsound", "silent", "stuck"), 0)


@SMALL_AND_LONG
@pytest.mark.timeout(3600)
def test_a_damaged_file_gives_its_sound_rows_back(tmp_path: Path, share: float) -> None:
    found = figures("damage", int(1000 * share), tmp_path)
    assert found["salvaged"] > 0
    assert found["not_kept"] == 0
    assert found["found"] >= 0.99 * found["intact"]
