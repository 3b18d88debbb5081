"""Choosing the next token: a native chain of samplers, and three ways of narrowing its choice.

Knows logits and probabilities; must not know what tokens mean. No Python runs over the vocabulary:
a narrowed choice lists its few candidates, strikes out a thousand ids, or leaves it to a grammar.
"""

from __future__ import annotations

import ctypes
import functools
import math
import secrets
from array import array
from collections.abc import Collection
from typing import Any

from chat_tui.errors import EngineError
from chat_tui.language import _
from chat_tui.runner.grammar import Grammar
from chat_tui.wire import Generate

LIKELY = 4096
"""Candidates that a grammar looks at before it looks at all."""

_MINUS_INFINITY = float("-inf")


class Sampler:
    """The chain top-k, top-p, min-p, temperature, draw; at temperature 0 the likeliest token."""

    def __init__(self, lib: Any, ctx: Any, options: Generate) -> None:
        self._lib = lib
        self._ctx = ctx
        self._chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        for sampler in self._samplers(options):
            lib.llama_sampler_chain_add(self._chain, sampler)
        self._first = lib.llama_sampler_init_top_k(LIKELY)
        # Logits below the best one by which a token is never drawn; none without min-p.
        self._margin = math.log(options.min_p) if 0 < options.min_p <= 1 else _MINUS_INFINITY
        if not options.temperature > 0:
            self._margin = 0.0

    def _samplers(self, options: Generate) -> list[Any]:
        lib = self._lib
        if not options.temperature > 0:  # NaN too
            return [lib.llama_sampler_init_greedy()]
        seed = secrets.randbits(32) if options.seed is None else options.seed % (1 << 32)
        found = []
        # Neutral steps are left out: top-p over 201,088 candidates would sort them all.
        if options.top_k > 0:
            found.append(lib.llama_sampler_init_top_k(options.top_k))
        if options.top_p < 1:
            found.append(lib.llama_sampler_init_top_p(options.top_p, 1))
        if options.min_p > 0:
            found.append(lib.llama_sampler_init_min_p(options.min_p, 1))
        found.append(lib.llama_sampler_init_temp(options.temperature))
        found.append(lib.llama_sampler_init_dist(seed))
        return found

    def sample(self) -> int:
        """A token for the logits of the last evaluated one."""
        return int(self._lib.llama_sampler_sample(self._chain, self._ctx, -1))

    def sample_only(self, tokens: Collection[int]) -> int:
        """The same, drawn from these tokens alone (at least one)."""
        lib = self._lib
        logits = lib.llama_get_logits_ith(self._ctx, -1)
        data = (lib.llama_token_data * len(tokens))(
            *((token, logits[token], 0.0) for token in sorted(tokens))
        )
        array = lib.llama_token_data_array(data, len(tokens), -1, False)
        lib.llama_sampler_apply(self._chain, ctypes.byref(array))
        return int(array.data[array.selected].id)

    def sample_without(self, tokens: Collection[int]) -> int:
        """The same, drawn from all but these tokens; the others keep their proportions."""
        self.strike(tokens)
        return self.sample()

    def strike(self, tokens: Collection[int]) -> None:
        """Keep these tokens from being drawn until the next one is evaluated."""
        logits = self._lib.llama_get_logits_ith(self._ctx, -1)
        for token in tokens:
            logits[token] = _MINUS_INFINITY

    def sample_under(self, grammar: Grammar) -> int:
        """The same, drawn from what a grammar lets through; EngineError where that is nothing.

        The likeliest candidates are looked at first. Where one of them may follow and all others
        are too unlikely beside it to be drawn, they are enough; the whole vocabulary takes a
        grammar tens of milliseconds.
        """
        likely = self._candidates()
        self._lib.llama_sampler_apply(self._first, ctypes.byref(likely))
        last = likely.data[likely.size - 1].logit
        grammar.apply(likely)
        best = next(
            (one.logit for one in likely.data[: likely.size] if one.logit != _MINUS_INFINITY), None
        )
        if best is None or not last < best + self._margin:
            likely = self._candidates()
            grammar.apply(likely)
        likely.sorted = False  # no longer: the refused ones have lost their logits
        self._lib.llama_sampler_apply(self._chain, ctypes.byref(likely))
        chosen = likely.data[likely.selected]
        if chosen.logit == _MINUS_INFINITY:
            raise EngineError(_("The grammar of the answer lets no token through."))
        return int(chosen.id)

    def _candidates(self) -> Any:
        """All tokens with their logits, in an array of its own."""
        lib = self._lib
        count = lib.llama_vocab_n_tokens(lib.llama_model_get_vocab(lib.llama_get_model(self._ctx)))
        logits = ctypes.cast(
            lib.llama_get_logits_ith(self._ctx, -1), ctypes.POINTER(ctypes.c_float * count)
        ).contents
        data = (lib.llama_token_data * count)()
        # A candidate is three words: id, logit, probability. Columns are copied whole.
        words = memoryview(data).cast("B")
        words.cast("i")[0::3] = memoryview(_ids(count))
        words.cast("f")[1::3] = memoryview(logits).cast("B").cast("f")
        return lib.llama_token_data_array(data, count, -1, False)

    def close(self) -> None:
        """Free the chain; safe to call twice."""
        if self._chain:
            self._lib.llama_sampler_free(self._chain)
            self._lib.llama_sampler_free(self._first)
        self._chain = None


@functools.cache
def _ids(count: int) -> array[int]:
    """The ids of a vocabulary, as C has them."""
    return array("i", range(count))
