"""The one line of a first start, and the table it speaks of."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat_tui.models.catalog import Entry, RemoteFile, catalog, known, outline
from chat_tui.models.discover import Found
from chat_tui.models.offer import offer
from chat_tui.runner.fit import Room, Wish, place

GB = 10**9
SMALL, LARGE = catalog()


def found(name: str, *sizes: int) -> Found:
    return Found(Path(f"/models/{name}.gguf"), "LM Studio", name, sizes)


def test_the_catalog_names_two_models_whole() -> None:
    assert (SMALL.name, LARGE.name) == ("gpt-oss-20b", "gpt-oss-120b")
    for entry in (SMALL, LARGE):
        assert len(entry.revision) == 40
        for file in entry.files:
            assert len(bytes.fromhex(file.sha256)) == 32
            assert file.name.endswith(".gguf")


@pytest.mark.parametrize("entry", [SMALL, LARGE])
def test_what_is_planned_before_a_download_is_near_what_will_be(entry: Entry) -> None:
    plan = outline(entry)
    weights = sum(tensor.size for tensor in plan.header.tensors)
    assert abs(weights - entry.size) < entry.size // 100
    assert place(plan, Room(entry.memory), Wish()).context >= 4096
    assert place(plan, Room(2 * entry.memory), Wish()).context == plan.shape.context


def test_a_model_is_known_by_the_sizes_of_its_files() -> None:
    assert known([file.size for file in LARGE.files], catalog()) == LARGE
    assert known([LARGE.size], catalog()) is None


def test_what_is_here_goes_before_what_could_be_downloaded() -> None:
    line = offer([found("mine", 5 * GB), found("x", SMALL.size)], catalog(), 32 * GB, 900 * GB)
    assert line is not None
    assert "gpt-oss-20b is on this machine (LM Studio, 12.1 GB)" in line
    assert line.endswith("chat-tui models use gpt-oss-20b")


def test_the_largest_that_fits_memory_and_disk_is_offered() -> None:
    assert "pull gpt-oss-120b" in (offer([], catalog(), 80 * GB, 900 * GB) or "")
    assert "pull gpt-oss-20b" in (offer([], catalog(), 80 * GB, 40 * GB) or "")
    assert "pull gpt-oss-20b" in (offer([], catalog(), 16 * GB, 900 * GB) or "")
    assert "pull gpt-oss-120b" in (offer([], catalog(), None, 900 * GB) or "")


def test_nothing_is_offered_that_does_not_fit() -> None:
    assert offer([], catalog(), 8 * GB, 900 * GB) is None
    assert offer([], catalog(), 80 * GB, 10 * GB) is None
    assert offer([found("x", SMALL.size)], catalog(), 8 * GB, 900 * GB) is None


def test_a_name_cannot_act_on_the_terminal() -> None:
    entry = Entry("e", "r", "c", "", GB, 1, 1, (RemoteFile("e.gguf", 1, ""),))
    line = offer([found("a\x1b[2Jb", GB)], [entry], 80 * GB, 0)
    assert line is not None
    assert "\x1b" not in line
