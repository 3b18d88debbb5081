"""What a generation has shown so far, so that a crash loses none of it.

Knows events and messages; must not know processes.
"""

from __future__ import annotations

from dataclasses import replace

from chat_tui.conversation import ANALYSIS, COMMENTARY, FINAL, Effort, Message, Role
from chat_tui.events import (
    AnswerDelta,
    Delta,
    EngineEvent,
    MessageCompleted,
    PreambleDelta,
    PromptProgress,
    ReasoningDelta,
    Resumed,
    ToolArgumentsDelta,
    Usage,
)

_CHANNELS: dict[type, str] = {
    ReasoningDelta: ANALYSIS,
    AnswerDelta: FINAL,
    PreambleDelta: COMMENTARY,
    ToolArgumentsDelta: COMMENTARY,
}


class Partial:
    """Follows a generation's events."""

    def __init__(self, effort: Effort) -> None:
        self._effort = effort
        self._texts: list[str] = []
        self._last: Delta | None = None
        self._resumed: Message | None = None
        self._usage = Usage()

    def note(self, event: EngineEvent) -> None:
        """Follow one event."""
        if isinstance(event, Delta):
            self._last = event
            self._texts.append(event.text)
            self._count(event)
        elif isinstance(event, Resumed):
            self._resumed = event.message
            self._texts = [event.message.content]
        elif isinstance(event, MessageCompleted):
            self._last = self._resumed = None
            self._texts = []
        elif isinstance(event, PromptProgress):
            self._usage = Usage(event.total, event.reused, event.total - event.reused)

    def message(self) -> Message | None:
        """The message that was open, marked interrupted; None between messages."""
        last, text = self._last, "".join(self._texts)
        if self._resumed is not None:
            return replace(self._resumed, content=text, tokens=())
        if last is None:
            return None
        return Message(
            Role.ASSISTANT,
            text,
            channel=_CHANNELS.get(type(last)),
            recipient=last.recipient if isinstance(last, ToolArgumentsDelta) else None,
            effort=self._effort,
            interrupted=True,
        )

    @property
    def usage(self) -> Usage:
        """Token counts as far as the events told them."""
        return self._usage

    def _count(self, event: Delta) -> None:
        usage = self._usage
        thought = event.tokens if isinstance(event, ReasoningDelta) else 0
        self._usage = replace(
            usage,
            reasoning_tokens=usage.reasoning_tokens + thought,
            answer_tokens=usage.answer_tokens + event.tokens - thought,
        )
