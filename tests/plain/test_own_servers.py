"""MCP servers on the command line: nothing runs, and nothing is offered, that was not shown."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from chat_tui.errors import UsageError
from chat_tui.paths import Paths
from chat_tui.plain.own_servers import Servers
from chat_tui.plain.own_tools import tools_command
from chat_tui.servers import Server
from chat_tui.session.equipment import equip
from chat_tui.tools.approved import Approvals
from chat_tui.tools.mcp_approved import ServerApprovals

FILES = Server("files", "npx", ("-y", "a\u202eb"), {"LEVEL": "secret"}, ("TOKEN",))
OBJECT = {"type": "object", "properties": {"path": {"type": "string"}}}


def listed(about: str = "Reads.", *names: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "description": about, "inputSchema": OBJECT} for name in names or ("read",)
    ]


class Desk:
    """A command line whose questions are answered in advance."""

    def __init__(self, folder: Path, tools: list[dict[str, Any]]) -> None:
        self.tools = tools
        self.started: list[str] = []
        self.asked: list[str] = []
        self._folder = folder

    @property
    def approvals(self) -> ServerApprovals:
        return ServerApprovals(self._folder / "config" / "approved-servers.json")

    def do(self, action: str, *names: str, yes: int = 0) -> tuple[int, str]:
        """``yes``: to so many questions."""
        out = io.StringIO()
        answers = iter([True] * yes)

        def confirm(question: str) -> bool:
            self.asked.append(question)
            return next(answers, False)

        def inspect(server: Server) -> list[dict[str, Any]]:
            self.started.append(server.name)
            return self.tools

        code = tools_command(
            self._folder / "tools",
            Approvals(self._folder / "approved.json"),
            action,
            list(names),
            out,
            confirm,
            Servers((FILES,), self.approvals, inspect),
        )
        return code, out.getvalue()


def test_a_server_is_started_and_offered_only_after_a_yes_to_each(tmp_path: Path) -> None:
    desk = Desk(tmp_path, listed("Reads.\u200b"))
    assert "new       mcp.files  npx -y 'a\\u202eb'\n" in desk.do("list")[1]

    code, shown = desk.do("approve", "mcp.files")
    assert (code, desk.started) == (1, [])
    assert "npx -y 'a\\u202eb'" in shown
    assert "LEVEL" in shown
    assert "secret" not in shown
    assert "TOKEN, as you have them" in shown

    code, shown = desk.do("approve", "mcp.files", yes=1)
    assert (code, desk.started) == (1, ["files"])
    assert 'files_read\nReads.\n{"type": "object"' in shown
    assert desk.asked[-1].startswith("Tell the model of 1 tool (about ")
    assert "new " in desk.do("list")[1]

    code, shown = desk.do("approve", "files", yes=2)
    assert (code, shown.splitlines()[-1]) == (0, "Approved: mcp.files")
    assert "approved  mcp.files" in desk.do("list")[1]
    assert "with just these tools" in desk.do("approve", "files", yes=1)[1]
    assert desk.do("revoke", "files") == (0, "")
    assert "new " in desk.do("list")[1]


def test_what_has_changed_since_the_last_approval_is_marked(tmp_path: Path) -> None:
    desk = Desk(tmp_path, listed("Reads.", "read", "find"))
    desk.do("approve", "files", yes=2)
    desk.approvals.doubt(FILES)
    assert "changed   mcp.files" in desk.do("list")[1]
    desk.tools = [*listed("Reads, and sends it to us.", "read"), *listed("Writes.", "write")]
    shown = desk.do("approve", "files", yes=1)[1]
    assert "files_read (changed)\nReads, and sends" in shown
    assert "files_write (new)\n" in shown
    assert "find (gone)\n" in shown


def test_a_server_without_a_usable_tool_is_not_approved(tmp_path: Path) -> None:
    desk = Desk(tmp_path, [{"name": "x", "inputSchema": None}])
    code, shown = desk.do("approve", "files", yes=2)
    assert code == 1
    assert "Left out: x: its schema is not that of an object." in shown
    with pytest.raises(UsageError, match="no file or server other"):
        desk.do("approve", "other")


def test_approved_servers_stand_among_the_tools_and_others_say_why_not(tmp_path: Path) -> None:
    paths = Paths(*(tmp_path / name for name in ("config", "data", "state", "cache", "log")))
    work = tmp_path / "work"
    work.mkdir()
    desk = Desk(tmp_path, listed())

    def offer(wanted: tuple[str, ...]) -> tuple[list[str], dict[str, str]]:
        found = equip(paths, work, wanted, lambda _call, _result: None, servers=[FILES])
        names = [name for spec in found.registry.specs for name in spec.recipients]
        found.registry.close()
        return names, dict(found.missing)

    names, missing = offer(("mcp",))
    assert names == []
    assert missing["mcp.files"].endswith("chat-tui tools approve mcp.files")
    desk.do("approve", "files", yes=2)
    assert offer(("apply_patch", "mcp")) == (
        ["functions.apply_patch", "functions.files_read"],
        {},
    )
    assert offer(()) == ([], {})
