"""The one line of a first start, and the table it speaks of."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat_tui.models.catalog import Entry, RemoteFile, catalog, known, outline
from chat_tui.models.discover import Found
from chat_tui.models.offer import Machine, offer
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


def text(*arguments: object, **more: object) -> str:
    made = offer(*arguments, **more)  # type: ignore[arg-type]
    return made.text if made else ""


def test_what_is_here_goes_before_what_could_be_downloaded() -> None:
    here = Machine(32 * GB, 900 * GB)
    line = text([found("mine", 5 * GB), found("x", SMALL.size)], catalog(), here)
    assert "gpt-oss-20b is on this machine (LM Studio, 12.1 GB)" in line
    assert line.endswith("chat-tui models use gpt-oss-20b")


def test_the_largest_that_fits_memory_and_disk_is_offered() -> None:
    assert "pull gpt-oss-120b" in text([], catalog(), Machine(80 * GB, 900 * GB))
    assert "pull gpt-oss-20b" in text([], catalog(), Machine(80 * GB, 40 * GB))
    assert "pull gpt-oss-20b" in text([], catalog(), Machine(16 * GB, 900 * GB))
    assert "pull gpt-oss-120b" in text([], catalog(), Machine(None, 900 * GB))


def test_where_nothing_fits_it_says_what_is_missing() -> None:
    little = Machine(8 * GB, 900 * GB)
    line = text([], catalog(), little, "/model")
    assert "gpt-oss-20b does not fit now: it needs" in line
    assert "of memory; 8.0 GB are free: /model" in line
    line = text([], catalog(), Machine(80 * GB, 10 * GB))
    assert "it takes 12.1 GB of disk; 10.0 GB are free: chat-tui models list" in line
    line = text([found("x", SMALL.size)], catalog(), little)
    assert "gpt-oss-20b is on this machine (LM Studio), but needs 13.0 GB of memory; 8.0" in line
    assert offer([], (), little) is None


def test_what_was_hidden_comes_again_only_with_something_new() -> None:
    plenty, little = Machine(32 * GB, 900 * GB), Machine(1 * GB, 900 * GB)
    first, second = found("a", 5 * GB), found("b", 4 * GB)
    hidden: set[str] = set()

    def seen(*models: Found, machine: Machine = plenty) -> bool:
        made = offer(models, catalog(), machine, "", hidden)
        hidden.update(made.marks if made else ())
        return made is not None

    assert [seen(), seen()] == [True, False]  # a download
    assert [seen(first), seen(first)] == [True, False]
    assert not seen()  # the file has gone
    assert [seen(first, second), seen(second), seen(first)] == [True, False, False]
    assert not seen(first, machine=little)  # what was not wanted is not missed either
    third = found("c", 6 * GB)
    assert [seen(third, machine=little), seen(third, machine=little)] == [True, False]
    assert [seen(third), seen(third)] == [True, False]  # it fits now


def test_a_name_cannot_act_on_the_terminal() -> None:
    entry = Entry("e", "r", "c", "", GB, 1, 1, (RemoteFile("e.gguf", 1, ""),))
    line = text([found("a\x1b[2Jb", GB)], [entry], Machine(80 * GB, 0))
    assert "a" in line
    assert "\x1b" not in line
