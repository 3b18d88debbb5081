"""Ollama: ``POST /api/chat``, one value of JSON a line.

Knows that request and its answers. Ollama renders harmony itself; the effort is its ``think``, and
the size of the context has to be asked for: it would cut a longer conversation without a word.
Source: docs.ollama.com, "Chat", "Thinking" and "Tool calling".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from chat_tui.conversation import Prompt
from chat_tui.engine.protocol import Sampling
from chat_tui.engine.remote.lines import JsonLines, count_in, rows, table, text_in
from chat_tui.engine.remote.offered import Turn, described, offers, turns
from chat_tui.engine.remote.values import CallPart, ChatSaid, Counts, Framing, Stop


class Ollama:
    """Implements ``ChatDialect``."""

    takes_tokens: Literal[False] = False
    name = "Ollama"
    path = "/api/chat"
    framing: Framing = JsonLines

    def body(
        self, prompt: Prompt, model: str, sampling: Sampling, max_tokens: int | None, context: int
    ) -> dict[str, Any]:
        """See ``ChatDialect.body``."""
        found = offers(prompt.tools)
        options: dict[str, Any] = {
            "num_ctx": context,
            "num_predict": -1 if max_tokens is None else max_tokens,
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "top_k": sampling.top_k,
            "min_p": sampling.min_p,
            "repeat_penalty": 1.0,
        }
        if sampling.seed is not None:
            options["seed"] = sampling.seed
        body: dict[str, Any] = {
            "model": model,
            "messages": [_spelled(turn) for turn in turns(prompt, found)],
            "stream": True,
            "think": str(prompt.effort),
            "options": options,
        }
        if found:
            body["tools"] = described(found)
        if prompt.response_format is not None:
            body["format"] = prompt.response_format.schema
        return body

    def read(self, value: Mapping[str, Any]) -> ChatSaid:
        """See ``ChatDialect.read``."""
        message = table(value.get("message"))
        calls = tuple(
            CallPart(
                at,
                text_in(table(call.get("function")).get("name")),
                _arguments(table(call.get("function")).get("arguments")),
            )
            for at, call in enumerate(rows(message.get("tool_calls")))
        )
        stop: Stop | None = None
        if value.get("done") is True:
            stop = Stop.LENGTH if value.get("done_reason") == "length" else Stop.END
        counts = Counts(
            count_in(value.get("prompt_eval_count")), None, count_in(value.get("eval_count"))
        )
        return ChatSaid(
            text_in(message.get("thinking")), text_in(message.get("content")), calls, counts, stop
        )


def _spelled(turn: Turn) -> dict[str, Any]:
    told: dict[str, Any] = {"role": turn.role, "content": turn.content}
    if turn.reasoning:
        told["thinking"] = turn.reasoning
    if turn.role == "tool":
        told["tool_name"] = turn.call
    elif turn.call:
        function = {"name": turn.call, "arguments": _object(turn.arguments)}
        told["tool_calls"] = [{"function": function}]
    return told


def _object(arguments: str) -> dict[str, Any]:
    """Arguments as the object that Ollama wants; what is none is handed on as text."""
    try:
        value = json.loads(arguments)
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {"input": arguments}


def _arguments(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value or {}, ensure_ascii=False)
