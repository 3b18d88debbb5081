"""What can be read before the next question is there, and reading it.

Knows how the next prompt will begin; must not know caches or llama.cpp. The renderer shows a
history differently once another message of the user follows (reasoning goes), so the history is
rendered as if one did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chat_tui.conversation import Prompt, user
from chat_tui.harmony import tokens
from chat_tui.harmony.prompt import Renderer
from chat_tui.harmony.vocabulary import Vocabulary
from chat_tui.runner.cache import beginnings
from chat_tui.runner.generation import Speaker
from chat_tui.runner.reader import Stop

BATCH = 64
"""Tokens evaluated at once: few, because what a question interrupts in the middle is lost."""


def read(speaker: Speaker, prompt: Prompt, draft: str, stop: Stop) -> None:
    """Read what the next question will need.

    Raises Aborted where ``stop`` is set, EngineError where llama.cpp fails.
    """
    wanted = next_prompt(speaker.renderer, prompt, draft, turn_header(speaker.vocabulary))
    if len(wanted) < speaker.llama.context_size and not speaker.reader.holds(wanted):
        speaker.reader.read(wanted, stop, size=BATCH)


def turn_header(vocabulary: Vocabulary) -> tuple[int, ...]:
    """The tokens that a user's message begins with."""
    return (tokens.START, *vocabulary.encode("user"))


def next_prompt(renderer: Renderer, prompt: Prompt, draft: str, turn: Sequence[int]) -> list[int]:
    """The tokens that the prompt of the next question begins with, whatever will be asked.

    ``draft`` is what has been typed of it, ``turn`` how a user's message begins.
    """
    settled = draft[: settled_length(draft)]
    found = renderer.render(replace(prompt, messages=(*prompt.messages, user(settled))))
    if not settled:
        return found[: beginnings(found, turn)[-1]]
    # Behind the draft stand <|end|><|start|>assistant.
    return found[:-3]


def settled_length(draft: str) -> int:
    """How many characters of a text keep their tokens, whatever is typed behind it.

    The vocabulary is applied to words; a space and a letter behind a letter begin a new one.
    """
    for at in range(len(draft) - 2, 0, -1):
        if draft[at] == " " and draft[at - 1].isalpha() and draft[at + 1].isalpha():
            return at
    return 0
