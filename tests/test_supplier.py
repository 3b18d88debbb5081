"""What can be had on a machine, put together: found, judged, planned, downloaded, chosen."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from chat_tui.demo.embedded import embedded_model
from chat_tui.errors import ModelFileError, UsageError
from chat_tui.memory import Memory
from chat_tui.model_settings import ModelSettings
from chat_tui.models.catalog import catalog
from chat_tui.runner.fit import Room
from chat_tui.settings import Settings
from chat_tui.supplier import Supplier, room_here
from chat_tui.supply import Progress, Supply
from tests.gguf_factory import shared_model, write_gguf
from tests.models.loopback import Line, entry, serving

GB = 10**9


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with the embedded model."""
    cache = tmp_path_factory.mktemp("cache")
    embedded_model(cache)
    return cache


@pytest.fixture
def supply(tmp_path: Path, unpacked: Path) -> Supplier:
    """A machine with nothing on it."""
    return Supplier(
        Settings(),
        Memory(tmp_path / "state" / "remembered.json"),
        unpacked,
        {},
        tmp_path,
        catalog(),
        lambda: Room(16 * GB, (8 * GB,)),
    )


@pytest.fixture
def file(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gpt-oss model in LM Studio's folder."""
    model = shared_model(tmp_path_factory.getbasetemp(), layers=1)
    path = tmp_path / ".lmstudio" / "models" / "me" / "it" / "it.gguf"
    path.parent.mkdir(parents=True)
    path.hardlink_to(model)
    return path


def hear(_: Progress) -> None:
    """Nobody listens."""


def never() -> bool:
    return False


def said(supply: Supplier, way: str = "") -> str:
    """What a first start offers."""
    offer = supply.offer(way)
    return offer.text if offer else ""


def test_an_empty_machine_has_the_catalog_and_the_embedded_model(supply: Supplier) -> None:
    stock = supply.stock()
    small, large, embedded = stock.models
    assert (small.name, large.name, embedded.name) == ("gpt-oss-20b", "gpt-oss-120b", "embedded")
    assert small.path is None
    assert small.fit is not None
    assert small.fit.fits
    assert 0 < small.fit.gpu_layers <= small.fit.layers
    assert large.fit is not None
    assert not large.fit.fits
    assert large.fit.why.startswith("it needs ")
    assert "missing" in large.fit.why
    assert embedded.chosen
    assert "tiny" in embedded.note
    assert "pull gpt-oss-20b" in said(supply)
    assert said(supply, "/model").endswith(" GB to download): /model")


def test_a_model_on_the_disk_is_found_chosen_and_forgotten(supply: Supplier, file: Path) -> None:
    model = supply.find("it")
    assert (model.path, model.source) == (file, "LM Studio")
    assert "use it" in said(supply)
    supply.use(model)
    settings = Settings(model=Path(supply.memory.values["model"]))
    chosen = replace(supply, settings=settings)
    assert [one.name for one in chosen.stock().models if one.chosen] == ["it"]
    assert chosen.offer() is None
    assert supply.forget() == file
    assert supply.forget() is None
    assert file.exists()


def test_a_damaged_file_keeps_its_place_in_the_list_and_is_no_choice(
    supply: Supplier, file: Path
) -> None:
    cut = file.with_name("cut.gguf")
    cut.write_bytes(file.read_bytes()[:-1000])
    write_gguf(file.with_name("other.gguf"), {"general.architecture": "llama"}, {})
    stock = supply.stock()
    (broken,) = (one for one in stock.models if one.name == "cut")
    assert "not whole" in broken.problem
    assert [one.path.name for one in stock.passed_over] == ["other.gguf"]
    with pytest.raises(ModelFileError, match="not whole"):
        supply.use(broken)
    assert "model" not in supply.memory.values


def test_names_are_made_unique_by_paths(supply: Supplier, file: Path, tmp_path: Path) -> None:
    again = tmp_path / "mine" / "it.gguf"
    again.parent.mkdir()
    again.write_bytes(file.read_bytes())
    both = replace(supply, settings=Settings(models=ModelSettings(folders=(again.parent,))))
    with pytest.raises(UsageError, match="several"):
        both.find("it")
    assert both.find(str(again)).source == "your folders"
    with pytest.raises(UsageError, match="no model other"):
        both.find("other")


def test_who_chose_the_embedded_model_is_offered_nothing(supply: Supplier) -> None:
    supply.use(supply.find("embedded"))
    assert supply.offer() is None
    kept = supply.forget()
    assert kept is not None
    assert kept.exists()
    assert supply.offer() is not None


def test_what_was_hidden_is_not_offered_again_until_there_is_something_new(
    supply: Supplier, tmp_path: Path
) -> None:
    first = supply.offer()
    assert first is not None
    supply.hide(first)
    again = replace(supply, memory=Memory(tmp_path / "state" / "remembered.json"))
    assert again.offer() is None
    new = tmp_path / ".lmstudio" / "models" / "new.gguf"
    new.parent.mkdir(parents=True)
    write_gguf(new, {"general.architecture": "gpt-oss"}, {})
    second = again.offer()
    assert second is not None
    assert second.text.startswith("new is on this machine")
    again.hide(second)
    assert again.offer() is None


def test_a_file_anywhere_can_be_named(supply: Supplier, file: Path, tmp_path: Path) -> None:
    elsewhere = file.rename(tmp_path / "elsewhere.gguf")
    model = supply.find(str(elsewhere))
    supply.use(model)
    assert supply.memory.values["model"] == str(elsewhere)


def test_checking_tells_what_a_hash_is_held_against(supply: Supplier, file: Path) -> None:
    said = supply.check(supply.find("it"), hear, never)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert "no published sha256" in said
    assert digest in said
    blob = file.parent / "blobs" / f"sha256-{digest}"
    blob.parent.mkdir()
    file.rename(blob)
    link = file.with_name("linked.gguf")
    link.symlink_to(blob)
    assert "its cache names it by" in supply.check(supply.find("linked"), hear, never)
    blob.rename(blob.with_name("0" * 64))
    link.unlink()
    link.symlink_to(blob.with_name("0" * 64))
    with pytest.raises(ModelFileError, match="not what it should be"):
        supply.check(supply.find("linked"), hear, never)


def test_the_embedded_model_is_checked_by_its_own_hash(supply: Supplier, tmp_path: Path) -> None:
    embedded = supply.find("embedded")
    assert "comes with chat-tui" in supply.check(embedded, hear, never)
    whole = embedded_model(supply.cache)
    path = tmp_path / whole.name
    content = bytearray(whole.read_bytes())
    content[-1000] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match="damaged"):
        supply.check(replace(embedded, path=path), hear, never)


def test_a_download_comes_from_the_mirror_and_can_be_used(
    supply: Supplier, file: Path, tmp_path: Path
) -> None:
    content = {"it.gguf": file.read_bytes()}
    file.unlink()
    line = Line(content)
    with serving(line) as mirror:
        settings = Settings(models=ModelSettings(mirror=mirror))
        mirrored = replace(supply, settings=settings, entries=(entry(content),))
        model = mirrored.find("it")
        assert model.path is None
        path = mirrored.pull(model, hear, never)
    assert path is not None
    assert tmp_path / ".cache" / "huggingface" / "hub" in path.parents
    model = mirrored.find("it")
    assert (model.path, model.source) == (path, "Hugging Face cache")
    assert "as published" in mirrored.check(model, hear, never)
    mirrored.use(model)


def test_the_environments_endpoint_is_asked_where_no_mirror_is_set(supply: Supplier) -> None:
    content = {"it.gguf": b"123"}
    line = Line(content, head=404)
    with serving(line) as endpoint:
        asking = replace(supply, environment={"HF_ENDPOINT": endpoint}, entries=(entry(content),))
        model = next(one for one in asking.stock().models if one.path is None)
        with pytest.raises(ModelFileError, match=r"does not have it\.gguf"):
            asking.pull(model, hear, never)
    assert line.asked


def test_this_machines_room_is_asked_in_a_process_of_its_own() -> None:
    room = room_here()
    assert room.memory is None or room.memory > 0
    json.dumps(room.devices)


def test_it_is_what_faces_expect(supply: Supplier) -> None:
    face: Supply = supply
    assert face.forget() is None
