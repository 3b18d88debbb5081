"""Small real models inside the test's own process, where every state can be looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chat_tui.harmony.prompt import Renderer
from chat_tui.harmony.vocabulary import Vocabulary, ranks_from_model
from chat_tui.runner.ahead import turn_header
from chat_tui.runner.flag import Flag
from chat_tui.runner.generation import Speaker
from chat_tui.runner.llama import Llama
from chat_tui.runner.reader import Reader
from tests.gguf_factory import models_folder, shared_model

models = pytest.fixture(scope="session")(models_folder)

WINDOW = 128

MakeSpeaker = Callable[..., Speaker]


@pytest.fixture(scope="session")
def vocabulary(models: Path) -> Vocabulary:
    return Vocabulary.open(ranks_from_model(shared_model(models), models))


@pytest.fixture(scope="session")
def make_speaker(models: Path, vocabulary: Vocabulary) -> Iterator[MakeSpeaker]:
    """Loads a model of a shape once a worker; its cache holds what the last test left."""
    made: dict[str, Speaker] = {}

    def make(*, context: int = 4096, **shape: Any) -> Speaker:
        path = shared_model(models, **shape)
        key = f"{path} {context}"
        if key not in made:
            llama = Llama(Flag(), lambda _line: None)
            llama.load(
                str(path), context=context, threads=1, gpu_layers=0, progress=lambda _fraction: None
            )
            reader = Reader(llama, WINDOW, turn_header(vocabulary))
            made[key] = Speaker(llama, vocabulary, Renderer(vocabulary), reader)
        return made[key]

    yield make
    for speaker in made.values():
        speaker.llama.close()
