"""Ways to say the same thing, and which of them training never sees.

Every sixth entry of a list of phrasings is held out for evaluation. Knows strings and a random
generator only.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

UNKNOWN = "□"
"""Stands for a word outside the vocabulary."""

OPENERS = (
    "Please tell me: ", "Hi, ", "Hello! ", "Hey, ", "Quick question: ", "Tell me, ", "So, ",
    "Okay, ", "Well, ", "Good morning. ", "One more: ", "Now, ", "Hmm, ", "Please, ", "And, ",
    "So ", "Ok ", "Hey ", "And ", "Um, ", "Wow, ", "Hello, ", "Then ", "Oh, ", "Please ",
)  # fmt: skip
CLOSERS = (
    " Thanks.", " Please.", " please", " Thank you!", " :)", " I want to know.", " pls", " now",
    " ??",
    " my friend", " for me", " then", ", please?", "!", " thanks",
)  # fmt: skip
FILLERS = (
    "just", "really", "maybe", "please", "now", "then", "actually", "simply", "would", "at", "that",
    "anything", "following", "right", "again", "here", "there", "only", "quickly", "today",
    UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN,
)  # fmt: skip
"""Words that change nothing; they teach that one odd word does not change the question."""


def expand(pattern: str) -> list[str]:
    """All texts of a pattern: "[Hi;Hello][ there;]" stands for four."""
    parts = re.split(r"\[([^]]*)\]", pattern)
    choices = [part.split(";") if i % 2 else [part] for i, part in enumerate(parts)]
    return ["".join(chosen) for chosen in itertools.product(*choices)]


def pick(rng: random.Random, options: Sequence[str], held_out: bool) -> str:
    """One phrasing; the held-out ones (each sixth) only where ``held_out`` is true."""
    if len(options) < 6:
        return rng.choice(options)
    kept = [o for i, o in enumerate(options) if (i % 6 == 5) == held_out]
    return rng.choice(kept)


def voiced(rng: random.Random, template: str, *values: object) -> str:
    """The filled template as people type it: opener, closer, a filler, lower case, no end mark.

    A filler never stands right before a value: "say just sun" would ask for another word.
    """
    words = template.split(" ")
    gaps = [i for i, word in enumerate(words) if "{" not in word]
    if gaps and rng.random() < 0.12:
        words.insert(rng.choice(gaps), rng.choice(FILLERS))
    text = " ".join(words).format(*values)
    text = text[0].upper() + text[1:]
    if rng.random() < 0.12:
        opener = rng.choice(OPENERS)
        text = opener + (text[0].lower() + text[1:] if opener[-2] != "." else text)
    if rng.random() < 0.12:
        closer = rng.choice(CLOSERS)
        text = (text if closer[:2].strip().istitle() else text.rstrip("?!.")) + closer
    chance = rng.random()
    if chance < 0.15:
        text = text.lower()
    elif chance < 0.25:
        text = text[0].lower() + text[1:]
    if rng.random() < 0.2:
        text = text.rstrip("?.!")
    elif rng.random() < 0.06:
        text += rng.choice(("!", "!!", "...", "?!", "??", " ?", " !"))
    return text


def slot(text: object) -> str:
    """Mark text that depends on the question; training gives it more weight."""
    return f"⟦{text}⟧"


def bare(text: str) -> str:
    """The text without marks."""
    return text.replace("⟦", "").replace("⟧", "")
