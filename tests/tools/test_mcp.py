"""The tools of an MCP server: approved before they are offered, called, stopped, and ended."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_tui.errors import ToolError
from chat_tui.tools import mcp
from chat_tui.tools.approved import State
from chat_tui.tools.base import Risk
from chat_tui.tools.mcp import McpTool, offered
from chat_tui.tools.mcp_approved import ServerApprovals
from tests.tools import mcp_server
from tests.tools.conftest import Flag, function_call, outcome
from tests.tools.mcp_fixtures import SCRIPT, alive, made, server, until


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[McpTool]:
    """One for all tests that leave it as it was."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOKEN", "the user's")
        patch.setenv("SECRET", "not for servers")
        one = server("noisy", env={"LEVEL": "2"}, inherit=("TOKEN", "NOWHERE"), cwd=Path("/"))
        found = made(one, tmp_path_factory.mktemp("pictures"))
        yield found
        found.close()


def said(tool: McpTool, name: str, arguments: str = "{}", stop: Flag | None = None) -> str:
    return outcome(tool, function_call(f"functions.test_{name}", arguments), Path("/"), stop)[
        1
    ].text


@pytest.mark.parametrize(
    ("name", "arguments", "text", "failed"),
    [
        ("echo", '{"text": "ä"}', "ä", False),
        ("fail", "", "no such city", True),
        ("structured", "", '{"b": 2, "a": 1}', False),
        ("only_structured", "", '{"degrees": 20}', False),
        ("wrong", "", "The server test failed: its answer is not what MCP allows", True),
        ("none", "", "There is no function functions.test_none.", True),
    ],
)
def test_calls_are_answered(
    tool: McpTool, name: str, arguments: str, text: str, failed: bool
) -> None:
    call = function_call(f"functions.test_{name}", arguments)
    _live, result = outcome(tool, call, Path("/"))
    assert result.text.startswith(text)
    assert result.failed is failed


def test_a_wrong_answer_does_not_end_the_server(tool: McpTool) -> None:
    before = said(tool, "pid")
    said(tool, "wrong")
    said(tool, "fail")
    assert said(tool, "pid") == before


def test_how_far_a_call_is_can_be_watched(tool: McpTool) -> None:
    call = function_call("functions.test_echo", '{"text": "x"}')
    assert outcome(tool, call, Path("/"))[0].endswith("half\n")


def test_a_server_gets_no_variables_but_those_that_are_named(tool: McpTool) -> None:
    found = json.loads(said(tool, "environment"))
    assert (found["TOKEN"], found["LEVEL"], found["cwd"]) == ("the user's", "2", "/")
    assert not found.keys() & {"SECRET", "NOWHERE", "PYTEST_CURRENT_TEST"}


def test_pictures_are_files_for_the_user(tool: McpTool) -> None:
    _live, result = outcome(tool, function_call("functions.test_picture", ""), Path("/"))
    (file,) = result.attachments
    assert (file.name, file.media_type) == ("test-1.png", "image/png")
    assert file.path.read_bytes() == mcp_server.PIXEL
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert result.text == (
        "[An image: the user sees it as test-1.png.]\n[An image: of a kind that is not known.]"
    )


def test_a_stop_is_obeyed_while_the_server_waits_and_the_server_is_told(tool: McpTool) -> None:
    before = said(tool, "pid")
    stop = Flag()
    threading.Timer(0.1, stop.set).start()
    assert said(tool, "wait", stop=stop) == "The user stopped this call."
    assert until(lambda: said(tool, "cancelled") != "[]", 20)
    assert said(tool, "pid") == before


def test_the_card_shows_what_would_run(tool: McpTool) -> None:
    view = tool.describe(function_call("functions.test_only_structured", '{"b":1}'))
    assert (view.title, view.risk) == (
        "Call only structured of the server test",
        Risk.OUTSIDE,
    )
    assert view.body == '{\n  "b": 1\n}'
    assert str(SCRIPT) in view.touches[0]
    assert view.touches[1] == "NOT sandboxed"
    assert tool.describe(function_call("functions.test_echo", '{"b"')).problem


def test_a_server_that_died_is_started_by_the_next_call(tool: McpTool) -> None:
    before = said(tool, "pid")
    died = said(tool, "die")
    assert died.startswith("The server test failed: it ended with status 3. It said: ")
    assert died.endswith("Traceback KeyError: 'token'")
    after = said(tool, "pid")
    assert after != before

    os.kill(int(after), signal.SIGKILL)  # between two calls: nobody has to hear of it
    connection = tool._connection
    assert connection is not None
    assert until(lambda: not connection.works())
    assert said(tool, "pid").isdecimal()


def test_another_list_of_tools_has_to_be_approved_first(tmp_path: Path) -> None:
    approvals = ServerApprovals(tmp_path / "approved.json")
    one = server()
    approvals.approve(one, mcp_server.listed())
    (tool,), missing = offered([one], approvals, (), tmp_path)
    assert missing == {}
    try:
        assert said(tool, "change") == "changed"
        refused = said(tool, "echo", '{"text": "x"}')
        assert "other tools now than the user has approved" in refused
        assert ServerApprovals(tmp_path / "approved.json").state(one) is State.CHANGED
        assert offered([one], approvals, (), tmp_path)[0] == ()
    finally:
        tool.close()


def test_closing_ends_what_the_server_left_behind(tmp_path: Path) -> None:
    tool = made(server("stubborn"), tmp_path)
    processes = [int(each) for each in said(tool, "leave").split()]
    assert all(map(alive, processes))
    tool.close()
    assert not any(map(alive, processes))
    tool.close()


PROGRAM = """
import sys, time
from pathlib import Path
from tests.tools.mcp_fixtures import made, server
from tests.tools.test_mcp import said
print(said(made(server(), Path("/tmp")), "leave"), flush=True)
time.sleep(600)
"""


def test_nothing_outlives_the_program_however_it_ends() -> None:
    command = [sys.executable, "-c", PROGRAM]
    folder = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        processes = [int(each) for each in program.stdout.readline().split()]
        assert len(processes) == 2
        assert all(map(alive, processes))
        os.kill(program.pid, signal.SIGKILL)
    assert until(lambda: not any(map(alive, processes)))


def test_only_approved_servers_are_offered(tmp_path: Path) -> None:
    where = tmp_path / "config" / "approved.json"
    approvals = ServerApprovals(where)
    one, listed = server(), mcp_server.listed()
    assert approvals.state(one) is State.NEW
    tools, missing = offered([one], approvals, (), tmp_path)
    assert tools == ()
    assert missing["mcp.test"].endswith("chat-tui tools approve mcp.test")
    with pytest.raises(ToolError, match="not approved"):
        approvals.tools(one)

    approvals.approve(one, listed)
    again = ServerApprovals(where)
    (tool,), missing = offered([one], again, {"test_echo"}, tmp_path)
    assert missing == {}
    assert "functions.test_echo_2" in tool.spec.recipients
    assert where.stat().st_mode & 0o777 == 0o600

    for other in (server("x"), server(env={"A": "1"}), server(inherit=("A",)), server(cwd="/")):
        assert again.state(other) is State.CHANGED
        assert offered([other], again, (), tmp_path)[0] == ()
    again.revoke("test")
    assert ServerApprovals(where).state(one) is State.NEW


@pytest.mark.parametrize("damage", ["{", "[]", '{"test": 3}', '{"test": {"tools": []}}'])
def test_a_damaged_list_of_approvals_approves_nothing(tmp_path: Path, damage: str) -> None:
    where = tmp_path / "approved.json"
    where.write_text(damage)
    with pytest.raises(ToolError, match="cannot be read"):
        ServerApprovals(where)


def test_without_the_sdk_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    approvals = ServerApprovals(tmp_path / "approved.json")
    approvals.approve(server(), mcp_server.listed())
    tools, missing = offered([server()], approvals, (), tmp_path)
    assert tools == ()
    assert 'pip install "chat-tui[mcp]"' in missing["mcp.test"]
    with pytest.raises(ToolError, match="uv sync --extra mcp"):
        mcp.inspect(server())


def test_the_sdk_is_not_loaded_into_the_program() -> None:
    code = (
        "import sys, chat_tui.cli, chat_tui.session.equipment, chat_tui.tools.mcp as m;"
        "m.not_installed(); sys.exit(any(n.partition('.')[0] == 'mcp' for n in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
