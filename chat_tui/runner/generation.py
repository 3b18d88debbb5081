"""One generation: from a prompt's values to events, token by token.

Knows the order of things (render, reuse, evaluate, choose, decode, tell) and harmony's rules of
when a turn is over. Must not know the pipe, nor how llama.cpp or the format do their part.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from chat_tui.conversation import ANALYSIS, Closer, Message
from chat_tui.errors import PromptTooLong
from chat_tui.events import (
    Delta,
    EngineEvent,
    GenerationEnded,
    MessageCompleted,
    PromptProgress,
    ReasoningCircles,
    Resumed,
    StopReason,
    Usage,
)
from chat_tui.harmony import tokens as harmony
from chat_tui.harmony.decoder import Decoder
from chat_tui.harmony.header import final_header
from chat_tui.harmony.prompt import Renderer
from chat_tui.harmony.vocabulary import Vocabulary
from chat_tui.language import _
from chat_tui.runner.chooser import Chooser
from chat_tui.runner.flag import Flag
from chat_tui.runner.llama import Aborted, Llama
from chat_tui.runner.loops import Circles
from chat_tui.runner.outbox import Outbox
from chat_tui.runner.reader import Reader
from chat_tui.runner.sampling import Sampler
from chat_tui.wire import Generate

NO_ANSWER = "the reasoning was not followed by an answer, so one was begun for the model"
MAX_THOUGHTS = 4
"""Messages of reasoning in a row, after which an answer is begun; gpt-oss writes one."""

_ANSWER_HEAD = 6
"""Tokens from the end of the reasoning to the beginning of the answer."""


class _Answer(Enum):
    """How far the answer is that is begun in the model's place, once."""

    OPEN = auto()
    DUE = auto()
    """The model would have left it out: it is begun when the reasoning has ended."""
    MENDED = auto()
    """It was begun for that reason."""
    ASKED = auto()
    """It was begun because the user or the budget wanted it so."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """A loaded model with its language."""

    llama: Llama
    vocabulary: Vocabulary
    renderer: Renderer
    reader: Reader


class Generation:
    """Answers one ``Generate``; ``stop`` ends it at the next token or inside an evaluation.

    ``hurry`` ends its reasoning and begins the answer.
    """

    def __init__(
        self,
        speaker: Speaker,
        request: Generate,
        outbox: Outbox,
        stop: Flag,
        clock: Callable[[], float] = time.monotonic,
        hurry: Flag | None = None,
    ) -> None:
        self._llama = speaker.llama
        self._speaker = speaker
        self._request = request
        self._outbox = outbox
        self._stop = stop
        self._hurry = hurry or Flag()
        self._clock = clock
        self._chooser = Chooser(
            self._llama, speaker.vocabulary, request.prompt, self._sampler, stop
        )
        self._guard = self._chooser.guard
        recipients = [name for tool in request.prompt.tools for name in tool.recipients]
        self._decoder = Decoder(recipients, request.prompt.effort)
        self._circles = Circles()
        self._answer = _Answer.OPEN
        self._closer: Closer | None = None  # who closed the reasoning that ends just now
        self._thoughts = 0  # messages of reasoning, in a row
        self._pending = 0  # tokens sampled since the last completed message
        self._sampled = 0
        self._reasoning = 0
        self._thought_before = 0  # tokens that stood of reasoning that is gone on with
        self._resumed: Resumed | None = None  # until there is something new to tell
        self._began = clock()
        self._first: float | None = None

    def run(self) -> None:
        """Send events up to and with GenerationEnded.

        Raises PromptTooLong and, from the constructor, SchemaError before the first event, and
        EngineError where llama.cpp fails.
        """
        prompt = self._speaker.renderer.render(self._request.prompt)
        if len(prompt) >= self._llama.context_size:
            raise PromptTooLong(
                _(
                    "The conversation takes {used:,} tokens and the context holds {context:,}."
                ).format(used=len(prompt), context=self._llama.context_size),
                _("Shorten it, begin a new chat, or load the model with a larger context."),
            )
        reused = 0
        try:
            reused = self._read(prompt)
            self._take_up()
            reason = self._write()
        except Aborted:
            reason = StopReason.CANCELLED
        # Half a header is nothing to show, nor is a message of which nothing new came.
        if self._guard.channel is not None and self._resumed is None:
            self._tell(self._decoder.finish(interrupted=True))
        self._outbox.add(GenerationEnded(reason, self._usage(len(prompt), reused)))
        self._outbox.send()

    def _read(self, prompt: list[int]) -> int:
        """Evaluate the prompt as far as the cache does not hold it; how much it held."""
        total = len(prompt)
        return self._speaker.reader.read(
            prompt, self._stop, lambda done, reused: self._progress(done, total, reused)
        )

    def _take_up(self) -> None:
        """Let guard and decoder follow the message that goes on, if there is one."""
        prompt, piece = self._request.prompt, self._speaker.vocabulary.piece
        unfinished = self._speaker.renderer.unfinished(prompt)
        if not unfinished:
            return
        events = [
            event for token in unfinished for event in self._decoder.push(piece(token), token)
        ]
        text = "".join(event.text for event in events if isinstance(event, Delta))
        message = replace(prompt.messages[-1], content=text, tokens=unfinished)
        self._resumed = Resumed(message)
        self._thought_before = len(unfinished) if message.is_reasoning else 0
        for token in unfinished:
            self._chooser.follow(token)

    def _progress(self, done: int, total: int, reused: int) -> None:
        self._outbox.add(PromptProgress(done, total, reused))
        self._outbox.send()

    def _evaluate(self, tokens: Sequence[int]) -> None:
        if self._stop.is_set():
            raise Aborted
        self._llama.decode(tokens)

    def _sampler(self) -> Sampler:
        return Sampler(self._llama.lib, self._llama.ctx, self._request)

    def _write(self) -> StopReason:
        """Sample, decode, tell and evaluate until something ends it."""
        limit = self._request.max_tokens
        try:
            while not self._stop.is_set():
                follow = self._begin_answer()
                if not follow:
                    if limit is not None and self._sampled >= limit:
                        return StopReason.LENGTH
                    follow = self._next()
                if not follow:
                    return StopReason.COMPLETE
                self._outbox.send_due()
                if len(self._llama.tokens) + len(follow) > self._llama.context_size:
                    return StopReason.LENGTH
                self._evaluate(follow)
        finally:
            self._chooser.close()
        return StopReason.CANCELLED

    def _next(self) -> list[int]:
        """Sample one token; what has to be evaluated before the next. Empty: the turn is over."""
        token, done = self._chooser.choose()
        if done and self._answer is _Answer.OPEN:
            self._answer = _Answer.DUE
        if self._first is None:
            self._first = self._clock()
        self._sampled += 1
        self._pending += 1
        thinking = self._thinking
        self._hear([token])
        if thinking and (length := self._circles.push(token)):
            self._outbox.add(ReasoningCircles(length))
        if self._decoder.stopped:
            return []
        if token != harmony.END:
            return [token]
        return [token, *self._after_end()]

    def _after_end(self) -> list[int]:
        """Begin the next message, and that of the answer where it is due."""
        if self._answer is _Answer.OPEN and self._thoughts:
            if self._wanted_by() is not None:
                self._answer = _Answer.ASKED
            elif self._thoughts >= MAX_THOUGHTS:
                self._answer = _Answer.DUE
        follow = list(self._guard.after_end())
        if self._answer is not _Answer.OPEN:
            follow += final_header(self._speaker.vocabulary)
        if self._answer is _Answer.DUE:
            self._answer = _Answer.MENDED
        self._hear(follow)
        return follow

    def _begin_answer(self) -> list[int]:
        """Close the reasoning where somebody wants the answer now; what has to be evaluated."""
        follow: list[int] = []
        if self._answer is not _Answer.OPEN or (who := self._wanted_by()) is None:
            return follow
        if len(self._llama.tokens) + _ANSWER_HEAD >= self._llama.context_size:
            return follow
        if self._thinking:
            self._closer = who
            self._hear([harmony.END])
            self._closer = None
            return [harmony.END, *self._after_end()]
        if not self._sampled and self._guard.channel is None:
            follow += final_header(self._speaker.vocabulary)
            self._answer = _Answer.ASKED
            self._hear(follow)
        return follow

    @property
    def _thinking(self) -> bool:
        """Whether the content of a reasoning message is being written."""
        return self._guard.channel == ANALYSIS and self._guard.recipient is None

    def _wanted_by(self) -> Closer | None:
        """Who wants the answer to begin."""
        if self._hurry.is_set():
            return Closer.USER
        budget = self._request.budget
        if budget is None:
            return None
        thought = self._thought_before + self._reasoning + (self._pending if self._thinking else 0)
        return Closer.BUDGET if thought >= budget else None

    def _hear(self, tokens: Iterable[int]) -> None:
        """Let guard and decoder follow tokens that the model wrote or was made to write."""
        for token in tokens:
            events = self._decoder.push(self._speaker.vocabulary.piece(token), token)
            if events:
                self._tell(events)
            self._chooser.advance(token)

    def _tell(self, events: Iterable[EngineEvent]) -> None:
        if self._resumed is not None:
            self._outbox.add(self._resumed)
            self._resumed = None
        for event in events:
            if isinstance(event, MessageCompleted):
                self._outbox.add(self._account(event.message))
            else:
                self._outbox.add(event)

    def _account(self, message: Message) -> MessageCompleted:
        """Book the tokens since the last message as reasoning or answer."""
        if message.is_reasoning:
            self._reasoning += self._pending
            self._thoughts += 1
            self._circles = Circles()
            message = replace(message, closed_by=self._closer)
        else:
            self._thoughts = 0
        self._pending = 0
        if self._answer is _Answer.MENDED and message.is_final:
            message = replace(message, repairs=(NO_ANSWER, *message.repairs))
        return MessageCompleted(message)

    def _usage(self, prompt: int, reused: int) -> Usage:
        now = self._clock()
        first = self._first if self._first is not None else now
        return Usage(
            prompt_tokens=prompt,
            reused_tokens=reused,
            evaluated_tokens=prompt - reused,
            reasoning_tokens=self._reasoning,
            answer_tokens=self._sampled - self._reasoning,
            first_token_seconds=first - self._began,
            total_seconds=now - self._began,
            decode_seconds=now - first,
        )
