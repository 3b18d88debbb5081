"""The model that comes with the program is unpacked whole, once, and is what its hash says."""

from __future__ import annotations

import hashlib
import os
from argparse import Namespace
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

import pytest

from chat_tui.composition import Setup
from chat_tui.demo.embedded import embedded_model, embedded_path
from chat_tui.demo.taught import METADATA_KEY
from chat_tui.errors import ModelFileError
from chat_tui.keys import COMMANDS, KEYS
from chat_tui.memory import Memory
from chat_tui.models.gguf import read_header
from chat_tui.models.gpt_oss import check_gpt_oss
from chat_tui.paths import Paths
from chat_tui.settings import Settings


def test_it_is_a_complete_model_and_the_one_that_was_packed(tmp_path: Path) -> None:
    path = embedded_model(tmp_path)
    expected = (files("chat_tui.demo") / "model.sha256").read_text().split()[0]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == expected
    assert check_gpt_oss(path).shape.layers > 0


def test_it_speaks_of_no_key_that_the_app_does_not_bind(tmp_path: Path) -> None:
    taught = read_header(embedded_model(tmp_path)).metadata[METADATA_KEY]
    assert isinstance(taught, str)
    bound = {*(key.shown for key in KEYS.values()), *(c.shown for c in COMMANDS.values())}
    assert "Ctrl+O" in taught.split()
    assert set(taught.split()) <= bound


def test_it_is_unpacked_once_and_older_ones_go(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "chat-tui-demo-000000000000.gguf").write_bytes(b"older")
    (folder / "chat-tui-demo-000000000000.77.tmp").write_bytes(b"left by one that was killed")
    os.utime(folder / "chat-tui-demo-000000000000.77.tmp", (0, 0))
    at_work = folder / "chat-tui-demo-111111111111.88.tmp"
    at_work.write_bytes(b"being unpacked by another process")
    (folder / "somebody-elses.gguf").write_bytes(b"kept")
    with ThreadPoolExecutor(2) as pool:
        path, other = pool.map(embedded_model, [tmp_path, tmp_path])
    assert path == other == embedded_path(tmp_path)
    written = path.stat().st_mtime_ns
    assert embedded_model(tmp_path) == path
    assert path.stat().st_mtime_ns == written
    kept = {path.name, at_work.name, "somebody-elses.gguf"}
    assert {found.name for found in folder.iterdir()} == kept


def test_where_it_cannot_be_unpacked_is_told(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("in the way")
    with pytest.raises(ModelFileError, match="cannot be unpacked") as caught:
        embedded_model(tmp_path)
    assert "--model" in caught.value.hint


def test_its_engine_unpacks_it_when_it_is_loaded_and_not_before(tmp_path: Path) -> None:
    paths = Paths(*[tmp_path / name for name in ("config", "data", "state", "cache", "log")])
    setup = Setup(paths, Settings(), Memory(paths.remembered), Namespace())
    engine = setup.engine()
    assert not list(tmp_path.rglob("chat-tui-demo-*"))
    paths.cache.mkdir()
    (paths.cache / "models").write_text("in the way")
    with pytest.raises(ModelFileError, match="cannot be unpacked"):
        next(engine.load())
