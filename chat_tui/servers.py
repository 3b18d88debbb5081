"""Which MCP servers the user has set up: commands that this program may start for their tools.

Knows the table ``[mcp.NAME]`` of the settings; must not know how a server is started or who
approved it. Servers come from the user's own settings alone, never from a folder one works in.
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from chat_tui.errors import SettingsError
from chat_tui.home import at_home
from chat_tui.language import _

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Server:
    """A command that speaks MCP on its standard streams."""

    name: str
    command: str
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    """Variables for it alone."""
    inherit: tuple[str, ...] = ()
    """Names of variables that it gets as this program has them, such as a token's."""
    cwd: Path | None = None
    """The folder it starts in; None is the user's home, never the folder one works in: what
    a relative path runs must not depend on that."""

    @property
    def title(self) -> str:
        """How the settings and the command line name it."""
        return f"mcp.{self.name}"

    @property
    def command_line(self) -> str:
        """The command as one would type it."""
        return shlex.join([self.command, *self.args])

    @property
    def sha256(self) -> str:
        """What an approval is bound to: another one means that something else would run."""
        about = [
            self.command,
            list(self.args),
            sorted(self.env.items()),
            sorted(self.inherit),
            str(self.cwd),
        ]
        return hashlib.sha256(json.dumps(about).encode()).hexdigest()


_KEYS = tuple(each.name for each in fields(Server) if each.name != "name")


def servers_of(table: object, where: Mapping[str, str]) -> tuple[Server, ...]:
    """The servers of the table ``[mcp]``, as the file has them.

    ``where`` says for each name, and for the empty one, how a message about it begins. Raises
    SettingsError.
    """
    if not isinstance(table, dict) or not all(isinstance(one, dict) for one in table.values()):
        raise SettingsError(
            _("{where}: 'mcp' should hold a table for each server.").format(where=where[""]),
            _('Write [mcp.files], and in it command = "…".'),
        )
    return tuple(_server(name, about, where[name]) for name, about in table.items())


def _server(name: str, about: dict[str, Any], where: str) -> Server:
    def wrong(text: str) -> SettingsError:
        return SettingsError(text.format(where=where, name=name))

    if not _NAME.fullmatch(name):
        raise SettingsError(
            _("{where}: {name!r} cannot be the name of a server.").format(where=where, name=name),
            _("It begins with a letter and has up to 32 letters, digits, _ and -."),
        )
    for key in about:
        if key not in _KEYS:
            known = ", ".join(_KEYS)
            raise SettingsError(
                _("{where}: 'mcp.{name}.{key}' is unknown.").format(
                    where=where, name=name, key=key
                ),
                _("Known are: {known}.").format(known=known),
            )
    command, args = about.get("command"), about.get("args", [])
    env, inherit = about.get("env", {}), about.get("inherit", [])
    if not isinstance(command, str) or not command.strip():
        raise wrong(_("{where}: 'mcp.{name}.command' should be the program to start."))
    if not isinstance(args, list) or not all(isinstance(one, str) for one in args):
        raise wrong(_("{where}: 'mcp.{name}.args' should be a list of texts."))
    if not isinstance(env, dict) or not all(
        _VARIABLE.fullmatch(key) and isinstance(value, str) for key, value in env.items()
    ):
        raise wrong(
            _("{where}: 'mcp.{name}.env' should be a table of texts, such as {{LEVEL = \"2\"}}.")
        )
    if not isinstance(inherit, list) or not all(
        isinstance(one, str) and _VARIABLE.fullmatch(one) for one in inherit
    ):
        raise wrong(_("{where}: 'mcp.{name}.inherit' should be a list of names of variables."))
    if any("\0" in text for text in (command, *args, *env.values())):
        raise SettingsError(
            _("{where}: 'mcp.{name}' holds a character that no command can have.").format(
                where=where, name=name
            )
        )
    return Server(name, command, tuple(args), env, tuple(inherit), _folder(about, wrong))


def _folder(about: dict[str, Any], wrong: Callable[[str], SettingsError]) -> Path | None:
    if "cwd" not in about:
        return None
    try:
        folder = at_home(about["cwd"])
    except (TypeError, RuntimeError):
        raise wrong(_("{where}: 'mcp.{name}.cwd' should be a folder.")) from None
    if not folder.is_absolute():
        raise wrong(
            _("{where}: 'mcp.{name}.cwd' should be a whole path, or one that begins with ~.")
        )
    return folder
