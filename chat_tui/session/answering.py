"""One turn of a chat: the model loaded, the answer kept as it comes, nothing changed by a failure.

Knows the engine's seam and what the model would be given; must not know which question it is or
where in the tree it stands. One thread at a time, the one that talks to the chat.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import replace
from typing import Protocol

from chat_tui.conversation import Conversation, Effort, Message, Prompt
from chat_tui.engine.protocol import Cancel, Engine, GenerateOptions
from chat_tui.errors import ChatError, UsageError
from chat_tui.events import (
    Loaded,
    LoadProgress,
    StopReason,
    TurnEnded,
    TurnEvent,
    TurnFailed,
    Usage,
)
from chat_tui.language import _
from chat_tui.session.accounts import Accounts
from chat_tui.session.prospect import Prospect
from chat_tui.session.turn import Seams, run_turn


class Answered(Protocol):
    """The chat that is answered."""

    engine: Engine
    conversation: Conversation
    options: GenerateOptions
    budgets: Mapping[Effort, int]
    accounts: Accounts

    @property
    def is_unfinished(self) -> bool:
        """Whether the last answer did not end."""

    def prompt(self, messages: tuple[Message, ...], effort: Effort) -> Prompt:
        """What the model would be given after these messages."""


class Answering:
    """The turns of one chat.

    ``seams`` gives those of the next turn; ``hold`` has the conversation hold a message that is
    kept already, ``go`` sees it from another head.
    """

    def __init__(
        self,
        chat: Answered,
        prospect: Prospect,
        seams: Callable[[], Seams],
        hold: Callable[[Message], None],
        go: Callable[[Conversation], None],
    ) -> None:
        self._chat = chat
        self._prospect = prospect
        self._seams = seams
        self._hold = hold
        self._go = go

    def loaded(self, cancel: Cancel) -> Generator[LoadProgress | Loaded, None, bool]:
        """Bring the model into memory, if it is not there; False where that was cancelled."""
        if self._chat.engine.model is None:
            for progress in self._chat.engine.load():
                yield progress
                if cancel.is_set():
                    return False
        return True

    def turn(
        self,
        cancel: Cancel,
        effort: Effort,
        otherwise: Conversation | None = None,
        unfinished: Message | None = None,
    ) -> Iterator[TurnEvent]:
        """Answer the conversation, or go on with an answer; ``otherwise`` if nothing came of it."""
        chat, asked = self._chat, self._chat.conversation
        try:
            for event in self._answer(cancel, effort, unfinished):
                chat.accounts.hear(event, chat.conversation.head)
                if isinstance(event, TurnEnded):
                    if otherwise and chat.conversation is asked:
                        self._go(otherwise)
                    self._prospect.ended(event.usage, unfinished=chat.is_unfinished)
                yield event
        except ChatError as error:
            if otherwise and chat.conversation is asked:
                self._go(otherwise)
            yield TurnFailed(error)

    def _answer(
        self, cancel: Cancel, effort: Effort, unfinished: Message | None
    ) -> Iterator[TurnEvent]:
        chat = self._chat
        if not (yield from self.loaded(cancel)):
            yield TurnEnded(StopReason.CANCELLED, Usage())
            return
        prompt = chat.prompt(chat.conversation.messages, effort)
        if unfinished is not None:
            messages = (*chat.conversation.messages, unfinished)
            prompt = replace(chat.prompt(messages, effort), continues=True)
            if prompt.messages[-1:] != (unfinished,):
                raise UsageError(_("The model does not see the question of that answer any more."))
        seams, options = self._seams(), chat.options
        if options.budget is None:
            options = replace(options, budget=chat.budgets.get(effort))
        events = run_turn(chat.engine, prompt, options, cancel, seams)
        yield from seams.keep(events, lambda: chat.conversation.head, self._hold)
