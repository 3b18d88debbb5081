"""What is put aside comes back as it was, or not at all."""

from __future__ import annotations

import ctypes
from pathlib import Path

import pytest

from chat_tui.runner.aside import Aside


def block(data: bytes) -> object:
    return (ctypes.c_uint8 * len(data))(*data)


@pytest.mark.parametrize("on_disk", [False, True])
def test_a_state_comes_back_as_it_was(tmp_path: Path, on_disk: bool) -> None:
    aside = Aside(tmp_path / "states" if on_disk else None)
    data = bytes(range(256)) * 9000
    laid = aside.put(block(data))
    assert (aside.free() or 0) > 0
    assert laid is not None
    assert laid.size == len(data)
    assert not list(tmp_path.glob("states/*"))
    for _ in range(2):
        assert bytes(laid.take() or b"") == data
    laid.close()


def test_without_room_nothing_is_put_down(tmp_path: Path) -> None:
    in_the_way = tmp_path / "a file"
    in_the_way.write_bytes(b"")
    aside = Aside(in_the_way)
    assert aside.free() == 0
    assert aside.put(block(b"state")) is None


def test_what_was_lost_on_the_disk_is_not_taken_for_a_state(tmp_path: Path) -> None:
    laid = Aside(tmp_path).put(block(b"a state of some length"))
    assert laid is not None
    laid._file.truncate(5)
    assert laid.take() is None
    laid.close()
