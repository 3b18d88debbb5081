"""Which MCP servers may run, and with which tools: just what the user has looked at.

Knows commands and lists of tools by their hashes; must not know how a server is spoken to. What
was approved is kept with what the model is told of it, so that nothing has to run to offer it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chat_tui.errors import ToolError
from chat_tui.language import _
from chat_tui.servers import Server
from chat_tui.tools.approved import State
from chat_tui.tools.mcp_told import Told, fingerprint, told
from chat_tui.whole_file import write_whole


class ServerApprovals:
    """The servers that the user has approved, in a file of their configuration."""

    def __init__(self, path: Path) -> None:
        """``path`` need not exist yet; ToolError where it cannot be read."""
        self._path = path
        self._known: dict[str, dict[str, Any]] = {}
        try:
            known = json.loads(path.read_text(encoding="utf-8"))
            self._known = {
                name: {"tools": list(one["tools"]), "command": str(one["command"])}
                for name, one in known.items()
            }
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ToolError(
                _("{path} cannot be read: {error}.").format(path=path, error=error),
                _("Delete it, and approve your servers again."),
            ) from error

    def state(self, server: Server) -> State:
        """Whether this command is approved, with the tools that it had."""
        known = self._known.get(server.name)
        if known is None:
            return State.NEW
        return State.APPROVED if known["command"] == server.sha256 else State.CHANGED

    def listed(self, server: Server) -> list[dict[str, Any]]:
        """The tools that were approved last, as the server told of them; none where none were."""
        return list(self._known.get(server.name, {}).get("tools", ()))

    def tools(self, server: Server) -> tuple[Told, ...]:
        """What an approved server offers; ToolError where it is not approved."""
        if self.state(server) is not State.APPROVED:
            new = _("{name} is not approved.").format(name=server.title)
            raise ToolError(new, approve_it(server))
        return told(self.listed(server))[0]

    def fingerprint(self, server: Server) -> str:
        """The hash of the tools that were approved."""
        return fingerprint(self.listed(server))

    def approve(self, server: Server, tools: Sequence[Mapping[str, Any]]) -> None:
        """Remember the command with its tools, as ``mcp.inspect`` gives them."""
        self._known[server.name] = {"command": server.sha256, "tools": list(tools)}
        self._write()

    def doubt(self, server: Server) -> None:
        """Its tools are not those that were approved: ask again before it is offered again."""
        if self.state(server) is State.APPROVED:
            self._known[server.name]["command"] = ""
            self._write()

    def revoke(self, name: str) -> None:
        """Forget an approval."""
        if self._known.pop(name, None) is not None:
            self._write()

    def _write(self) -> None:
        try:
            write_whole(self._path, json.dumps(self._known, indent=1))
        except OSError as error:
            problem = _("{path} cannot be written: {error}.").format(path=self._path, error=error)
            raise ToolError(problem) from error


def approve_it(server: Server) -> str:
    """What to do about a server that is not approved."""
    return _("Look at it: {command}").format(command=f"chat-tui tools approve {server.title}")
