"""The gate in front of the tools: asks the policy, then the person, and remembers grants.

Knows the registry and the policy; must not know how a person is asked. Whatever goes wrong in
asking means no: unknown answers, a card that was closed, a face that crashed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from chat_tui.conversation import Message
from chat_tui.sandbox.base import Tier
from chat_tui.session.approval import (
    Asked,
    Policy,
    Rule,
    Ruling,
    asked_of,
    decide,
    grant,
)
from chat_tui.session.turn import Decision, Verdict
from chat_tui.settings import ToolMode
from chat_tui.tools.base import CallView, Stop
from chat_tui.tools.registry import Registry


class Choice(Enum):
    """What a person can say to a call."""

    ONCE = "once"
    CONVERSATION = "conversation"
    """From now on, as far as ``Request.rule`` goes, until the conversation is closed."""
    DENY = "deny"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Request:
    """A question for a person: all that the card shows."""

    call: Message
    view: CallView
    tier: Tier
    rule: Rule | None
    """What Choice.CONVERSATION would allow; None where there is no such choice."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A person's answer."""

    choice: Choice
    reason: str = ""
    """For the model, where the answer is no."""
    edited: str | None = None
    """The arguments as the person changed them; they run once."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a call and why, for the record of the conversation."""

    call: Message
    decision: Decision
    by: str
    """``person``, ``grant``, ``mode``, ``rule`` or ``tool``."""
    reason: str = ""


def _nobody(_request: Request, _stop: Stop) -> Reply:
    return Reply(Choice.DENY, "Nobody is there to be asked.")


class Gate:
    """One conversation's. ``approve`` fits ``session.turn.Seams.approve``."""

    def __init__(
        self,
        registry: Registry,
        policy: Policy,
        tier: Tier,
        ask: Callable[[Request, Stop], Reply] = _nobody,
        decided: Callable[[Decided], None] = lambda _decided: None,
    ) -> None:
        """``policy`` holds the user's settled rules; ``tier`` is that of the sandbox.

        ``ask`` may take as long as a person does; it returns soon after the stop is set.
        """
        self._registry = registry
        self._tier = tier
        self._ask = ask
        self._decided = decided
        self._settled = policy
        self._grants: tuple[Rule, ...] = ()

    @property
    def mode(self) -> ToolMode:
        """How tools are treated as a whole."""
        return self._settled.mode

    @mode.setter
    def mode(self, mode: ToolMode) -> None:
        self._settled = replace(self._settled, mode=mode)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The user's rules and this conversation's grants, in the order they were made."""
        return (*self._settled.rules, *self._grants)

    def revoke(self, rule: Rule) -> None:
        """Forget a grant, or a rule for as long as this conversation is open."""
        self._grants = tuple(each for each in self._grants if each != rule)
        self._settled = self._settled.without_rule(rule)

    def approve(self, call: Message, stop: Stop) -> Verdict:
        """Whether ``call`` runs, and as what."""
        verdict, by = self._approve(call, stop)
        self._decided(Decided(call, verdict.decision, by, verdict.reason))
        return verdict

    def _approve(self, call: Message, stop: Stop) -> tuple[Verdict, str]:
        view, asked = self._looked_at(call)
        if view.problem is not None or asked is None:
            return Verdict(Decision.DENY, answer=view.problem or "There is no such tool."), "tool"
        ruling = self._ruling(asked)
        if ruling is Ruling.DENY:
            return self._refused()
        if ruling is Ruling.ALLOW:
            return Verdict(Decision.ALLOW), "grant" if self._granted(asked) else "mode"
        rule = grant(asked) if asked.can_be_kept else None
        reply = self._answer(Request(call, view, self._tier, rule), stop)
        if reply.choice is Choice.STOP:
            return Verdict(Decision.STOP), "person"
        if reply.choice is Choice.CONVERSATION and rule is not None and reply.edited is None:
            self._grants = (*self._grants, rule)
            return Verdict(Decision.ALLOW), "person"
        if reply.choice is Choice.ONCE and reply.edited in (None, call.content):
            return Verdict(Decision.ALLOW), "person"
        if reply.choice is Choice.ONCE and reply.edited is not None:
            return self._edited(call, reply.edited)
        return Verdict(Decision.DENY, reply.reason), "person"

    def _edited(self, call: Message, arguments: str) -> tuple[Verdict, str]:
        """The call as the person changed it: they have seen it, but a rule may still forbid it."""
        edited = replace(call, content=arguments, tokens=())
        view, asked = self._looked_at(edited)
        if view.problem is not None or asked is None:
            return Verdict(Decision.DENY, answer=view.problem or "There is no such tool."), "tool"
        if self._ruling(asked) is Ruling.DENY:
            return self._refused()
        return Verdict(Decision.ALLOW, call=edited), "person"

    def _looked_at(self, call: Message) -> tuple[CallView, Asked | None]:
        view, spec = self._registry.describe(call), self._registry.spec_of(call)
        if spec is None:
            return view, None
        workspace = str(self._registry.workspace)
        return view, asked_of(call, view, spec, workspace=workspace, tier=self._tier)

    def _ruling(self, asked: Asked) -> Ruling:
        return decide(replace(self._settled, rules=self.rules), asked)

    def _granted(self, asked: Asked) -> bool:
        return any(rule.verdict is Ruling.ALLOW and rule.matches(asked) for rule in self.rules)

    def _refused(self) -> tuple[Verdict, str]:
        if self.mode is not ToolMode.ASK:
            return Verdict(Decision.DENY, f"Tools are set to {self.mode.value}."), "mode"
        return Verdict(Decision.DENY, "A rule of the user forbids it."), "rule"

    def _answer(self, request: Request, stop: Stop) -> Reply:
        try:
            reply: object = self._ask(request, stop)
        except Exception as error:  # noqa: BLE001  a face that fails has not said yes
            return Reply(Choice.DENY, f"The question could not be asked ({type(error).__name__}).")
        return reply if isinstance(reply, Reply) else Reply(Choice.DENY)
