"""How the context is filled, by kind: counted with the real tokenizer, before anything is sent.

Knows the chat and the engine's seam; must not know a face. Every count is what the prompt has more
with a kind than without it, so that all of them add up to the prompt. One thread at a time, the
one that talks to the chat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from chat_tui.attachments import parted
from chat_tui.conversation import Message, Role, user
from chat_tui.errors import EngineError
from chat_tui.language import N_, _
from chat_tui.session import room
from chat_tui.session.chat import Chat

SIGNS = MappingProxyType({
    N_("system"): "▓",
    N_("tools"): "▓",
    N_("summary"): "█",
    N_("history"): "█",
    N_("tool results"): "█",
    N_("files"): "▒",
    N_("draft"): "▒",
    N_("free"): "░",
})  # fmt: skip
"""How each kind is drawn; it is told by the sign, not by a colour."""


@dataclass(frozen=True, slots=True)
class Meter:
    """What the context holds, in tokens; ``kinds`` is in the order of the prompt."""

    kinds: Mapping[str, int]
    context: int
    reused: int
    """Of all that is held, what the cache has read already."""

    @property
    def used(self) -> int:
        """All together."""
        return sum(self.kinds.values())

    @property
    def free(self) -> int:
        """What is left."""
        return max(0, self.context - self.used)


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


def bar(meter: Meter, cells: int, used: int | None = None) -> str:
    """All kinds in so many cells; ``used`` tokens are held by now, where that is more.

    What grows meanwhile is the answer, a part of the history.
    """
    grown = max(0, (used or 0) - meter.used)
    found, at = "", 0
    for kind, count in meter.kinds.items():
        at += count + (grown if kind == "history" else 0)
        full = min(round(cells * at / meter.context), cells) if meter.context else 0
        found += SIGNS[kind] * (full - len(found))
    return found + SIGNS["free"] * (cells - len(found))
