"""The tools of a conversation as a face holds them: what is offered, who approves, what came.

Knows the registry and the gate; must not know how a person is asked or what a card looks like.
The tools are built at their first use and on that thread: the first paint does not wait for them.
One thread at a time runs a turn; a face's thread may call everything else meanwhile.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from chat_tui.conversation import Conversation, Message, Role, ToolSpec
from chat_tui.engine.protocol import Cancel
from chat_tui.errors import ChatError, ToolError, UsageError
from chat_tui.events import ToolFinished, ToolProgressed
from chat_tui.language import N_, _
from chat_tui.session.approval import Policy, Rule
from chat_tui.session.decisions import KEY, Decisions, files_to_json, record_of
from chat_tui.session.gate import By, Choice, Decided, Gate, Reply, Request
from chat_tui.session.offer import Finished, Offer, State, name_of
from chat_tui.session.standing import Standing
from chat_tui.session.turn import Decision, Verdict
from chat_tui.settings import ToolMode
from chat_tui.tools.base import Attachment, CallView, Result, Stop
from chat_tui.untrusted import clean_line

Ask = Callable[[Request, Stop], Reply]
"""Blocks until the person has answered or the stop is set; whatever goes wrong is a denial."""
_KEPT = 100
"""Results whose files and full text can still be looked at."""


class Toolset:
    """Implements ``turn.Toolbox``; ``approve`` is the seam of that name."""

    def __init__(
        self,
        build: Callable[[Finished], Offer],
        *,
        mode: ToolMode = ToolMode.ASK,
        standing: Standing | None = None,
        unasked: bool = False,
        ask: Ask = lambda _request, _stop: Reply(Choice.DENY, N_("Nobody is there to be asked.")),
    ) -> None:
        """``build`` is called once, at the first use; it may take a while and raise ToolError.

        ``unasked`` is ``--yolo``: see ``approval.Policy``.
        """
        self.ask = ask
        self.denied: Callable[[Message, str], None] = lambda _call, _reason: None
        """Hears of every call that does not run, and why, in the turn's thread."""
        self.keep: Callable[[Mapping[str, Any]], None] = lambda _beside: None
        """Keeps something beside the call that is being answered, before anything of it runs."""
        self.decisions = Decisions()
        """What was decided about the calls of this conversation."""
        self.unasked = unasked
        """Whether code in a complete sandbox runs without a question."""
        self._standing = standing or Standing()
        self._build = build
        self._mode = mode
        self._offer: Offer | None = None
        self._gate: Gate | None = None
        self._off: set[str] = set()
        self._results: OrderedDict[Message, Result] = OrderedDict()
        self._said: tuple[str, ...] = ()
        """What the browser answered in earlier runs of the program."""
        self._diffs: OrderedDict[str, str] = OrderedDict()
        """Of calls that were looked at, by their bodies."""
        self._last_diff = ""
        self._made: tuple[Attachment, ...] = ()
        """The files of the result that is not kept yet."""
        self._lock = threading.RLock()

    @property
    def offer(self) -> Offer:
        """What there is; built where nobody has asked before."""
        with self._lock:
            if self._offer is None:
                try:
                    self._offer = self._build(self._finished)
                    self._offer.begin(self._said)
                except ChatError:
                    raise
                except Exception as error:  # the boundary of tools
                    failed = _("The tools cannot be built: {error}.").format(error=error)
                    raise ToolError(failed) from error
            return self._offer

    @property
    def is_built(self) -> bool:
        """Whether ``offer`` is there without waiting."""
        return self._offer is not None

    @property
    def mode(self) -> ToolMode:
        """What the tools may do, from the next call on."""
        return self._mode

    @mode.setter
    def mode(self, mode: ToolMode) -> None:
        with self._lock:
            self._mode = mode
            if self._gate is not None:
                self._gate.mode = mode

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """What the model is told of, as the mode and the switches leave it."""
        if self._mode is ToolMode.OFF:
            return ()
        found = []
        for spec in self.offer.registry.specs:
            if spec.namespace != "functions":
                if self._is_on(spec.namespace):
                    found.append(spec)
            elif left := tuple(one for one in spec.functions if self._is_on(one.name)):
                found.append(replace(spec, functions=left))
        return tuple(found)

    @property
    def states(self) -> tuple[State, ...]:
        """All tools, those that cannot be had too."""
        offer = self.offer
        there = dict.fromkeys(
            name_of(recipient) for spec in offer.registry.specs for recipient in spec.recipients
        )
        return (
            *(
                State(name, self._is_on(name), "" if name in self._off else offer.useless(name))
                for name in there
            ),
            *(State(name, False, why) for name, why in offer.missing.items()),
        )

    def switch(self, name: str, on: bool) -> None:
        """Offer a tool, or do not. Raises UsageError for one that cannot be had."""
        if name in self.offer.missing:
            gone = _("{tool} cannot be had.").format(tool=name)
            raise UsageError(gone, self.offer.missing[name])
        names = [state.name for state in self.states]
        if name not in names:
            known = ", ".join(names) or _("none")
            raise UsageError(
                _("There is no tool '{name}'.").format(name=clean_line(name)[:40]),
                _("There are: {names}.").format(names=known),
            )
        (self._off.discard if on else self._off.add)(name)

    def describe(self, call: Message) -> CallView:
        """What ``call`` would do."""
        return self._noted(call, self.offer.registry.describe(call))

    def approve(self, call: Message, cancel: Cancel) -> Verdict:
        """What the mode, the rules or the person say to ``call``."""
        if cancel.is_set():
            self._decided(Decided(call, Decision.DENY, By.STOP))
            return Verdict(Decision.DENY)
        if name_of(call.recipient or "") in self._off:
            self._decided(Decided(call, Decision.DENY, By.MODE, mode=self._mode))
            return Verdict(Decision.DENY)
        verdict = self.gate.approve(call, cancel)
        if verdict.decision is not Decision.ALLOW:
            self.denied(call, _(verdict.answer or verdict.reason))
        return verdict

    def run(self, call: Message, cancel: Cancel) -> Iterator[ToolProgressed | ToolFinished]:
        """See ``Toolbox.run``."""
        yield from self.offer.registry.run(call, cancel)

    def result(self, call: Message) -> Result | None:
        """What came of a call of this run of the program, with its files and its full text."""
        return self._results.get(call)

    def kept(self, message: Message) -> None:
        """``message`` is said: the files that it tells of, if it is a result, are known by it."""
        made, self._made = self._made, ()
        if made and message.role is Role.TOOL:
            self.decisions.made(message, made)
            self.keep(files_to_json(made))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """What is settled: by the settings, then for this conversation."""
        return self.gate.rules

    def is_standing(self, rule: Rule) -> bool:
        """Whether the rule is the settings'."""
        return rule in self._standing.rules

    def revoke(self, number: int) -> tuple[Rule, bool]:
        """Take back rule ``number``, from 1, for good; it, and whether it has left the settings.

        Raises UsageError, SettingsError; it does not hold any more in this run even then.
        """
        rule = self._rule(number)
        self.gate.revoke(rule)
        return rule, self._standing.drop(rule)

    def settle(self, number: int) -> Rule:
        """Keep rule ``number``, from 1, for good. Raises UsageError, SettingsError."""
        rule = self._rule(number)
        self._standing.keep(rule)
        return rule

    def _rule(self, number: int) -> Rule:
        rules = self.rules
        if not 1 <= number <= len(rules):
            raise UsageError(_("There is no such permission."), _("/approve lists them."))
        return rules[number - 1]

    def forget(self) -> None:
        """Another conversation: what was granted in this one holds no more."""
        self.recall(Conversation(), ())

    def recall(self, conversation: Conversation, beside: Sequence[Mapping[str, Any]]) -> None:
        """Go on with a conversation of an earlier time; ``beside`` was kept with its nodes.

        What was granted in the one before holds no more, and no tool knows of it any longer.
        """
        messages = (node.message for node in conversation.nodes)
        self.decisions.recall(zip(messages, beside, strict=False))
        with self._lock:
            self._gate = None
            self._said = tuple(
                message.content
                for message in conversation.messages
                if message.role is Role.TOOL and (message.name or "").startswith("browser.")
            )
            if self._offer is not None:
                self._offer.begin(self._said)

    @property
    def last_diff(self) -> str:
        """The diff of the last edit that was made; empty where none was."""
        return self._last_diff

    def undo(self) -> str:
        """Take the last edit back and say so. Raises ToolError."""
        patches = self.offer.patches
        if patches is None:
            raise ToolError(_("No tool edits files here."))
        return patches.undo()

    def close(self) -> None:
        """End what the tools hold. May be called twice."""
        if self._offer is not None:
            self._offer.registry.close()
            if self._offer.library is not None:
                self._offer.library.close()

    @property
    def gate(self) -> Gate:
        """Who approves in this conversation."""
        with self._lock:
            if self._gate is None:
                offer = self.offer
                policy = Policy(self._mode, self._standing.rules, self.unasked)
                self._gate = Gate(offer.registry, policy, offer.tier, self._asked, self._decided)
            return self._gate

    def _is_on(self, name: str) -> bool:
        # Not by the mode: another system message would have the whole conversation read anew.
        return name not in self._off and not self.offer.useless(name)

    def _decided(self, decided: Decided) -> None:
        record = record_of(decided, time.time())
        self.decisions.add(decided.call, record)
        self.keep({KEY: record.to_json()})

    def _asked(self, request: Request, stop: Stop) -> Reply:
        self._noted(request.call, request.view)
        return self.ask(request, stop)

    def _noted(self, call: Message, view: CallView) -> CallView:
        if view.diff:
            self._diffs[call.content] = view.diff
            while len(self._diffs) > _KEPT:
                self._diffs.popitem(last=False)
        return view

    def _finished(self, call: Message, result: Result) -> None:
        diff = self._diffs.pop(call.content, "")
        if diff and not result.failed:
            self._last_diff = diff
        self._made = result.attachments
        self._results[call] = result
        self._results.move_to_end(call)
        while len(self._results) > _KEPT:
            self._results.popitem(last=False)
