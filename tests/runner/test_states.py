"""State files: what was written comes back or nothing does, and the folder stays small."""

from __future__ import annotations

import ctypes
import json
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat_tui.runner.cache import digests
from chat_tui.runner.states import FORMAT, States, model_hash

MODEL = "a1b2c3d4e5f6" + "0" * 20
TOKENS = list(range(1000, 1300))
Make = Callable[..., States]


def state(size: int = 5000) -> ctypes.Array[ctypes.c_uint8]:
    return (ctypes.c_uint8 * size)(*(at % 251 for at in range(size)))


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[States] = []

    def make_states(model: str = MODEL, engine: str = "e", limit: int | None = 1 << 30) -> States:
        made.append(States(tmp_path / "states", model, engine, limit))
        return made[-1]

    yield make_states
    for one in made:
        one.close()


def saved(states: States, tokens: list[int] = TOKENS, *, preface: bool = False) -> Path:
    """The file of tokens that are saved now."""
    states.save(tokens, state(), preface=preface)
    assert states.finish(60)
    digest = digests(tokens, [len(tokens)])[len(tokens)]
    (path,) = [one.path for one in states.kept() if one.digest == digest]
    return path


def test_what_was_saved_comes_back_in_the_next_process(make: Make) -> None:
    path = saved(make())
    (kept,) = make().kept()
    assert (kept.path, kept.count, kept.preface) == (path, len(TOKENS), False)
    content = make().load(kept)
    assert content is not None
    assert content.tokens == TOKENS
    assert bytes(content.state) == bytes(state())


def test_files_are_private_and_nothing_is_left_beside_them(make: Make) -> None:
    path = saved(make())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_a_conversation_that_went_on_replaces_what_it_was(make: Make) -> None:
    states = make()
    tools = saved(states, TOKENS[:50], preface=True)
    shorter = saved(states, TOKENS[:100])
    other = saved(states, [*TOKENS[:100], 1])
    longer = saved(states)
    assert {one.path for one in states.kept()} == {tools, other, longer}
    assert not shorter.exists()


def test_the_least_recently_used_goes_first(make: Make) -> None:
    probe = saved(make())
    size = probe.stat().st_size
    probe.unlink()
    states = make(limit=3 * size + 100)
    paths = []
    for number in range(3):
        paths.append(saved(states, [number, *TOKENS[1:]]))
        os.utime(paths[-1], (number, number))
    first = next(one for one in states.kept() if one.path == paths[0])
    assert states.load(first) is not None
    saved(states, [3, *TOKENS[1:]])
    assert [path.exists() for path in paths] == [True, False, True]
    assert len(states.kept()) == 3
    states.save(TOKENS, state(4 * size), preface=False)  # larger than the whole folder may be
    assert states.finish(60)
    assert len(states.kept()) == 3


def test_without_a_limit_the_free_disk_decides(make: Make) -> None:
    assert saved(make(limit=None)).exists()


def test_files_of_other_models_are_neither_used_nor_touched(make: Make) -> None:
    path = saved(make())
    assert make(model="b" * 32).kept() == []
    assert path.exists()


@pytest.mark.parametrize("change", [{"model": MODEL[:12] + "1" * 20}, {"engine": "f"}])
def test_files_of_another_version_are_removed(make: Make, change: dict[str, str]) -> None:
    path = saved(make())
    assert make(**change).kept() == []
    assert not path.exists()


def test_files_of_a_newer_format_are_left_to_a_newer_version(make: Make) -> None:
    path = saved(make())
    head, rest = path.read_bytes().split(b"\n", 1)
    fields = json.loads(head) | {"chat-tui state": FORMAT + 1}
    path.write_bytes(json.dumps(fields).encode() + b"\n" + rest)
    assert make().kept() == []
    assert path.exists()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_no_damage_is_ever_loaded(make: Make, data: st.DataObject) -> None:
    path = saved(make())
    content = bytearray(path.read_bytes())
    how = data.draw(st.sampled_from(["flip", "cut", "grow", "replace"]))
    at = data.draw(st.integers(0, len(content) - 1))
    if how == "flip":
        content[at] ^= data.draw(st.integers(1, 255))
    elif how == "cut":
        del content[at:]
    elif how == "grow":
        content += b"x"
    else:
        content[:] = data.draw(st.binary(max_size=500))
    path.write_bytes(content)
    states = make()
    assert [states.load(kept) for kept in states.kept()] in ([], [None])
    left = make().kept()
    states.close()
    assert left == []
    # Only a change that makes it look newer leaves it lying about.
    if path.exists():
        assert json.loads(bytes(content).split(b"\n", 1)[0])["chat-tui state"] > FORMAT
        path.unlink()


def test_a_file_that_changes_after_the_look_is_not_loaded(make: Make) -> None:
    states = make()
    path = saved(states)
    (kept,) = states.kept()
    path.write_bytes(b"{}\n")
    assert states.load(kept) is None
    assert (states.kept(), path.exists()) == ([], False)
    assert states.load(kept) is None  # it is gone, as another process may have made it


def test_a_folder_that_cannot_be_written_costs_nothing_but_the_file(
    make: Make, tmp_path: Path
) -> None:
    (tmp_path / "states").write_text("a file")
    states = make()
    states.save(TOKENS, state(), preface=False)
    assert states.finish(60)
    assert states.kept() == []


def test_links_and_half_written_files_are_not_followed(make: Make, tmp_path: Path) -> None:
    path = saved(make())
    target = path.rename(tmp_path / "elsewhere")
    path.symlink_to(target)
    old, young = path.with_suffix(".1.tmp"), path.with_suffix(".2.tmp")
    for one in (old, young):
        one.write_bytes(b"half")
    os.utime(old, (0, 0))
    assert make().kept() == []
    assert (target.exists(), old.exists(), young.exists()) == (True, False, True)


def test_models_are_told_apart_by_size_time_and_content(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(bytes(300_000))
    os.utime(path, (1, 1))
    first = model_hash([path])
    assert model_hash([path]) == first
    os.utime(path, (2, 2))
    touched = model_hash([path])
    path.write_bytes(bytes(299_999) + b"x")
    os.utime(path, (2, 2))
    assert len({first, touched, model_hash([path])}) == 3
