"""vLLM: ``POST /v1/completions`` with token ids; newer ones tell the ids of what they write.

Knows what vLLM adds to that API. Source: docs.vllm.ai, "OpenAI-Compatible Server", and its
protocol of completions (``return_token_ids`` since 0.10.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from chat_tui.engine.remote.lines import ServerEvents
from chat_tui.engine.remote.openai_completion import PATH, common_body, common_said
from chat_tui.engine.remote.values import Ask, Framing, Said
from chat_tui.harmony.tokens import CALL, RETURN


class Vllm:
    """Implements ``TokenDialect``."""

    takes_tokens: Literal[True] = True
    cuts_errors = False
    name = "vLLM"
    path = PATH
    framing: Framing = ServerEvents

    def body(self, ask: Ask) -> dict[str, Any]:
        """See ``TokenDialect.body``."""
        body = common_body(ask) | {
            "prompt": list(ask.tokens),
            "add_special_tokens": False,
            "skip_special_tokens": False,
            "spaces_between_special_tokens": False,
            "stop_token_ids": [RETURN, CALL],
            "return_token_ids": True,
            "stream_options": {"include_usage": True},
        }
        if ask.form is not None:
            schema = {"name": ask.form.name, "schema": ask.form.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return body

    def read(self, value: Mapping[str, Any]) -> Said:
        """See ``TokenDialect.read``."""
        return common_said(value)
