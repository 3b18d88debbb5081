"""What fills the context, counted with the real tokenizer before anything is sent.

Knows the chat and the engine's seam; must not know a face. Every count is what the prompt has more
with a kind than without it, so that all of them add up to the prompt. One thread at a time, the
one that talks to the chat.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from chat_tui.attachments import parted
from chat_tui.conversation import Message, Role, user
from chat_tui.errors import EngineError
from chat_tui.language import _
from chat_tui.session import room
from chat_tui.session.chat import Chat
from chat_tui.session.meter import Meter


def measure(chat: Chat, draft: str = "") -> Meter:
    """How the context is filled now, with what is being written. Raises EngineError.

    Files that go with a question are counted apart from it, those of the draft too.
    """
    model = chat.engine.model
    if model is None:
        raise EngineError(_("No model is loaded yet."))
    path = chat.conversation.messages

    def count(messages: Sequence[Message]) -> int:
        return chat.engine.cost(replace(whole, messages=tuple(messages))).total

    whole = chat.prompt((*path, user(draft)) if draft else path)
    reused = chat.cost(draft).reused
    bare = [_without_files(one) for one in whole.messages]
    total, without_files = count(whole.messages), count(bare)
    # An empty question in its place: the reasoning before a question is another than at the end.
    said = [*bare[:-1], user("")] if draft else bare
    without_draft = count(said)
    without_results = count([one for one in said if one.role is not Role.TOOL])
    told = count(())
    system = chat.engine.cost(replace(whole, messages=(), tools=())).total
    mark = room.last_mark(path)
    pair = room.pair(mark.content) if mark is not None and mark.content else ()
    summary = count(pair) - told if pair else 0
    kinds = {
        "system": system,
        "tools": told - system,
        "summary": summary,
        "history": without_results - told - summary,
        "tool results": without_draft - without_results,
        "files": total - without_files,
        "draft": without_files - without_draft,
    }
    return Meter(MappingProxyType(kinds), model.context, min(reused, total))


def _without_files(message: Message) -> Message:
    """A question without its files; any other message as it is."""
    if message.role is not Role.USER:
        return message
    question, files = parted(message.content)
    return replace(message, content=question) if files else message
