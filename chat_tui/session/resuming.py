"""Where in the tree an answer begins anew, or one that did not end is taken up again.

Pure: knows the conversation's values alone. What is there is left as it is: what comes now stands
beside it, so that a process that dies on the way loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from chat_tui.conversation import CHANNELS, Conversation, Effort, Message, Role
from chat_tui.language import N_
from chat_tui.session.room import kept_marks, last_mark, seen

NOTHING_CUT = N_("There is nothing to go on with: the last answer is whole, or not seen any more.")
"""Why an answer cannot be gone on with."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model goes on that has answered already."""

    at: int | None
    """The node that what comes now follows."""
    message: Message | None
    """The unfinished message that the model goes on with; None where it begins another."""
    effort: Effort | None = None
    """The level at which it was begun."""
    first: tuple[Message, ...] = ()
    """What is to be kept at ``at`` before it: what the user decided since then about what the
    model sees, and the question behind that."""


def place(conversation: Conversation) -> Place | None:
    """Where the last answer is taken up; None where it is whole, or the model sees it no more.

    A call is never gone on with, whole or not, since nobody knows whether it ran: the model goes
    on from before it and is asked anew. So it does behind text on a channel that does not exist.
    """
    path = list(conversation.path())
    nodes, after = conversation.nodes, []
    while path and nodes[path[-1]].message.is_mark:
        after.append(nodes[path.pop()].message)
    if not path:
        return None
    last = nodes[path[-1]]
    said = last.message
    if after and not any(one is said for one in seen(conversation.messages)):
        return None
    if said.role is not Role.ASSISTANT:
        asked_or_told = said.role in (Role.USER, Role.TOOL)
        return Place(conversation.head, None, _effort(conversation)) if asked_or_told else None
    if said.is_final and not said.interrupted:
        return None
    mark = last_mark(after[::-1])
    first = (mark,) if mark else ()
    if said.is_call or said.channel not in CHANNELS:
        return Place(last.parent, None, said.effort, first)
    if said.interrupted:
        return Place(last.parent, said, said.effort, first)
    return Place(conversation.head, None, said.effort)


def anew(conversation: Conversation, asked: int) -> Place:
    """Where the question at node ``asked`` is answered anew.

    What was hidden since it was put stays hidden: the question is put again behind that.
    """
    node = conversation.nodes[asked]
    if marks := kept_marks(conversation, asked):
        return Place(node.parent, None, first=(*marks, node.message))
    return Place(asked, None)


def is_taken_up(said: Message, other: Message) -> bool:
    """Whether ``other``, said later in the same place, is ``said`` gone on with."""
    begin = said.content.rstrip(" \t\ufffd")
    return (
        said.interrupted
        and (said.role, said.channel, said.recipient, said.effort)
        == (other.role, other.channel, other.recipient, other.effort)
        and not said.is_call
        and len(other.content) > len(begin)
        and other.content.startswith(begin)
    )


def _effort(conversation: Conversation) -> Effort | None:
    """The level of the turn under way, where any of it was said."""
    for message in reversed(conversation.messages):
        if message.role is Role.USER:
            return None
        if message.role is Role.ASSISTANT:
            return message.effort
    return None
