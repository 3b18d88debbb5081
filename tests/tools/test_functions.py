"""The user's own functions: what a file may hold, who lets it run, and what the model is told."""

from __future__ import annotations

import enum
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, TypedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from chat_tui.errors import ToolError
from chat_tui.tools import functions, hints
from chat_tui.tools.approved import Approvals, State, ToolFile, scan
from chat_tui.tools.base import Risk
from chat_tui.tools.functions import FunctionsTool
from tests.tools.conftest import Flag, function_call, outcome

SOURCE = '''
"""My tools."""
import os, time
from typing import Literal

def weather(city: str, unit: Literal["C", "F"] = "C") -> dict:
    """Say what the weather is.

    Args:
        city: Where,
            in the local spelling.
        unit: Degrees.
    """
    print("looking out of the window")
    return {"city": city, "unit": unit, "ä": 20}

def fail() -> str:
    """Fail."""
    raise LookupError("no such thing")

def wait(seconds: float) -> str:
    """Wait."""
    time.sleep(seconds)
    return "waited"

def vanish():
    """Go."""
    os._exit(1)

def _hidden(): pass
'''


@pytest.fixture
def file(tmp_path: Path) -> ToolFile:
    folder = tmp_path / "tools"
    folder.mkdir()
    (folder / "mine.py").write_text(SOURCE)
    (folder / "_helper.py").write_text("raise SystemExit")
    (folder / "notes.txt").write_text("no code")
    (found,), problems = scan(folder)
    assert problems == ()
    return found


@pytest.fixture
def tool(file: ToolFile, tmp_path: Path) -> Iterator[FunctionsTool]:
    approvals = Approvals(tmp_path / "approved.json")
    approvals.approve(file, functions.inspect(file))
    made = FunctionsTool(file, approvals.functions(file), seconds=20)
    yield made
    made.close()


def test_a_file_is_new_until_it_is_approved_and_again_when_a_byte_changes(
    file: ToolFile, tmp_path: Path
) -> None:
    where = tmp_path / "config" / "approved.json"
    approvals = Approvals(where)
    assert approvals.state(file) is State.NEW
    with pytest.raises(ToolError, match="not approved"):
        approvals.functions(file)
    approvals.approve(file, functions.inspect(file))
    again = Approvals(where)
    assert again.state(file) is State.APPROVED
    assert [each.name for each in again.functions(file)] == ["weather", "fail", "wait", "vanish"]
    changed = ToolFile(file.path, file.source + " ")
    assert again.state(changed) is State.CHANGED
    with pytest.raises(ToolError, match="not approved"):
        again.functions(changed)
    again.revoke(file.path)
    assert Approvals(where).state(file) is State.NEW


def test_a_damaged_list_of_approvals_approves_nothing(tmp_path: Path) -> None:
    where = tmp_path / "approved.json"
    where.write_text("{")
    with pytest.raises(ToolError, match="cannot be read"):
        Approvals(where)


def test_the_model_is_told_what_hints_and_docstrings_say(tool: FunctionsTool) -> None:
    weather = tool.spec.functions[0]
    assert weather.description == "Say what the weather is."
    assert weather.parameters == {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "Where, in the local spelling."},
            "unit": {
                "type": "string",
                "enum": ["C", "F"],
                "description": "Degrees.",
                "default": "C",
            },
        },
        "required": ["city"],
    }
    assert tool.spec.functions[1].parameters is None


@pytest.mark.parametrize(
    ("name", "arguments", "said", "failed"),
    [
        ("weather", '{"city": "Köln"}', '{"city": "Köln", "unit": "C", "ä": 20}', False),
        ("weather", '{"city": "Köln", "unit": "K"}', "unit should be one of 'C', 'F'.", True),
        ("weather", '{"city": 3}', "city should be of type string.", True),
        ("weather", "{}", "The argument city is missing.", True),
        ("weather", '{"city": "x", "day": 1}', "There is no argument day.", True),
        ("wait", '{"seconds": 0}', "waited", False),
        ("fail", "", "LookupError: no such thing (line 19 of", True),
        ("vanish", "", "The functions' process is gone: it ended with status 1.", True),
    ],
)
def test_calls_are_answered(
    tool: FunctionsTool, workspace: Path, name: str, arguments: str, said: str, failed: bool
) -> None:
    _, result = outcome(tool, function_call(f"functions.{name}", arguments), workspace)
    assert result.text.startswith(said)
    assert result.failed is failed


def test_what_a_function_prints_is_for_the_user(tool: FunctionsTool, workspace: Path) -> None:
    call = function_call("functions.weather", '{"city": "x"}')
    live, result = outcome(tool, call, workspace)
    assert live == "looking out of the window\n"
    assert "window" not in result.text


def test_a_running_function_can_be_stopped(tool: FunctionsTool, workspace: Path) -> None:
    flag = Flag()
    threading.Timer(0.3, flag.set).start()
    call = function_call("functions.wait", '{"seconds": 60}')
    _, result = outcome(tool, call, workspace, flag)
    assert result.failed
    again = function_call("functions.wait", '{"seconds": 0}')
    assert outcome(tool, again, workspace)[1].text == "waited"


def test_each_call_is_asked_about(tool: FunctionsTool) -> None:
    view = tool.describe(function_call("functions.weather", '{"city":"x"}'))
    assert view.risk is Risk.OUTSIDE
    assert not view.rule
    assert json.loads(view.body) == {"city": "x"}
    assert tool.describe(function_call("functions.weather", '{"city":')).problem


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def f(x): pass", r"f\(x\) has no type hint"),
        ("def f(*x: int): pass", r"\* and \*\*"),
        ("def f(x: int, /): pass", "a model gives names"),
        ("def f(x: bytes): pass", r"f\(x\): bytes cannot be told .* Supported are str"),
        ("def f(x: 'Unknown'): pass", "The type hints of f cannot be read"),
        ("def f(x: dict[int, str]): pass", r"f\(x\)"),
        ("def f(:", "SyntaxError"),
        ("1 / 0", "ZeroDivisionError.*line 1"),
        ("x = 1", "defines no public function"),
        ("raise SystemExit", "SystemExit"),
        ("import os; os._exit(7)", "status 7"),
    ],
)
def test_what_cannot_be_offered_is_explained_to_its_author(
    tmp_path: Path, source: str, said: str
) -> None:
    with pytest.raises(ToolError, match=said):
        functions.inspect(ToolFile(tmp_path / "mine.py", source))


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Point(TypedDict):
    x: float
    name: Annotated[str, "what it is called"]


HINTS: list[tuple[Any, Any, Any]] = [
    (Colour, "red", Colour.RED),
    (Point, {"x": 1, "name": "a"}, {"x": 1, "name": "a"}),
    (list[Colour], ["blue"], [Colour.BLUE]),
    (dict[str, float], {"a": 1}, {"a": 1.0}),
    (int | None, None, None),
    (int | Colour, "red", Colour.RED),
    (Literal[1, "a"], "a", "a"),
    (Annotated[bool, "whether"], True, True),
    (Any, {"a": []}, {"a": []}),
    (list, [1, "a"], [1, "a"]),
]


@pytest.mark.parametrize(("hint", "given_value", "wanted"), HINTS)
def test_values_come_as_the_hints_say(hint: Any, given_value: Any, wanted: Any) -> None:
    schema = hints.schema_of(hint, "f(x)")
    Draft202012Validator(schema).validate(given_value)
    assert hints.converted(hint, given_value, "x") == wanted


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
CLOSED = [str, int, float, bool, list[int], dict[str, str], Colour, Literal["a"], int | None]


@given(st.sampled_from(CLOSED), VALUES)
@settings(max_examples=300, deadline=None)
def test_a_value_passes_where_the_schema_lets_it_pass(hint: Any, value: Any) -> None:
    fits = Draft202012Validator(hints.schema_of(hint, "x")).is_valid(value)
    try:
        hints.converted(hint, value, "x")
        passed = True
    except ValueError:
        passed = False
    whole_float = isinstance(value, float) or (
        isinstance(value, list) and any(isinstance(each, float) for each in value)
    )
    assert passed == fits or whole_float  # JSON Schema takes 1.0 for an integer


@pytest.mark.parametrize("make", [lambda: 1 / 0, object, lambda: None])
def test_a_package_whose_tool_cannot_be_made_is_named(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[], object]
) -> None:
    class Point:
        name = "broken"

        def load(self) -> Callable[[], object]:
            return make

    monkeypatch.setattr(functions, "entry_points", lambda group: [Point()] if group else [])
    tools, (problem,) = functions.installed()
    assert tools == ()
    assert "broken" in problem.message
