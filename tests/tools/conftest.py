"""What the tests of tools share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chat_tui.conversation import ANALYSIS, COMMENTARY, Message, Role
from chat_tui.sandbox.base import Limits, Sandbox
from chat_tui.sandbox.bubblewrap import Bubblewrap
from chat_tui.tools.base import Context, Progress, Result, Tool
from chat_tui.tools.python import PythonTool


class Flag(threading.Event):
    """A stop that a test sets."""


def python_call(code: str) -> Message:
    return Message(Role.ASSISTANT, code, ANALYSIS, recipient="python", content_type="code")


def function_call(name: str, arguments: str) -> Message:
    return Message(Role.ASSISTANT, arguments, COMMENTARY, recipient=name, content_type="json")


def outcome(
    tool: Tool, call: Message, workspace: Path, stop: Flag | None = None
) -> tuple[str, Result]:
    """All live output of a call, and its result."""
    live, result = "", None
    for event in tool.run(call, Context(workspace, stop or Flag())):
        if isinstance(event, Progress):
            live += event.text
        else:
            result = event
    assert result is not None
    return live, result


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def sandbox() -> Sandbox:
    return Bubblewrap()


@pytest.fixture
def python(sandbox: Sandbox, tmp_path: Path) -> Iterator[PythonTool]:
    """One that waits long for interrupted code: a busy machine must not decide a test."""
    tool = PythonTool(sandbox, tmp_path / "attachments", limits=Limits(), seconds=60, grace=30)
    yield tool
    tool.close()


@pytest.fixture
def run(python: PythonTool, workspace: Path) -> Callable[[str], str]:
    """Run code and return what the model reads."""
    return lambda code: outcome(python, python_call(code), workspace)[1].text
