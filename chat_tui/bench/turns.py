"""What each turn of the scripted conversation reads before its first token, and how long it takes.

Knows the engine's seam, and the renderer for counting; must not know how results are shown. The
conversation is held twice, once with the history read ahead between turns and once without, and
then every prompt is read from its beginning by the bare loop, as programs do that cannot go back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chat_tui.bench.script import TOOLS, Kind, Step, steps
from chat_tui.conversation import Message, Prompt
from chat_tui.engine.client import ChildEngine
from chat_tui.engine.protocol import Cancel, GenerateOptions, Sampling
from chat_tui.events import GenerationEnded, MessageCompleted, Usage
from chat_tui.harmony.prompt import Renderer
from chat_tui.language import _

_GO_ON = 2
"""Tokens of ``<|start|>assistant``, with which every prompt ends."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One generation; counts in tokens, times in seconds to the first token."""

    turn: int
    kind: Kind
    prompt: int
    new: int
    """Tokens of the new messages with their frame, and of ``<|start|>assistant``."""
    evaluated: int
    """Of the prompt, after reading ahead."""
    seconds: float
    unprimed_evaluated: int
    unprimed_seconds: float
    full_seconds: float
    """Reading the whole prompt."""

    @property
    def ratio(self) -> float:
        """Evaluated to new: 1.0 is the least there can be; 0 for an answer made again."""
        return self.evaluated / self.new if self.new else 0.0


@dataclass(frozen=True, slots=True)
class _Asked:
    """A generation that was run."""

    step: Step
    prompt: Prompt
    new: int
    usage: Usage


def measure_turns(
    engine: ChildEngine,
    renderer: Renderer,
    *,
    tokens: int,
    prompt_speed: float,
    tell: Callable[[str], None],
) -> tuple[Turn, ...]:
    """Hold the conversation, ``tokens`` sampled for each generation.

    ``prompt_speed`` in tokens a second says how long a person has to think so that reading ahead
    is done. Raises what ``Engine.generate`` and ``ChildEngine.measure`` raise.
    """
    run = _Run(engine, renderer, tokens, prompt_speed, tell)
    primed = run.hold("1", prime=True)
    unprimed = run.hold("2", prime=False)
    found = []
    for ahead, without in zip(primed, unprimed, strict=True):
        tell(_("the whole prompt of turn {turn}").format(turn=without.step.turn))
        full = engine.measure(without.prompt, 1)
        found.append(
            Turn(
                ahead.step.turn,
                ahead.step.kind,
                prompt=ahead.usage.prompt_tokens,
                new=ahead.new,
                evaluated=ahead.usage.evaluated_tokens,
                seconds=ahead.usage.first_token_seconds,
                unprimed_evaluated=without.usage.evaluated_tokens,
                unprimed_seconds=without.usage.first_token_seconds,
                full_seconds=full.prompt_seconds,
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Run:
    engine: ChildEngine
    renderer: Renderer
    tokens: int
    prompt_speed: float
    tell: Callable[[str], None]

    def hold(self, name: str, *, prime: bool) -> list[_Asked]:
        """Hold the conversation; the name makes it one that no cache knows."""
        history: list[Message] = []
        thoughts: list[Message] = []
        found: list[_Asked] = []
        begun = 0  # tokens of the prompt that the present turn began with
        if prime:
            self._read_ahead(name, history, begun)
        for step in steps():
            now = _("turn {turn}, {kind}, read ahead") if prime else _("turn {turn}, {kind}")
            self.tell(now.format(turn=step.turn, kind=_(step.kind)))
            before = history[: step.keep]
            messages = [*before, *step.new]
            if step.kind is Kind.RESULT:
                # What was thought in front of a call belongs to the prompt of its own turn only.
                messages = [*before[:-1], *thoughts, before[-1], *step.new]
            prompt = self._prompt(name, messages)
            count = self._count(prompt)
            if step.kind is Kind.AGAIN:
                new = 0
            elif step.kind is Kind.RESULT:  # with the call, which the script wrote
                new = count - begun - sum(len(one.tokens) for one in thoughts)
            else:
                new = count - self._count(self._prompt(name, before)) + _GO_ON
                begun = count
            usage, thoughts = self._generate(prompt)
            found.append(_Asked(step, prompt, new, usage))
            history = [*before, *step.new, *step.answer]
            if prime and not step.answer[-1].is_call:
                self._read_ahead(name, history, begun)
        return found

    def _read_ahead(self, name: str, history: Sequence[Message], begun: int) -> None:
        """Prime, and give it the time that a person takes to think; no event tells its end."""
        ahead = self._prompt(name, history)
        self.engine.prime(ahead)
        time.sleep(0.5 + 1.5 * (self._count(ahead) - begun) / self.prompt_speed)

    def _prompt(self, name: str, messages: Sequence[Message]) -> Prompt:
        instructions = f"This is conversation {name}. Answer in plain words."
        return Prompt(tuple(messages), instructions=instructions, tools=TOOLS)

    def _count(self, prompt: Prompt) -> int:
        return len(self.renderer.render(prompt))

    def _generate(self, prompt: Prompt) -> tuple[Usage, list[Message]]:
        """What it took, and the reasoning that came, as far as the history can replay it."""
        options = GenerateOptions(Sampling(seed=len(prompt.messages)), max_tokens=self.tokens)
        usage, thoughts = Usage(), []
        for event in self.engine.generate(prompt, options, Cancel()):
            if isinstance(event, MessageCompleted) and event.message.is_reasoning:
                thoughts.append(event.message)
            elif isinstance(event, GenerationEnded):
                usage = event.usage
        return usage, [one for one in thoughts[:1] if not one.repairs]
