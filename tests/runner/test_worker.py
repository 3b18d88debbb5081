"""The child process by itself: it speaks frames, and nothing keeps it alive without a parent."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chat_tui import wire
from chat_tui.conversation import Prompt
from chat_tui.errors import EngineError, ModelFileError
from chat_tui.events import Loaded
from tests.gguf_factory import TINY, write_split_model


def run(*frames: bytes) -> tuple[int, list[Any], bytes]:
    """Exit code, answers and log of a child that is sent these frames and then no more."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "chat_tui.runner"],
        input=b"".join(frames),
        capture_output=True,
        check=False,
    )
    stream, answers = io.BytesIO(done.stdout), []
    while (values := wire.read(stream)) is not None:
        answers += values
    return done.returncode, answers, done.stderr


def test_it_ends_quietly_with_its_input() -> None:
    assert run() == (0, [], b"")


@pytest.mark.parametrize("frame", [b"\x00\x00\x00\x02{}", struct.pack(">I", 1 << 31), b"garbage!!"])
def test_it_ends_with_a_line_in_the_log_when_its_input_is_no_frame(frame: bytes) -> None:
    code, answers, log = run(frame)
    assert answers == []
    if code:
        assert (code, b"frame" in log) == (1, True)
    else:  # taken for the beginning of a frame that never came
        assert frame == b"garbage!!"


def serve(*commands: wire.Command) -> list[Any]:
    """The answers of a child that is asked in turn and has time to answer each."""
    answers: list[Any] = []
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "chat_tui.runner"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for command in commands:
            child.stdin.write(wire.encode([command]))
            child.stdin.flush()
            answered = False
            while not answered:
                values = wire.read(child.stdout)  # type: ignore[arg-type]
                assert values is not None, "the child ended"
                answers += values
                answered = isinstance(values[-1], Loaded | wire.Failed)
    return answers


def test_an_error_is_an_answer_and_the_child_lives_on(tmp_path: Path) -> None:
    load = wire.Load(str(tmp_path / "no.gguf"), str(tmp_path))
    (failed,) = serve(load)
    assert isinstance(failed.error, ModelFileError)
    (failed,) = serve(wire.Generate(Prompt(())))
    assert isinstance(failed.error, EngineError)


def test_a_split_model_is_loaded(models: Path, tmp_path: Path) -> None:
    parts = write_split_model(tmp_path, **TINY)
    loaded = serve(wire.Load(str(parts[0]), str(models), context=256, threads=1))[-1]
    assert isinstance(loaded, Loaded)
    assert loaded.model.size_bytes == sum(part.stat().st_size for part in parts)
