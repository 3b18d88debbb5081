"""Whatever happens at the gate: nothing runs but what a person saw just so and allowed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.conversation import COMMENTARY, FunctionSpec, Message, Role, ToolSpec
from chat_tui.engine.protocol import Cancel
from chat_tui.sandbox.base import BUBBLEWRAP
from chat_tui.session.approval import Policy
from chat_tui.session.gate import By, Choice, Decided, Gate, Reply, Request
from chat_tui.session.turn import Decision
from chat_tui.settings import ToolMode
from chat_tui.tools.base import CallView, Context, Progress, Result, Risk, Stop
from chat_tui.tools.registry import Registry

ARGUMENTS = st.sampled_from(["a", "b", "bad"])


@dataclass(frozen=True)
class Said:
    """What a person does with one question, and what happens meanwhile."""

    choice: Choice | None
    """None: the face fails."""
    edited: str | None
    looked: bool
    """Whether they saw what the changed call would do."""
    moved: bool
    """Whether a file changes before they answer, after they have looked."""
    stopped: bool


SAID = st.builds(
    Said,
    st.sampled_from([*Choice, Choice.ONCE, Choice.ONCE, None]),
    st.none() | ARGUMENTS,
    st.booleans(),
    st.booleans(),
    st.sampled_from([False] * 9 + [True]),
)
EVENTS = st.one_of(
    st.tuples(st.just("call"), ARGUMENTS, st.lists(SAID, max_size=4)),
    st.tuples(st.just("mode"), st.sampled_from(ToolMode)),
    st.tuples(st.just("revoke"), st.integers(0, 2)),
    st.tuples(st.just("move"), st.just(0)),
)


@dataclass
class World:
    """A tool whose effect depends on a file, and a person."""

    risk: Risk
    file: int = 0
    left: list[Said] = field(default_factory=list)
    yes: set[tuple[str, int]] = field(default_factory=set)
    """What was seen and allowed at the last question: arguments, and the file's state."""
    kept: list[str] = field(default_factory=list)
    told: list[Decided] = field(default_factory=list)

    @property
    def spec(self) -> ToolSpec:
        """One function."""
        return ToolSpec("functions", (FunctionSpec("write"),))

    def describe(self, call: Message) -> CallView:
        """What it would do now."""
        problem = "bad" if call.content == "bad" else None
        state = str(self.file)
        return CallView("Write", call.content, self.risk, problem=problem, fingerprint=state)

    def run(self, call: Message, context: Context) -> Iterator[Progress | Result]:
        """Never called here."""
        raise AssertionError(call, context)

    def close(self) -> None:
        """Nothing is held."""

    def ask(self, request: Request, stop: Stop) -> Reply:
        """Answer as the plan says; a denial where it says no more."""
        self.yes = set()
        if not self.left:
            return Reply(Choice.DENY)
        said = self.left.pop(0)
        arguments, seen = request.call.content, self.file
        view = None
        if said.edited is not None and said.edited != arguments:
            arguments = said.edited
            if said.looked:
                view = self.describe(Message(Role.ASSISTANT, said.edited))
        else:
            view = request.view
        if said.moved:
            self.file += 1
        if said.stopped:
            stop.set()  # type: ignore[attr-defined]
        if said.choice is None:
            raise RuntimeError("the face is gone")
        if view is not None and said.choice in (Choice.ONCE, Choice.CONVERSATION):
            self.yes = {(arguments, seen)}
        if said.choice is Choice.CONVERSATION and said.edited is None and request.rule is not None:
            self.kept.append(arguments)
        return Reply(said.choice, edited=said.edited, seen=view if said.looked else None)


def live(events: list[tuple[object, ...]], risk: Risk) -> None:
    """Play ``events``; an AssertionError where something runs that nobody saw and allowed."""
    world = World(risk)
    registry = Registry([world], Path("/w"))
    gate = Gate(registry, Policy(), BUBBLEWRAP, world.ask, world.told.append)
    for event in events:
        match event:
            case "call", str(arguments), list(plan):
                call = Message(Role.ASSISTANT, arguments, COMMENTARY, "functions.write", "code")
                world.left, world.yes, stop = plan, set(), Cancel()
                granted = {rule.arguments.partition(":")[2] for rule in gate.grants}
                verdict = gate.approve(call, stop)
                told = world.told[-1]
                assert told.call is call
                assert told.decision is verdict.decision
                if verdict.decision is not Decision.ALLOW:
                    continue
                ran = (verdict.call or call).content
                assert gate.mode is ToolMode.ASK or risk is Risk.READS
                assert not stop.is_set()
                assert ran != "bad"
                if told.by is By.PERSON:
                    assert (ran, world.file) in world.yes
                else:
                    assert verdict.call is None
                    assert ran in granted or gate.mode is ToolMode.READ_ONLY
                assert told.view == world.describe(verdict.call or call)
            case "mode", ToolMode() as mode:
                gate.mode = mode
            case "revoke", int(number) if number < len(gate.rules):
                gate.revoke(gate.rules[number])
            case "move", _:
                world.file += 1
        assert {rule.arguments.partition(":")[2] for rule in gate.grants} <= set(world.kept)
        assert not (gate.grants and risk is Risk.OUTSIDE)


RISKS = st.sampled_from([Risk.READS, Risk.WRITES, Risk.OUTSIDE])


@given(st.lists(EVENTS, max_size=15), RISKS)
@settings(max_examples=300, deadline=None)
def test_nothing_runs_that_was_not_seen_and_allowed(
    events: list[tuple[object, ...]], risk: Risk
) -> None:
    live(events, risk)


@pytest.mark.soak
@pytest.mark.timeout(900)
@given(st.lists(EVENTS, max_size=40), RISKS)
@settings(max_examples=10_000, deadline=None)
def test_nothing_runs_that_was_not_seen_and_allowed_at_length(
    events: list[tuple[object, ...]], risk: Risk
) -> None:
    live(events, risk)
