"""The tools of a conversation: built late, switched, asked about, remembered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chat_tui.conversation import ANALYSIS, Conversation, Message, Role
from chat_tui.engine.protocol import Cancel
from chat_tui.errors import ToolError, UsageError
from chat_tui.events import ToolFinished
from chat_tui.paths import Paths
from chat_tui.sandbox.base import NONE, Tier
from chat_tui.sandbox.choose import Choice as Found
from chat_tui.sandbox.unconfined import Unconfined
from chat_tui.session.equipment import EMPTY, equip
from chat_tui.session.gate import Choice, Reply
from chat_tui.session.toolset import Toolset
from chat_tui.session.turn import Decision
from chat_tui.settings import TOOLS, ToolMode
from tests.ui.tools import Edits, Looks, Pretend, toolset

CALL = Message(Role.ASSISTANT, "print(1)", ANALYSIS, "python", "code")
LOOK = Message(Role.ASSISTANT, "{}", ANALYSIS, "browser.search", "code")


def names(tools: Toolset) -> list[str]:
    return [name for spec in tools.specs for name in spec.recipients]


def test_nothing_is_built_before_it_is_needed() -> None:
    built: list[bool] = []
    tools = toolset(Pretend(), built=lambda: built.append(True))
    tools.mode = ToolMode.READ_ONLY
    tools.close()
    assert not built
    assert names(tools) == ["python"]
    assert names(tools) == ["python"]
    assert len(built) == 1


def test_a_fault_in_building_is_an_error_that_can_be_shown() -> None:
    def fail() -> None:
        raise RuntimeError("no disk")

    with pytest.raises(ToolError, match="no disk"):
        _ = toolset(built=fail).specs


def test_off_offers_nothing_and_denies() -> None:
    tools = toolset(Pretend(), mode=ToolMode.OFF)
    assert names(tools) == []
    assert tools.approve(CALL, Cancel()).decision is Decision.DENY


def test_a_tool_that_is_switched_off_is_neither_offered_nor_run() -> None:
    tools = toolset(Pretend(), Edits(), Looks(""))
    tools.ask = lambda _request, _stop: Reply(Choice.ONCE)
    tools.switch("python", on=False)
    assert names(tools) == ["functions.apply_patch", "browser.search"]
    assert tools.approve(CALL, Cancel()).decision is Decision.DENY
    tools.switch("python", on=True)
    assert tools.approve(CALL, Cancel()).decision is Decision.ALLOW


def test_what_cannot_be_had_cannot_be_switched_on() -> None:
    tools = toolset(Pretend(), missing={"browser": "Nothing to browse."})
    with pytest.raises(UsageError, match="cannot be had"):
        tools.switch("browser", on=True)
    with pytest.raises(UsageError, match="no tool"):
        tools.switch("rm", on=True)


def test_read_only_lets_the_browser_look_and_nothing_else_run() -> None:
    tools = toolset(Pretend(), Looks("a page"), mode=ToolMode.READ_ONLY)
    said: list[str] = []
    tools.denied = lambda call, _why: said.append(call.recipient or "")
    assert tools.approve(LOOK, Cancel()).decision is Decision.ALLOW
    assert tools.approve(CALL, Cancel()).decision is Decision.DENY
    assert said == ["python"]


def test_a_stopped_turn_runs_nothing_whatever_was_answered() -> None:
    tools = toolset(Pretend())
    cancel = Cancel()

    def late(_request: object, _stop: object) -> Reply:
        cancel.set()
        return Reply(Choice.ONCE)

    tools.ask = late
    assert tools.approve(CALL, cancel).decision is Decision.DENY


def test_one_byte_more_in_a_bound_call_asks_again() -> None:
    tools = toolset(Pretend(rule=""))
    asked: list[str] = []

    def always(request: object, _stop: object) -> Reply:
        asked.append(request.call.content)  # type: ignore[attr-defined]
        return Reply(Choice.CONVERSATION)

    tools.ask = always
    for content in ("print(1)", "print(1)", "print(1) ", "print(1)"):
        tools.approve(replace(CALL, content=content), Cancel())
    assert asked == ["print(1)", "print(1) "]


def test_the_result_of_a_call_can_be_looked_up_with_what_only_the_user_gets() -> None:
    tools = toolset(Pretend(answer="x" * 50_000))
    (*_, last) = tools.run(CALL, Cancel())
    assert isinstance(last, ToolFinished)
    came = tools.result(CALL)
    assert came is not None
    assert len(last.result.content) < 20_000
    assert len(came.full) == 50_000


def where(tmp_path: Path) -> Paths:
    return Paths(*(tmp_path / name for name in ("config", "data", "state", "cache", "log")))


def no_walls(_private: object) -> Found:
    tier = Tier("bubblewrap", "sandboxed", complete=True)
    return Found(Unconfined(()), ((tier, "bubblewrap is not installed.", "apt install it"),))


def test_without_a_sandbox_python_is_not_offered_and_why_is_said(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    tools = Toolset(
        lambda finished: equip(where(tmp_path), tmp_path / "work", TOOLS, finished, probe=no_walls)
    )
    assert names(tools) == ["functions.apply_patch"]
    assert tools.offer.tier == NONE
    problems = {state.name: state.problem for state in tools.states}
    assert "bubblewrap is not installed. apt install it" in problems["python"]
    assert problems["browser"] == EMPTY


def test_a_workspace_that_is_too_much_gets_no_tool_that_writes(tmp_path: Path) -> None:
    tools = Toolset(lambda finished: equip(where(tmp_path), Path.home(), TOOLS, finished))
    assert names(tools) == []
    problems = {state.name: state.problem for state in tools.states}
    assert "too much" in problems["python"]
    assert "too much" in problems["apply_patch"]


def test_the_browser_is_offered_once_there_is_something_to_browse(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "tea.md").write_text("Tea is hot.")
    tools = Toolset(
        lambda finished: equip(where(tmp_path), tmp_path / "notes", ["browser"], finished)
    )
    assert names(tools) == []
    library = tools.offer.library
    assert library is not None
    library.add(tmp_path / "notes")
    assert "browser.search" in names(tools)
    tools.close()


def test_cursors_go_on_in_a_conversation_that_is_opened_again(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "tea.md").write_text("Tea is hot.")
    first = Toolset(
        lambda finished: equip(where(tmp_path), tmp_path / "notes", ["browser"], finished)
    )
    assert first.offer.library is not None
    first.offer.library.add(tmp_path / "notes")
    search = Message(Role.ASSISTANT, '{"query": "tea"}', ANALYSIS, "browser.search", "code")
    look = Message(Role.ASSISTANT, '{"id": 0}', ANALYSIS, "browser.open", "code")
    back = Message(Role.ASSISTANT, '{"cursor": 1}', ANALYSIS, "browser.open", "code")

    def answers(tools: Toolset, *calls: Message) -> list[Message]:
        ends = [list(tools.run(call, Cancel()))[-1] for call in calls]
        return [end.result for end in ends if isinstance(end, ToolFinished)]

    said = answers(first, search, look)
    assert [one.content[:3] for one in said] == ["[0]", "[1]"]
    first.close()
    later = Toolset(
        lambda finished: equip(where(tmp_path), tmp_path / "notes", ["browser"], finished)
    )
    conversation = Conversation().add(search, said[0], look, said[1])
    later.recall(conversation, [{}] * 4)
    said = answers(later, back, search)
    assert [one.content[:3] for one in said] == ["[2]", "[3]"]
    assert "Tea is hot." in said[0].content
    later.forget()
    assert answers(later, search)[0].content[:3] == "[0]"
    later.close()
