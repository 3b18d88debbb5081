"""Where in a message the model is: in its header, in its content, or behind its end.

Knows harmony's headers as far as it takes to say which token ends a message; the decoder knows the
rest. It follows any tokens, well-formed or not.
"""

from __future__ import annotations

from chat_tui.conversation import ANALYSIS, CHANNELS, FINAL
from chat_tui.harmony import tokens
from chat_tui.harmony.vocabulary import Vocabulary

_LONG = 512
"""Tokens of a header that is none."""


class Standing:
    """Follows one generation from right after ``<|start|>assistant``."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._header: list[int] | None = []
        self._called = False
        self.channel: str | None = None
        """Of the content that is being written; None in a header and behind an end."""

    @property
    def in_content(self) -> bool:
        """Whether content is being written."""
        return self.channel is not None

    @property
    def in_gap(self) -> bool:
        """Whether a message has ended and none has begun."""
        return self._header is None and self.channel is None

    @property
    def is_reasoning(self) -> bool:
        """Whether the content is chain of thought and no call."""
        return self.channel == ANALYSIS and not self._called

    @property
    def terminator(self) -> int:
        """What ends the content."""
        if self._called:
            return tokens.CALL
        return tokens.RETURN if self.channel == FINAL else tokens.END

    def follow(self, token: int) -> None:
        """Follow a token."""
        if token == tokens.START:
            self._header, self.channel = [], None
        elif self._header is not None and token == tokens.MESSAGE:
            text = self._vocabulary.decode(self._header)
            self._called = "to=" in text
            channel = text.rpartition("<|channel|>")[2].split("<|")[0].split(" ")[0]
            self.channel = channel if channel in CHANNELS else ""
            self._header = None
        elif token in (tokens.END, tokens.RETURN, tokens.CALL, tokens.ENDOFTEXT):
            self._header, self.channel = None, None
        elif token == tokens.CHANNEL and self._header is None:
            self._header, self.channel = [token], None
        elif self._header is not None and len(self._header) < _LONG:
            self._header.append(token)
