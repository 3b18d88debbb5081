"""Tokens a second: whole answers through the child process against a bare loop of llama.cpp calls.

Knows the engine's seam and its loop for measuring; must not know how results are shown. Machines
are noisy, so both take turns, answer by answer, and medians count.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from chat_tui.bench.script import prose
from chat_tui.conversation import Effort, Prompt, user
from chat_tui.engine.client import ChildEngine
from chat_tui.engine.protocol import Cancel, GenerateOptions, Sampling
from chat_tui.events import GenerationEnded, Usage
from chat_tui.language import _

MAX_ANSWERS = 60
"""In one round; a model that answers in two words is asked so often for its tokens."""
PROMPT_SECONDS = 2.0
"""How long a prompt is to take."""
ROUND_SECONDS = 6.0
"""How long prompts are read in a round: several, so that a moment's noise hits both alike."""
SHORTEST, LONGEST = 300, 4000
"""Words of a prompt."""


@dataclass(frozen=True, slots=True)
class Round:
    """Tokens a second of one round."""

    prompt: float
    bare_prompt: float
    decode: float
    bare_decode: float


@dataclass(frozen=True, slots=True)
class Speed:
    """All rounds and what they say together."""

    rounds: tuple[Round, ...]

    @property
    def typical(self) -> Round:
        """The median of each column."""
        columns = zip(
            *((one.prompt, one.bare_prompt, one.decode, one.bare_decode) for one in self.rounds),
            strict=True,
        )
        return Round(*map(statistics.median, columns))

    @property
    def prompt_ratio(self) -> float:
        """Ours to bare, the median of the rounds."""
        return statistics.median(one.prompt / one.bare_prompt for one in self.rounds)

    @property
    def decode_ratio(self) -> float:
        """Ours to bare, the median of the rounds."""
        return statistics.median(one.decode / one.bare_decode for one in self.rounds)


def measure_speed(
    engine: ChildEngine, *, rounds: int, tokens: int, tell: Callable[[str], None]
) -> Speed:
    """Measure ``rounds`` rounds: a prompt, and about ``tokens`` answered tokens.

    Raises what ``Engine.generate`` and ``ChildEngine.measure`` raise.
    """
    found = []
    _answer(engine, _question(0), 8, 0)  # pages in, caches warm
    count, took = _read_bare(engine, _text(0, SHORTEST))
    words = round(max(SHORTEST, min(count / took * PROMPT_SECONDS, LONGEST)))
    for number in range(1, rounds + 1):
        tell(_("speed, round {number} of {rounds}").format(number=number, rounds=rounds))
        prompt, bare_prompt = _read(engine, number, words)
        decode, bare_decode = _write(engine, number, tokens)
        found.append(Round(prompt, bare_prompt, decode, bare_decode))
    return Speed(tuple(found))


def _read(engine: ChildEngine, number: int, words: int) -> tuple[float, float]:
    """Prompt tokens a second, up to the first token: ours, bare."""
    tokens, seconds, pairs = [0, 0], [0.0, 0.0], 0
    while seconds[0] < ROUND_SECONDS:
        text = _text(number * 1000 + pairs, words)
        runs = [_read_ours, _read_bare]
        for which in (0, 1) if pairs % 2 else (1, 0):  # neither profits from coming second
            count, took = runs[which](engine, text)
            tokens[which] += count
            seconds[which] += took
        pairs += 1
    return tokens[0] / seconds[0], tokens[1] / seconds[1]


def _read_ours(engine: ChildEngine, text: Prompt) -> tuple[int, float]:
    usage, _seconds = _answer(engine, text, 1, 0)
    return usage.evaluated_tokens, usage.first_token_seconds


def _read_bare(engine: ChildEngine, text: Prompt) -> tuple[int, float]:
    taken = engine.measure(text, 1)
    return taken.prompt_tokens, taken.prompt_seconds


def _text(number: int, words: int) -> Prompt:
    """A prompt that no cache knows: the number stands near its beginning."""
    return Prompt((user(prose(number, words)),), instructions=f"Prompt {number}.")


def _write(engine: ChildEngine, number: int, wanted: int) -> tuple[float, float]:
    """Answered tokens a second, after the first one: ours, bare."""
    tokens, ours, bare_tokens, bare = 0, 0.0, 0, 0.0
    for answer in range(MAX_ANSWERS):
        question = _question(number * MAX_ANSWERS + answer)
        usage, seconds = _answer(engine, question, wanted, answer)
        count = usage.reasoning_tokens + usage.answer_tokens
        if count < 2:
            continue
        # Everything after the first token, the way to this process and a turn's end included.
        ours += seconds - usage.first_token_seconds
        # An answer that was cut at the limit has evaluated its last token too.
        tokens += count if count >= wanted else count - 1
        bare += engine.measure(question, count).decode_seconds
        bare_tokens += count - 1
        if bare_tokens >= wanted - 1:
            break
    return tokens / ours, bare_tokens / bare


def _question(number: int) -> Prompt:
    return Prompt((user(f"Think about {number} + {number + 7} step by step."),), effort=Effort.HIGH)


def _answer(engine: ChildEngine, prompt: Prompt, max_tokens: int, seed: int) -> tuple[Usage, float]:
    """What a generation took as the child tells it, and its seconds as this process sees them."""
    options = GenerateOptions(Sampling(seed=seed), max_tokens=max_tokens)
    usage = Usage()
    began = time.perf_counter()
    for event in engine.generate(prompt, options, Cancel()):
        if isinstance(event, GenerationEnded):
            usage = event.usage
    return usage, time.perf_counter() - began
