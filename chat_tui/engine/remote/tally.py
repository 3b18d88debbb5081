"""What a generation took, counted while it goes on.

Knows counts and a clock; must not know tokens' meaning.
"""

from __future__ import annotations

from collections.abc import Callable

from chat_tui.conversation import Message
from chat_tui.events import Usage


class Tally:
    """Counts one generation with a prompt of ``prompt`` tokens."""

    def __init__(self, prompt: int, clock: Callable[[], float]) -> None:
        self._prompt, self._clock = prompt, clock
        self._began, self._first = clock(), 0.0
        self._pending = self._reasoning = 0
        self.reused = 0
        """Of the prompt, the tokens that the server still held."""
        self.sampled = 0
        """Tokens that the model wrote."""
        self.before = 0
        """Tokens that stood of reasoning that is gone on with."""
        self.thoughts = 0
        """Messages of reasoning, in a row."""

    @property
    def thought(self) -> int:
        """Tokens of reasoning, if reasoning is what is being written now."""
        return self.before + self._reasoning + self._pending

    def token(self) -> None:
        """The model wrote one more."""
        self._first = self._first or self._clock()
        self.sampled += 1
        self._pending += 1

    def book(self, message: Message) -> None:
        """A message is complete: what was written since the last one is its."""
        if message.is_reasoning:
            self._reasoning += self._pending
            self.thoughts += 1
        else:
            self.thoughts = 0
        self._pending = 0

    def usage(self) -> Usage:
        """What was counted until now."""
        now = self._clock()
        first = self._first or now
        return Usage(
            prompt_tokens=self._prompt,
            reused_tokens=self.reused,
            evaluated_tokens=self._prompt - self.reused,
            reasoning_tokens=self._reasoning,
            answer_tokens=self.sampled - self._reasoning,
            first_token_seconds=first - self._began,
            total_seconds=now - self._began,
            decode_seconds=now - first,
        )
