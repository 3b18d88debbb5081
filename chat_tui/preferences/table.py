"""One table of what people change: the name of each setting, what it does, what it can be.

Knows words and kinds of values; must not know files or a face. The names are those of the settings
file, tables before a dot: ``tools.mode`` is ``mode`` in the table ``[tools]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType

from chat_tui.conversation import Effort
from chat_tui.errors import UsageError
from chat_tui.language import Language
from chat_tui.preferences.kinds import (
    Address,
    Count,
    File,
    Folders,
    Kind,
    Number,
    OneOf,
    Secret,
    Some,
    Words,
)
from chat_tui.settings import TOOLS, Notify, ReasoningView, Settings, Switch, ToolMode
from chat_tui.untrusted import clean_line


@dataclass(frozen=True, slots=True)
class Preference:
    """One setting."""

    name: str
    group: str
    does: str
    """One line."""
    kind: Kind
    default: str
    """What holds where the file says nothing, in words."""
    restart: bool = False
    """Whether a change waits for the next start."""
    more: str = ""
    """Another line, where one is not enough."""

    @property
    def path(self) -> tuple[str, ...]:
        """The tables that it stands in, and its key there."""
        return tuple(self.name.split("."))


def _of(name: str, group: str, does: str, kind: Kind, default: str, more: str = "") -> Preference:
    return Preference(name, group, does, kind, default, more=more)


def _later(
    name: str, group: str, does: str, kind: Kind, default: str, more: str = ""
) -> Preference:
    return Preference(name, group, does, kind, default, restart=True, more=more)


_USUAL = Settings()
_ANSWERS, _MODEL, _TOOLS, _SCREEN = "Answers", "Model", "Tools", "Screen"
_BUDGET = "Tokens of reasoning at {}, after which the answer begins."

PREFERENCES: Mapping[str, Preference] = MappingProxyType({
    each.name: each
    for each in (
        _of(
            "effort", _ANSWERS, "How much the model reasons, from the next question on.",
            OneOf(tuple(Effort)), _USUAL.effort, "gpt-oss cannot skip reasoning; low is the least.",
        ),
        _of(
            "reasoning.view", _ANSWERS, "How much of the reasoning is shown.",
            OneOf(tuple(ReasoningView)), _USUAL.reasoning,
        ),
        *(
            _of(
                f"reasoning.budget.{level}", _ANSWERS, _BUDGET.format(level), Count(), "no limit"
            )
            for level in Effort
        ),
        _of(
            "temperature", _ANSWERS, "0 always takes the likeliest token; 1 is what gpt-oss wants.",
            Number(0, 10), f"{_USUAL.temperature:g}",
        ),
        _of("instructions", _ANSWERS, "Standing wishes for every conversation.", Words(), "none"),
        _later(
            "model", _MODEL, "The gpt-oss GGUF file to talk to.", File(), "the embedded model",
            "/model changes it at once, and what was chosen there goes before this.",
        ),
        _later(
            "engine", _MODEL, "A server that has the model: what is said goes there.", Address(),
            "none: the model is on this machine",
            "llama.cpp, vLLM, Ollama, LM Studio; a key goes into CHAT_TUI_ENGINE_KEY.",
        ),
        _later(
            "engine_model", _MODEL, "The name of the model at that server.", Words(),
            "the gpt-oss that it has",
        ),
        _later(
            "engine_key", _MODEL, "The key of that server, if it wants one.", Secret(),
            "none, or what CHAT_TUI_ENGINE_KEY holds",
        ),
        _later("context", _MODEL, "Tokens of context.", Count(), "the most that fits"),
        _later("threads", _MODEL, "CPU threads.", Count(most=4096), "one for each physical core"),
        _later("gpu_layers", _MODEL, "Layers on the GPU.", Count(least=0), "what fits"),
        _later(
            "cpu_experts", _MODEL, "Layers whose experts stay in main memory.", Count(least=0),
            "as few as fit",
        ),
        _later(
            "flash_attention", _MODEL, "Attention with far smaller buffers.",
            OneOf(tuple(Switch)), _USUAL.flash_attention,
        ),
        _later(
            "rpc", _MODEL, "Machines that take layers: llama.cpp's RPC servers.", Words(), "none",
            "HOST:PORT, more with commas; nothing on the way is encrypted.",
        ),
        _later("models.folders", _MODEL, "Folders to look for models in.", Folders(), "none more"),
        _later(
            "models.mirror", _MODEL, "Where models are downloaded from.", Address(), "Hugging Face"
        ),
        _of(
            "tools.mode", _TOOLS, "What tools may do without a question.", OneOf(tuple(ToolMode)),
            _USUAL.tool_mode,
        ),
        _later(
            "tools.enabled", _TOOLS, "The tools that a conversation offers.", Some(TOOLS),
            ", ".join(TOOLS),
        ),
        _later(
            "search_server", _TOOLS, "A SearXNG server for searches of the web, each approved.",
            Address(), "none: the model has no web",
        ),
        _of(
            "theme", _SCREEN, "The colours.", Kind(), _USUAL.theme,
            "/theme shows them while you choose.",
        ),
        _of(
            "reduced_motion", _SCREEN, "Draw seldom what changes by itself.",
            OneOf(tuple(Switch)), _USUAL.reduced_motion,
            "auto: on where ACCESSIBLE or TEXTUAL_ANIMATIONS=none is set.",
        ),
        _of(
            "notify", _SCREEN, "A bell when an answer is done or a call waits for you.",
            OneOf(tuple(Notify)), _USUAL.notify,
            "away: while the terminal is not in front, if it tells (tmux: set -g focus-events on).",
        ),
        _later(
            "language", _SCREEN, "The language of menus and messages.", OneOf(tuple(Language)),
            _USUAL.language, "auto: what the locale says. Answers are in that of the question.",
        ),
    )
})  # fmt: skip
"""Every setting by name, in the order in which they are shown."""

_ALSO = {"reasoning": "reasoning.view", "tools": "tools.enabled", "budget": "reasoning.budget.high"}
ELSEWHERE = "Keys, MCP servers and what tools are always or never allowed stand in the file itself."


def preference(name: str) -> Preference:
    """The one of that name. Raises UsageError."""
    wanted = _ALSO.get(name, name)
    if wanted in PREFERENCES:
        return PREFERENCES[wanted]
    near = get_close_matches(name, PREFERENCES, 1)
    hint = f"Is it {near[0]}?" if near else f"There are: {', '.join(PREFERENCES)}."
    raise UsageError(f"There is no setting '{clean_line(name)[:60]}'.", hint)


def matching(words: str) -> list[Preference]:
    """Those that have all of the words somewhere, in the order of the table."""
    wanted = words.casefold().split()
    return [
        each
        for each in PREFERENCES.values()
        if all(
            word in f"{each.name} {each.group} {each.does} {each.kind.hint}".casefold()
            for word in wanted
        )
    ]
