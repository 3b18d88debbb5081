"""The machine is described by sensible numbers, wherever they come from."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chat_tui.runner import machine


def test_there_is_a_core_and_no_more_than_the_system_counts() -> None:
    assert 1 <= machine.physical_cores() <= (os.cpu_count() or 1)


def test_memory_is_bytes() -> None:
    memory = machine.available_memory()
    assert memory is not None
    assert memory > 1 << 20


def test_a_control_group_limits_memory_and_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "_CGROUP", tmp_path)
    (tmp_path / "cpu.max").write_text("100000 100000\n")
    (tmp_path / "memory.max").write_text("5000000\n")
    (tmp_path / "memory.current").write_text("3000000\n")
    (tmp_path / "memory.stat").write_text("anon 5\ninactive_file 1000000\n")
    assert machine.physical_cores() == 1
    assert machine.available_memory() == 3_000_000
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "cpu.max").write_text("max 100000\n")
    assert (machine.available_memory() or 0) > 3_000_000
