"""Engines on servers that are told to the test, with one vocabulary for all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chat_tui.engine.remote.build import engine_at
from chat_tui.engine.remote.engine import RemoteEngine
from chat_tui.harmony.vocabulary import Vocabulary
from tests.engine.remote.stand_in import StandIn
from tests.harmony.conftest import ranks_file, vocabulary  # noqa: F401 - fixtures

Connect = Callable[..., RemoteEngine]


@pytest.fixture
def connect(vocabulary: Vocabulary) -> Iterator[Connect]:  # noqa: F811 - it is that fixture
    """Builds engines for servers or addresses; all are closed in the end."""
    made: list[RemoteEngine] = []

    def build(server: StandIn | str, **options: Any) -> RemoteEngine:
        address = server if isinstance(server, str) else server.address
        options = {"vocabulary": lambda: vocabulary, **options}
        made.append(engine_at(address, **options))
        return made[-1]

    yield build
    for engine in made:
        engine.close()
