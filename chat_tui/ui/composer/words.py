"""The words that may follow a command, where they are few and known only now.

Knows who can tell them; must not know how they are shown. Models are looked for when they are
first asked for, which takes a while: until then none are offered.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Protocol

from chat_tui.errors import ChatError
from chat_tui.language import N_, _
from chat_tui.session.chat import Chat
from chat_tui.settings import ToolMode
from chat_tui.supply import Model
from chat_tui.ui.clipboard import code_blocks

LONG_ANSWER = 50_000
"""Characters beyond which an answer is not looked through for code while somebody types."""

Pairs = Sequence[tuple[str, str]]
_MODES = (
    (ToolMode.ASK, N_("all ask before they run")),
    (ToolMode.READ_ONLY, N_("those that only read run, the others not")),
    (ToolMode.OFF, N_("the model is not told of any")),
)
_EXPORTS = (
    ("md", N_("Markdown")),
    ("md reasoning", N_("Markdown, the reasoning too")),
    ("html", N_("a page for the browser")),
    ("html reasoning", N_("a page, the reasoning too")),
    ("json", N_("nothing is left out; chat-tui import reads it")),
)


class Stocked(Protocol):
    """What is asked of a look at the models."""

    @property
    def models(self) -> Sequence[Model]:
        """All there are."""


class Words:
    """Tells the words behind each command, with what they are; none leaves those of its usage."""

    def __init__(
        self,
        chat: Chat,
        themes: Callable[[], Sequence[str]],
        answer: Callable[[], str],
        models: Callable[[], Coroutine[None, None, Stocked]] | None,
        later: Callable[[Coroutine[None, None, None]], object],
        found: Callable[[], None],
    ) -> None:
        self._chat = chat
        self._themes = themes
        self._answer = answer
        self._look = models
        self._later = later
        self._found = found
        self._models: Pairs = ()
        self._looks = False

    def __call__(self, command: str) -> Pairs:
        """Those behind this command."""
        match command:
            case "theme":
                return [(name, "") for name in self._themes()]
            case "tools":
                return self._tools()
            case "copy":
                return self._code()
            case "export":
                return [(words, _(does)) for words, does in _EXPORTS]
            case "model":
                if self._look is not None and not self._looks:
                    self._looks = True
                    self._later(self._find(self._look))
                return self._models
        return ()

    async def _find(self, look: Callable[[], Coroutine[None, None, Stocked]]) -> None:
        with suppress(ChatError, OSError):
            stock = await look()
            gigabytes = _("{n:.1f} GB")
            self._models = [
                (model.name, " · ".join((gigabytes.format(n=model.size / 1e9), model.source)))
                for model in stock.models
            ]
        self._looks = bool(self._models)
        if self._models:
            self._found()

    def _tools(self) -> Pairs:
        tools = self._chat.tools
        if tools is None or not tools.is_built:
            return ()
        is_off = tools.mode is ToolMode.OFF
        now = {True: _("off with all tools") if is_off else _("is on"), False: _("is off")}
        return [
            *((mode, _(does)) for mode, does in _MODES),
            *((f"{one.name} {'off' if one.on else 'on'}", now[one.on]) for one in tools.states),
        ]

    def _code(self) -> Pairs:
        answer = self._answer()
        blocks = code_blocks(answer) if len(answer) <= LONG_ANSWER else []
        firsts = [block.strip().split("\n", 1)[0] for block in blocks]
        numbered = [(str(number), first) for number, first in enumerate(firsts, 1)]
        return [*numbered, ("message", _("what you said last"))]
