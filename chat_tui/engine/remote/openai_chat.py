"""``POST /v1/chat/completions``: LM Studio, and whoever else speaks OpenAI's API.

Knows that request and its answers; the server renders harmony itself. The chain of thought comes as
``reasoning`` or ``reasoning_content``, the effort goes as ``reasoning_effort``. Source:
lmstudio.ai/docs, "OpenAI Compatibility"; platform.openai.com, "Chat Completions".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from chat_tui.conversation import Prompt
from chat_tui.engine.protocol import Sampling
from chat_tui.engine.remote.lines import ServerEvents, count_in, rows, table, text_in
from chat_tui.engine.remote.offered import Turn, described, offers, turns
from chat_tui.engine.remote.values import CallPart, ChatSaid, Counts, Framing, Stop


class OpenAIChat:
    """Implements ``ChatDialect``; ``name`` says whose server it is."""

    takes_tokens: Literal[False] = False
    path = "/v1/chat/completions"
    framing: Framing = ServerEvents

    def __init__(self, name: str = "OpenAI-like server") -> None:
        self.name = name

    def body(
        self, prompt: Prompt, model: str, sampling: Sampling, max_tokens: int | None, context: int
    ) -> dict[str, Any]:
        """See ``ChatDialect.body``."""
        del context
        found = offers(prompt.tools)
        body: dict[str, Any] = {
            "model": model,
            "messages": [_spelled(turn) for turn in turns(prompt, found)],
            "stream": True,
            "stream_options": {"include_usage": True},
            "reasoning_effort": str(prompt.effort),
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
        }
        if max_tokens is not None:
            body["max_tokens"] = max_tokens
        if sampling.seed is not None:
            body["seed"] = sampling.seed
        if found:
            body["tools"] = described(found)
        if (form := prompt.response_format) is not None:
            schema = {"name": form.name, "strict": True, "schema": form.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return body

    def read(self, value: Mapping[str, Any]) -> ChatSaid:
        """See ``ChatDialect.read``."""
        choice = next(iter(rows(value.get("choices"))), {})
        delta = table(choice.get("delta"))
        calls = tuple(
            CallPart(
                count_in(call.get("index")) or 0,
                text_in(table(call.get("function")).get("name")),
                text_in(table(call.get("function")).get("arguments")),
            )
            for call in rows(delta.get("tool_calls"))
        )
        reason = choice.get("finish_reason")
        stop = None
        if isinstance(reason, str) and reason:
            stop = Stop.LENGTH if reason == "length" else Stop.END
        usage = table(value.get("usage"))
        reused = table(usage.get("prompt_tokens_details")).get("cached_tokens")
        counts = Counts(
            count_in(usage.get("prompt_tokens")),
            count_in(reused),
            count_in(usage.get("completion_tokens")),
        )
        thought = text_in(delta.get("reasoning")) or text_in(delta.get("reasoning_content"))
        return ChatSaid(thought, text_in(delta.get("content")), calls, counts, stop)


def _spelled(turn: Turn) -> dict[str, Any]:
    told: dict[str, Any] = {"role": turn.role, "content": turn.content}
    if turn.reasoning:
        told["reasoning"] = turn.reasoning
    if turn.role == "tool":
        told["tool_call_id"] = turn.id
    elif turn.call:
        function = {"name": turn.call, "arguments": turn.arguments}
        told["tool_calls"] = [{"id": turn.id, "type": "function", "function": function}]
    return told
