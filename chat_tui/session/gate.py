"""The gate in front of the tools: asks the policy, then the person, and remembers grants.

Knows the registry and the policy; must not know how a person is asked. Whatever goes wrong in
asking means no: unknown answers, a card that was closed, a face that crashed. What a person
allowed is looked at again before it runs: if it would do something else by now, it is asked again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, StrEnum

from chat_tui.conversation import Message
from chat_tui.language import N_, _
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

CHANGED = N_("What it would do has changed since you were asked. Look again.")
"""Why a call is asked about once more."""
_OF_MODE = {
    ToolMode.READ_ONLY: N_("Tools are set to read only."),
    ToolMode.OFF: N_("Tools are set to off."),
}
"""Why a call is refused; as all refusals it goes to the model and is translated where shown."""


class Choice(Enum):
    """What a person can say to a call."""

    ONCE = "once"
    CONVERSATION = "conversation"
    """From now on, as far as ``Request.rule`` goes, until the conversation is closed."""
    DENY = "deny"
    STOP = "stop"


class By(StrEnum):
    """Who decided."""

    PERSON = "person"
    GRANT = "grant"
    """What the person allowed before, in this conversation."""
    RULE = "rule"
    """The user's settings."""
    YOLO = "yolo"
    """Whoever started the program with ``--yolo``."""
    MODE = "mode"
    TOOL = "tool"
    """The tool itself: it could not have run."""
    STOP = "stop"
    """The turn was over before anybody answered."""


@dataclass(frozen=True, slots=True)
class Request:
    """A question for a person: all that the card shows."""

    call: Message
    view: CallView
    tier: Tier
    rule: Rule | None
    """What Choice.CONVERSATION would allow; None where there is no such choice."""
    again: str = ""
    """Why this is asked once more; empty the first time."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A person's answer."""

    choice: Choice
    reason: str = ""
    """For the model, where the answer is no."""
    edited: str | None = None
    """The arguments as the person changed them; they run once."""
    seen: CallView | None = None
    """What the person was shown of the changed call; without it they are asked about that too."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a call and why, for the record of the conversation."""

    call: Message
    decision: Decision
    by: By
    reason: str = ""
    choice: Choice | None = None
    """What the person said, where one was asked."""
    view: CallView | None = None
    """What was decided about, as it was shown."""
    ran: Message | None = None
    """The call as the person changed it."""
    rule: Rule | None = None
    """The permission that was given, or that spared the question."""
    mode: ToolMode | None = None
    tier: str = ""


def _nobody(_request: Request, _stop: Stop) -> Reply:
    return Reply(Choice.DENY, N_("Nobody is there to be asked."))


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
        ``decided`` hears of every decision before anything runs.
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

    @property
    def grants(self) -> tuple[Rule, ...]:
        """What was allowed in this conversation."""
        return self._grants

    def revoke(self, rule: Rule) -> None:
        """Forget a grant, or a rule for as long as this conversation is open."""
        self._grants = tuple(each for each in self._grants if each != rule)
        self._settled = self._settled.without_rule(rule)

    def approve(self, call: Message, stop: Stop) -> Verdict:
        """Whether ``call`` runs, and as what."""
        verdict, decided = self._approve(call, stop)
        if stop.is_set() and decided.decision is not Decision.STOP:
            # Whatever was answered meanwhile: a turn that is over runs nothing.
            verdict = Verdict(Decision.DENY, verdict.reason)
            decided = replace(decided, decision=Decision.DENY, by=By.STOP, ran=None)
        self._decided(replace(decided, mode=self.mode, tier=self._tier.name))
        return verdict

    def _approve(self, call: Message, stop: Stop) -> tuple[Verdict, Decided]:
        proposed, again = call, ""
        """What is asked about: the call, or what the person made of it."""
        while True:
            view, asked = self._looked_at(proposed)
            if (settled := self._settled_without_asking(call, proposed, view, asked)) is not None:
                return settled
            is_changed = proposed is not call
            keep = asked is not None and asked.can_be_kept and not is_changed
            rule = grant(asked) if keep and asked is not None else None
            reply = self._answer(Request(proposed, view, self._tier, rule, again), stop)
            if reply.choice is Choice.STOP or reply.choice is Choice.DENY:
                return _no(call, reply, view)
            if reply.choice is Choice.CONVERSATION and (rule is None or reply.edited is not None):
                return _no(call, replace(reply, choice=Choice.DENY), view)
            seen: tuple[CallView | None, Asked | None] = (view, asked)
            if reply.edited is not None and reply.edited != proposed.content:
                proposed = replace(call, content=reply.edited, tokens=())
                seen = (reply.seen, None)
            # Looked at once more: this is what will run, and it has to be what was seen.
            now, asked = self._looked_at(proposed)
            if now == seen[0] and seen[1] in (None, asked):
                settled = self._refusal(call, now, asked)
                return settled or self._yes(call, proposed, reply, now, rule)
            again = _(CHANGED)
            if stop.is_set():
                return _no(call, Reply(Choice.DENY), view)

    def _settled_without_asking(
        self, call: Message, proposed: Message, view: CallView, asked: Asked | None
    ) -> tuple[Verdict, Decided] | None:
        """What needs no person; None where one has to be asked."""
        if refused := self._refusal(call, view, asked):
            return refused
        if asked is None or proposed is not call or self._ruling(asked) is not Ruling.ALLOW:
            return None  # what a person changed only a person allows
        by, rule = self._allowed_by(asked)
        return Verdict(Decision.ALLOW), Decided(call, Decision.ALLOW, by, view=view, rule=rule)

    def _refusal(
        self, call: Message, view: CallView, asked: Asked | None
    ) -> tuple[Verdict, Decided] | None:
        if view.problem is not None or asked is None:
            problem = view.problem or N_("There is no such tool.")
            told = Decided(call, Decision.DENY, By.TOOL, problem, view=view)
            return Verdict(Decision.DENY, answer=problem), told
        if self._ruling(asked) is not Ruling.DENY:
            return None
        by, reason = By.RULE, N_("A rule of the user forbids it.")
        if self.mode is not ToolMode.ASK:
            by, reason = By.MODE, _OF_MODE[self.mode]
        return Verdict(Decision.DENY, reason), Decided(call, Decision.DENY, by, reason, view=view)

    def _yes(
        self, call: Message, proposed: Message, reply: Reply, view: CallView, rule: Rule | None
    ) -> tuple[Verdict, Decided]:
        made = rule if reply.choice is Choice.CONVERSATION else None
        if made is not None:
            self._grants = (*self._grants, made)
        ran = proposed if proposed is not call else None
        told = Decided(
            call, Decision.ALLOW, By.PERSON, "", reply.choice, view=view, ran=ran, rule=made
        )
        return Verdict(Decision.ALLOW, call=ran), told

    def _looked_at(self, call: Message) -> tuple[CallView, Asked | None]:
        view, spec = self._registry.describe(call), self._registry.spec_of(call)
        if spec is None:
            return view, None
        workspace = str(self._registry.workspace)
        return view, asked_of(call, view, spec, workspace=workspace, tier=self._tier)

    def _ruling(self, asked: Asked) -> Ruling:
        return decide(replace(self._settled, rules=self.rules), asked)

    def _allowed_by(self, asked: Asked) -> tuple[By, Rule | None]:
        for by, rules in ((By.GRANT, self._grants), (By.RULE, self._settled.rules)):
            for rule in rules:
                if rule.verdict is Ruling.ALLOW and rule.matches(asked):
                    return by, rule
        return (By.YOLO if self.mode is ToolMode.ASK else By.MODE), None

    def _answer(self, request: Request, stop: Stop) -> Reply:
        try:
            reply: object = self._ask(request, stop)
        except Exception as error:  # noqa: BLE001  a face that fails has not said yes
            return Reply(Choice.DENY, f"The question could not be asked ({type(error).__name__}).")
        return reply if isinstance(reply, Reply) else Reply(Choice.DENY)


def _no(call: Message, reply: Reply, view: CallView) -> tuple[Verdict, Decided]:
    """The person does not want it."""
    decision = Decision.STOP if reply.choice is Choice.STOP else Decision.DENY
    told = Decided(call, decision, By.PERSON, reply.reason, reply.choice, view=view)
    return Verdict(decision, reply.reason), told
