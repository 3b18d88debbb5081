"""Whether a call may run: a pure decision over what it is and what the user has allowed.

Knows modes, rules and what a permission is bound to; must not know a face, a tool or a file. A
rule list is no boundary, the sandbox is: rules only spare questions. Whatever is not known asks,
and only a person answers questions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum

from chat_tui.conversation import Message, ToolSpec
from chat_tui.errors import SettingsError
from chat_tui.language import _
from chat_tui.sandbox.base import Tier
from chat_tui.settings import ToolMode
from chat_tui.tools.base import CallView, Risk, canonical_arguments, schema_fingerprint
from chat_tui.untrusted import visible

_SHOWN = 200
"""Characters of arguments in a list; the settings file has all of them."""


class Ruling(Enum):
    """What becomes of a call."""

    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Asked:
    """A call, reduced to all that a permission for it depends on."""

    tool: str
    """Its recipient: ``python``, ``functions.apply_patch``."""
    arguments: str
    """In the canonical form: one byte more is another call."""
    schema: str
    """The fingerprint of what the model was told of the tool."""
    workspace: str
    tier: str
    """The name of the sandbox tier; another one is another question."""
    risk: Risk
    rule: str = ""
    """What more than this very call could be allowed, in the tool's words; may be empty."""
    server: str = ""
    """Where the tool comes from, if not from this program."""
    walled: bool = False
    """Whether the tier is complete."""

    @property
    def can_be_kept(self) -> bool:
        """Whether it may be allowed for longer than once."""
        return self.risk is not Risk.OUTSIDE


@dataclass(frozen=True, slots=True)
class Rule:
    """Something the user has settled.

    One that allows names everything it is bound to; one that asks or denies may leave all but the
    tool empty, meaning any, and name many tools: ``browser.*``, ``*``.
    """

    verdict: Ruling
    tool: str
    arguments: str = ""
    schema: str = ""
    workspace: str = ""
    tier: str = ""
    rule: str = ""
    server: str = ""

    def matches(self, asked: Asked) -> bool:
        """Whether this is about ``asked``."""
        if self.verdict is not Ruling.ALLOW:
            return self._names(asked.tool) and self.workspace in ("", asked.workspace)
        bound = ("tool", "schema", "workspace", "tier", "server", "rule")
        return all(getattr(self, name) == getattr(asked, name) for name in bound) and (
            bool(self.rule) or self.arguments == asked.arguments
        )

    def _names(self, tool: str) -> bool:
        if self.tool.endswith("*"):
            return tool.startswith(self.tool[:-1])
        return tool == self.tool

    @property
    def words(self) -> str:
        """The rule as a line for people."""
        if self.verdict is not Ruling.ALLOW:
            return self._refusal
        what = _(self.rule)
        if not what:
            said = _on_one_line(self.arguments.partition(":")[2])
            what = _("exactly this: {arguments}").format(arguments=said)
        return _("allow {tool} in {workspace} ({tier}): {what}").format(
            tool=self.tool, workspace=self.workspace, tier=self.tier, what=what
        )

    @property
    def _refusal(self) -> str:
        """The line for people of a rule that asks or denies."""
        asks = self.verdict is Ruling.ASK
        if self.workspace:
            line = _("ask {tool} in {workspace}") if asks else _("deny {tool} in {workspace}")
        else:
            line = _("ask {tool}") if asks else _("deny {tool}")
        return line.format(tool=self.tool, workspace=self.workspace)


def _on_one_line(text: str) -> str:
    """As it is read in a list: a line of its own could pretend to be another rule."""
    line = " ⏎ ".join(visible(text).splitlines())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


@dataclass(frozen=True, slots=True)
class Policy:
    """All that the user has settled."""

    mode: ToolMode = ToolMode.ASK
    rules: tuple[Rule, ...] = ()
    unasked: bool = False
    """Whether code in a complete sandbox runs, and what only reads looks, without a question
    (``--yolo``). Nothing that edits files, leaves this machine or runs unwalled is meant."""

    def with_rule(self, rule: Rule) -> Policy:
        """This policy and one more rule."""
        return self if rule in self.rules else replace(self, rules=(*self.rules, rule))

    def without_rule(self, rule: Rule) -> Policy:
        """This policy without a rule."""
        return replace(self, rules=tuple(each for each in self.rules if each != rule))


def asked_of(
    call: Message, view: CallView, spec: ToolSpec, *, workspace: str, tier: Tier, server: str = ""
) -> Asked:
    """What ``call`` is, as far as a permission goes."""
    return Asked(
        tool=call.recipient or "",
        arguments=canonical_arguments(call),
        schema=schema_fingerprint(spec),
        workspace=workspace,
        tier=tier.name,
        risk=view.risk,
        rule=view.rule,
        server=server,
        walled=tier.complete,
    )


def decide(policy: Policy, asked: Asked) -> Ruling:
    """Whether ``asked`` runs, is asked about, or is refused. Deny beats ask beats allow."""
    if policy.mode is ToolMode.OFF:
        return Ruling.DENY
    settled = {rule.verdict for rule in policy.rules if rule.matches(asked)}
    if Ruling.DENY in settled:
        return Ruling.DENY
    if policy.mode is ToolMode.READ_ONLY and asked.risk is not Risk.READS:
        return Ruling.DENY
    if Ruling.ASK in settled or asked.risk is Risk.OUTSIDE:
        return Ruling.ASK
    if policy.mode is ToolMode.READ_ONLY or Ruling.ALLOW in settled:
        return Ruling.ALLOW
    if policy.unasked and (asked.risk is Risk.READS or (asked.risk is Risk.RUNS and asked.walled)):
        return Ruling.ALLOW
    return Ruling.ASK


def grant(asked: Asked) -> Rule:
    """The rule that "always" makes of a call; ValueError where there is no always for it."""
    if not asked.can_be_kept:
        raise ValueError(f"{asked.tool} cannot be allowed for longer than once")
    return Rule(
        Ruling.ALLOW,
        tool=asked.tool,
        arguments="" if asked.rule else asked.arguments,
        schema=asked.schema,
        workspace=asked.workspace,
        tier=asked.tier,
        rule=asked.rule,
        server=asked.server,
    )


_KEYS = tuple(field.name for field in fields(Rule))


def to_table(rule: Rule) -> dict[str, str]:
    """The rule as a TOML table of strings; what is empty is left out."""
    values = {name: getattr(rule, name) for name in _KEYS}
    return {
        name: value for name, value in {**values, "verdict": rule.verdict.value}.items() if value
    }


def from_table(table: Mapping[str, object]) -> Rule:
    """The rule of a TOML table; SettingsError for one that is none or that allows too much."""
    unknown = sorted(table.keys() - set(_KEYS))
    if unknown:
        raise SettingsError(
            _("A rule has no key {key}.").format(key=unknown[0]),
            _("Keys are: {keys}.").format(keys=", ".join(_KEYS)),
        )
    values: dict[str, str] = {}
    for name, value in table.items():
        if not isinstance(value, str):
            raise SettingsError(
                _("{key} of a rule is no text.").format(key=name), _("Put it in quotes.")
            )
        values[name] = value
    words = [verdict.value for verdict in Ruling]
    if values.get("verdict") not in words or not values.get("tool"):
        raise SettingsError(
            _("A rule needs a verdict and a tool."),
            _("Rulings: {rulings}.").format(rulings=", ".join(words)),
        )
    rule = Rule(**{**values, "verdict": Ruling(values["verdict"])})  # type: ignore[arg-type]
    bound = (rule.schema, rule.workspace, rule.tier, rule.rule or rule.arguments)
    if rule.verdict is Ruling.ALLOW and not all(bound):
        raise SettingsError(
            _("The rule that allows {tool} is not bound to one thing.").format(tool=rule.tool),
            _("It needs schema, workspace, tier, and arguments or rule. Let the program write it."),
        )
    return rule
