"""The machine is described by sensible numbers, wherever they come from."""

from __future__ import annotations

import mmap
import os
import re
import sys
from pathlib import Path

import pytest

from chat_tui.runner import machine


def test_there_is_a_core_and_no_more_than_the_system_counts() -> None:
    assert 1 <= machine.physical_cores() <= (os.cpu_count() or 1)


def test_memory_is_bytes() -> None:
    memory = machine.available_memory()
    assert memory is not None
    assert memory > 1 << 20


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tree of control groups, none of which says anything yet."""
    monkeypatch.setattr(machine, "_CGROUP", tmp_path)
    monkeypatch.setattr(machine, "_OWN_CGROUPS", tmp_path / "own")
    return tmp_path


def limit(folder: Path, **values: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in values.items():
        (folder / name.replace("__", ".")).write_text(f"{value}\n")


def test_a_control_group_limits_memory_and_cores(groups: Path) -> None:
    (groups / "own").write_text("0::/\n")
    limit(
        groups,
        cpu__max="100000 100000",
        memory__max="5000000",
        memory__current="3000000",
        memory__stat="anon 5\ninactive_file 1000000",
    )
    assert machine.physical_cores() == 1
    assert machine.available_memory() == 3_000_000
    assert machine.granted_memory() == 5_000_000
    limit(groups, memory__max="max", cpu__max="max 100000")
    assert (machine.available_memory() or 0) > 3_000_000
    assert (machine.granted_memory() or 0) > 5_000_000


def test_the_narrowest_of_nested_groups_binds(groups: Path) -> None:
    (groups / "own").write_text("0::/user/app\n")
    limit(groups / "user", memory__max="5000000", memory__current="4000000")
    limit(groups / "user" / "app", memory__max="9000000", memory__current="10", cpu__max="1 1")
    assert machine.available_memory() == 1_000_000
    assert machine.physical_cores() == 1


def test_control_groups_of_version_1_bind_too(groups: Path) -> None:
    (groups / "own").write_text("4:memory:/app\n2:cpu,cpuacct:/app\n0::/\n")
    limit(
        groups / "memory" / "app",
        memory__limit_in_bytes="5000000",
        memory__usage_in_bytes="3000000",
        memory__stat="inactive_file 1\ntotal_inactive_file 500000",
    )
    limit(groups / "cpu" / "app", cpu__cfs_quota_us="50000", cpu__cfs_period_us="100000")
    assert machine.available_memory() == 2_500_000
    assert machine.physical_cores() == 1
    limit(groups / "cpu" / "app", cpu__cfs_quota_us="-1")
    assert machine.physical_cores() >= 1


def test_mapped_pages_are_given_back_and_come_back(tmp_path: Path) -> None:
    path = tmp_path / "weights"
    content = bytes(range(256)) * 4096
    path.write_bytes(content)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert mapped[:] == content
        machine.give_back((str(path),))
        if sys.platform == "linux":
            assert _resident(path) == 0
        assert mapped[:] == content


def _resident(path: Path) -> int:
    """Kilobytes of a mapped file that count as this process's memory."""
    _, _, rest = Path("/proc/self/smaps").read_text().partition(f" {path}\n")
    return int(re.search(r"^Rss:\s+(\d+) kB", rest, re.MULTILINE)[1])  # type: ignore[index]
