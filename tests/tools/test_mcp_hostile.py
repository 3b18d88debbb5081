"""Servers that hang, never begin, or write without end: words for the user, and a fresh start."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat_tui.errors import ToolError
from chat_tui.servers import Server
from chat_tui.tools import mcp
from tests.tools.conftest import Flag
from tests.tools.mcp_fixtures import made, server
from tests.tools.test_mcp import said


def test_a_server_that_hangs_is_ended_and_started_anew(tmp_path: Path) -> None:
    tool = made(server(), tmp_path, seconds=60)
    try:
        before = said(tool, "pid")
        tool._seconds = 0.5
        assert said(tool, "hang") == "The server test has not answered for 0.5 s."
        tool._seconds = 60
        assert said(tool, "pid") != before
    finally:
        tool.close()


def test_a_server_that_is_deaf_after_a_stop_is_started_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat_tui.tools.mcp_connection._PING_SECONDS", 0.2)
    tool, stop = made(server(), tmp_path), Flag()
    try:
        before = said(tool, "pid")
        stop.set()
        assert said(tool, "hang", stop=stop) == "The user stopped this call."
        assert said(tool, "pid") != before
    finally:
        tool.close()


def test_a_stop_is_obeyed_while_a_server_starts(tmp_path: Path) -> None:
    tool, stop = made(server("silent"), tmp_path), Flag()
    stop.set()
    assert said(tool, "echo", stop=stop) == "The user stopped this call."
    tool.close()


def test_a_server_that_never_begins_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mcp, "START_SECONDS", 0.5)
    with pytest.raises(ToolError) as caught:
        mcp.inspect(server("silent"))
    assert caught.value.message == (
        "The server test failed: it has not introduced itself within 0.5 s."
    )


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (server("broken"), "it ended with status 1. It said: ModuleNotFoundError: No module named"),
        (server(command="/no/such/server"), "it cannot be started: No such file"),
    ],
)
def test_a_server_that_cannot_begin_is_told(one: Server, words: str) -> None:
    with pytest.raises(ToolError) as caught:
        mcp.inspect(one)
    assert words in str(caught.value)


@pytest.mark.soak
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("big", "it sent a message of more than 16 MB"),
        ("flood", "it wrote more than 64 MB without being asked"),
        ("rubbish", "it writes to its standard output what is not MCP"),
    ],
)
def test_a_server_that_writes_without_end_is_ended(tmp_path: Path, name: str, words: str) -> None:
    tool = made(server(), tmp_path)
    try:
        assert words in said(tool, name)
        assert said(tool, "echo", '{"text": "x"}') == "x"
    finally:
        tool.close()
