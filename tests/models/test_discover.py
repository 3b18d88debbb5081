"""Models that are on the disk already are found where they lie; all else has a reason."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from chat_tui.models.discover import Discovery, discover
from chat_tui.models.places import Layout, Place, hub_cache, places
from tests.gguf_factory import value, write_gguf

GPT_OSS = {"general.architecture": "gpt-oss", "general.name": "small"}


def gguf(path: Path, metadata: Mapping[str, Any] = GPT_OSS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_gguf(path, metadata, {"one": ((4,), "F32", bytes(16))})


def look(*where: Place) -> Discovery:
    return discover(where)


def names(found: Discovery) -> list[str]:
    return [model.name for model in found.found]


def reasons(found: Discovery) -> str:
    return "\n".join(f"{one.path.name}: {one.reason}" for one in found.passed_over)


def test_models_are_judged_by_what_is_in_them(tmp_path: Path) -> None:
    gguf(tmp_path / "a" / "b" / "anything.GGUF")
    gguf(tmp_path / "gpt-oss-20b.gguf", {"general.architecture": "llama"})
    gguf(tmp_path / "nameless.gguf", {"a": 1})
    found = look(Place("here", tmp_path))
    assert names(found) == ["anything"]
    assert "gpt-oss-20b.gguf: It holds a model of the architecture 'llama'" in reasons(found)
    assert "nameless.gguf: It does not say" in reasons(found)


def test_jan_names_the_folder_and_calls_each_file_model(tmp_path: Path) -> None:
    gguf(tmp_path / "gpt-oss-20b" / "model.gguf")
    gguf(tmp_path / "named" / "models.gguf", {**GPT_OSS, "general.name": "other"})
    assert names(look(Place("Jan", tmp_path))) == ["gpt-oss-20b", "models"]


def test_a_hub_cache_names_each_blob_once(tmp_path: Path) -> None:
    repository = tmp_path / "models--me--it-GGUF"
    blob = gguf(repository / "blobs" / "0123")
    for commit in ("aaa", "bbb"):
        link = repository / "snapshots" / commit / "it.gguf"
        link.parent.mkdir(parents=True)
        link.symlink_to(os.path.relpath(blob, link.parent))
    gguf(tmp_path / "datasets--me--it" / "snapshots" / "aaa" / "no.gguf")
    found = look(Place("hub", tmp_path, Layout.HUB))
    assert names(found) == ["it"]
    assert found.found[0].path.parent.name == "aaa"
    assert found.passed_over == ()


def test_a_split_model_is_one(tmp_path: Path) -> None:
    first = gguf(tmp_path / "big-00001-of-00003.gguf")
    for number in (2, 3):
        gguf(tmp_path / f"big-0000{number}-of-00003.gguf", {"split.no": value("u16", number - 1)})
    found = look(Place("here", tmp_path))
    (big,) = found.found
    assert (big.name, big.path, len(big.sizes)) == ("big", first, 3)
    assert big.size == sum(path.stat().st_size for path in tmp_path.iterdir())
    assert found.passed_over == ()
    first.unlink()
    found = look(Place("here", tmp_path))
    assert names(found) == []
    assert len(found.passed_over) == 2


def test_a_split_model_without_a_part_is_none(tmp_path: Path) -> None:
    gguf(tmp_path / "big-00001-of-00002.gguf")
    found = look(Place("here", tmp_path))
    assert names(found) == []
    assert "missing" in reasons(found)


def test_damage_and_traps_are_passed_over_with_a_reason(tmp_path: Path) -> None:
    good = gguf(tmp_path / "m" / "good.gguf")
    (tmp_path / "m" / "loop").symlink_to(tmp_path / "m", target_is_directory=True)
    (tmp_path / "m" / "dead.gguf").symlink_to(tmp_path / "nowhere.gguf")
    (tmp_path / "m" / "again.gguf").symlink_to(good)
    (tmp_path / "m" / "cut.gguf").write_bytes(good.read_bytes()[:40])
    (tmp_path / "m" / "empty.gguf").write_bytes(b"")
    (tmp_path / "m" / "page.gguf").write_bytes(b"<!doctype html>" + bytes(100))
    (tmp_path / "m" / "huge.gguf").write_bytes(b"GGUF\3\0\0\0" + b"\xff" * 100_000)
    (tmp_path / "m" / "folder.gguf").mkdir()
    os.mkfifo(tmp_path / "m" / "pipe.gguf")
    found = look(Place("here", tmp_path / "m"), Place("again", tmp_path / "m"))
    assert len(found.found) == 1
    told = reasons(found)
    for name in ("dead", "cut", "empty", "page", "huge", "pipe"):
        assert f"{name}.gguf: " in told
    assert len(found.passed_over) == 6


def test_a_folder_that_may_not_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    gguf(tmp_path / "open.gguf")
    real = os.listdir

    def listdir(path: Path) -> list[str]:
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "listdir", listdir)  # root may read everything
    found = look(Place("here", tmp_path))
    assert names(found) == ["open"]
    assert "permission denied" in reasons(found)


def manifest(store: Path, name: str, content: bytes) -> None:
    path = store / "manifests" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def layers(digest: str) -> bytes:
    kind = "application/vnd.ollama.image.model"
    other = {"mediaType": "application/vnd.ollama.image.license", "digest": "sha256:0"}
    return json.dumps({"layers": [other, {"mediaType": kind, "digest": digest}]}).encode()


def test_ollamas_models_are_found_through_their_manifests(tmp_path: Path) -> None:
    own = {"general.architecture": "gptoss"}
    for name, metadata in (("mine/it/latest", GPT_OSS), ("library/gpt-oss/20b", own)):
        aside = gguf(tmp_path / "blobs" / "aside", metadata)
        digest = hashlib.sha256(aside.read_bytes()).hexdigest()
        aside.rename(aside.with_name(f"sha256-{digest}"))
        manifest(tmp_path, f"registry.ollama.ai/{name}", layers(f"sha256:{digest}"))
    manifest(tmp_path, "registry.ollama.ai/library/gone/1b", layers("sha256:" + "0" * 64))
    manifest(tmp_path, "registry.ollama.ai/library/evil/1b", layers("../../etc/passwd"))
    manifest(tmp_path, "registry.ollama.ai/library/odd/1b", b"[" * 100_000)
    manifest(tmp_path, "registry.ollama.ai/library/list/1b", b"[]")
    found = look(Place("Ollama", tmp_path, Layout.OLLAMA))
    assert names(found) == ["mine/it:latest"]
    told = reasons(found)
    assert "Ollama's own arrangement" in told
    assert "gone:1b is not there" in told
    assert "names no file" in told
    assert len(found.passed_over) == 5


def test_the_places_follow_the_environment() -> None:
    home = Path("/home/me")
    assert hub_cache({}, home) == home / ".cache/huggingface/hub"
    assert hub_cache({"XDG_CACHE_HOME": "/c"}, home) == Path("/c/huggingface/hub")
    assert hub_cache({"HF_HOME": "/h"}, home) == Path("/h/hub")
    assert hub_cache({"HF_HOME": "/h", "HF_HUB_CACHE": "/x"}, home) == Path("/x")
    environment = {"LLAMA_CACHE": "/l", "OLLAMA_MODELS": "/o"}
    named = {place.folder for place in places(environment, home, "linux", [Path("/mine")])}
    assert {Path("/mine"), Path("/l"), Path("/o"), home / ".lmstudio/models"} <= named
    mac = {place.folder for place in places({}, home, "darwin")}
    assert home / "Library/Caches/llama.cpp" in mac
    assert home / "Library/Application Support/Jan/data" in mac


def test_places_that_are_not_there_are_no_news(tmp_path: Path) -> None:
    found = discover(places({}, tmp_path, "darwin"))
    assert found == Discovery((), ())
