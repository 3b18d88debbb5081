"""A download ends with the right bytes in the shared cache, or says why not and keeps what came."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from chat_tui.errors import ModelFileError
from chat_tui.models.download import pull
from chat_tui.models.hub import Home, already
from chat_tui.models.transfer import Patience
from chat_tui.supply import Phase, Progress
from tests.models.loopback import COMMIT, Line, entry, serving

HASTE = Patience(silence=0.5, tries=3, pause=0.01)
ONE = {"it.gguf": random.Random(1).randbytes(300_000)}
TWO = {f"it-0000{at}-of-00002.gguf": random.Random(at).randbytes(100_000) for at in (1, 2)}


@pytest.fixture(autouse=True)
def offline_from_all_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))


def load(line: Line, cache: Path, **more: Any) -> tuple[Path | None, list[Progress]]:
    told: list[Progress] = []
    files = more.pop("expected", line.files)
    with serving(line) as endpoint:
        path = pull(entry(files), cache, told.append, endpoint=endpoint, patience=HASTE, **more)
    return path, told


def fails(line: Line, cache: Path, words: str, **more: Any) -> ModelFileError:
    with pytest.raises(ModelFileError, match=words) as caught:
        load(line, cache, **more)
    assert caught.value.hint
    return caught.value


def part(cache: Path, files: Mapping[str, bytes] = ONE) -> Path:
    home = Home(cache, entry(files))
    return home.part(entry(files).files[0])


def begun(cache: Path, count: int, files: Mapping[str, bytes] = ONE) -> Path:
    """What an earlier try left behind."""
    path = part(cache, files)
    path.parent.mkdir(parents=True)
    path.write_bytes(next(iter(files.values()))[:count])
    return path


def ranges(line: Line) -> list[str]:
    return [
        headers.get("Range", "")
        for method, path, headers in line.asked
        if method == "GET" and path.startswith("/cdn/")
    ]


def test_all_files_come_to_the_shared_cache(tmp_path: Path) -> None:
    path, told = load(Line(TWO), tmp_path)
    assert path is not None
    assert path.parent.name == COMMIT
    for name, content in TWO.items():
        assert (path.parent / name).read_bytes() == content
    blobs = path.parents[2] / "blobs"
    assert {blob.name for blob in blobs.iterdir()} == {file.sha256 for file in entry(TWO).files}
    assert path.name == "it-00001-of-00002.gguf"
    assert told[-1].done == told[-1].total == 200_000
    assert {one.phase for one in told} == {Phase.ASKING, Phase.LOADING, Phase.CHECKING}


def test_what_is_there_is_not_asked_for_again(tmp_path: Path) -> None:
    load(Line(ONE), tmp_path)
    line = Line(ONE)
    path, _ = load(line, tmp_path)
    assert path is not None
    assert path.read_bytes() == ONE["it.gguf"]
    assert line.asked == []


def test_the_users_token_stays_at_home(tmp_path: Path) -> None:
    line = Line(ONE)
    load(line, tmp_path)
    assert line.asked
    for _, _, headers in line.asked:
        assert "authorization" not in {name.lower() for name in headers}


def test_cuts_are_mended_without_loading_anything_twice(tmp_path: Path) -> None:
    line = Line(ONE, cuts=[100_000, 50_000, 70_000])
    path, told = load(line, tmp_path)
    assert path is not None
    assert path.read_bytes() == ONE["it.gguf"]
    assert ranges(line) == ["", "bytes=100000-", "bytes=150000-", "bytes=220000-"]
    assert told[-1].done == told[-1].total


def test_a_try_goes_on_where_the_last_one_ended(tmp_path: Path) -> None:
    begun(tmp_path, 200_000)
    assert already(entry(ONE), tmp_path) == 200_000
    line = Line(ONE)
    path, told = load(line, tmp_path)
    assert path is not None
    assert path.read_bytes() == ONE["it.gguf"]
    assert ranges(line) == ["bytes=200000-"]
    assert told[0].done == 200_000


def test_a_server_without_ranges_is_put_up_with(tmp_path: Path) -> None:
    begun(tmp_path, 200_000)
    line = Line(ONE, ranges=False, cuts=[250_000])
    path, told = load(line, tmp_path)
    assert path is not None
    assert path.read_bytes() == ONE["it.gguf"]
    assert max(one.done for one in told) == 300_000


def test_a_server_without_ranges_that_always_cuts_is_given_up(tmp_path: Path) -> None:
    line = Line(ONE, ranges=False, cuts=[100_000] * 20)
    fails(line, tmp_path, "does not get on")
    assert len(ranges(line)) <= HASTE.tries + 2


def test_a_silent_line_is_taken_up_again(tmp_path: Path) -> None:
    line = Line(ONE, silent=[120_000])
    path, _ = load(line, tmp_path)
    assert path is not None
    assert ranges(line) == ["", "bytes=120000-"]


def test_a_slow_line_is_no_dead_one(tmp_path: Path) -> None:
    path, told = load(Line(ONE, pause=0.05), tmp_path)
    assert path is not None
    assert Phase.WAITING not in {one.phase for one in told}
    assert any(one.speed > 0 and one.left is not None for one in told)


def test_a_dead_line_is_told_and_what_came_is_kept(tmp_path: Path) -> None:
    error = fails(Line(ONE, cuts=[90_000] + [0] * 20), tmp_path, "does not get on")
    assert "goes on where it stopped" in error.hint
    assert part(tmp_path).stat().st_size == 90_000
    path, _ = load(Line(ONE), tmp_path)
    assert path is not None


def test_a_busy_server_is_asked_again(tmp_path: Path) -> None:
    path, told = load(Line(ONE, answers=[503, 429]), tmp_path)
    assert path is not None
    assert Phase.WAITING in {one.phase for one in told}


def test_wrong_bytes_never_get_a_name(tmp_path: Path) -> None:
    fails(Line(ONE, broken=b"evil"), tmp_path, "damaged on its way")
    assert not part(tmp_path).exists()
    assert not list(tmp_path.rglob("it.gguf"))
    path, _ = load(Line(ONE), tmp_path)
    assert path is not None


def test_another_file_is_refused_before_a_byte_comes(tmp_path: Path) -> None:
    line = Line(ONE, etag="0" * 64)
    fails(line, tmp_path, "another it.gguf")
    fails(Line({"it.gguf": b"short"}), tmp_path, "another it.gguf", expected=ONE)
    assert ranges(line) == []


@pytest.mark.parametrize("etag", ["5f-2", "../../../../evil"])
@pytest.mark.parametrize("links", [True, False])
def test_a_mirror_may_have_names_of_its_own(
    tmp_path: Path, etag: str, links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def symlink_to(*_: object) -> None:
        raise OSError("a required privilege is not held by the client")

    if not links:
        monkeypatch.setattr(Path, "symlink_to", symlink_to)
    cache = tmp_path / "cache"
    path, _ = load(Line(ONE, etag=etag), cache)
    assert path is not None
    assert path.read_bytes() == ONE["it.gguf"]
    assert path.is_symlink() is links
    assert [one.name for one in tmp_path.iterdir()] == ["cache"]
    line = Line(ONE)
    assert load(line, cache)[0] == path
    assert line.asked == []


def test_more_bytes_than_promised_are_refused(tmp_path: Path) -> None:
    fails(Line(ONE, longer=10_000), tmp_path, "more than")


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (401, "", "wants a login"),
        (403, "", "does not allow"),
        (403, "GatedRepo", "does not allow"),
        (404, "RepoNotFound", "does not have it.gguf"),
        (404, "RevisionNotFound", "does not have it.gguf"),
        (404, "EntryNotFound", "does not have it.gguf"),
        (429, "", "busy"),
        (500, "", "error .500."),
    ],
)
def test_refusals_are_told_in_words(tmp_path: Path, status: int, code: str, words: str) -> None:
    fails(Line(ONE, head=status, error_code=code), tmp_path, words)


def test_an_error_in_the_middle_is_told(tmp_path: Path) -> None:
    fails(Line(ONE, answers=[403]), tmp_path, "does not allow")


def test_a_server_that_is_no_hub_is_told(tmp_path: Path) -> None:
    fails(Line(ONE, hub=False), tmp_path, "not answer like Hugging Face")


def test_being_offline_is_told(tmp_path: Path) -> None:
    with serving(Line(ONE)) as endpoint:
        pass  # nobody listens there any more
    with pytest.raises(ModelFileError, match="cannot be reached"):
        pull(entry(ONE), tmp_path, lambda _: None, endpoint=endpoint, patience=HASTE)


def test_a_full_disk_is_seen_before_and_what_is_there_counts(tmp_path: Path) -> None:
    line = Line(ONE)
    spare = (256 << 20) + 150_000
    fails(line, tmp_path, "needs 0.0 GB more", space=lambda _: spare)
    assert line.asked == []
    begun(tmp_path, 200_000)
    path, _ = load(line, tmp_path, space=lambda _: spare)
    assert path is not None


def test_a_disk_that_fills_up_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = begun(tmp_path, 1_000)
    opened = Path.open

    def full(self: Path, *words: Any, **more: Any) -> Any:
        if self == path and words == ("ab",):
            raise OSError(28, "No space left on device")
        return opened(self, *words, **more)

    monkeypatch.setattr(Path, "open", full)
    error = fails(Line(ONE), tmp_path, "is full")
    assert "kept" in error.hint
    assert path.stat().st_size == 1_000


def after(count: int) -> Callable[[], bool]:
    """A wish to stop that comes with the given question."""
    left = iter(range(count))
    return lambda: next(left, None) is None


def test_stopping_leaves_nothing_that_is_in_the_way(tmp_path: Path) -> None:
    path, _ = load(Line(ONE, pause=0.01), tmp_path, stop=after(3))
    assert path is None
    came = part(tmp_path).stat().st_size
    assert 0 < came < 300_000
    line = Line(ONE)
    path, _ = load(line, tmp_path)
    assert path is not None
    assert ranges(line) == [f"bytes={came}-"]


def test_an_interrupt_leaves_nothing_that_is_in_the_way(tmp_path: Path) -> None:
    def hear(progress: Progress) -> None:
        if progress.done > 50_000:
            raise KeyboardInterrupt

    with serving(Line(ONE, pause=0.12)) as endpoint, pytest.raises(KeyboardInterrupt):
        pull(entry(ONE), tmp_path, hear, endpoint=endpoint, patience=HASTE)
    came = part(tmp_path).stat().st_size
    line = Line(ONE)
    path, _ = load(line, tmp_path)
    assert path is not None
    assert ranges(line) == [f"bytes={came}-"]


def test_two_at_once_do_not_write_into_each_other(tmp_path: Path) -> None:
    from filelock import FileLock

    lock = Home(tmp_path, entry(ONE)).lock(entry(ONE).files[0])
    lock.parent.mkdir(parents=True)
    with FileLock(lock):
        fails(Line(ONE), tmp_path, "Another program is downloading")


def test_a_damaged_blob_of_others_is_told_and_left_alone(tmp_path: Path) -> None:
    home = Home(tmp_path, entry(ONE))
    blob = home.blob(entry(ONE).files[0])
    blob.parent.mkdir(parents=True)
    blob.write_bytes(b"short")
    fails(Line(ONE), tmp_path, "is damaged")
    assert blob.read_bytes() == b"short"
