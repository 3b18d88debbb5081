"""The vocabulary as a GGUF carries it: tokens, types and merges in GPT-2's alphabet.

Knows byte-pair encoding; nothing of the network.
"""

from __future__ import annotations

import itertools
from functools import cache
from typing import TYPE_CHECKING

from chat_tui.demo.batches import open_vocabulary
from chat_tui.demo.template import CHAT_TEMPLATE
from chat_tui.harmony.tokens import VOCABULARY_SIZE
from chat_tui.harmony.vocabulary import gpt2_letters

if TYPE_CHECKING:
    from chat_tui.demo.gguf_writer import Value


def spell(token: bytes) -> str:
    """A token as a GGUF writes it: one printable letter for each byte."""
    return token.decode("latin-1").translate(_letters())


@cache
def _letters() -> dict[int, str]:
    return {ord(byte): chr(letter) for letter, byte in gpt2_letters().items()}


def last_split(token: bytes, rank_of: dict[bytes, int]) -> tuple[bytes, bytes] | None:
    """The two tokens that byte-pair encoding joins last to make this one; None for one byte."""
    limit = rank_of[token]
    parts = [token[i : i + 1] for i in range(len(token))]
    while len(parts) > 2:
        joined = [rank_of.get(a + b, limit) for a, b in itertools.pairwise(parts)]
        best = min(joined)
        if best >= limit:
            return None
        at = joined.index(best)
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return (parts[0], parts[1]) if len(parts) == 2 else None


def tokenizer() -> dict[str, Value]:
    """The tokenizer's metadata: tokens, types, merges, special ids."""
    vocabulary = open_vocabulary()
    pieces = (vocabulary.piece(token) for token in range(VOCABULARY_SIZE))
    texts = [piece for piece in pieces if isinstance(piece, bytes)]
    tokens = [spell(t) for t in texts]
    tokens += [vocabulary.decode([i]) for i in range(len(texts), VOCABULARY_SIZE)]
    rank_of = {token: i for i, token in enumerate(texts)}
    splits = (last_split(t, rank_of) for t in texts if len(t) > 1)
    return {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "gpt-4o",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": [1] * len(texts) + [3] * (VOCABULARY_SIZE - len(texts)),
        "tokenizer.ggml.merges": [f"{spell(s[0])} {spell(s[1])}" for s in splits if s],
        "tokenizer.ggml.bos_token_id": 199998,
        "tokenizer.ggml.eos_token_id": 200002,
        "tokenizer.ggml.padding_token_id": 199999,
        "tokenizer.chat_template": CHAT_TEMPLATE,
    }
