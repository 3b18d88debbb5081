"""A store of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_tui.store.store import Store


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where a store's file will be."""
    return tmp_path / "kept" / "conversations.db"


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    store = Store(database)
    yield store
    store.close()
