"""Tools that do nothing but remember, and what a model writes to call them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from chat_tui.conversation import FunctionSpec, Message, ToolSpec
from chat_tui.sandbox.base import BUBBLEWRAP, Tier
from chat_tui.session.offer import Finished, Offer
from chat_tui.session.standing import Standing
from chat_tui.session.toolset import Toolset
from chat_tui.settings import ToolMode
from chat_tui.tools.base import Attachment, CallView, Context, Progress, Result, Risk
from chat_tui.tools.library import Library
from chat_tui.tools.registry import Registry

FINAL = "<|channel|>final<|message|>All done.<|return|>"


def python(code: str) -> str:
    """A call of python."""
    return f"<|channel|>analysis to=python code<|message|>{code}<|call|>"


class Pretend:
    """A ``python`` that runs nothing: it remembers the code and answers."""

    spec = ToolSpec("python", description="Runs code.")

    def __init__(
        self,
        *,
        answer: str = "forty-two",
        live: str = "",
        failed: bool = False,
        files: tuple[Attachment, ...] = (),
        risk: Risk = Risk.RUNS,
        rule: str = "any Python code in the sandbox",
    ) -> None:
        self.ran: list[str] = []
        self.hold = threading.Event()
        self.hold.set()
        self.answer = answer
        self._live, self._failed, self._files = live, failed, files
        self._risk, self._rule = risk, rule

    def describe(self, call: Message) -> CallView:
        """What a card shows."""
        return CallView(
            "Run Python (sandboxed)",
            call.content,
            self._risk,
            "python",
            touches=("reads and writes the workspace", "no network"),
            rule=self._rule,
            problem=None if call.content.strip() else "There is no code in this call.",
        )

    def run(self, call: Message, context: Context) -> Iterator[Progress | Result]:
        """Remember, say, answer."""
        self.ran.append(call.content)
        if self._live:
            yield Progress(self._live)
        while not self.hold.wait(0.02) and not context.stop.is_set():
            pass
        yield Result(self.answer, self._failed, self._files)

    def close(self) -> None:
        """Nothing is held."""


class Looks:
    """A ``browser`` that only reads."""

    spec = ToolSpec("browser", (FunctionSpec("search"),), "Searches.")

    def __init__(self, answer: str) -> None:
        self.answer = answer

    def describe(self, call: Message) -> CallView:
        """What a card shows."""
        return CallView("Search tea", call.content, Risk.READS, "json", touches=("reads files",))

    def run(self, call: Message, context: Context) -> Iterator[Progress | Result]:
        """The page."""
        del call, context
        yield Result(self.answer)

    def close(self) -> None:
        """Nothing is held."""


class Edits:
    """An ``apply_patch`` that edits nothing."""

    spec = ToolSpec("functions", (FunctionSpec("apply_patch"),))

    def describe(self, call: Message) -> CallView:
        """A diff."""
        return CallView(
            "Edit tea.md",
            call.content,
            Risk.WRITES,
            "diff",
            diff="--- a/tea.md\n+++ b/tea.md\n@@ -1 +1 @@\n-cold\n+hot\n",
            touches=("changes tea.md",),
        )

    def run(self, call: Message, context: Context) -> Iterator[Progress | Result]:
        """Done."""
        del call, context
        yield Result("Success.")

    def undo(self) -> str:
        """Done."""
        return "Restored tea.md"

    def close(self) -> None:
        """Nothing is held."""


def toolset(
    *tools: Pretend | Looks | Edits,
    tier: Tier = BUBBLEWRAP,
    mode: ToolMode = ToolMode.ASK,
    missing: dict[str, str] | None = None,
    built: Callable[[], None] = lambda: None,
    standing: Standing | None = None,
    unasked: bool = False,
    library: Library | None = None,
) -> Toolset:
    """These tools in a workspace that does not matter."""

    def build(finished: Finished) -> Offer:
        built()
        edits = next((tool for tool in tools if isinstance(tool, Edits)), None)
        registry = Registry(tools, Path("/somewhere"), finished)
        return Offer(registry, tier, missing=missing or {}, patches=edits, library=library)

    return Toolset(build, mode=mode, standing=standing, unasked=unasked)
