"""How many tokens a text takes, counted by the model's own tokenizer.

Knows the chat and its engine; must not know a face. It belongs to the thread that talks to the
chat, and takes as long as reading the text does.
"""

from __future__ import annotations

from chat_tui.conversation import user
from chat_tui.session.chat import Chat


def count_tokens(chat: Chat, text: str) -> int:
    """The tokens that ``text`` adds to a question. Raises EngineError where no model is loaded."""

    def cost(words: str) -> int:
        return chat.engine.cost(chat.prompt((user(words),))).total

    tokens = cost(text) - cost("")
    chat.prime()  # counting has stopped what was read ahead
    return max(0, tokens)
