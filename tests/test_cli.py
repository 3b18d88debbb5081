"""The command line as a shell sees it: exit codes, plain sentences, never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.gguf_factory import write_model


def run(
    *words: str, stdin: bytes = b"", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run the program without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "chat_tui", *words],
        input=stdin,
        capture_output=True,
        check=False,
        timeout=120,
        env=os.environ | (environment or {}),
    )


def refused(result: subprocess.CompletedProcess[bytes], *expected: str) -> None:
    """Exit code 2, nothing on stdout, one plain sentence and a hint on stderr."""
    message = result.stderr.decode()
    assert result.returncode == 2, message
    assert result.stdout == b""
    assert message.startswith("chat-tui: ")
    assert "Traceback" not in message
    for words in expected:
        assert words in message


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "tiny.gguf", layers=2, width=64)


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["ask", "--effort", "extreme", "Hi"], "invalid choice: 'extreme'"),
        (["ask", "--temperature", "hot", "Hi"], "temperature (0 to 10)"),
        (["ask", "--max-tokens", "0", "Hi"], "positive whole number"),
        (["ask", "--budget", "0", "Hi"], "cannot skip reasoning"),
        (["ask", "--schema", "/nowhere.json", "Hi"], "cannot be read"),
        (["ask", "--frobnicate", "Hi"], "--frobnicate"),
        (["frobnicate"], "frobnicate"),
        (["What is 2+2?"], 'For one answer: chat-tui ask "What is 2+2?"'),
        (["compar", "Hi"], "Did you mean compare?"),
        (["--efort", "low"], "Unrecognized arguments: --efort."),
        (["--efort=low", "ask", "Hi"], "Unrecognized arguments: --efort=low."),
        (["ask", "--cpu-experts", "some", "Hi"], "whole number, or all"),
        (["ask", "--flash-attention", "maybe", "Hi"], "invalid choice: 'maybe'"),
        (["bench", "--rounds", "0"], "positive whole number"),
        (["compare", "--efforts", "some", "Hi"], "some is no effort"),
        (["compare", "--tools", "python", "Hi"], "without tools"),
        (["ask", "Hi", "--model", "/nowhere/model.gguf"], "no file"),
        (["ask", "Hi", "--model", "/"], "folder"),
        (["harmony", "render", "/nowhere.json"], "cannot be read"),
    ],
)
def test_wrong_words_are_told(words: Sequence[str], expected: str) -> None:
    refused(run(*words), expected)


@pytest.mark.usefixtures("home")
def test_the_full_screen_needs_a_terminal() -> None:
    refused(run(), "no terminal", "chat-tui ask")


@pytest.mark.usefixtures("home")
def test_a_terminal_that_cannot_draw_is_sent_to_the_plain_conversation() -> None:
    ours, theirs = os.openpty()
    environment = {**os.environ, "TERM": "dumb"}
    command = [sys.executable, "-m", "chat_tui"]
    ended = subprocess.run(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, check=False
    )
    assert ended.returncode == 2
    told = os.read(ours, 4096).decode()
    os.close(ours)
    os.close(theirs)
    assert "TERM is dumb" in told
    assert "chat-tui plain" in told


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("stdin", "expected"), [(b"", "empty"), (b" \n", "empty"), (b"caf\xe9", "not UTF-8")]
)
def test_what_comes_through_a_pipe_may_be_unusable(stdin: bytes, expected: str) -> None:
    refused(run("ask", stdin=stdin), expected)


def test_a_mistake_in_the_settings_names_file_and_line(home: Path) -> None:
    folder = home / "config" / "chat-tui"
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text('theme = "chat-dark"\nefort = "low"\n')
    refused(run("ask", "Hi"), "settings.toml, line 2", "efort")


@pytest.mark.usefixtures("home")
def test_a_web_page_is_no_model(tmp_path: Path) -> None:
    page = tmp_path / "gpt-oss-20b.gguf"
    page.write_text("<!doctype html><title>Not found</title>")
    refused(run("ask", "Hi", "--model", str(page)), "HTML page", "download")


@pytest.mark.usefixtures("home")
def test_a_prompt_longer_than_the_context_is_refused(model: Path) -> None:
    question = ("many words " * 1000).encode()
    refused(run("ask", "--model", str(model), "--context", "256", stdin=question), "256")


@pytest.mark.usefixtures("home")
def test_a_context_longer_than_the_models_is_refused(model: Path) -> None:
    refused(run("ask", "Hi", "--model", str(model), "--context", "900000000"), "900,000,000")


@pytest.mark.usefixtures("home")
def test_a_real_model_answers_in_json_and_the_same_seed_answers_the_same(model: Path) -> None:
    words = ("ask", "Hi", "--model", str(model), "--seed", "7", "--max-tokens", "24")
    first, second = (run(*words, "--output", "json", "--effort", "low") for _ in range(2))
    assert first.returncode == 0, first.stderr.decode()
    document = json.loads(first.stdout)
    assert document["stop"] in ("length", "complete")
    assert document["effort"] == "low"
    assert document["usage"]["prompt_tokens"] > 30
    assert document["usage"]["evaluated_tokens"] == document["usage"]["prompt_tokens"]
    assert document["seconds"]["total"] > 0
    again = json.loads(second.stdout)
    assert [again["answer"], again["reasoning"]] == [document["answer"], document["reasoning"]]


@pytest.mark.usefixtures("home")
def test_render_and_parse_undo_each_other(model: Path) -> None:
    conversation = {
        "effort": "high",
        "date": "2026-01-31",
        "messages": [{"role": "user", "content": "Say <|start|> and 你好"}],
    }
    rendered = run(
        "harmony", "render", "-", "--model", str(model), stdin=json.dumps(conversation).encode()
    )
    text = rendered.stdout.decode()
    assert rendered.returncode == 0, rendered.stderr.decode()
    assert "Reasoning: high" in text
    assert "Current date: 2026-01-31" in text
    assert text.rstrip("\n").endswith("<|start|>assistant")
    completion = "<|channel|>final<|message|>4<|return|>"
    parsed = run("harmony", "parse", "-", "--model", str(model), stdin=completion.encode())
    document = json.loads(parsed.stdout)
    assert [message["content"] for message in document["messages"]] == ["4"]
    assert document["repairs"] == []


@pytest.mark.usefixtures("home")
def test_bytes_of_any_kind_are_parsed(model: Path) -> None:
    for junk in (b"\xff\xfe\x00", b"[200006, 99999999, -1]"):
        result = run("harmony", "parse", "-", "--model", str(model), stdin=junk)
        assert result.returncode == 0, result.stderr.decode()
        assert set(json.loads(result.stdout)) == {"messages", "repairs"}


@pytest.mark.usefixtures("home")
def test_a_terminal_without_unicode_gets_question_marks() -> None:
    result = run("--help", environment={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert result.returncode == 0
    assert b"gpt-oss" in result.stdout
    refused(run("ask", "@/nö", environment={"PYTHONIOENCODING": "ascii"}), "cannot be read")


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ("{", "no JSON"),
        ('{"type": "objekt"}', "(at #/type)"),
        ('{"properties": {"a": {"not": {}}}}', "(at #/properties/a/not)"),
    ],
)
def test_a_schema_is_checked_before_a_model_is_loaded(
    tmp_path: Path, schema: str, expected: str
) -> None:
    path = tmp_path / "schema.json"
    path.write_text(schema, encoding="utf-8")
    refused(run("ask", "--schema", str(path), "--model", "/nowhere.gguf", "Hi"), expected)


@pytest.mark.usefixtures("home")
def test_an_answer_with_a_schema_is_that_json(tmp_path: Path) -> None:
    path = tmp_path / "city.json"
    city = {"type": "object", "properties": {"city": {"enum": ["Rome"]}}, "required": ["city"]}
    path.write_text(json.dumps(city), encoding="utf-8")
    words = ["ask", "--schema", str(path), "--temperature", "0", "--threads", "1"]
    plain = run(*words, "What is the capital of Italy?")
    assert plain.returncode == 0, plain.stderr
    assert json.loads(plain.stdout) == {"city": "Rome"}
    whole = json.loads(run(*words, "--output", "json", "--budget", "5", "And of Italy?").stdout)
    assert whole["value"] == json.loads(whole["answer"]) == {"city": "Rome"}
    assert (whole["stop"], whole["repairs"]) == ("complete", [])
    assert whole["usage"]["reasoning_tokens"] <= 5


def test_going_without_questions_is_refused_without_tools_and_without_walls(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    refused(run("ask", "--yolo", "hi", environment=home), "--yolo is for python")
    result = subprocess.run(
        [sys.executable, "-m", "chat_tui", "ask", "--yolo", "--tools", "python", "hi"],
        cwd=tmp_path,  # too much to open to code
        capture_output=True,
        check=False,
        timeout=120,
        env=os.environ | home | {"PYTHONPATH": str(Path(__file__).parent.parent)},
    )
    refused(result, "--yolo is refused", "NOT sandboxed")


def test_a_wrong_rule_about_tools_is_told_with_its_place(tmp_path: Path) -> None:
    folder = tmp_path / "chat-tui"
    folder.mkdir()
    (folder / "settings.toml").write_text('[tools]\nallow = ["python"]\n')
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    refused(run("ask", "hi", environment=home), "settings.toml, line 2", "list of tables")
