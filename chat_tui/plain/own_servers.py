"""MCP servers on the command line: listed, approved with their tools, revoked.

Knows servers, approvals and text streams. Before a server is started its command is shown, and
before its tools are offered all that the model would be told of them, with nothing hidden.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from chat_tui.servers import Server
from chat_tui.tools import mcp
from chat_tui.tools.approved import State
from chat_tui.tools.mcp_approved import ServerApprovals
from chat_tui.tools.mcp_told import Told, fingerprint, named, told
from chat_tui.untrusted import clean_line, visible

Inspect = Callable[[Server], list[dict[str, Any]]]
_CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Servers:
    """The servers of the settings, and which of them may run."""

    servers: tuple[Server, ...]
    approvals: ServerApprovals
    inspect: Inspect = mcp.inspect
    """Starts one and says what it tells of its tools."""

    def find(self, name: str) -> Server | None:
        """The server called ``mcp.files``, or just ``files``."""
        known = {one.title: one for one in self.servers} | {one.name: one for one in self.servers}
        return known.get(name)

    def show(self, stdout: TextIO) -> None:
        """One line each."""
        for server in self.servers:
            state = self.approvals.state(server).value
            print(f"{state:9} {server.title}  {visible(server.command_line)}", file=stdout)
        if self.servers and (problem := mcp.not_installed()):
            print(f"No server can be used. {problem}", file=stdout)

    def approve(self, server: Server, stdout: TextIO, confirm: Callable[[str], bool]) -> bool:
        """Show what would run, run it, show its tools; whether it is approved now.

        Raises ToolError where it does not run.
        """
        print(_what_runs(server), file=stdout)
        if not confirm(f"Start {server.title} with all your rights, to look at its tools?"):
            print("Not approved.", file=stdout)
            return False
        listed = self.inspect(server)
        if self.approvals.state(server) is State.APPROVED and fingerprint(
            listed
        ) == self.approvals.fingerprint(server):
            print(f"{server.title} is approved already, with just these tools.", file=stdout)
            return True
        tools, left_out = told(listed)
        told_of = named(server.name, tools, ())
        before, _ = told(self.approvals.listed(server))
        print("\n\n".join(_lines(told_of, before)), file=stdout)
        for why in left_out:
            print(f"Left out: {why}", file=stdout)
        tokens = sum(_length(tool) for tool in tools) // _CHARACTERS_A_TOKEN
        question = (
            f"Tell the model of {len(tools)} tool{'s' if len(tools) > 1 else ''} (about "
            f"{tokens:,} tokens of each conversation)? Each call is asked about."
        )
        if not tools or not confirm(question):
            print("Not approved.", file=stdout)
            return False
        self.approvals.approve(server, listed)
        print(f"Approved: {server.title}", file=stdout)
        return True

    def revoke(self, server: Server) -> None:
        """Forget the approval."""
        self.approvals.revoke(server.name)


def _what_runs(server: Server) -> str:
    lines = [f"Command: {visible(server.command_line)}", f"Folder:  {server.cwd or 'your home'}"]
    if server.env:
        # The names alone: what a terminal shows is seen by others.
        lines.append(f"Sets:    {', '.join(server.env)}")
    if server.inherit:
        lines.append(f"Is told: {', '.join(server.inherit)}, as you have them")
    return "\n".join(lines)


def _lines(tools: Mapping[str, Told], before: Sequence[Told]) -> list[str]:
    """Each tool as a paragraph; where others were approved before, with what has changed."""
    known = {tool.name: tool for tool in before}
    found = []
    for name, tool in tools.items():
        mark = "" if not known or known.get(tool.name) == tool else " (changed)"
        if known and tool.name not in known:
            mark = " (new)"
        schema = json.dumps(tool.parameters, ensure_ascii=False)
        found.append(visible(f"{name}{mark}\n{tool.description}\n{schema}"))
    gone = known.keys() - {tool.name for tool in tools.values()}
    return [*found, *(f"{clean_line(name)} (gone)" for name in sorted(gone))]


def _length(tool: Told) -> int:
    return len(tool.name) + len(tool.description) + len(json.dumps(tool.parameters))
