"""The gate before the tools: who is asked, what is remembered, and that failing means no."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chat_tui.conversation import COMMENTARY, FunctionSpec, Message, Prompt, Role, ToolSpec, user
from chat_tui.engine.protocol import Cancel, GenerateOptions
from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.events import ToolFinished
from chat_tui.sandbox.base import BUBBLEWRAP, LANDLOCK
from chat_tui.session.approval import Policy, Rule, Ruling
from chat_tui.session.gate import By, Choice, Decided, Gate, Reply, Request
from chat_tui.session.turn import Decision, Seams, Verdict, run_turn
from chat_tui.settings import ToolMode
from chat_tui.tools.apply_patch import ApplyPatch
from chat_tui.tools.base import CallView, Context, Progress, Result, Risk, Stop
from chat_tui.tools.registry import Registry

Ask = Callable[[Request, Stop], Reply]


class Writer:
    """A tool that writes, or whatever risk a test gives it."""

    def __init__(self, risk: Risk = Risk.WRITES, rule: str = "") -> None:
        self.spec = ToolSpec("functions", (FunctionSpec("write", "Writes."),))
        self.ran: list[str] = []
        self._risk = risk
        self._rule = rule

    def describe(self, call: Message) -> CallView:
        problem = "That is no file." if "bad" in call.content else None
        return CallView("Write", call.content, self._risk, rule=self._rule, problem=problem)

    def run(self, call: Message, context: Context) -> Iterator[Progress | Result]:
        del context
        self.ran.append(call.content)
        yield Result("written")

    def close(self) -> None:
        pass


def call(text: str = '{"a":1}', to: str = "functions.write") -> Message:
    return Message(Role.ASSISTANT, text, COMMENTARY, recipient=to, content_type="json")


def says(*replies: Reply) -> tuple[Ask, list[Request]]:
    """A person who gives these answers in turn, and what they were asked."""
    asked: list[Request] = []

    def ask(request: Request, stop: Stop) -> Reply:
        del stop
        asked.append(request)
        return replies[len(asked) - 1]

    return ask, asked


def gate(ask: Ask, tool: Writer | None = None, policy: Policy | None = None) -> Gate:
    registry = Registry([tool or Writer()], Path("/w"))
    return Gate(registry, policy or Policy(), BUBBLEWRAP, ask)


ONCE, ALWAYS = Reply(Choice.ONCE), Reply(Choice.CONVERSATION)
STOP = Cancel()


def test_once_is_once_and_always_is_for_these_arguments() -> None:
    ask, asked = says(ONCE, ALWAYS, ONCE)
    door = gate(ask)
    assert [door.approve(call(), STOP).decision for _ in range(4)] == [Decision.ALLOW] * 4
    assert len(asked) == 2
    door.approve(call('{"a":2}'), STOP)
    assert len(asked) == 3
    (rule,) = door.rules
    assert asked[1].rule == rule
    door.revoke(rule)
    ask_again, asked_again = says(Reply(Choice.DENY))
    assert gate(ask_again).approve(call(), STOP).decision is Decision.DENY
    assert len(asked_again) == 1


def test_a_revoked_grant_asks_again() -> None:
    ask, asked = says(ALWAYS, Reply(Choice.DENY))
    door = gate(ask)
    door.approve(call(), STOP)
    door.revoke(door.rules[0])
    assert door.approve(call(), STOP).decision is Decision.DENY
    assert len(asked) == 2


def test_there_is_no_always_for_what_reaches_outside() -> None:
    ask, asked = says(ALWAYS, ALWAYS)
    door = gate(ask, Writer(Risk.OUTSIDE))
    assert door.approve(call(), STOP).decision is Decision.DENY
    assert asked[0].rule is None
    assert door.rules == ()


def crashes(_request: Request, _stop: Stop) -> Reply:
    raise RuntimeError("the card is gone")


def mumbles(_request: Request, _stop: Stop) -> Reply:
    return "yes"  # type: ignore[return-value]


@pytest.mark.parametrize("ask", [crashes, mumbles])
def test_a_face_that_fails_has_not_said_yes(ask: Ask) -> None:
    assert gate(ask).approve(call(), STOP).decision is Decision.DENY


def test_where_nobody_is_there_the_answer_is_no() -> None:
    door = Gate(Registry([Writer()], Path("/w")), Policy(), BUBBLEWRAP)
    assert door.approve(call(), STOP) == Verdict(Decision.DENY, "Nobody is there to be asked.")


def test_a_call_that_cannot_run_is_answered_and_not_asked_about() -> None:
    ask, asked = says()
    assert gate(ask).approve(call("bad"), STOP).answer == "That is no file."
    assert gate(ask).approve(call(to="functions.other"), STOP).answer
    assert asked == []


def test_an_edited_call_runs_once_as_it_was_edited() -> None:
    tool = Writer()
    seen = tool.describe(call('{"a":3}'))
    ask, asked = says(Reply(Choice.ONCE, edited='{"a":3}', seen=seen), ONCE, ONCE)
    door = gate(ask, tool)
    verdict = door.approve(call(), STOP)
    assert verdict.call == replace(call(), content='{"a":3}')
    door.approve(call('{"a":3}'), STOP)
    door.approve(call(), STOP)
    assert len(asked) == 3


def test_an_edit_that_nobody_has_seen_is_asked_about_like_a_call() -> None:
    ask, asked = says(Reply(Choice.ONCE, edited='{"a":3}'), ALWAYS)
    door = gate(ask)
    assert door.approve(call(), STOP).decision is Decision.DENY
    ask, asked = says(Reply(Choice.ONCE, edited='{"a":3}'), ONCE)
    verdict = gate(ask).approve(call(), STOP)
    assert verdict.call == replace(call(), content='{"a":3}')
    assert [(one.call.content, one.rule is None, bool(one.again)) for one in asked] == [
        ('{"a":1}', False, False),
        ('{"a":3}', True, True),
    ]


def patcher(tmp_path: Path) -> tuple[Registry, Message, Path]:
    """A patch of a file, the file, and the tool that carries it out."""
    folder = tmp_path / "work"
    folder.mkdir()
    file = folder / "tea.md"
    file.write_text("".join(f"line {number}\n" for number in range(40)))
    patch = "*** Begin Patch\n*** Update File: tea.md\n@@\n-line 20\n+tea\n*** End Patch"
    tool = ApplyPatch(folder, protected=(), records=tmp_path / "edits")
    return Registry([tool], folder), call(patch, "functions.apply_patch"), file


@pytest.mark.parametrize("edited", [False, True])
@pytest.mark.parametrize("where", ["line 20\n", "line 39\n"])
def test_a_file_that_changes_before_the_yes_is_asked_about_again(
    tmp_path: Path, edited: bool, where: str
) -> None:
    registry, patch, file = patcher(tmp_path)
    other = replace(patch, content=patch.content.replace("+tea", "+coffee"))
    asked: list[Request] = []

    def ask(request: Request, stop: Stop) -> Reply:
        del stop
        asked.append(request)
        seen = registry.describe(other) if edited else None
        if len(asked) == 1:  # somebody else writes between the look and the answer
            file.write_text(file.read_text().replace(where, f"other {where}"))
        if len(asked) == 2:
            return Reply(Choice.ONCE)
        return Reply(Choice.ONCE, edited=other.content if edited else None, seen=seen)

    verdict = Gate(registry, Policy(), BUBBLEWRAP, ask).approve(patch, STOP)
    if where == "line 20\n":  # it does not fit any more
        assert verdict.decision is Decision.DENY
        assert verdict.answer
        assert len(asked) == 1
        return
    assert [bool(one.again) for one in asked] == [False, True]
    assert asked[1].view.fingerprint not in ("", asked[0].view.fingerprint)
    assert verdict.decision is Decision.ALLOW
    (*_, last) = registry.run(verdict.call or patch, Cancel())
    assert isinstance(last, ToolFinished)
    assert last.result.content.startswith("Success")
    assert ("coffee" if edited else "tea") in file.read_text()
    assert "other line 39" in file.read_text()


def test_what_is_answered_after_the_turn_was_stopped_runs_nothing() -> None:
    stop = Cancel()
    told: list[Decided] = []

    def late(_request: Request, _stop: Stop) -> Reply:
        stop.set()
        return ALWAYS

    door = Gate(Registry([Writer()], Path("/w")), Policy(), BUBBLEWRAP, late, told.append)
    assert door.approve(call(), stop).decision is Decision.DENY
    assert [(one.decision, one.by) for one in told] == [(Decision.DENY, By.STOP)]


def test_a_mode_that_changes_while_the_call_waits_holds() -> None:
    door: Gate

    def slow(_request: Request, _stop: Stop) -> Reply:
        door.mode = ToolMode.READ_ONLY
        return ONCE

    door = gate(slow)
    assert door.approve(call(), STOP).decision is Decision.DENY


def test_an_edit_cannot_pass_a_rule_or_become_what_cannot_run() -> None:
    ask, _ = says(Reply(Choice.ONCE, edited="bad"), Reply(Choice.CONVERSATION, edited="{}"))
    door = gate(ask)
    assert door.approve(call(), STOP).decision is Decision.DENY
    assert door.approve(call(), STOP).decision is Decision.DENY
    assert door.rules == ()


def test_modes_and_rules_come_before_questions() -> None:
    ask, asked = says()
    door = gate(ask, policy=Policy(rules=(Rule(Ruling.DENY, "functions.*"),)))
    assert door.approve(call(), STOP).reason == "A rule of the user forbids it."
    door = gate(ask)
    door.mode = ToolMode.READ_ONLY
    assert "read only" in door.approve(call(), STOP).reason
    door = gate(ask, Writer(Risk.READS))
    door.mode = ToolMode.READ_ONLY
    assert door.approve(call(), STOP).decision is Decision.ALLOW
    assert asked == []


def test_another_tier_or_another_description_asks_again() -> None:
    ask, asked = says(ALWAYS, ALWAYS, ALWAYS)
    tool = Writer(Risk.RUNS, rule="any code")
    door = gate(ask, tool)
    door.approve(call(), STOP)
    door.approve(call("{}"), STOP)
    assert len(asked) == 1
    tool.spec = ToolSpec("functions", (FunctionSpec("write", "Writes everywhere."),))
    door.approve(call(), STOP)
    assert len(asked) == 2
    policy = Policy(rules=door.rules)
    Gate(Registry([tool], Path("/w")), policy, LANDLOCK, ask).approve(call(), STOP)
    assert len(asked) == 3


def test_what_was_decided_is_told_with_who_decided() -> None:
    told: list[Decided] = []
    ask, _ = says(ALWAYS)
    door = Gate(Registry([Writer()], Path("/w")), Policy(), BUBBLEWRAP, ask, told.append)
    door.approve(call(), STOP)
    door.approve(call(), STOP)
    door.mode = ToolMode.OFF
    door.approve(call(), STOP)
    assert [(each.decision.value, each.by) for each in told] == [
        ("allow", "person"),
        ("allow", "grant"),
        ("deny", "mode"),
    ]


def test_in_a_turn_a_denial_with_its_reason_reaches_the_model() -> None:
    ask, _ = says(Reply(Choice.DENY, "Use the other file."))
    tool = Writer()
    registry = Registry([tool], Path("/w"))
    engine = ScriptedEngine(
        [
            "<|channel|>commentary to=functions.write<|constrain|>json<|message|>{}<|call|>",
            "<|channel|>final<|message|>Well then.<|return|>",
        ]
    )
    list(engine.load())
    seams = Seams(registry, Gate(registry, Policy(), BUBBLEWRAP, ask).approve)
    events = list(run_turn(engine, Prompt((user("x"),)), GenerateOptions(), Cancel(), seams))
    (finished,) = [event for event in events if isinstance(event, ToolFinished)]
    assert finished.result.content.endswith("Their reason: Use the other file.")
    assert tool.ran == []
