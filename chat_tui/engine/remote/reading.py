"""Prompts as text for servers that take no tokens, and text as tokens where they tell none.

Knows the vocabulary and how servers cut what they send; must not know requests. In a prompt of
text the server parses the markup, so markup that a user or a tool wrote is broken up: it reads
``<| start|>`` instead of ``<|start|>``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chat_tui.engine.remote.values import Said
from chat_tui.harmony.tokens import FIRST_SPECIAL, NAMES, Control, scan, spelling
from chat_tui.harmony.vocabulary import Vocabulary

_LOOKS_LIKE_MARKUP = re.compile(r"<\|(?=\w+\|>)")
_IDS = {name: token for token, name in NAMES.items()}


def as_text(tokens: Sequence[int], vocabulary: Vocabulary) -> str:
    """A prompt as text with markup; nothing that is no control token reads like one."""
    parts: list[str] = []
    run: list[int] = []

    def close() -> None:
        if run:
            parts.append(_LOOKS_LIKE_MARKUP.sub("<| ", vocabulary.decode(run)))
            run.clear()

    for token in tokens:
        if token < FIRST_SPECIAL:
            run.append(token)
        else:
            close()
            parts.append(spelling(token))
    close()
    return "".join(parts)


def tokens_said(said: Said, vocabulary: Vocabulary) -> Iterator[int]:
    """The tokens in one piece of an answer.

    Where the server tells ids, a text that is longer than they are holds the tokens before them
    that were kept back until a character was whole. Where it tells none, a text is one token if
    there is one that is spelled so.
    """
    text = (said.text or "").encode("utf-8", "replace")
    if said.tokens:
        known = [vocabulary.piece(token) for token in said.tokens]
        told = b"".join(piece for piece in known if isinstance(piece, bytes))
        only_text = all(isinstance(piece, bytes) for piece in known)
        if only_text and len(text) > len(told) and text.endswith(told):
            yield from _before(text, told, vocabulary)
        yield from said.tokens
        return
    if said.text is None:
        return
    if (token := _IDS.get(said.text)) is not None:
        yield token
        return
    if (token := vocabulary.id_of(text)) is not None:
        yield token
        return
    for piece in scan(said.text):
        if isinstance(piece, Control):
            yield piece.value
        else:
            yield from vocabulary.encode(piece.decode("utf-8", "replace"))


def _before(text: bytes, told: bytes, vocabulary: Vocabulary) -> Iterator[int]:
    """The tokens of what stands in ``text`` before ``told``."""
    left = len(text) - len(told)
    spelled = vocabulary.encode(text.decode("utf-8", "replace"))
    at = 0
    for count, token in enumerate(spelled):
        if at == left:
            yield from spelled[:count]
            return
        at += len(piece) if isinstance(piece := vocabulary.piece(token), bytes) else 0
    yield from _cut(text[:left], vocabulary)


def _cut(text: bytes, vocabulary: Vocabulary) -> Iterator[int]:
    """Tokens that spell these bytes, the longest first; there is one for every byte."""
    at = 0
    while at < len(text):
        for end in range(len(text), at, -1):
            if (token := vocabulary.id_of(text[at:end])) is not None:
                yield token
                at = end
                break
