"""Whether a call may run: no event leads to a run that the user has not allowed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.conversation import Message, Role, ToolSpec
from chat_tui.errors import SettingsError
from chat_tui.sandbox.base import BUBBLEWRAP, LANDLOCK, NONE
from chat_tui.session.approval import (
    Asked,
    Policy,
    Rule,
    Ruling,
    asked_of,
    decide,
    from_table,
    grant,
    to_table,
)
from chat_tui.settings import ToolMode
from chat_tui.tools.base import CallView, Risk

PATCH = Asked("functions.apply_patch", "raw:+a", "s1", "/work", "bubblewrap", Risk.WRITES)
CODE = Asked(
    "python", "raw:1", "s2", "/work", "bubblewrap", Risk.RUNS, rule="any code", walled=True
)
SEARCH = Asked("browser.search", 'json:{"query":"tea"}', "s3", "/work", "bubblewrap", Risk.READS)
PLAIN = replace(CODE, tier="none", risk=Risk.OUTSIDE, rule="", walled=False)

KINDS = st.sampled_from([PATCH, CODE, SEARCH, PLAIN])
ASKED = st.builds(
    lambda kind, number, schema, workspace, tier: replace(
        kind,
        arguments=f"{kind.arguments}{number}",
        schema=kind.schema + schema,
        workspace=workspace,
        tier=tier or kind.tier,
        walled=kind.walled and not tier,
        server="mcp" if number == 1 else "",
    ),
    KINDS,
    st.integers(0, 2),
    st.sampled_from(["", "'"]),
    st.sampled_from(["/work", "/elsewhere"]),
    st.sampled_from(["", "landlock"]),
)
DENIALS = st.builds(
    Rule,
    verdict=st.sampled_from([Ruling.DENY, Ruling.ASK]),
    tool=st.sampled_from(["python", "browser.*", "*", "functions.apply_patch"]),
    workspace=st.sampled_from(["", "/work"]),
)
EVENTS = st.one_of(
    st.tuples(st.just("call"), ASKED, st.sampled_from(["once", "always", "deny"])),
    st.tuples(st.just("mode"), st.sampled_from(ToolMode)),
    st.tuples(st.just("rule"), DENIALS),
    st.tuples(st.just("revoke"), st.integers(0, 5)),
    st.tuples(st.just("unasked"), st.booleans()),
)


@dataclass
class Person:
    """What was said, kept apart from the code under test."""

    always: list[Asked] = field(default_factory=list)
    denials: list[Rule] = field(default_factory=list)

    def covered(self, asked: Asked) -> bool:
        """Whether an "always" was said to just this, and not taken back."""
        return any(
            said == asked
            or (bool(said.rule) and replace(said, arguments="") == replace(asked, arguments=""))
            for said in self.always
        )

    def denied(self, asked: Asked) -> bool:
        return any(
            rule.verdict is Ruling.DENY
            and (rule.tool == asked.tool or (asked.tool.startswith(rule.tool.rstrip("*"))
                 and rule.tool.endswith("*")))
            and rule.workspace in ("", asked.workspace)
            for rule in self.denials
        )  # fmt: skip


def live(events: list[tuple[object, ...]]) -> None:
    """Play ``events``; an AssertionError where something runs that nobody allowed."""
    policy, person = Policy(), Person()
    for event in events:
        match event:
            case "call", Asked() as asked, answer:
                ruling = decide(policy, asked)
                asked_now = ruling is Ruling.ASK and answer != "deny"
                if asked_now and answer == "always" and asked.can_be_kept:
                    policy = policy.with_rule(grant(asked))
                    person.always.append(asked)
                if not (ruling is Ruling.ALLOW or asked_now):
                    continue
                assert policy.mode is not ToolMode.OFF
                assert not person.denied(asked)
                assert policy.mode is ToolMode.ASK or asked.risk is Risk.READS
                if ruling is Ruling.ALLOW:
                    assert asked.risk is not Risk.OUTSIDE
                    assert (
                        person.covered(asked)
                        or policy.mode is ToolMode.READ_ONLY
                        or (policy.unasked and asked.risk is Risk.READS)
                        or (policy.unasked and asked.risk is Risk.RUNS and asked.walled)
                    )
            case "mode", ToolMode() as mode:
                policy = replace(policy, mode=mode)
            case "rule", Rule() as rule:
                policy = policy.with_rule(rule)
                person.denials.append(rule)
            case "revoke", int(number) if number < len(policy.rules):
                rule = policy.rules[number]
                policy = policy.without_rule(rule)
                person.denials = [each for each in person.denials if each != rule]
                person.always = [each for each in person.always if grant(each) != rule]
            case "unasked", bool(unasked):
                policy = replace(policy, unasked=unasked)


@given(st.lists(EVENTS, max_size=30))
@settings(max_examples=500, deadline=None)
def test_no_call_runs_that_nobody_allowed(events: list[tuple[object, ...]]) -> None:
    live(events)


@pytest.mark.soak
@pytest.mark.timeout(900)
@given(st.lists(EVENTS, max_size=60))
@settings(max_examples=10_000, deadline=None)
def test_no_call_runs_that_nobody_allowed_at_length(events: list[tuple[object, ...]]) -> None:
    live(events)


@given(ASKED, st.text(max_size=40), st.integers(0, 40), st.text(min_size=1, max_size=1))
@settings(max_examples=300, deadline=None)
def test_one_character_of_changed_arguments_asks_again(
    asked: Asked, text: str, at: int, more: str
) -> None:
    asked = replace(asked, rule="", risk=Risk.WRITES)
    said = replace(asked, arguments=text)
    policy = Policy(rules=(grant(said),))
    assert decide(policy, said) is Ruling.ALLOW
    changed = replace(said, arguments=text[:at] + more + text[at:])
    assert decide(policy, changed) is Ruling.ASK


@pytest.mark.parametrize("name", ["tool", "schema", "workspace", "tier", "server"])
def test_a_grant_holds_for_nothing_else(name: str) -> None:
    policy = Policy(rules=(grant(CODE),))
    assert decide(policy, CODE) is Ruling.ALLOW
    assert decide(policy, replace(CODE, arguments="raw:2")) is Ruling.ALLOW
    assert decide(policy, replace(CODE, **{name: "other"})) is Ruling.ASK


def test_code_without_a_sandbox_is_asked_about_each_time() -> None:
    with pytest.raises(ValueError, match="longer than once"):
        grant(PLAIN)
    forged = Rule(Ruling.ALLOW, **{k: getattr(PLAIN, k) for k in ("tool", "arguments", "schema", "workspace", "tier")})  # noqa: E501  # fmt: skip
    assert decide(Policy(rules=(forged,)), PLAIN) is Ruling.ASK
    assert decide(Policy(unasked=True), PLAIN) is Ruling.ASK
    assert decide(Policy(unasked=True), CODE) is Ruling.ALLOW
    assert decide(Policy(unasked=True), replace(CODE, walled=False)) is Ruling.ASK


def test_without_questions_means_sandboxed_code_and_reading_alone() -> None:
    eager = Policy(unasked=True)
    assert decide(eager, CODE) is Ruling.ALLOW
    assert decide(eager, SEARCH) is Ruling.ALLOW
    assert decide(eager, PATCH) is Ruling.ASK
    assert decide(eager, replace(SEARCH, risk=Risk.OUTSIDE)) is Ruling.ASK
    assert decide(eager.with_rule(Rule(Ruling.ASK, "python")), CODE) is Ruling.ASK
    assert decide(replace(eager, mode=ToolMode.READ_ONLY), CODE) is Ruling.DENY


def test_deny_beats_ask_beats_allow() -> None:
    allowed = Policy(rules=(grant(CODE),))
    asks = allowed.with_rule(Rule(Ruling.ASK, "py*"))
    assert decide(asks, CODE) is Ruling.ASK
    assert decide(asks.with_rule(Rule(Ruling.DENY, "*")), CODE) is Ruling.DENY
    assert decide(asks.without_rule(asks.rules[1]), CODE) is Ruling.ALLOW


def test_reading_needs_no_question_in_read_only_mode_alone() -> None:
    reading = Policy(mode=ToolMode.READ_ONLY)
    assert decide(reading, SEARCH) is Ruling.ALLOW
    assert decide(Policy(), SEARCH) is Ruling.ASK
    assert decide(reading, CODE) is Ruling.DENY
    assert decide(replace(reading, rules=(grant(CODE),)), CODE) is Ruling.DENY
    assert decide(Policy(mode=ToolMode.OFF), SEARCH) is Ruling.DENY


@pytest.mark.parametrize("rule", [grant(CODE), grant(PATCH), Rule(Ruling.DENY, "browser.*")])
def test_rules_go_to_a_file_and_back(rule: Rule) -> None:
    assert from_table(to_table(rule)) == rule
    assert rule.tool in rule.words


@pytest.mark.parametrize(
    "table",
    [
        {"verdict": "allow", "tool": "python"},
        {"verdict": "allow", "tool": "*", "schema": "s", "workspace": "/", "tier": "none"},
        {"verdict": "perhaps", "tool": "python"},
        {"verdict": "deny"},
        {"verdict": "deny", "tool": "python", "tol": "x"},
        {"verdict": "deny", "tool": 3},
    ],
)
def test_a_rule_that_is_none_or_too_wide_is_an_error(table: dict[str, object]) -> None:
    with pytest.raises(SettingsError):
        from_table(table)


def test_the_same_arguments_written_otherwise_are_the_same() -> None:
    def asked(text: str, kind: str = "json") -> Asked:
        call = Message(
            Role.ASSISTANT, text, channel="commentary", recipient="f.g", content_type=kind
        )
        view = CallView("t", text, Risk.WRITES)
        return asked_of(call, view, ToolSpec("f"), workspace="/w", tier=BUBBLEWRAP)

    assert asked('{"a": 1, "b": "ü"}') == asked('{"b":"\\u00fc","a":1}')
    assert asked('{"a": 1}') != asked('{"a": 1.0}')
    assert asked('{"a": 1') != asked('{"a": 1}')
    assert asked('{"a": 1}; import os') != asked('{"a": 1}')
    assert asked('{"a": 1}', "code") != asked('{"a":1}', "code")
    assert {asked("{}").tier, LANDLOCK.name, NONE.name} == {"bubblewrap", "landlock", "none"}


def test_a_rule_is_one_line_whatever_its_arguments_are() -> None:
    rule = Rule(Ruling.ALLOW, "python", "raw:a\n2. deny *\x1b[2J" + "x" * 1000)
    assert "exactly this: a ⏎ 2. deny *\\x1b[2Jxx" in rule.words
    assert len(rule.words.splitlines()) == 1
    assert rule.words.endswith("x…")
    assert len(rule.words) < 300
