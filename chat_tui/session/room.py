"""How full the context is, what the model sees of a path, and what could make room.

Pure: knows the conversation's values and counts of tokens; must not know the engine or a face. A
mark on the path says how many questions from the first one on are hidden, and may carry the
summary that stands in their place. The last mark decides, so that what the model sees is a
function of the path alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from chat_tui.conversation import FINAL, Conversation, Message, Role, user
from chat_tui.errors import ChatError, NoRoom
from chat_tui.events import NEARLY_FULL
from chat_tui.language import _, ngettext
from chat_tui.untrusted import clean_line

REQUEST = """\
Summarise our conversation up to here, so that we can go on from your summary alone. Write plain \
sentences and short lists, in the language that we speak. Keep what was asked and decided, names, \
numbers, file names and code that still matter, and what is open. Add nothing that was not said.\
"""
"""What the model is asked for a summary; it is shown with every summary."""
WARN_AT = 0.9
"""Of the context; from here on it is time to choose."""
BEGIN = 40
"""Characters of the question that the model begins at, in the words of a mark."""
AIM_AT = 0.5
"""Of what messages may take; dropping leaves that, so that one does not choose again at once."""


def last_mark(messages: Sequence[Message]) -> Message | None:
    """The mark that decides; None where the model sees everything."""
    return next((message for message in reversed(messages) if message.is_mark), None)


def hidden(messages: Sequence[Message]) -> int:
    """How many questions the model does not see, from the first one on.

    A mark hides nothing that was said after it.
    """
    mark = last_mark(messages)
    if mark is None:
        return 0
    return min(mark.hides, questions(messages[: _last_place(messages)]))


def questions(messages: Sequence[Message]) -> int:
    """How many questions there are on a path."""
    return sum(message.role is Role.USER for message in messages)


def seen(messages: Sequence[Message]) -> tuple[Message, ...]:
    """What of a path the model sees: no marks, nothing hidden, the summary as a question's answer.

    Messages of system and developer always stay; the order is that of the path.
    """
    mark, count = last_mark(messages), hidden(messages)
    before: list[Message] = []
    after: list[Message] = []
    asked, decided_at = 0, _last_place(messages)
    for at, message in enumerate(messages):
        asked += message.role is Role.USER
        if message.is_mark:
            continue
        if asked > count or not count or at > decided_at:
            after.append(message)
        elif message.role in (Role.SYSTEM, Role.DEVELOPER):
            before.append(message)
    summary = pair(mark.content) if mark is not None and mark.content else ()
    return (*before, *summary, *after)


def pair(summary: str) -> tuple[Message, Message]:
    """A summary as the model sees it: its own words, so that it gives nobody's orders."""
    return user(REQUEST), Message(Role.ASSISTANT, summary, channel=FINAL)


def covers(messages: Sequence[Message], count: int) -> int:
    """How many messages the first ``count`` questions are, with what came of them; no thoughts."""
    asked = found = 0
    for message in messages:
        asked += message.role is Role.USER
        found += asked <= count and not message.is_mark and not message.is_reasoning
    return found if count else 0


def mark(hides: int, summary: str = "") -> Message:
    """From here on the model does not see the first ``hides`` questions."""
    return Message(Role.MARK, summary, hides=hides)


def told(messages: Sequence[Message], at: int) -> str:
    """What the mark at place ``at`` of a path says, in words; they are kept as its name."""
    now, before = messages[at], last_mark(messages[:at])
    count = covers(messages[:at], now.hides)
    if now.content and (before is None or before.content != now.content):
        summary = ngettext("Summary of {n:,} message", "Summary of {n:,} messages", count)
        return summary.format(n=count) if count else _("Summary")
    if not count:
        return _("The model sees everything again")
    if before is not None and now.hides < before.hides:
        return ngettext(
            "The model sees more again, but not the first {n:,} message",
            "The model sees more again, but not the first {n:,} messages",
            count,
        ).format(n=count)
    if now.content:
        said = ngettext(
            "The model no longer sees the first {n:,} message, but for the summary",
            "The model no longer sees the first {n:,} messages, but for the summary",
            count,
        ).format(n=count)
    else:
        said = ngettext(
            "The model no longer sees the first {n:,} message",
            "The model no longer sees the first {n:,} messages",
            count,
        ).format(n=count)
    first = next((one for one in seen(messages[: at + 1])[2 * bool(now.content) :]), None)
    if first is None:
        return said
    begin = clean_line(first.content)[:BEGIN]
    return _("{sentence}; it begins at “{begin}”").format(sentence=said, begin=begin)


def named(messages: Sequence[Message], mark: Message) -> Message:
    """The mark with its words, as it is to stand at the end of a path."""
    return replace(mark, name=told((*messages, mark), len(messages)))


def undone(messages: Sequence[Message]) -> Message | None:
    """A mark that takes back what the last one changed; None where nothing is left to take back.

    Taking back is a mark too, so that nothing on the path is ever removed.
    """
    states = [(0, "")]
    for message in messages:
        if not message.is_mark:
            continue
        state = (message.hides, message.content)
        if len(states) > 1 and states[-2] == state:
            states.pop()
        elif states[-1] != state:
            states.append(state)
    return mark(*states[-2]) if len(states) > 1 else None


def kept_marks(conversation: Conversation, question: int) -> tuple[Message, ...]:
    """The mark to put before the question at node ``question``, if it is to be answered anew.

    It is the one that decides now, where it came after the question; else there is none.
    """
    path, nodes = conversation.path(), conversation.nodes
    if question not in path:
        return ()
    at = path.index(question)
    after = [nodes[index].message for index in path[at:]]
    before = [nodes[index].message for index in path[:at]]
    now, then = last_mark(after), last_mark(before)
    if now is None:
        return ()
    state = (min(now.hides, questions(before)), now.content)
    was = (then.hides, then.content) if then is not None else (0, "")
    return () if state == was else (mark(*state),)


@dataclass(frozen=True, slots=True)
class Room:
    """What there is to choose between when the context is nearly full; counts of tokens."""

    used: int
    """What the next question would have the model see, itself included."""
    context: int
    questions: int
    """How many questions the model sees."""
    droppable: int
    """So many of the oldest would have to go to leave half of the context free; 0: none helps."""
    after_drop: int
    """What would be used then."""
    larger: int = 0
    """The context that the model was made for, where that is larger; else 0."""
    asks: bool = False
    """Whether a question waits for room."""

    @property
    def fits(self) -> bool:
        """Whether the model could begin an answer."""
        return fits(self.used, self.context)


def fits(tokens: int, context: int) -> bool:
    """Whether a prompt of so many tokens leaves room to begin an answer."""
    return tokens <= context - NEARLY_FULL


def is_nearly_full(tokens: int, context: int) -> bool:
    """Whether it is time to choose."""
    return tokens >= WARN_AT * context


def fewest(count: int, cost: Callable[[int], int], limit: float) -> int:
    """The fewest of ``count`` oldest questions without which ``cost`` is at most ``limit``.

    ``cost`` falls with what is left out; where nothing reaches the limit, all of them.
    """
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if cost(middle) <= limit:
            high = middle
        else:
            low = middle + 1
    return low


def most(count: int, cost: Callable[[int], int], limit: float) -> int:
    """The most of ``count`` oldest questions that cost at most ``limit``; ``cost`` rises."""
    low, high = 0, count
    while low < high:
        middle = (low + high + 1) // 2
        if cost(middle) <= limit:
            low = middle
        else:
            high = middle - 1
    return low


def no_room(used: int, context: int) -> ChatError:
    """Why a question was not put."""
    return NoRoom(
        _(
            "This question does not fit: with it the conversation takes {used:,} tokens, and the"
            " context holds {context:,}. It was not sent."
        ).format(used=used, context=context),
        _("/compact summarises the earlier part, /drop leaves out the oldest; /context says more."),
    )


def _last_place(messages: Sequence[Message]) -> int:
    return max((at for at, message in enumerate(messages) if message.is_mark), default=-1)
