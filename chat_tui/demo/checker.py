"""Whether a reply is well-formed harmony, and whether its call and its answer are right. Strict.

Knows token ids of the frame and the words of what is expected; nothing of the model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_tui.demo.phrasing import bare
from chat_tui.demo.turns import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

RETURN, CONSTRAIN, CHANNEL, START, END, MESSAGE, CALL = (
    200002, 200003, 200005, 200006, 200007, 200008, 200012,
)  # fmt: skip
FIRST_SPECIAL = 199_998
_HEADER = re.compile(
    r"(?P<channel>analysis|commentary|final)(?: to=(?P<to>[\w.]+))?"
    r"(?: (?P<type>code)| <\|constrain\|>(?P<constrained>json))?"
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A well-formed reply taken apart: reasoning, then either a call or an answer."""

    reasoning: str
    reasoning_tokens: int
    answer: str | None
    call: Call | None = None


@dataclass(frozen=True, slots=True)
class _Spoken:
    channel: str
    to: str | None
    form: str
    body: list[int]
    end: int


def take_apart(ids: Sequence[int], text_of: Callable[[list[int]], str]) -> Reply | None:
    """The reply, or None unless it is at most one analysis and then one final or one call."""
    said = _messages(list(ids), text_of)
    if said is None or not 1 <= len(said) <= 2:
        return None
    *thoughts, last = said
    if any(t.channel != "analysis" or t.to or t.form or t.end != END for t in thoughts):
        return None
    reasoning = [token for thought in thoughts for token in thought.body]
    text = text_of(last.body)
    if last.channel == "final" and not last.to and not last.form and last.end == RETURN:
        return Reply(text_of(reasoning), len(reasoning), text)
    if last.to and last.end == CALL:
        call = Call(last.to, last.channel, last.form, text, "")
        return Reply(text_of(reasoning), len(reasoning), None, call)
    return None


def _messages(ids: list[int], text_of: Callable[[list[int]], str]) -> list[_Spoken] | None:
    """All messages from right after ``<|start|>assistant``; None where the frame is broken."""
    found: list[_Spoken] = []
    while ids:
        end = next((i for i, token in enumerate(ids) if token in (END, RETURN, CALL)), None)
        if end is None:
            return None
        one = _message(ids[:end], ids[end], text_of)
        if one is None:
            return None
        found.append(one)
        ids = ids[end + 1 :]
        if ids:
            if ids[0] != START or CHANNEL not in ids:
                return None
            begin = ids.index(CHANNEL)
            if text_of(ids[1:begin]) != "assistant":
                return None
            ids = ids[begin:]
    return found


def _message(ids: list[int], end: int, text_of: Callable[[list[int]], str]) -> _Spoken | None:
    """One message from its ``<|channel|>`` on."""
    if ids[:1] != [CHANNEL] or MESSAGE not in ids:
        return None
    cut = ids.index(MESSAGE)
    head, body = ids[1:cut], ids[cut + 1 :]
    text = "".join("<|constrain|>" if token == CONSTRAIN else text_of([token]) for token in head)
    header = _HEADER.fullmatch(text)
    if not header or any(token >= FIRST_SPECIAL for token in body):
        return None
    form = header["type"] or header["constrained"] or ""
    return _Spoken(header["channel"], header["to"], form, body, end)


def words(text: str) -> list[str]:
    """Whole words, numbers and marks, in order; case counts, blanks do not."""
    return re.findall(r"\w+|[^\w\s]", bare(text))


def right(expected: str, answer: str) -> bool:
    """Whether the answer says exactly what was expected, word for word.

    The demo model gives one answer to one question, so no looser rule is needed: "hi" inside
    "high", another country's capital or a sum that is off by one are all refused.
    """
    return words(expected) == words(answer)


def right_call(expected: Call, call: Call | None) -> bool:
    """Whether it is this call: the same tool, channel and form, and its body to the letter."""
    return call is not None and (call.recipient, call.channel, call.form, call.body) == (
        expected.recipient, expected.channel, expected.form, bare(expected.body),
    )  # fmt: skip
