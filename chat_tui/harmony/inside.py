"""A prompt taken apart for people: message by message, token by token, markup told from text.

Knows the renderer and the vocabulary; must not know a face or caches. What is spelled out here is
exactly what ``Renderer.render`` gives; the texts are as hostile as their authors, and whoever
shows them cleans them.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Sequence
from typing import Protocol

from chat_tui.conversation import Message, Prompt, Role
from chat_tui.events import PromptInside, PromptPart
from chat_tui.harmony.prompt import Renderer
from chat_tui.harmony.tokens import Piece, spelling


class Pieces(Protocol):
    """What a token stands for."""

    def piece(self, token: int) -> Piece:
        """Bytes of text, or markup."""


def inside(renderer: Renderer, pieces: Pieces, prompt: Prompt, reused: int) -> PromptInside:
    """What the model reads of ``prompt``; the cache holds ``reused`` of its tokens."""
    parts = renderer.parts(prompt)
    sources = _sources(prompt.messages, [message for message, _ in parts])
    used = {source for source in sources if source is not None}
    return PromptInside(
        tuple(
            _part(pieces, message, tokens, source)
            for (message, tokens), source in zip(parts, sources, strict=True)
        ),
        tuple(at for at in range(len(prompt.messages)) if at not in used),
        reused,
    )


def _sources(all_: Sequence[Message], shown: Iterable[Message | None]) -> list[int | None]:
    """For each shown message its place among all, which are in the same order."""
    found: list[int | None] = []
    at = 0
    for message in shown:
        place = next((n for n in range(at, len(all_)) if _is(all_[n], message)), None)
        found.append(place)
        at = at if place is None else place + 1
    return found


def _is(one: Message, shown: Message | None) -> bool:
    """Whether this is what is shown; a tool's result may have been put on another channel."""
    return one is shown or (
        shown is not None
        and one.role is shown.role is Role.TOOL
        and (one.content, one.name) == (shown.content, shown.name)
    )


def _part(
    pieces: Pieces, message: Message | None, tokens: Sequence[int], source: int | None
) -> PromptPart:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    text: list[str] = []
    ends: list[int] = []
    specials: list[int] = []
    length = 0
    for at, token in enumerate(tokens):
        piece = pieces.piece(token)
        if isinstance(piece, bytes):
            more = decoder.decode(piece)
        else:
            if left := decoder.decode(b"", final=True):
                text.append(left)
                length += len(left)
                ends[-1] = length
            more = spelling(token)
            specials.append(at)
        text.append(more)
        length += len(more)
        ends.append(length)
    if left := decoder.decode(b"", final=True):
        text.append(left)
        ends[-1] = length + len(left)
    return PromptPart(
        role=str(message.role if message is not None else Role.ASSISTANT),
        text="".join(text),
        ends=tuple(ends),
        specials=tuple(specials),
        channel=message.channel if message is not None else None,
        recipient=message.recipient if message is not None else None,
        name=message.name if message is not None else None,
        source=source,
    )
