"""What the user set in a file.

Knows TOML and the names of the settings; must not know what they do. An unknown key or a
value of the wrong kind is an error that names the file and the line, never a silent default.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_type_hints

from chat_tui.effort import Effort
from chat_tui.errors import SettingsError
from chat_tui.home import at_home
from chat_tui.key_settings import BoundKeys, bound_keys
from chat_tui.language import N_, Language, _
from chat_tui.model_settings import ModelSettings, models_of
from chat_tui.servers import Server, servers_of

NO_BUDGET = N_("gpt-oss cannot skip reasoning; effort low is the least there is.")


class ReasoningView(StrEnum):
    """How much of the chain of thought the transcript shows."""

    FOLDED = "folded"
    SHOWN = "shown"
    HIDDEN = "hidden"

    def next(self) -> ReasoningView:
        """The view that follows in the cycle folded → shown → hidden → folded."""
        views = list(ReasoningView)
        return views[(views.index(self) + 1) % len(views)]


class ToolMode(StrEnum):
    """What the tools of a conversation may do."""

    ASK = "ask"
    READ_ONLY = "read only"
    """Only what looks at things the user put there, and that without a question."""
    OFF = "off"

    def next(self) -> ToolMode:
        """The mode that follows in the cycle ask → read only → off → ask."""
        modes = list(ToolMode)
        return modes[(modes.index(self) + 1) % len(modes)]


TOOLS = ("python", "apply_patch", "browser", "functions", "mcp")
"""The names of the tools, as settings and the command line call them; ``functions`` are the user's
own ones, ``mcp`` those of all MCP servers."""


class Switch(StrEnum):
    """What can be had, be forbidden, or be left to the program."""

    ON = "on"
    OFF = "off"
    AUTO = "auto"

    @property
    def wish(self) -> bool | None:
        """The same as a value; None leaves the choice."""
        return None if self is Switch.AUTO else self is Switch.ON


class Notify(StrEnum):
    """When a bell tells that an answer is done, or that something waits for the user."""

    AWAY = "away"
    """While the terminal is not in front."""
    ALWAYS = "always"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting with its default; field names are the keys of the file.

    Some stand elsewhere: ``budgets`` is the table ``[reasoning.budget]``, and ``reasoning`` is then
    written ``view`` in the table ``[reasoning]``; ``tool_mode`` and ``tools`` are ``mode`` and
    ``enabled`` in the table ``[tools]``, ``tool_rules`` its lists ``allow``, ``ask`` and ``deny``.
    """

    model: Path | None = None
    """The GGUF to talk to; None is the embedded model."""
    effort: Effort = Effort.MEDIUM
    reasoning: ReasoningView = ReasoningView.FOLDED
    theme: str = "chat-dark"
    instructions: str = ""
    """Standing wishes for every conversation."""
    temperature: float = 1.0
    context: int | None = None
    """Tokens of context; None is the largest that fits."""
    threads: int | None = None
    gpu_layers: int | None = None
    """Layers on the GPU, the output table counting as one; None places what fits."""
    cpu_experts: int | None = None
    """Layers whose experts stay in main memory; None places what fits."""
    flash_attention: Switch = Switch.AUTO
    search_server: str = ""
    """The address of a SearXNG server that the model may search the web through, each search
    approved; empty: it has no web."""
    engine: str = ""
    """The address of a server that has the model; empty: it is on this machine."""
    engine_model: str = ""
    """The name of the model there; empty: the one that it has, or the first gpt-oss of many."""
    engine_key: str = field(default="", repr=False)
    """What that server wants as a key; CHAT_TUI_ENGINE_KEY goes before it."""
    rpc: str = ""
    """llama.cpp's RPC servers, whose devices may take layers: ``host:port``, with commas."""
    budgets: Mapping[Effort, int] = field(default_factory=dict)
    """Tokens of reasoning for each effort, after which the answer begins; none: no limit."""
    tool_mode: ToolMode = ToolMode.ASK
    tools: tuple[str, ...] = TOOLS
    """The tools that a conversation on the screen offers."""
    tool_rules: tuple[Mapping[str, object], ...] = ()
    """What of them is allowed, asked about or denied whatever else is set, each with its
    ``verdict``; what a rule is made of is the session's to know."""
    servers: tuple[Server, ...] = ()
    """The MCP servers, each a table ``[mcp.NAME]``."""
    models: ModelSettings = field(default_factory=ModelSettings)
    """The table ``[models]``."""
    reduced_motion: Switch = Switch.AUTO
    """Whether what changes by itself is drawn seldom; AUTO asks the terminal's variables."""
    notify: Notify = Notify.AWAY
    language: Language = Language.AUTO
    """Of the interface; the model answers in whatever language it is asked."""
    keys: BoundKeys = field(default_factory=BoundKeys)
    """The table ``[keys]``: what is wrong in it is told, and costs that line alone."""


def load_settings(path: Path) -> Settings:
    """The settings in ``path``; the defaults where there is no such file.

    Raises SettingsError.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            _("The settings file {path} cannot be read: {error}.").format(path=path, error=error),
            _("Mend it or move it away; the defaults are used without it."),
        ) from error
    return parse_settings(text, path)


def parse_settings(text: str, path: Path) -> Settings:
    """The settings in ``text``; errors call it ``path``. Raises SettingsError."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            _("{path} is not valid TOML: {error}.").format(path=path, error=error)
        ) from error
    known = get_type_hints(Settings)
    for elsewhere in ("budgets", "tool_mode", "tools", "tool_rules", "servers", "models", "keys"):
        del known[elsewhere]
    values: dict[str, Any] = _tools(table, path, text)
    if "mcp" in table:
        values["servers"] = _servers(table, path, text)
    if "models" in table:
        values["models"] = models_of(table.pop("models"), _place(path, line_of("models", text)))
    if "keys" in table:
        values["keys"] = bound_keys(
            table.pop("keys"),
            lambda id_: _place(path, line_of(id_ or "keys", text, "keys" if id_ else "")),
        )
    if isinstance(table.get("reasoning"), dict):
        values["budgets"] = _budgets(table, path, text)
    for key, value in table.items():
        where = _place(path, line_of(key, text))
        if key not in known:
            names = ", ".join(one.name for one in fields(Settings) if one.name in known)
            raise SettingsError(
                _("{where}: unknown setting '{key}'.").format(where=where, key=key),
                _("Known are: {names}.").format(names=names),
            )
        values[key] = _convert(value, known[key], f"{where}: '{key}'")
    return replace(Settings(), **values)


def _tools(table: dict[str, Any], path: Path, text: str) -> dict[str, Any]:
    """The table ``[tools]``, which leaves ``table``."""
    found: dict[str, Any] = {}
    tools = table.pop("tools", {})
    if not isinstance(tools, dict):
        where = _place(path, line_of("tools", text))
        raise SettingsError(
            _("{where}: 'tools' should be a table.").format(where=where), _("Write [tools].")
        )
    for key, value in tools.items():
        where = f"{_place(path, line_of(key, text))}: 'tools.{key}'"
        if key == "mode":
            found["tool_mode"] = _convert(value, ToolMode, where)
        elif key in ("allow", "ask", "deny"):
            found["tool_rules"] = (*found.get("tool_rules", ()), *_rules(value, key, where))
        elif key != "enabled":
            known = _("Known are mode, enabled, allow, ask and deny.")
            raise SettingsError(_("{where} is unknown.").format(where=where), known)
        elif not isinstance(value, list) or not all(name in TOOLS for name in value):
            raise SettingsError(
                _("{where} is {value!r}.").format(where=where, value=value),
                _("It is a list of: {tools}.").format(tools=", ".join(TOOLS)),
            )
        else:
            found["tools"] = tuple(dict.fromkeys(value))
    return found


def _rules(value: object, verdict: str, where: str) -> Iterator[dict[str, object]]:
    """One of the lists of rules: tables, or the names of tools to ask about or to deny."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield {**one, "verdict": verdict}
        elif isinstance(one, str) and verdict != "allow":
            yield {"tool": one, "verdict": verdict}
        else:
            kinds = (
                _("It is a list of tables.")
                if verdict == "allow"
                else _('It is a list of tools such as "browser.*", or tables.')
            )
            raise SettingsError(_("{where} is {value!r}.").format(where=where, value=value), kinds)


def _servers(table: dict[str, Any], path: Path, text: str) -> tuple[Server, ...]:
    """The table ``[mcp]``, which leaves ``table``."""
    servers = table.pop("mcp")
    names = servers if isinstance(servers, dict) else {}
    where = {name: _place(path, line_of(f"mcp.{name}", text)) for name in names}
    return servers_of(servers, {"": _place(path, line_of("mcp", text)), **where})


def _budgets(table: dict[str, Any], path: Path, text: str) -> dict[Effort, int]:
    """The table ``[reasoning.budget]``; leaves in ``table`` what is said of the view."""
    reasoning = table.pop("reasoning")
    found: dict[Effort, int] = {}
    for key, value in reasoning.items():
        if key == "view":
            table["reasoning"] = value
        elif key != "budget" or not isinstance(value, dict):
            where = _place(path, line_of(key, text))
            raise SettingsError(
                _("{where}: unknown setting 'reasoning.{key}'.").format(where=where, key=key),
                _("Known are view, and low, medium and high in the table [reasoning.budget]."),
            )
    for key, value in reasoning.get("budget", {}).items():
        where = f"{_place(path, line_of(key, text))}: 'reasoning.budget.{key}'"
        if key not in list(Effort):
            raise SettingsError(
                _("{where} is no effort.").format(where=where),
                _("It can be: {options}.").format(options=", ".join(Effort)),
            )
        tokens = _convert(value, int, where)
        if not isinstance(tokens, int) or tokens <= 0:
            raise SettingsError(
                _("{where} is {value!r}: it has to be 1 or more.").format(where=where, value=value),
                _(NO_BUDGET),
            )
        found[Effort(key)] = tokens
    return found


def _place(path: Path, line: int) -> str:
    """Where something is set, as messages name it."""
    return _("{path}, line {line}").format(path=path, line=line)


def line_of(key: str, text: str, table: str = "") -> int:
    """The line of ``text``, from 1, on which ``key`` is set; 1 where it is not found.

    ``table`` names the table to look in; without it the first line anywhere is taken.
    """
    pattern = re.compile(rf"\s*\[?\[?\s*[\"']?{re.escape(key)}[\"']?\s*[=.\]]")
    within = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line):
            within = header[1]
        if pattern.match(line) and (not table or within == table):
            return number
    return 1


def _convert(value: object, kind: Any, where: str) -> object:
    """``value`` as the annotated ``kind``; SettingsError that begins with ``where`` otherwise."""
    if isinstance(kind, UnionType):
        kind = next(option for option in get_args(kind) if option is not type(None))
    if issubclass(kind, StrEnum):
        try:
            return kind(value)
        except ValueError:
            options = ", ".join(kind)
            raise SettingsError(
                _("{where} is {value!r}.").format(where=where, value=value),
                _("It can be: {options}.").format(options=options),
            ) from None
    if kind is Path and isinstance(value, str):
        return at_home(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool):
        wanted = {
            str: _("{where} should be text."),
            int: _("{where} should be a whole number."),
            float: _("{where} should be a number."),
            Path: _("{where} should be a path."),
        }
        text = wanted.get(kind) or _("{where} should be {kind}.")
        raise SettingsError(text.format(where=where, kind=kind.__name__))
    return value


def with_remembered(settings: Settings, remembered: Mapping[str, str]) -> Settings:
    """``settings`` with the remembered effort, reasoning view and theme, where they still exist."""
    changes: dict[str, Any] = {}
    if remembered.get("effort") in list(Effort):
        changes["effort"] = Effort(remembered["effort"])
    if remembered.get("reasoning") in list(ReasoningView):
        changes["reasoning"] = ReasoningView(remembered["reasoning"])
    if theme := remembered.get("theme"):
        changes["theme"] = theme
    return replace(settings, **changes)
