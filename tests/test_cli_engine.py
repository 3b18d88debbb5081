"""``--engine`` as a shell sees it: scripts get answers from a server, and plain errors."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from chat_tui.cli import main
from chat_tui.engine.remote.build import vocabulary_from
from chat_tui.errors import VocabularyError
from tests.engine.remote.stand_in import MODEL, StandIn, llama_server, ollama
from tests.engine.remote.test_servers import PLAIN
from tests.harmony.conftest import ranks_file, vocabulary  # noqa: F401 - fixtures

pytestmark = pytest.mark.usefixtures("home")
KEY = "not-to-be-seen-anywhere"


@pytest.fixture
def server(vocabulary, monkeypatch):  # type: ignore[no-untyped-def]  # noqa: F811
    """A server, with the vocabulary at hand that else comes out of the embedded model."""
    monkeypatch.setattr(
        "chat_tui.engine.remote.build.vocabulary_from", lambda _cache, _model: vocabulary
    )
    with llama_server([PLAIN], vocabulary) as running:
        yield running


def settings(home: Path, text: str) -> None:
    folder = home / "config" / "chat-tui"
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text(text, encoding="utf-8")


def test_an_answer_comes_from_the_server(
    server: StandIn, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_TUI_ENGINE_KEY", KEY)
    words = ["ask", "--engine", server.address, "--effort", "low", "--output", "json", "Hello"]
    assert main(words) == 0
    told = capsys.readouterr()
    answer = json.loads(told.out)
    assert answer["answer"] == "Grüß dich, 世界! 🦙"
    assert MODEL in json.dumps(answer)
    assert KEY not in told.out + told.err
    assert server.asked[-1].headers["Authorization"] == f"Bearer {KEY}"
    assert "CHAT_TUI_ENGINE_KEY" not in os.environ  # no tool inherits it


def test_the_settings_name_a_server_and_the_command_line_this_machine(
    server: StandIn, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings(home, f'engine = "{server.address}"\nengine_key = "{KEY}"\n')
    assert main(["ask", "Hello"]) == 0
    assert "Grüß" in capsys.readouterr().out
    count = len(server.asked)
    for here in (["--engine", "local"], ["--model", "x.gguf"]):
        assert main(["ask", *here, "--rpc", "nowhere", "Hello"]) != 0
        assert "by host and port" in capsys.readouterr().err
    assert len(server.asked) == count


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["ask", "--engine", "ftp://h", "Hi"], "no address of a server"),
        (["ask", "--engine", f"http://me:{KEY}@h", "Hi"], "with a name or a password"),
        (["bench", "--engine", "http://127.0.0.1:9"], "measures a model on this machine"),
        (["ask", "--engine", "http://127.0.0.1:9", "Hi"], "Nothing listens at 127.0.0.1:9"),
        (["ask", "--rpc", "somewhere", "Hi"], "by host and port"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(
    words: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) != 0
    told = capsys.readouterr()
    assert expected in told.err
    assert "Traceback" not in told.err
    assert KEY not in told.err
    assert told.out == ""


def test_a_model_of_the_server_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with ollama([[]]) as server:
        words = ["ask", "--engine", server.address, "--engine-model", "gpt-oss:120b", "Hi"]
        assert main(words) != 0
    assert "gpt-oss:20b" in capsys.readouterr().err


def test_the_vocabulary_is_taken_from_the_cache_else_from_the_model(
    ranks_file: Path,  # noqa: F811 - it is that fixture
    tmp_path: Path,
) -> None:
    def never() -> Path:
        raise AssertionError

    assert vocabulary_from(ranks_file.parent, never).encode("Hi") == [12194]
    (tmp_path / ranks_file.name).write_bytes(b"damaged")
    with pytest.raises((AssertionError, VocabularyError)):
        vocabulary_from(tmp_path, never)
