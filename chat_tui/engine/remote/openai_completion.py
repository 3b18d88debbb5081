"""What ``POST /v1/completions`` has in common wherever it is spoken.

Knows OpenAI's older API, which takes a prompt and not messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chat_tui.engine.remote.lines import count_in, rows, table, text_in
from chat_tui.engine.remote.values import Ask, Counts, Said, Stop

PATH = "/v1/completions"


def common_body(ask: Ask) -> dict[str, Any]:
    """What every such server is told, but for the prompt."""
    sampling = ask.sampling
    body: dict[str, Any] = {
        "model": ask.model,
        "stream": True,
        "max_tokens": ask.max_tokens,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "min_p": sampling.min_p,
    }
    if sampling.seed is not None:
        body["seed"] = sampling.seed
    return body


def common_said(value: Mapping[str, Any]) -> Said:
    """One chunk: the text and tokens of its choice, why it ended, and the usage."""
    choice = next(iter(rows(value.get("choices"))), {})
    reason = choice.get("finish_reason")
    stop = {"stop": Stop.END, "length": Stop.LENGTH}.get(reason) if reason else None
    ids = choice.get("token_ids")
    whole = isinstance(ids, list) and all(count_in(one) is not None for one in ids)
    usage = table(value.get("usage"))
    reused = table(usage.get("prompt_tokens_details")).get("cached_tokens")
    stopped_by = count_in(choice.get("stop_reason"))
    tokens = tuple(ids) if whole and isinstance(ids, list) else ()
    if stopped_by is not None and stopped_by not in tokens[-1:]:
        tokens = (*tokens, stopped_by)
    return Said(
        tokens=tokens,
        text=text_in(choice.get("text")) if "text" in choice else None,
        counts=Counts(count_in(usage.get("prompt_tokens")), count_in(reused)),
        stop=stop,
    )
