"""A conversation in progress, as a face holds it.

Knows the conversation, the effort and the engine's seam; must not know how anything is shown.
One thread at a time iterates ``load`` or ``ask``; other threads only read values and set a
``Cancel``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from chat_tui.conversation import Conversation, Effort, Message, Prompt, user
from chat_tui.engine.protocol import Cancel, Engine, GenerateOptions
from chat_tui.errors import ChatError
from chat_tui.events import (
    Loaded,
    LoadProgress,
    StopReason,
    TurnEnded,
    TurnEvent,
    TurnFailed,
    Usage,
)
from chat_tui.session.turn import Seams, run_turn


class Chat:
    """One conversation with one model.

    ``effort`` may be set at any time and holds from the next turn on; ``today`` gives the date
    that the model is told.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        effort: Effort = Effort.MEDIUM,
        instructions: str = "",
        options: GenerateOptions | None = None,
        seams: Seams | None = None,
        today: Callable[[], date] = date.today,
    ) -> None:
        self.engine = engine
        self.effort = effort
        self.conversation = Conversation()
        self._instructions = instructions
        self._options = options or GenerateOptions()
        self._seams = seams or Seams()
        self._today = today
        self._started = today()
        self._context_used = 0

    @property
    def context_used(self) -> int:
        """Tokens that the last turn left in the context; 0 in a new conversation."""
        return self._context_used

    def new(self) -> None:
        """Begin a fresh conversation with the same model."""
        self.conversation = Conversation()
        self._context_used = 0
        self._started = self._today()

    def load(self, cancel: Cancel) -> Iterator[LoadProgress | Loaded | TurnFailed]:
        """Bring the model into memory; ends early when cancelled, never raises ChatError."""
        try:
            for event in self.engine.load():
                yield event
                if cancel.is_set():
                    return
        except ChatError as error:
            yield TurnFailed(error)

    def ask(self, text: str, cancel: Cancel) -> Iterator[TurnEvent]:
        """Put a question; ends with exactly one TurnEnded or TurnFailed, never raises ChatError.

        Every completed message, an interrupted one too, is in the conversation before it is
        yielded.
        """
        self._record(user(text))
        try:
            yield from self._ask(cancel)
        except ChatError as error:
            yield TurnFailed(error)

    def _ask(self, cancel: Cancel) -> Iterator[TurnEvent]:
        if self.engine.model is None:
            for progress in self.engine.load():
                yield progress
                if cancel.is_set():
                    yield TurnEnded(StopReason.CANCELLED, Usage())
                    return
        prompt = Prompt(
            self.conversation.messages,
            effort=self.effort,
            # The day the conversation began: a date that changed at midnight would change the
            # system message and with it every token in the KV cache.
            date=self._started,
            instructions=self._instructions,
        )
        seams = replace(self._seams, record=self._record)
        for event in run_turn(self.engine, prompt, self._options, cancel, seams):
            if isinstance(event, TurnEnded):
                used = event.usage
                self._context_used = used.prompt_tokens + used.reasoning_tokens + used.answer_tokens
            yield event

    def _record(self, message: Message) -> None:
        self._seams.record(message)
        self._keep(message)

    def _keep(self, message: Message) -> None:
        self.conversation = self.conversation.add(message)
