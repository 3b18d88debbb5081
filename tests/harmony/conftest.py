"""The vocabulary, unpacked and opened once per worker."""

from __future__ import annotations

import lzma
from pathlib import Path

import pytest

from chat_tui.harmony.vocabulary import RANKS_NAME, Vocabulary

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="session")
def ranks_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("vocabulary") / RANKS_NAME
    path.write_bytes(lzma.decompress((DATA / f"{RANKS_NAME}.xz").read_bytes()))
    return path


@pytest.fixture(scope="session")
def vocabulary(ranks_file: Path) -> Vocabulary:
    return Vocabulary.open(ranks_file)
