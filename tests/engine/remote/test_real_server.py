"""The server of llama-cpp-python itself, on loopback, with the embedded model.

It reads the prompt with llama.cpp's tokenizer and writes text; what comes of it here has to be,
token for token, what the local engine makes of the same conversation.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from datetime import date
from pathlib import Path

import pytest

from chat_tui.conversation import Effort, FunctionSpec, Message, Prompt, ToolSpec, user
from chat_tui.demo.embedded import embedded_model
from chat_tui.engine.client import ChildEngine
from chat_tui.engine.protocol import Cancel, Engine, GenerateOptions, LoadOptions, Sampling
from chat_tui.errors import PromptTooLong
from chat_tui.events import Loaded, MessageCompleted
from chat_tui.session.turn import Decision, Seams, Verdict, run_turn
from tests.engine.conftest import models  # noqa: F401 - a fixture
from tests.engine.remote.conftest import Connect
from tests.engine.remote.test_servers import Weather, completed

CONTEXT = 1024
LIKELIEST = GenerateOptions(Sampling(temperature=0.0), max_tokens=200)
GET_WEATHER = FunctionSpec(
    "get_weather",
    "The weather in a city.",
    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)
QUESTIONS = ("My name is Ada, hello 👋🏽!", "What is the capital of Peru?")


@pytest.fixture(scope="session")
def model(models: Path) -> Path:  # noqa: F811 - it is that fixture
    return embedded_model(models)


@pytest.fixture(scope="session")
def served(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the server; it is started once and ends with the tests."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = ["--model", str(model), "--n_ctx", str(CONTEXT), "--n_threads", "1"]
    words += ["--n_threads_batch", "1", "--host", "127.0.0.1", "--port", str(port)]
    log = tmp_path_factory.mktemp("server") / "log"
    command = [sys.executable, "-m", "llama_cpp.server", *words, "--verbose", "False"]
    with log.open("wb") as said, subprocess.Popen(command, stdout=said, stderr=said) as process:
        try:
            while not _listens(port):
                assert process.poll() is None, log.read_text(errors="replace")[-2000:]
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


@pytest.fixture(scope="session")
def here(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChildEngine]:
    options = LoadOptions(model, context=CONTEXT, threads=1)
    log = tmp_path_factory.mktemp("here") / "log"
    with closing(ChildEngine(options, log=log, cache=model.parents[1])) as engine:
        yield engine


def conversation(engine: Engine, questions: Sequence[str]) -> tuple[Message, ...]:
    """What is said, question by question."""
    said: tuple[Message, ...] = ()
    for question in questions:
        said = (*said, user(question))
        prompt = Prompt(said, Effort.LOW, date(2026, 1, 2), instructions="Be brief.")
        events = engine.generate(prompt, LIKELIEST, Cancel())
        said += tuple(one.message for one in events if isinstance(one, MessageCompleted))
    return said


def test_a_conversation_is_the_same_there_and_here(
    served: str, here: ChildEngine, connect: Connect
) -> None:
    there = conversation(connect(served), QUESTIONS)
    assert len(there) == 6  # question, reasoning, answer
    assert all(message.tokens for message in there if message.channel)
    assert not any(message.repairs for message in there)
    assert there == conversation(here, QUESTIONS)


def test_a_tool_is_called_answered_and_told_of_as_it_is_here(
    served: str, here: ChildEngine, connect: Connect
) -> None:
    prompt = Prompt((user("What is the weather in Lima?"),), Effort.LOW, date(2026, 1, 2))
    turns = []
    for engine in (connect(served), here):
        weather = Weather()
        weather.specs = (ToolSpec("functions", (GET_WEATHER,)),)
        seams = Seams(toolbox=weather, approve=lambda _call, _cancel: Verdict(Decision.ALLOW))
        events = list(run_turn(engine, prompt, LIKELIEST, Cancel(), seams))
        assert len(weather.asked) == 1
        turns.append(completed(events))
    there, at_home = turns
    assert [one.recipient for one in there][-2:] == ["functions.get_weather", None]
    assert there == at_home


def test_what_the_context_does_not_hold_is_told(served: str, connect: Connect) -> None:
    engine = connect(served)
    *_, loaded = engine.load()
    assert isinstance(loaded, Loaded)
    assert "does not say" in loaded.model.note
    with pytest.raises(PromptTooLong, match="1,024"):
        list(engine.generate(Prompt((user("word " * 2000),)), LIKELIEST, Cancel()))
    assert engine.model is not None
    assert engine.model.context == CONTEXT
