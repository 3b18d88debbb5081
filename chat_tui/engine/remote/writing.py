"""One generation on a server that takes tokens: from a prompt's values to events.

Knows harmony's rules of when a turn is over, as the local engine does; must not know HTTP or which
server it is. A server writes on by itself until it is told to stop. Where something else has to
stand than what the model would write (the answer is wanted now, the model forgot it, the answer
has a form), the request is ended and another one goes on from there: a leg of the generation.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from enum import Enum, auto

from chat_tui.conversation import COMMENTARY, FINAL, Closer, Message, Prompt
from chat_tui.engine.protocol import Cancel, GenerateOptions
from chat_tui.engine.remote.reading import as_text, tokens_said
from chat_tui.engine.remote.standing import Standing
from chat_tui.engine.remote.tally import Tally
from chat_tui.engine.remote.values import Ask, Counts, Said, Stop
from chat_tui.errors import EngineCrashed, EngineError, PromptTooLong
from chat_tui.events import (
    Delta,
    EngineEvent,
    GenerationEnded,
    MessageCompleted,
    PromptProgress,
    Resumed,
    StopReason,
)
from chat_tui.grammar import gbnf
from chat_tui.harmony import tokens as harmony
from chat_tui.harmony.decoder import Decoder
from chat_tui.harmony.header import final_header
from chat_tui.harmony.prompt import Renderer
from chat_tui.harmony.vocabulary import Vocabulary
from chat_tui.language import _

NO_ANSWER = "the reasoning was not followed by an answer, so one was begun for the model"
MOST = 262_144
"""Tokens at which an answer ends where nobody knows the context: twice what gpt-oss knows."""
MAX_THOUGHTS = 4
"""Messages of reasoning in a row, after which an answer is begun; gpt-oss writes one."""

_STOPS = frozenset({harmony.RETURN, harmony.CALL, harmony.ENDOFTEXT})

Say = Callable[[Ask], Generator[Said | None, None, None]]
"""Asks a server. Yields what it says, None now and then while it says nothing; ends after a
``stop``. Raises ChatError, EngineCrashed where the answer breaks off."""


class _Leg(Enum):
    """How a request ended."""

    AGAIN = auto()
    """Another one has to go on."""
    OVER = auto()
    LENGTH = auto()
    CANCELLED = auto()


class Writing:
    """Answers one prompt."""

    def __init__(
        self,
        prompt: Prompt,
        options: GenerateOptions,
        *,
        vocabulary: Vocabulary,
        renderer: Renderer,
        model: str,
        context: int | None,
        say: Say,
        cancel: Cancel,
        stopped: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``context`` None is one that nobody knows; ``stopped`` says whether to end it.

        Raises SchemaError and PromptTooLong.
        """
        if prompt.response_format is not None:
            gbnf(prompt.response_format.schema)  # what cannot be enforced is said before all else
        self._prompt, self._options = prompt, options
        self._vocabulary, self._renderer = vocabulary, renderer
        self._model, self._context = model, context
        self._say = say
        self._cancel, self._stopped = cancel, stopped
        self.tokens = renderer.render(prompt)
        """The prompt, and what has been written since: what the server has in its cache."""
        self._length = len(self.tokens)
        if context is not None and self._length >= context:
            raise PromptTooLong(
                _(
                    "The conversation takes {used:,} tokens and the context of the server holds"
                    " {context:,}."
                ).format(used=self._length, context=context),
                _("Shorten it, begin a new chat, or start the server with a larger context."),
            )
        recipients = [name for tool in prompt.tools for name in tool.recipients]
        self._decoder = Decoder(recipients, prompt.effort)
        self._place = Standing(vocabulary)
        self._tally = Tally(self._length, clock)
        self._progress: PromptProgress | None = None
        self._resumed: Resumed | None = None
        self._closer: Closer | None = None
        self._begun = False
        """Whether an answer was begun in the model's place."""
        self._mended = False
        """Whether that was because the model had left it out."""
        self._due = False
        """Whether the next request begins with it."""
        self._legs = 0

    def run(self) -> Iterator[EngineEvent]:
        """Events up to and with GenerationEnded; raises what ``Engine.generate`` raises."""
        self._take_up()
        try:
            leg = _Leg.AGAIN
            while leg is _Leg.AGAIN:
                leg = yield from self._leg()
        except EngineError as error:
            if self._progress is None or isinstance(error, PromptTooLong):
                raise
            yield from self._finish(interrupted=True)
            if isinstance(error, EngineCrashed):
                raise
            raise EngineCrashed(error.message, error.hint) from error
        yield from self._finish(interrupted=leg is not _Leg.OVER)
        reasons = {_Leg.LENGTH: StopReason.LENGTH, _Leg.CANCELLED: StopReason.CANCELLED}
        yield GenerationEnded(reasons.get(leg, StopReason.COMPLETE), self._tally.usage())

    def _leg(self) -> Generator[EngineEvent, None, _Leg]:
        """One request."""
        self._legs += 1
        if self._stopped():
            return _Leg.CANCELLED
        yield from self._answer_now()
        if (left := self._left()) is not None and left <= 0:
            return _Leg.LENGTH
        form = self._prompt.response_format if self._place.channel == FINAL else None
        tokens = tuple(self.tokens)
        ask = Ask(
            tokens,
            lambda: as_text(tokens, self._vocabulary),
            self._model,
            self._options.sampling,
            left,
            form,
        )
        with closing(self._say(ask)) as saying:
            for said in saying:
                if self._stopped():
                    return _Leg.CANCELLED
                if said is None:
                    if self._wanted_by() is not None:
                        return _Leg.AGAIN
                    continue
                # Once it writes, it has read everything.
                writes = said.tokens or said.text
                yield from self._read(self._length if writes else said.read, said.counts)
                leg = yield from self._take(said, formed=form is not None)
                if leg is not None:
                    return leg
        raise EngineCrashed(_("The server ended the answer before its end."), _("Ask again."))

    def _take(self, said: Said, *, formed: bool) -> Generator[EngineEvent, None, _Leg | None]:
        """Follow what came; how the leg ends, if it does."""
        for token in tokens_said(said, self._vocabulary):
            self._tally.token()
            over = yield from self._write(token)
            if over is not None:
                return over
            left = self._left()
            if len(self.tokens) > MOST if left is None else left < 0:
                return _Leg.LENGTH  # it was asked for less, and does not stop
            if self._wanted_by() is not None:
                return _Leg.AGAIN
            opened = token == harmony.MESSAGE and self._place.channel == FINAL
            if opened and self._prompt.response_format is not None and not formed:
                return _Leg.AGAIN
        if said.stop is Stop.LENGTH:
            return _Leg.LENGTH
        if said.stop is Stop.END:
            return (yield from self._end_of_turn())
        return None

    def _write(self, token: int) -> Generator[EngineEvent, None, _Leg | None]:
        """Follow one token of the model."""
        place = self._place
        if token in _STOPS and (place.in_content or place.in_gap):
            return (yield from self._end_of_turn())
        if token == harmony.END and place.in_content:
            yield from self._hear([place.terminator])
            return _Leg.OVER if self._decoder.stopped else self._after_end()
        if token == harmony.START and place.in_content:
            # A server that does not show <|end|>: it stood here.
            yield from self._hear([place.terminator])
            if self._decoder.stopped:
                return _Leg.OVER
            if (leg := self._after_end()) is not None:
                return leg
        yield from self._hear([token])
        return _Leg.OVER if self._decoder.stopped else None

    def _end_of_turn(self) -> Generator[EngineEvent, None, _Leg]:
        """The model is done; it may have taken the wrong word for it, or left out the answer."""
        place = self._place
        if place.in_content:
            preamble = place.channel == COMMENTARY
            yield from self._hear([place.terminator])
            if self._decoder.stopped:
                return _Leg.OVER
            if preamble:
                yield from self._hear([harmony.START, harmony.ASSISTANT])
                return _Leg.AGAIN
        if place.in_gap and self._tally.thoughts and not self._begun:
            self._begun = self._mended = True
            yield from self._hear(self._opening())
            return _Leg.AGAIN
        return _Leg.OVER

    def _after_end(self) -> _Leg | None:
        """Whether the next message has to be begun in the model's place."""
        if not self._begun and self._tally.thoughts >= MAX_THOUGHTS:
            self._begun = self._mended = True
            self._due = True
            return _Leg.AGAIN
        return None

    def _answer_now(self) -> Iterator[EngineEvent]:
        """Begin the answer where somebody wants it now, or where it is due."""
        place = self._place
        if self._due:
            self._due = False
            yield from self._hear(self._opening())
            return
        if self._begun or (who := self._wanted_by()) is None:
            return
        if place.is_reasoning:
            self._begun = True
            self._closer = who
            yield from self._hear([harmony.END])
            self._closer = None
            yield from self._hear(self._opening())
        elif not self._tally.sampled and not place.in_content:
            self._begun = True
            yield from self._hear(final_header(self._vocabulary))

    def _opening(self) -> tuple[int, ...]:
        return (harmony.START, harmony.ASSISTANT, *final_header(self._vocabulary))

    def _wanted_by(self) -> Closer | None:
        """Who wants the answer to begin; None too where that cannot be done now."""
        thinking = self._place.is_reasoning
        fresh = not self._tally.sampled and not self._place.in_content
        if self._begun or not (thinking or fresh):
            return None
        if self._cancel.hurried:
            return Closer.USER
        budget = self._options.budget
        thought = self._tally.thought
        return Closer.BUDGET if thinking and budget is not None and thought >= budget else None

    def _take_up(self) -> None:
        """Let the decoder follow the message that goes on, if there is one."""
        unfinished = self._renderer.unfinished(self._prompt)
        if not unfinished:
            return
        piece = self._vocabulary.piece
        events = [one for token in unfinished for one in self._decoder.push(piece(token), token)]
        for token in unfinished:
            self._place.follow(token)
        text = "".join(event.text for event in events if isinstance(event, Delta))
        message = replace(self._prompt.messages[-1], content=text, tokens=unfinished)
        self._resumed = Resumed(message)
        self._tally.before = len(unfinished) if message.is_reasoning else 0

    def _hear(self, tokens: Iterable[int]) -> Iterator[EngineEvent]:
        """Follow tokens that the model wrote or was made to write."""
        for token in tokens:
            self.tokens.append(token)
            events = self._decoder.push(self._vocabulary.piece(token), token)
            self._place.follow(token)
            yield from self._tell(events)

    def _tell(self, events: Iterable[Delta | MessageCompleted]) -> Iterator[EngineEvent]:
        for event in events:
            if self._resumed is not None:
                yield self._resumed
                self._resumed = None
            yield self._account(event.message) if isinstance(event, MessageCompleted) else event

    def _account(self, message: Message) -> MessageCompleted:
        """Book the tokens since the last message as reasoning or answer."""
        if message.is_reasoning:
            message = replace(message, closed_by=self._closer)
        self._tally.book(message)
        if self._mended and message.is_final:
            message = replace(message, repairs=(NO_ANSWER, *message.repairs))
        return MessageCompleted(message)

    def _finish(self, *, interrupted: bool) -> Iterator[EngineEvent]:
        """Complete what is still open, unless nothing new came of it."""
        if self._resumed is None:
            yield from self._tell(self._decoder.finish(interrupted=interrupted))

    def _read(self, read: int | None, counts: Counts) -> Iterator[PromptProgress]:
        """Say how much of the prompt is read."""
        if self._legs > 1:
            return
        if counts.reused is not None:
            self._tally.reused = min(counts.reused, self._length)
        if self._tally.sampled:
            return
        now = PromptProgress(min(read or 0, self._length), self._length, self._tally.reused)
        if now != self._progress:
            self._progress = now
            yield now

    def _left(self) -> int | None:
        """Tokens that may still be written; None where nobody limits them."""
        limits = []
        if self._options.max_tokens is not None:
            limits.append(self._options.max_tokens - self._tally.sampled)
        if self._context is not None:
            limits.append(self._context - len(self.tokens))
        return min(limits, default=None)
