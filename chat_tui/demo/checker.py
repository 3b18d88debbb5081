"""Whether a reply is well-formed harmony and whether its answer is right. Strict.

Knows token ids of the frame and the words of the expected answer; nothing of the model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_tui.demo.phrasing import bare

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

RETURN, CHANNEL, START, END, MESSAGE = 200002, 200005, 200006, 200007, 200008
FIRST_SPECIAL = 199_998


@dataclass(frozen=True, slots=True)
class Reply:
    """A well-formed reply taken apart, with the number of tokens in its reasoning."""

    reasoning: str
    answer: str
    reasoning_tokens: int


def take_apart(ids: Sequence[int], text_of: Callable[[list[int]], str]) -> Reply | None:
    """The reply, or None unless it is exactly one analysis and one final message."""
    ids = list(ids)
    if ids.count(END) != 1 or ids[-1:] != [RETURN]:
        return None
    cut = ids.index(END)
    reasoning, answer = ids[: cut + 1], ids[cut + 1 :]
    bodies = []
    for message, head, channel in (
        (reasoning, "", "analysis"),
        (answer, "assistant", "final"),
    ):
        frame = [i for i in message if i >= FIRST_SPECIAL]
        starts = [START] if head else []
        if frame[:-1] != [*starts, CHANNEL, MESSAGE]:
            return None
        at = message.index(CHANNEL), message.index(MESSAGE)
        if text_of(message[len(starts) : at[0]]) != head or message[: len(starts)] != starts:
            return None
        if text_of(message[at[0] + 1 : at[1]]) != channel:
            return None
        bodies.append(message[at[1] + 1 : -1])
    return Reply(text_of(bodies[0]), text_of(bodies[1]), len(bodies[0]))


def words(text: str) -> list[str]:
    """Whole words, numbers and marks, in order; case counts, blanks do not."""
    return re.findall(r"\w+|[^\w\s]", bare(text))


def right(expected: str, answer: str) -> bool:
    """Whether the answer says exactly what was expected, word for word.

    The demo model gives one answer to one question, so no looser rule is needed: "hi" inside
    "high", another country's capital or a sum that is off by one are all refused.
    """
    return words(expected) == words(answer)
