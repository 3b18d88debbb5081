"""The server of llama-cpp-python: ``POST /v1/completions`` with text, one token in each chunk.

It takes no token ids, but it parses the markup in the text of a prompt; and since each chunk is
one token (or the few that make up a character), the ids can be told from the text. It keeps quiet
about the tokens that end a turn. Source: llama_cpp/server/app.py and llama_cpp/llama.py, 0.3.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Literal

from chat_tui.engine.remote.lines import ServerEvents
from chat_tui.engine.remote.openai_completion import PATH, common_body, common_said
from chat_tui.engine.remote.values import Ask, Framing, Said
from chat_tui.grammar import gbnf


class LlamaPython:
    """Implements ``TokenDialect``."""

    takes_tokens: Literal[True] = True
    cuts_errors = True
    name = "llama-cpp-python server"
    path = PATH
    framing: Framing = ServerEvents

    def body(self, ask: Ask) -> dict[str, Any]:
        """See ``TokenDialect.body``."""
        body = common_body(ask) | {"prompt": ask.text(), "repeat_penalty": 1.0}
        body.setdefault("seed", secrets.randbits(31))  # without one it draws the same each time
        if ask.form is not None:
            body["grammar"] = gbnf(ask.form.schema)
        return body

    def read(self, value: Mapping[str, Any]) -> Said:
        """See ``TokenDialect.read``."""
        return common_said(value)
