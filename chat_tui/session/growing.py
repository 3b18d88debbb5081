"""The message that grows while it is shown: on the disk as far as anybody has seen it.

Knows the pen and pieces of text; must not know conversations or turns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from chat_tui.conversation import ANALYSIS, COMMENTARY, FINAL, Message, Role
from chat_tui.events import (
    AnswerDelta,
    Delta,
    PreambleDelta,
    ReasoningDelta,
    StrayDelta,
    ToolArgumentsDelta,
    TurnEvent,
)
from chat_tui.store.pen import Pen

BATCH_SECONDS = 0.05
"""The longest that shown-to-be text waits for company before it is committed."""


class Growing:
    """At most one message, at ``node``."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.node: int | None = None
        """None where none grows."""
        self._clock = clock
        self._pen: Pen | None = None
        self._message: Message | None = None
        self._text: list[str] = []
        self._wrote = 0.0
        self._cost = 0.0

    @property
    def is_due(self) -> bool:
        """Whether what waits is to be written now.

        A disk that is slow gets fewer and larger pieces, half of the time at most.
        """
        return self._clock() - self._wrote >= min(self._cost, BATCH_SECONDS)

    def begin(
        self, pen: Pen, message: Message, parent: int | None, model: str, text: str = ""
    ) -> None:
        """This message grows now below ``parent``; ``text`` is there already."""
        self._pen, self._message, self._text = pen, message, [text]
        self.node = pen.start(message, parent, model=model, text=text)

    def add(self, text: str) -> None:
        """More of it; it is on the disk on return."""
        if self.node is None or self._pen is None:
            return
        begun = self._clock()
        self._pen.append(self.node, text)
        self._text.append(text)
        self._wrote = self._clock()
        self._cost = self._wrote - begun

    def interrupt(self) -> Message | None:
        """End it where it is; it, marked as interrupted, or None where none grows."""
        if self.node is None or self._pen is None or self._message is None:
            return None
        self._pen.interrupt(self.node)
        message = replace(self._message, content="".join(self._text), interrupted=True)
        self.forget()
        return message

    def forget(self) -> None:
        """It is whole, or nothing of it is kept any more."""
        self.node, self._pen, self._message = None, None, None
        self._text = []


def alike(one: Delta, other: TurnEvent) -> bool:
    """Whether two pieces are of one message and can be joined."""
    return type(one) is type(other) and getattr(one, "recipient", None) == getattr(
        other, "recipient", None
    )


def opening(delta: Delta) -> Message:
    """The message that a piece belongs to, as far as one knows it yet."""
    channel = {
        ReasoningDelta: ANALYSIS,
        AnswerDelta: FINAL,
        PreambleDelta: COMMENTARY,
        ToolArgumentsDelta: COMMENTARY,
        StrayDelta: None,
    }[type(delta)]
    recipient = delta.recipient if isinstance(delta, ToolArgumentsDelta) else None
    return Message(Role.ASSISTANT, "", channel=channel, recipient=recipient)
