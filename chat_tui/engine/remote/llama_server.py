"""The server of llama.cpp: ``POST /completion`` with token ids, answered with token ids.

Knows that request and its answers. Source: llama.cpp, tools/server/README.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from chat_tui.engine.remote.lines import ServerEvents, count_in, table, text_in
from chat_tui.engine.remote.values import Ask, Counts, Framing, Said, Stop
from chat_tui.grammar import gbnf

_LAST = ["content", "tokens", "stop", "stop_type", "truncated", "tokens_evaluated", "timings"]
"""Fields of the last message; the others repeat the prompt and all settings."""


class LlamaServer:
    """Implements ``TokenDialect``."""

    takes_tokens: Literal[True] = True
    cuts_errors = False
    name = "llama.cpp server"
    path = "/completion"
    framing: Framing = ServerEvents

    def body(self, ask: Ask) -> dict[str, Any]:
        """See ``TokenDialect.body``."""
        sampling = ask.sampling
        body: dict[str, Any] = {
            "prompt": list(ask.tokens),
            "stream": True,
            "cache_prompt": True,
            "return_tokens": True,
            "return_progress": True,
            "response_fields": _LAST,
            "n_predict": -1 if ask.max_tokens is None else ask.max_tokens,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "top_k": sampling.top_k,
            "min_p": sampling.min_p,
            "repeat_penalty": 1.0,
            "samplers": ["top_k", "top_p", "min_p", "temperature"],
        }
        if sampling.seed is not None:
            body["seed"] = sampling.seed
        if ask.form is not None:
            body["grammar"] = gbnf(ask.form.schema)
        return body

    def read(self, value: Mapping[str, Any]) -> Said:
        """See ``TokenDialect.read``."""
        progress, timings = table(value.get("prompt_progress")), table(value.get("timings"))
        reused = count_in(progress.get("cache"))
        if reused is None:
            reused = count_in(timings.get("cache_n"))
        stop: Stop | None = None
        if value.get("stop") is True:
            limit = value.get("stop_type") == "limit" or value.get("truncated") is True
            stop = Stop.LENGTH if limit else Stop.END
        ids = value.get("tokens")
        whole = isinstance(ids, list) and all(count_in(one) is not None for one in ids)
        # The last message of a stream repeats nothing, and one of progress carries a token that
        # is none.
        bare = stop is not None or bool(progress)
        return Said(
            tokens=tuple(ids) if whole and isinstance(ids, list) and not bare else (),
            text=None if bare else text_in(value.get("content")),
            read=count_in(progress.get("processed")),
            counts=Counts(count_in(value.get("tokens_evaluated")), reused),
            stop=stop,
        )
