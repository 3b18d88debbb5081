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
from chat_tui.language import N_, Language, _
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
    """One setting; its texts are English, ``_`` says them in the chosen language."""

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

    @property
    def usual(self) -> str:
        """The default as people read it: what could be typed stays as it is."""
        return self.default if self.kind.choices else _(self.default)


def _of(name: str, group: str, does: str, kind: Kind, default: str, more: str = "") -> Preference:
    return Preference(name, group, does, kind, default, more=more)


def _later(
    name: str, group: str, does: str, kind: Kind, default: str, more: str = ""
) -> Preference:
    return Preference(name, group, does, kind, default, restart=True, more=more)


_USUAL = Settings()
_ANSWERS, _MODEL, _TOOLS, _SCREEN = N_("Answers"), N_("Model"), N_("Tools"), N_("Screen")
_BUDGETS = {
    Effort.LOW: N_("Tokens of reasoning at low, after which the answer begins."),
    Effort.MEDIUM: N_("Tokens of reasoning at medium, after which the answer begins."),
    Effort.HIGH: N_("Tokens of reasoning at high, after which the answer begins."),
}

PREFERENCES: Mapping[str, Preference] = MappingProxyType({
    each.name: each
    for each in (
        _of(
            "effort", _ANSWERS, N_("How much the model reasons, from the next question on."),
            OneOf(tuple(Effort)), _USUAL.effort,
            N_("gpt-oss cannot skip reasoning; low is the least."),
        ),
        _of(
            "reasoning.view", _ANSWERS, N_("How much of the reasoning is shown."),
            OneOf(tuple(ReasoningView)), _USUAL.reasoning,
        ),
        *(
            _of(
                f"reasoning.budget.{level}", _ANSWERS, _BUDGETS[level], Count(), N_("no limit")
            )
            for level in Effort
        ),
        _of(
            "temperature", _ANSWERS,
            N_("0 always takes the likeliest token; 1 is what gpt-oss wants."),
            Number(0, 10), f"{_USUAL.temperature:g}",
        ),
        _of(
            "instructions", _ANSWERS, N_("Standing wishes for every conversation."), Words(),
            N_("none"),
        ),
        _later(
            "model", _MODEL, N_("The gpt-oss GGUF file to talk to."), File(),
            N_("the embedded model"),
            N_("/model changes it at once, and what was chosen there goes before this."),
        ),
        _later(
            "engine", _MODEL, N_("A server that has the model: what is said goes there."),
            Address(), N_("none: the model is on this machine"),
            N_("llama.cpp, vLLM, Ollama, LM Studio; a key goes into CHAT_TUI_ENGINE_KEY."),
        ),
        _later(
            "engine_model", _MODEL, N_("The name of the model at that server."), Words(),
            N_("the gpt-oss that it has"),
        ),
        _later(
            "engine_key", _MODEL, N_("The key of that server, if it wants one."), Secret(),
            N_("none, or what CHAT_TUI_ENGINE_KEY holds"),
        ),
        _later("context", _MODEL, N_("Tokens of context."), Count(), N_("the most that fits")),
        _later(
            "threads", _MODEL, N_("CPU threads."), Count(most=4096),
            N_("one for each physical core"),
        ),
        _later("gpu_layers", _MODEL, N_("Layers on the GPU."), Count(least=0), N_("what fits")),
        _later(
            "cpu_experts", _MODEL, N_("Layers whose experts stay in main memory."), Count(least=0),
            N_("as few as fit"),
        ),
        _later(
            "flash_attention", _MODEL, N_("Attention with far smaller buffers."),
            OneOf(tuple(Switch)), _USUAL.flash_attention,
        ),
        _later(
            "rpc", _MODEL, N_("Machines that take layers: llama.cpp's RPC servers."), Words(),
            N_("none"), N_("HOST:PORT, more with commas; nothing on the way is encrypted."),
        ),
        _later(
            "models.folders", _MODEL, N_("Folders to look for models in."), Folders(),
            N_("none more"),
        ),
        _later(
            "models.mirror", _MODEL, N_("Where models are downloaded from."), Address(),
            "Hugging Face",
        ),
        _of(
            "tools.mode", _TOOLS, N_("What tools may do without a question."),
            OneOf(tuple(ToolMode)), _USUAL.tool_mode,
        ),
        _later(
            "tools.enabled", _TOOLS, N_("The tools that a conversation offers."), Some(TOOLS),
            ", ".join(TOOLS),
        ),
        _later(
            "search_server", _TOOLS, N_("A SearXNG server for searches of the web, each approved."),
            Address(), N_("none: the model has no web"),
        ),
        _of(
            "theme", _SCREEN, N_("The colours."), Kind(), _USUAL.theme,
            N_("/theme shows them while you choose."),
        ),
        _of(
            "reduced_motion", _SCREEN, N_("Draw seldom what changes by itself."),
            OneOf(tuple(Switch)), _USUAL.reduced_motion,
            N_("auto: on where ACCESSIBLE or TEXTUAL_ANIMATIONS=none is set."),
        ),
        _of(
            "notify", _SCREEN, N_("A bell when an answer is done or a call waits for you."),
            OneOf(tuple(Notify)), _USUAL.notify,
            N_(
                "away: while the terminal is not in front, if it tells"
                " (tmux: set -g focus-events on)."
                " kitty, Ghostty, WezTerm, iTerm2 and foot say it on the desktop too."
            ),
        ),
        _later(
            "language", _SCREEN, N_("The language of menus and messages."), OneOf(tuple(Language)),
            _USUAL.language, N_("auto: what the locale says. Answers are in that of the question."),
        ),
    )
})  # fmt: skip
"""Every setting by name, in the order in which they are shown."""

_ALSO = {"reasoning": "reasoning.view", "tools": "tools.enabled", "budget": "reasoning.budget.high"}
ELSEWHERE = N_(
    "Keys, MCP servers and what tools are always or never allowed stand in the file itself."
)


def preference(name: str) -> Preference:
    """The one of that name. Raises UsageError."""
    wanted = _ALSO.get(name, name)
    if wanted in PREFERENCES:
        return PREFERENCES[wanted]
    near = get_close_matches(name, PREFERENCES, 1)
    problem = _("There is no setting '{name}'.").format(name=clean_line(name)[:60])
    if near:
        raise UsageError(problem, _("Is it {name}?").format(name=near[0]))
    raise UsageError(problem, _("There are: {names}.").format(names=", ".join(PREFERENCES)))


def matching(words: str) -> list[Preference]:
    """Those that have all of the words somewhere, in the order of the table.

    English finds them too, whatever the language is.
    """
    wanted = words.casefold().split()
    found = []
    for each in PREFERENCES.values():
        texts = (each.group, each.does, _(each.group), _(each.does))
        said = " ".join([each.name, *texts, each.kind.hint, each.kind.words]).casefold()
        if all(word in said for word in wanted):
            found.append(each)
    return found
