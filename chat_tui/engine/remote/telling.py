"""One generation on a server that takes messages: what it sends as events.

Knows the conversation's values; must not know HTTP or which server it is. Harmony is not seen here:
the server has read it already. Its content before a call is what gpt-oss says to the user before
it calls (a preamble), so it is kept as that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace

from chat_tui.conversation import (
    ANALYSIS,
    COMMENTARY,
    FINAL,
    Closer,
    Effort,
    Message,
    Prompt,
    Role,
)
from chat_tui.engine.protocol import Cancel
from chat_tui.engine.remote.offered import call_message, offers
from chat_tui.engine.remote.values import CallPart, ChatSaid, Counts, Stop
from chat_tui.errors import EngineCrashed, EngineError
from chat_tui.events import (
    AnswerDelta,
    EngineEvent,
    GenerationEnded,
    MessageCompleted,
    PromptProgress,
    ReasoningDelta,
    StopReason,
    ToolArgumentsDelta,
    Usage,
)
from chat_tui.language import _

Say = Callable[[Effort], Generator[ChatSaid | None, None, None]]
"""Asks a server at some effort; see ``writing.Say``."""


class Telling:
    """Answers one prompt."""

    def __init__(
        self,
        prompt: Prompt,
        *,
        length: int,
        most: int,
        say: Say,
        cancel: Cancel,
        stopped: Callable[[], bool],
        budget: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``length`` is about how many tokens the prompt has, until the server says.

        After ``most`` pieces of an answer a server that does not stop is not listened to any more.
        """
        self._prompt, self._say, self._stopped, self._clock = prompt, say, stopped, clock
        self._most, self._cancel, self._budget = most, cancel, budget
        self._effort = prompt.effort
        self._earlier = 0
        """Pieces that came before the question was put once more."""
        self._offers = offers(prompt.tools)
        self._counts = Counts(prompt=length, reused=0)
        self._channel = ""
        """Of the message that is open; empty where none is."""
        self._texts: list[str] = []
        self._call: tuple[int, str] | None = None
        """Index and name of the call that is open."""
        self._begun = False
        self._thought = self._written = 0
        self._began, self._first = clock(), 0.0

    def run(self) -> Iterator[EngineEvent]:
        """Events up to and with GenerationEnded; raises what ``Engine.generate`` raises."""
        reason: StopReason | None = None
        try:
            while reason is None:
                reason = yield from self._ask()
        except EngineError as error:
            if not self._begun:
                raise
            yield from self._complete(interrupted=True)
            if isinstance(error, EngineCrashed):
                raise
            raise EngineCrashed(error.message, error.hint) from error
        yield from self._complete(interrupted=reason is not StopReason.COMPLETE)
        yield GenerationEnded(reason, self._usage())

    def _ask(self) -> Generator[EngineEvent, None, StopReason | None]:
        """One request; how it ended, None where another one has to follow."""
        with closing(self._say(self._effort)) as saying:
            for said in saying:
                if self._stopped():
                    return StopReason.CANCELLED
                if (who := self._wanted_by()) is not None:
                    yield from self._complete(interrupted=False, closer=who)
                    self._effort = Effort.LOW
                    self._earlier = self._written
                    self._counts = replace(self._counts, written=None)
                    return None
                if said is None:
                    continue
                yield from self._follow(said)
                if self._written >= self._most:
                    return StopReason.LENGTH
                if said.stop is not None:
                    limit = said.stop is Stop.LENGTH
                    return StopReason.LENGTH if limit else StopReason.COMPLETE
        raise EngineCrashed(_("The server ended the answer before its end."), _("Ask again."))

    def _wanted_by(self) -> Closer | None:
        """Who wants the answer now, while the model reasons.

        No answer can be begun in the model's place here, so the question is put once more with the
        least effort there is; where that is the effort already, nothing is gained.
        """
        if self._channel != ANALYSIS or self._effort is Effort.LOW:
            return None
        if self._cancel.hurried:
            return Closer.USER
        over = self._budget is not None and self._thought >= self._budget
        return Closer.BUDGET if over else None

    def _follow(self, said: ChatSaid) -> Iterator[EngineEvent]:
        if not self._begun:
            self._begun = True
            yield PromptProgress(0, self._counts.prompt or 0)
        before = self._counts
        told = said.counts
        self._counts = Counts(
            told.prompt if told.prompt is not None else before.prompt,
            told.reused if told.reused is not None else before.reused,
            told.written if told.written is not None else before.written,
        )
        if said.reasoning or said.answer or said.calls:
            if not self._first:
                self._first = self._clock()
                yield PromptProgress(before.prompt or 0, before.prompt or 0)
            self._written += 1
        if said.reasoning:
            yield from self._open(ANALYSIS)
            self._texts.append(said.reasoning)
            self._thought += 1
            yield ReasoningDelta(said.reasoning)
        if said.answer and self._call is None:
            yield from self._open(FINAL)
            self._texts.append(said.answer)
            yield AnswerDelta(said.answer)
        for part in said.calls:
            yield from self._called(part)

    def _called(self, part: CallPart) -> Iterator[EngineEvent]:
        """Follow a call; gpt-oss makes one at a time, so only the first one counts."""
        if self._call is None:
            if self._channel == FINAL:
                self._channel = COMMENTARY  # it was said before a call, so it is no answer
            yield from self._complete(interrupted=False)
            self._call = part.index, part.name
        if part.index != self._call[0]:
            return
        index, name = self._call
        if part.name and not name:
            self._call = index, part.name
        if part.arguments:
            self._texts.append(part.arguments)
            shown = call_message(self._call[1], "", self._offers, self._effort)
            if shown.content_type == "json":
                yield ToolArgumentsDelta(shown.recipient or "", part.arguments)

    def _open(self, channel: str) -> Iterator[EngineEvent]:
        if self._channel != channel:
            yield from self._complete(interrupted=False)
            self._channel = channel

    def _complete(
        self, *, interrupted: bool, closer: Closer | None = None
    ) -> Iterator[EngineEvent]:
        """End the message that is open."""
        text, channel, call = "".join(self._texts), self._channel, self._call
        self._texts, self._channel = [], ""
        effort = self._effort
        if call is not None:
            yield MessageCompleted(
                call_message(call[1], text, self._offers, effort, interrupted=interrupted)
            )
        elif channel:
            yield MessageCompleted(
                Message(
                    Role.ASSISTANT,
                    text,
                    channel=channel,
                    effort=effort,
                    interrupted=interrupted,
                    closed_by=closer,
                )
            )

    def _usage(self) -> Usage:
        now = self._clock()
        first = self._first or now
        prompt, reused = self._counts.prompt or 0, self._counts.reused or 0
        written, told = self._written, self._counts.written
        if told is not None:
            written = self._earlier + told
        thought = min(self._thought, written)
        return Usage(
            prompt_tokens=prompt,
            reused_tokens=reused,
            evaluated_tokens=prompt - reused,
            reasoning_tokens=thought,
            answer_tokens=written - thought,
            first_token_seconds=first - self._began,
            total_seconds=now - self._began,
            decode_seconds=now - first,
        )
