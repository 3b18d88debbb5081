"""What the next question would find: what fills the context, what it costs, what is read before it.

Knows the engine's seam and what the model would be given; must not know turns. One thread at a
time, the one that talks to the chat.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Protocol

from chat_tui.conversation import Conversation, Message, Prompt, user
from chat_tui.engine.protocol import Engine
from chat_tui.errors import ChatError, EngineError
from chat_tui.events import PromptCost, Usage
from chat_tui.session.room import fits, no_room


class Asked(Protocol):
    """The chat that is asked."""

    engine: Engine
    conversation: Conversation

    def prompt(self, messages: tuple[Message, ...]) -> Prompt:
        """What the model would be given after these messages."""


class Prospect:
    """The prospect of one chat."""

    def __init__(self, chat: Asked) -> None:
        self._chat = chat
        self.used = 0
        """Tokens that the last turn left in the context; 0 in a new conversation."""
        self.holds = False
        """Whether the cache holds an answer that may be gone on with."""

    def cost(self, question: str = "") -> PromptCost:
        """What the next question would have to read now. Raises EngineError before a load."""
        chat = self._chat
        return chat.engine.cost(chat.prompt((*chat.conversation.messages, user(question))))

    def no_room(self, question: str) -> ChatError | None:
        """Why a question cannot be put here; None where it fits, or where nobody knows yet."""
        model = self._chat.engine.model
        if model is None:
            return None
        try:
            used = self.cost(question).total
        except EngineError:
            return None  # whatever is wrong, the turn will say it
        return None if fits(used, model.context) else no_room(used, model.context)

    def prime(self, draft: str = "") -> None:
        """Have what the next question will need read while nothing else is to do.

        Not right behind an answer that was cut off, but for a draft: what it left makes going on
        with it cheap. Returns at once.
        """
        if self.holds and not draft:
            return
        self.holds = False
        chat = self._chat
        chat.engine.prime(chat.prompt(chat.conversation.messages), draft)

    def recount(self) -> None:
        """Count what the model sees by now, and have it read ahead."""
        self.holds = False
        with suppress(EngineError):
            self.used = self.cost().total
        self.prime()

    def ended(self, usage: Usage, *, unfinished: bool) -> None:
        """A turn is over; the answer may be gone on with where it is ``unfinished``."""
        self.used = usage.context_tokens
        self.holds = unfinished
        self.prime()
