"""What was said before the conversation was opened, as turns that can be drawn and searched.

Knows messages; must not know widgets. The parts of a turn are in the order in which the
transcript shows them, so that what is found here is found there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from chat_tui.conversation import FINAL, Conversation, Effort, Message, Role
from chat_tui.session.accounts import Accounts, Ending
from chat_tui.session.versions import turns
from chat_tui.settings import ReasoningView
from chat_tui.ui.footnotes import Footnotes, unforged
from chat_tui.ui.longtext import LongText, Place
from chat_tui.ui.widgets import call
from chat_tui.ui.widgets.asked import about, bounded
from chat_tui.ui.widgets.room import summary_of
from chat_tui.ui.widgets.searchable import places
from chat_tui.ui.widgets.window import rows
from chat_tui.untrusted import clean

_FOLDED = 2
"""Lines of a folded thought or call."""
_STAMP = 2
"""Lines of what stands at the foot of a turn."""


@dataclass(frozen=True, slots=True)
class Past:
    """A question and what came of it."""

    question: str
    effort: Effort
    messages: tuple[Message, ...] = ()
    seconds: Mapping[int, float] = field(default_factory=dict)
    """How long messages took to come, by their place in ``messages``, where that is known."""
    ending: Ending | None = None
    """How the turn ended, where that is known."""

    @property
    def answer(self) -> str:
        """The text of the final answer; empty where there is none."""
        finals = [message.content for message in self.messages if message.channel == FINAL]
        return finals[-1] if finals else ""

    def rows(self, width: int, view: ReasoningView) -> int:
        """About how many lines it takes."""
        count = rows(about(self.question), width - 3) + 1 if self.question else 0
        for message in self.messages:
            if message.is_reasoning:
                count += 0 if view is ReasoningView.HIDDEN else _FOLDED
                count += rows(message.content, width) if view is ReasoningView.SHOWN else 0
            elif message.is_call:
                count += _FOLDED
            elif message.role is Role.ASSISTANT and message.content:
                count += rows(message.content, width) + 1
        return max(1, count + _STAMP * (self.ending is not None))

    def bare(self) -> str:
        """All its text without marks, spaces and case."""
        texts = [self.question, *(message.content for message in self.messages)]
        calls = [
            text for at, one in enumerate(self.messages) if one.is_call for text in self._call(at)
        ]
        return "\n".join(bare(clean(text)) for text in [*texts, *calls])

    @property
    def is_rewritten(self) -> bool:
        """Whether something in it is shown in other words than it was written in."""
        return any(mark in message.content for message in self.messages for mark in _REWRITTEN)

    def search(
        self, pattern: re.Pattern[str], view: ReasoningView, pages: Callable[[], Sequence[str]]
    ) -> Iterator[list[tuple[int, Place]]]:
        """The parts, counted from 0, and the places in them where the pattern is, a few a time."""
        footnotes = Footnotes(pages)
        if self.question:
            yield _plainly(0, bounded(self.question).plain, pattern)
        for part, at in enumerate(self._parts(), bool(self.question)):
            message = self.messages[at]
            if message.is_mark:
                yield _plainly(part, summary_of(message).plain, pattern)
            elif message.is_call:
                yield [(part, place) for place in call.search(self._call(at), pattern)]
            elif not message.is_reasoning:
                is_final = message.channel == FINAL
                written = message.content
                text = footnotes.whole(written) if is_final else unforged(written)
                for places in LongText.of(text).search(pattern):
                    yield [(part, place) for place in places]
            elif view is not ReasoningView.HIDDEN:
                yield _plainly(part, clean(message.content).strip("\n"), pattern)

    def part_of(self, at: int) -> int | None:
        """The part that shows message ``at``, or the question (-1); None where none does."""
        if at < 0:
            return 0 if self.question else None
        if self.messages[at].role is Role.TOOL:
            at = max((one for one in range(at) if self.messages[one].is_call), default=at)
        parts = self._parts()
        return parts.index(at) + bool(self.question) if at in parts else None

    def _parts(self) -> list[int]:
        """The messages that are searched, in the order in which they stand: marks at the foot."""
        said = [
            at
            for at, message in enumerate(self.messages)
            if message.role is Role.ASSISTANT and (message.is_call or message.content)
        ]
        return [*said, *(at for at, one in enumerate(self.messages) if one.is_mark)]

    def _call(self, at: int) -> tuple[str, str, str]:
        """What the card of the call ``at`` shows: what was answered to it before the next one."""
        result = ""
        for message in self.messages[at + 1 :]:
            if message.is_call:
                break
            if message.role is Role.TOOL:
                result = message.content
        return call.shown(self.messages[at].recipient or "", self.messages[at].content, result)


def past(messages: Sequence[Message], effort: Effort) -> Past:
    """A turn of its messages, of which the first may be the question."""
    asks = bool(messages) and messages[0].role is Role.USER
    question = messages[0].content if asks else ""
    return Past(question, effort, tuple(messages[1:] if asks else messages))


def pasts(
    conversation: Conversation, effort: Effort, accounts: Accounts, which: slice = slice(None)
) -> list[Past]:
    """The turns on the path to the head, with what is known of how they were made.

    All of them, or those with the numbers ``which``: of a long conversation all take a while.
    """
    path, said = conversation.path(), turns(conversation.messages)
    ends = list(accumulate(map(len, said)))
    found = []
    for messages, end in list(zip(said, ends, strict=True))[which]:
        turn = past(messages, effort)
        nodes = path[end - len(messages) : end]
        own = path[end - len(turn.messages) : end]
        seconds = {
            at: accounts.seconds[node] for at, node in enumerate(own) if node in accounts.seconds
        }
        endings = [accounts.endings[node] for node in nodes if node in accounts.endings]
        found.append(replace(turn, seconds=seconds, ending=endings[-1] if endings else None))
    return found


_REWRITTEN = ("【", "](", "]:", "&")
"""Marks that stand for other text than they are: citations, links, entities."""
_NOT_WORDS = re.compile(r"[\W_]+")


def bare(text: str) -> str:
    """What is left of ``text`` without marks, spaces and case."""
    return _NOT_WORDS.sub("", text).casefold()


def _plainly(part: int, text: str, pattern: re.Pattern[str]) -> list[tuple[int, Place]]:
    return [(part, place) for place in places(text, pattern)]
