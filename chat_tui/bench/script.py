"""A conversation of ten turns as it might be held, always the same: pure values.

Knows messages only; must not know engines or clocks. What a model of random weights would write
is no conversation, so the questions, calls, results and answers stand here; only the reasoning in
front of a call is what the model wrote when it was measured.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from chat_tui.conversation import (
    COMMENTARY,
    FINAL,
    FunctionSpec,
    Message,
    Role,
    ToolSpec,
    user,
)
from chat_tui.language import NP_

TOOLS = (
    ToolSpec(
        "functions",
        (
            FunctionSpec(
                "read_file",
                "Reads a file of the project.",
                {
                    "type": "object",
                    "properties": {"path": {"type": "string", "description": "From its root."}},
                    "required": ["path"],
                },
            ),
        ),
    ),
)
EDIT_AFTER, EDITED = 6, 5
"""The seventh turn asks the question of the fifth anew, in other words."""

_WITH_TOOL = frozenset({3, 6, 9})
_PASTED = frozenset({2, 8})
_WORDS = (
    "the a this each every first last next other same small large new old clear broken test file"
    " module function value error line change reason result table answer reader writer cache"
    " window layer token order name list key and or but because while where when so then which"
    " that keeps takes gives finds reads writes drops holds moves counts checks fails works needs"
)


class Kind(StrEnum):
    """What brings a prompt about."""

    QUESTION = NP_("turn", "question")
    RESULT = NP_("turn", "result")
    EDIT = NP_("turn", "edit")
    AGAIN = NP_("turn", "again")


@dataclass(frozen=True, slots=True)
class Step:
    """One generation of the conversation."""

    turn: int
    kind: Kind
    keep: int
    """How many messages of the conversation so far stay; the others are forgotten."""
    new: tuple[Message, ...]
    """What is added in front of the generation."""
    answer: tuple[Message, ...]
    """What is taken for the model's answer, behind its reasoning: a call, or the final."""


def steps() -> Iterator[Step]:
    """The generations in order: ten turns, some in two parts, and the last answer once more."""
    length = 0
    begins: dict[int, int] = {}
    for turn in range(1, 11):
        kind = Kind.EDIT if turn == EDIT_AFTER + 1 else Kind.QUESTION
        begins[turn] = keep = begins[EDITED] if kind is Kind.EDIT else length
        answer = Message(Role.ASSISTANT, prose(turn, 210), channel=FINAL)
        question = user(prose(100 + turn, 420 if turn in _PASTED else 110))
        if turn in _WITH_TOOL:
            call, result = _call(turn), _result(turn)
            yield Step(turn, kind, keep, (question,), (call,))
            yield Step(turn, Kind.RESULT, keep + 2, (result,), (answer,))
            length = keep + 4
        else:
            yield Step(turn, kind, keep, (question,), (answer,))
            length = keep + 2
    yield Step(turn, Kind.AGAIN, length - 1, (), (answer,))


def prose(seed: int, count: int) -> str:
    """``count`` words in sentences, always the same for a seed; a word is about a token."""
    chance = random.Random(seed)  # noqa: S311 – sameness is wanted, not secrecy
    words: list[str] = []
    choice = _WORDS.split()
    while len(words) < count:
        sentence: Sequence[str] = chance.choices(choice, k=chance.randint(6, 14))
        words += [sentence[0].capitalize(), *sentence[1:-1], f"{sentence[-1]}."]
    return " ".join(words[:count])


def _call(turn: int) -> Message:
    return Message(
        Role.ASSISTANT,
        f'{{"path": "src/part_{turn}.py"}}',
        channel=COMMENTARY,
        recipient="functions.read_file",
        content_type="json",
    )


def _result(turn: int) -> Message:
    return Message(
        Role.TOOL,
        prose(200 + turn, 250),
        channel=COMMENTARY,
        recipient="assistant",
        name="functions.read_file",
    )
