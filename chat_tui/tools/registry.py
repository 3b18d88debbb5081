"""All tools of a conversation behind one door.

Knows the shape of a tool, and how results have to look before the model gets them: without
control codes, and short. The boundary where whatever goes wrong in a tool becomes a result; must
not know who approved a call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from chat_tui.conversation import Message, Role, ToolSpec
from chat_tui.errors import ChatError, ToolError
from chat_tui.events import ToolFinished, ToolProgressed
from chat_tui.language import _
from chat_tui.tools.base import CallView, Context, Progress, Result, Risk, Stop, Tool
from chat_tui.tools.output import shortened
from chat_tui.untrusted import clean

MODEL_LIMIT = 16_000
"""Characters of a result that the model gets: about 4,000 tokens."""
FULL_LIMIT = 1 << 20
"""Characters of a result that are kept for the user."""


class Registry:
    """Implements ``session.turn.Toolbox``: names to tools."""

    def __init__(
        self,
        tools: Iterable[Tool],
        workspace: Path,
        finished: Callable[[Message, Result], None] = lambda _call, _result: None,
    ) -> None:
        """``finished`` gets each result with its attachments and its full text, cleaned.

        Raises ToolError where two tools have a name in common.
        """
        self._tools = tuple(tools)
        self._workspace = workspace
        self._finished = finished
        self._by_recipient: dict[str, Tool] = {}
        for tool in self._tools:
            for recipient in tool.spec.recipients:
                if recipient in self._by_recipient:
                    raise ToolError(
                        _("There are two tools named {tool}.").format(tool=recipient),
                        _("Rename or remove one of them."),
                    )
                self._by_recipient[recipient] = tool

    @property
    def workspace(self) -> Path:
        """The folder that calls run in."""
        return self._workspace

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """What the model is told: one namespace each, those of one name put together."""
        merged: dict[str, ToolSpec] = {}
        for tool in self._tools:
            spec, known = tool.spec, merged.get(tool.spec.namespace)
            if known is not None:
                spec = replace(
                    known,
                    functions=(*known.functions, *spec.functions),
                    description=known.description or spec.description,
                )
            merged[spec.namespace] = spec
        return tuple(merged.values())

    def spec_of(self, call: Message) -> ToolSpec | None:
        """What the model was told of the tool that ``call`` goes to; None for no tool."""
        tool = self._tool(call)
        return tool.spec if tool is not None else None

    def describe(self, call: Message) -> CallView:
        """What ``call`` would do; ``problem`` says why it cannot run, a failing tool too."""
        tool = self._tool(call)
        if tool is None:
            return _impossible(call, self._no_tool(call))
        try:
            return tool.describe(call)
        except ChatError as error:
            return _impossible(call, str(error))
        except Exception as error:  # noqa: BLE001  the boundary of tools
            return _impossible(call, f"The tool failed: {error}")

    def run(self, call: Message, cancel: Stop) -> Iterator[ToolProgressed | ToolFinished]:
        """Run one call; ends with ToolFinished, whatever the tool does."""
        tool = self._tool(call)
        result: Result | None = None
        if tool is None:
            result = Result(self._no_tool(call), failed=True)
        else:
            try:
                for event in tool.run(call, Context(self._workspace, cancel)):
                    if isinstance(event, Progress):
                        yield ToolProgressed(call, event.text)
                    else:
                        result = event
                        break
            except ChatError as error:
                result = Result(str(error), failed=True)
            except Exception as error:  # noqa: BLE001  the boundary of tools
                result = Result(f"The tool failed: {type(error).__name__}: {error}", failed=True)
        result = presentable(result or Result("The tool ended without a result.", failed=True))
        self._finished(call, result)
        yield ToolFinished(
            call,
            Message(
                Role.TOOL,
                result.text,
                channel=call.channel,
                recipient="assistant",
                name=call.recipient,
            ),
        )

    def close(self) -> None:
        """Close all tools, also when one of them fails at it."""
        for tool in self._tools:
            with suppress(Exception):
                tool.close()

    def _tool(self, call: Message) -> Tool | None:
        return self._by_recipient.get(call.recipient or "")

    def _no_tool(self, call: Message) -> str:
        names = ", ".join(self._by_recipient) or "none"
        return f"There is no tool named {call.recipient}. The tools are: {names}."


def presentable(result: Result) -> Result:
    """``result`` without control codes, in the length that a model gets; the rest in ``full``."""
    text = clean(shortened(result.text, FULL_LIMIT))
    full = clean(shortened(result.full, FULL_LIMIT))
    short = shortened(text, MODEL_LIMIT)
    if short != text and not full:
        full = text
    return replace(result, text=short or "The tool had nothing to say.", full=full)


def _impossible(call: Message, problem: str) -> CallView:
    return CallView(
        title=_("Call {tool}").format(tool=call.recipient),
        body=call.content,
        risk=Risk.OUTSIDE,
        problem=clean(problem),
    )
