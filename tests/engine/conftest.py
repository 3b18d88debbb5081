"""Engines over small real models, in real child processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chat_tui.engine.client import ChildEngine
from chat_tui.engine.protocol import LoadOptions
from tests.gguf_factory import models_folder, shared_model

models = pytest.fixture(scope="session")(models_folder)

MakeEngine = Callable[..., ChildEngine]


@pytest.fixture(scope="session")
def random_model(models: Path) -> Path:
    """A model whose words make no sense and never end."""
    return shared_model(models)


def one_thread(path: Path, folder: Path, cache: Path, **options: Any) -> ChildEngine:
    """An engine that computes in one thread, because threads that wait for each other are slow
    on a machine where other tests run."""
    memory, states = options.pop("memory", None), options.pop("states", None)
    options = {"context": 2048, "threads": 1, **options}
    log = folder / "logs" / "engine.log"
    return ChildEngine(
        LoadOptions(path, **options), log=log, cache=cache, memory=memory, states=states
    )


@pytest.fixture
def make_engine(models: Path, tmp_path: Path) -> Iterator[MakeEngine]:
    """Builds engines; all are closed in the end."""
    made: list[ChildEngine] = []

    def make(path: Path, **options: Any) -> ChildEngine:
        made.append(one_thread(path, tmp_path, models, **options))
        return made[-1]

    yield make
    for engine in made:
        engine.close()


@pytest.fixture(scope="session")
def engine(
    models: Path, random_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ChildEngine]:
    """An engine that the tests of a worker share: for those that leave it alive."""
    shared = one_thread(random_model, tmp_path_factory.mktemp("engine"), models)
    yield shared
    shared.close()
