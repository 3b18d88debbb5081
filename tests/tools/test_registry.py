"""The registry: whatever a tool does, the model gets a short clean text and the turn goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chat_tui.conversation import FunctionSpec, Message, ToolSpec
from chat_tui.errors import ToolError
from chat_tui.events import ToolFinished, ToolProgressed
from chat_tui.tools.base import CallView, Context, Progress, Result, Risk
from chat_tui.tools.registry import MODEL_LIMIT, Registry
from tests.tools.conftest import Flag, function_call


class Doing:
    """A tool that does what the test says."""

    def __init__(
        self, do: Callable[[], Iterator[Progress | Result]], name: str = "act", more: str = ""
    ) -> None:
        self.spec = ToolSpec("functions", (FunctionSpec(name, more),))
        self.closed = 0
        self._do = do

    def describe(self, call: Message) -> CallView:
        if call.content == "bad":
            raise RuntimeError("no view")
        return CallView("Act", call.content, Risk.READS)

    def run(self, call: Message, context: Context) -> Iterator[Progress | Result]:
        del call, context
        return self._do()

    def close(self) -> None:
        self.closed += 1
        raise OSError("cannot close")


def says(*events: Progress | Result) -> Callable[[], Iterator[Progress | Result]]:
    return lambda: iter(events)


def fails() -> Iterator[Progress | Result]:
    yield Progress("so far")
    raise RuntimeError("broken \x1b[31mtool")


def refuses() -> Iterator[Progress | Result]:
    raise ToolError("Not today.", "Try tomorrow.")


def finished(
    do: Callable[[], Iterator[Progress | Result]], recipient: str = "functions.act"
) -> tuple[str, Result, list[str]]:
    kept: list[Result] = []
    registry = Registry([Doing(do)], Path("/w"), lambda _call, result: kept.append(result))
    events = list(registry.run(function_call(recipient, "{}"), Flag()))
    last = events.pop()
    assert isinstance(last, ToolFinished)
    live = [event.text for event in events if isinstance(event, ToolProgressed)]
    assert last.result.name == recipient
    assert last.result.recipient == "assistant"
    assert last.result.channel == "commentary"
    return last.result.content, kept[0], live


@pytest.mark.parametrize(
    ("do", "said"),
    [
        (says(Result("fine")), "fine"),
        (says(), "The tool ended without a result."),
        (says(Result("")), "The tool had nothing to say."),
        (says(Result("first"), Result("second")), "first"),
        (fails, "The tool failed: RuntimeError: broken tool"),
        (refuses, "Not today. Try tomorrow."),
        (says(Result("a\x00b\x1b]52;c;evil\x07\x9b2J\u202ec")), "abc"),
        (says(Result("[@click=app.quit]x[/]")), "[@click=app.quit]x[/]"),
        (says(Result("\ud800x")), "x"),
    ],
)
def test_every_run_ends_with_a_clean_result(
    do: Callable[[], Iterator[Progress | Result]], said: str
) -> None:
    assert finished(do)[0] == said


def test_live_output_passes_and_comes_before_the_end() -> None:
    said, _, live = finished(says(Progress("a"), Progress("b"), Result("c")))
    assert (said, live) == ("c", ["a", "b"])


@pytest.mark.parametrize("text", ["line\n" * 50_000, "x" * 3_000_000])
def test_a_long_result_is_cut_for_the_model_and_kept_for_the_user(text: str) -> None:
    said, kept, _ = finished(says(Result(text)))
    assert len(said) <= MODEL_LIMIT + 60
    assert said[:100] == text[:100]
    assert said[-3:] == text[-3:]
    assert "characters left out" in said
    assert len(said) < len(kept.full) <= (1 << 20) + 60


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    said, kept, _ = finished(says(Result("fine")), "functions.acct")
    assert kept.failed
    assert "functions.act" in said


def test_namespaces_are_told_as_one_and_names_are_unique() -> None:
    registry = Registry([Doing(says(), "a"), Doing(says(), "b", "B.")], Path("/w"))
    (spec,) = registry.specs
    assert spec.recipients == ("functions.a", "functions.b")
    with pytest.raises(ToolError, match=r"two tools named functions\.a"):
        Registry([Doing(says(), "a"), Doing(says(), "a")], Path("/w"))


def test_a_tool_that_cannot_say_what_it_would_do_is_a_problem_not_a_crash() -> None:
    registry = Registry([Doing(says())], Path("/w"))
    assert registry.describe(function_call("functions.act", "bad")).problem
    assert registry.describe(function_call("functions.other", "{}")).problem
    assert registry.describe(function_call("functions.act", "{}")).problem is None


def test_closing_reaches_every_tool() -> None:
    tools = [Doing(says(), "a"), Doing(says(), "b")]
    Registry(tools, Path("/w")).close()
    assert [tool.closed for tool in tools] == [1, 1]
