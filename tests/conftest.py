"""What several folders of tests need: a home of their own and small real models."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from chat_tui.paths import Paths

HOME_VARIABLES = ("CONFIG", "DATA", "STATE", "CACHE")


def pytest_configure(config: pytest.Config) -> None:
    """English; and bytecode in the cache where Python was told not to keep any beside the sources.

    Every process of a test would compile the program anew: half of what the small ones cost.
    """
    # What tests read is English, whoever runs them.
    os.environ["LANGUAGE"] = "en"
    cache = getattr(config, "cache", None)
    if sys.dont_write_bytecode and cache:
        folder = str(cache.mkdir("bytecode"))
        sys.pycache_prefix, sys.dont_write_bytecode = folder, False
        os.environ["PYTHONPYCACHEPREFIX"] = folder
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """The folders of a user who has never run the program."""
    return Paths(*(tmp_path / name for name in ("config", "data", "state", "cache", "log")))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same for child processes, which find their folders through the environment."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in HOME_VARIABLES:
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    return tmp_path
