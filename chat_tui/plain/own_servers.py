"""MCP servers on the command line: listed, approved with their tools, revoked.

Knows servers, approvals and text streams. Before a server is started its command is shown, and
before its tools are offered all that the model would be told of them, with nothing hidden.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from chat_tui.columns import columns, padded
from chat_tui.language import N_, _, ngettext
from chat_tui.servers import Server
from chat_tui.tools import mcp
from chat_tui.tools.approved import State
from chat_tui.tools.mcp_approved import ServerApprovals
from chat_tui.tools.mcp_told import Told, fingerprint, named, told
from chat_tui.untrusted import clean_line, visible

Inspect = Callable[[Server], list[dict[str, Any]]]
_CHARACTERS_A_TOKEN = 4
_HEADS = (N_("Command:"), N_("Folder:"), N_("Sets:"), N_("Is told:"))
_STATES = {
    State.NEW: N_("new"),
    State.CHANGED: N_("changed"),
    State.APPROVED: N_("approved"),
}


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
            state = state_word(self.approvals.state(server))
            print(f"{state} {server.title}  {visible(server.command_line)}", file=stdout)
        if self.servers and (problem := mcp.not_installed()):
            print(_("No server can be used. {problem}").format(problem=problem), file=stdout)

    def approve(self, server: Server, stdout: TextIO, confirm: Callable[[str], bool]) -> bool:
        """Show what would run, run it, show its tools; whether it is approved now.

        Raises ToolError where it does not run.
        """
        print(_what_runs(server), file=stdout)
        if not confirm(
            _("Start {title} with all your rights, to look at its tools?").format(
                title=server.title
            )
        ):
            print(_("Not approved."), file=stdout)
            return False
        listed = self.inspect(server)
        if self.approvals.state(server) is State.APPROVED and fingerprint(
            listed
        ) == self.approvals.fingerprint(server):
            print(
                _("{title} is approved already, with just these tools.").format(title=server.title),
                file=stdout,
            )
            return True
        tools, left_out = told(listed)
        told_of = named(server.name, tools, ())
        before, _out = told(self.approvals.listed(server))
        print("\n\n".join(_lines(told_of, before)), file=stdout)
        for why in left_out:
            print(_("Left out: {why}").format(why=why), file=stdout)
        tokens = sum(_length(tool) for tool in tools) // _CHARACTERS_A_TOKEN
        question = ngettext(
            "Tell the model of {n} tool (about {tokens:,} tokens of each conversation)? Each call"
            " is asked about.",
            "Tell the model of {n} tools (about {tokens:,} tokens of each conversation)? Each call"
            " is asked about.",
            len(tools),
        ).format(n=len(tools), tokens=tokens)
        if not tools or not confirm(question):
            print(_("Not approved."), file=stdout)
            return False
        self.approvals.approve(server, listed)
        print(_("Approved: {title}").format(title=server.title), file=stdout)
        return True

    def revoke(self, server: Server) -> None:
        """Forget the approval."""
        self.approvals.revoke(server.name)


def state_word(state: State) -> str:
    """Whether something is approved, as wide as any of these words and a blank."""
    width = max(columns(_(word)) for word in _STATES.values()) + 1
    return padded(_(_STATES[state]), width)


def _what_runs(server: Server) -> str:
    rows = [
        (_("Command:"), visible(server.command_line)),
        (_("Folder:"), str(server.cwd or _("your home"))),
    ]
    if server.env:
        # The names alone: what a terminal shows is seen by others.
        rows.append((_("Sets:"), ", ".join(server.env)))
    if server.inherit:
        names = ", ".join(server.inherit)
        rows.append((_("Is told:"), _("{names}, as you have them").format(names=names)))
    width = max(columns(_(head)) for head in _HEADS)
    return "\n".join(f"{padded(head, width)} {text}" for head, text in rows)


def _lines(tools: Mapping[str, Told], before: Sequence[Told]) -> list[str]:
    """Each tool as a paragraph; where others were approved before, with what has changed."""
    known = {tool.name: tool for tool in before}
    new, changed, gone = _("new"), _("changed"), _("gone")
    found = []
    for name, tool in tools.items():
        mark = "" if not known or known.get(tool.name) == tool else f" ({changed})"
        if known and tool.name not in known:
            mark = f" ({new})"
        schema = json.dumps(tool.parameters, ensure_ascii=False)
        found.append(visible(f"{name}{mark}\n{tool.description}\n{schema}"))
    missing = known.keys() - {tool.name for tool in tools.values()}
    return [*found, *(f"{clean_line(name)} ({gone})" for name in sorted(missing))]


def _length(tool: Told) -> int:
    return len(tool.name) + len(tool.description) + len(json.dumps(tool.parameters))
