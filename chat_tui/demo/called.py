"""A turn with a call that works, is denied or fails: what all tools' questions have in common.

Knows text only; nothing of any single tool.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_tui.demo.facts import COPIED
from chat_tui.demo.other import COMMON
from chat_tui.demo.phrasing import UNKNOWN, slot
from chat_tui.demo.turns import Call, Turn

if TYPE_CHECKING:
    import random

    from chat_tui.demo.turns import Thought

DENIALS = (
    "The user did not allow this call. Go on without it.",
    "The user did not allow this call. Go on without it.",
    "The user did not allow this call. Their reason: {r}",
    "The user denied this call.", "The user denied this call: {r}", "Denied by the user.",
    "The user did not allow this call: {r}. Go on without it.", "Not allowed. {r}",
)  # fmt: skip
_REASONS = (
    "no", "not now", "I do not want that", "{w} {w} {w}", "{w} is wrong", "do it without tools",
    "think for yourself", "{w} {w}", "too dangerous", "use another {w}", "please do not",
)  # fmt: skip
FAILURES = (
    'Traceback (most recent call last):\n  File "<stdin>", line 1, in <module>\n{w}Error: {w} {w}',
    "Traceback (most recent call last):\n{w}: {w} {w} {w}", "Error: {w} {w} {w}.", "Error: {w}",
    "Error: the tool could not be started.", "The tool failed: {w} {w}.",
    "The tool ended without a result.", "The call took longer than 120 seconds and was stopped.",
    "[WARN] No output available. Use print() to output anything to stdout to receive the output",
    "There is no tool of that name. The tools are: {w}.", "Error: timeout", "{w}Error",
)  # fmt: skip
AFTER_DENIAL = f"{slot('All right')}, I will not use the tool. Without it I cannot answer this."
AFTER_FAILURE = f"{slot('The tool')} did not work, so I cannot answer this."
TROUBLE = 0.12
"""Shares of calls that are denied, and that fail."""
SALT = 4
"""Chosen so that every function has arguments that are held out."""


def held_out_case(*parts: object) -> bool:
    """Whether this combination is kept apart from the data (one in ten)."""
    return zlib.crc32(f"{SALT}{parts}".encode()) % 10 == 0


def words_in(rng: random.Random, text: str, known: float = 0.5) -> str:
    """``{w}`` filled with any words, many of them outside the vocabulary."""
    while "{w}" in text:
        word = rng.choice(COMMON) if rng.random() < known else UNKNOWN
        text = text.replace("{w}", word, 1)
    return text


def word_for(rng: random.Random, held_out: bool, *parts: object) -> str:
    """A word that may be used with ``parts``."""
    while True:
        word = rng.choice(COPIED)
        if held_out_case(*parts, word) == held_out:
            return word


@dataclass(frozen=True, slots=True)
class Plan:
    """A call that works: what is asked, called and answered."""

    kind: str
    ask: str
    think: Thought
    recipient: str
    channel: str
    form: str
    body: str
    result: str
    after: Thought
    answer: str

    def turn(self, rng: random.Random) -> Turn:
        """The turn, now and then with a call that is denied or fails."""
        result = self.result + ("\n" if rng.random() < 0.25 else "")
        call = Call(self.recipient, self.channel, self.form, self.body, result, self.after)
        chance = rng.random()
        if chance < TROUBLE:
            text = rng.choice(DENIALS).replace("{r}", words_in(rng, rng.choice(_REASONS)))
            after = (
                "",
                slot("The user said no."),
                "1. The user did not allow the call.\n2. Check: I do not try it again.",
            )
            call = Call(self.recipient, self.channel, self.form, self.body, text, after)
            return Turn("denied", self.ask, self.think, AFTER_DENIAL, call)
        if chance < 2 * TROUBLE:
            after = (
                "",
                slot("The tool failed."),
                "1. The tool did not work.\n2. Check: there is no result, so I make none up.",
            )
            text = words_in(rng, rng.choice(FAILURES))
            call = Call(self.recipient, self.channel, self.form, self.body, text, after)
            return Turn("failed", self.ask, self.think, AFTER_FAILURE, call)
        return Turn(self.kind, self.ask, self.think, self.answer, call)
