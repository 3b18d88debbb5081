"""The engine of tests and demonstrations: harmony text replayed through the real decoder.

Knows the seam and the decoder; needs no model, no vocabulary and no process. Whatever fails in
the real engine can be made to fail here, at a chosen token.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from chat_tui.conversation import Closer, Prompt
from chat_tui.engine.partial import Partial
from chat_tui.engine.protocol import Cancel, GenerateOptions
from chat_tui.errors import EngineCrashed, EngineError
from chat_tui.events import (
    Delta,
    EngineEvent,
    GenerationEnded,
    Loaded,
    LoadProgress,
    MessageCompleted,
    ModelInfo,
    PromptCost,
    PromptInside,
    PromptProgress,
    ReasoningDelta,
    Resumed,
    StopReason,
    Usage,
)
from chat_tui.harmony.decoder import Decoder
from chat_tui.harmony.inside import inside
from chat_tui.harmony.prompt import Renderer
from chat_tui.harmony.tokens import (
    ASSISTANT,
    FIRST_SPECIAL,
    LOOSE,
    Control,
    Piece,
    control,
    scan,
)

SCRIPTED = ModelInfo("scripted.gguf", "scripted", 12_100_000_000, 131_072, 131_072, "CPU")

_WORD = re.compile(rb"\s*\S+|\s+")

Hook = Callable[[int, int], None]
"""Called with the generation's number and the token's, both from 0; what it raises is raised."""


class ScriptedEngine:
    """Implements ``Engine``; gives one completion after the other, the last one again and again.

    A completion is what the model would write after ``<|start|>assistant``, or after what stands
    of a message that goes on. A word with the space before it counts as one token.
    """

    def __init__(
        self,
        completions: Sequence[str],
        *,
        delay: float = 0.0,
        load_delay: float = 0.0,
        hook: Hook | None = None,
        model: ModelInfo = SCRIPTED,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``delay`` is seconds a token, ``load_delay`` seconds for a load."""
        self.prompts: list[Prompt] = []
        """Every prompt that was asked for."""
        self.options: list[GenerateOptions] = []
        self.primed: list[tuple[Prompt, str]] = []
        """Every call of ``prime`` that found a model: the prompt and the draft."""
        self.leaves = 0
        self.loads = 0
        self.closed = False
        self._completions = list(completions)
        self._delay = delay
        self._load_delay = load_delay
        self._hook = hook or (lambda _generation, _token: None)
        self._info = model
        self._sleep = sleep
        self._model: ModelInfo | None = None
        self._cached = 0

    @property
    def model(self) -> ModelInfo | None:
        """The loaded model; None before ``load`` has finished and after a crash."""
        return self._model

    @property
    def host(self) -> str:
        """What the model that it pretends to be says."""
        return self._info.host

    def load(self) -> Iterator[LoadProgress | Loaded]:
        """Pretend to load, in four steps."""
        if self._model is None:
            for step in range(4):
                yield LoadProgress(step / 4)
                self._pause(self._load_delay / 4)
            self._model = self._info
            self.loads += 1
            self._cached = 0
        yield Loaded(self._info, self._load_delay)

    def generate(
        self, prompt: Prompt, options: GenerateOptions, cancel: Cancel
    ) -> Iterator[EngineEvent]:
        """Replay the next completion; a crash in ``hook`` ends it as it would end the child's."""
        for _ in self.load():
            pass
        number = len(self.prompts)
        self.prompts.append(prompt)
        self.options.append(options)
        text = self._completions[min(number, len(self._completions) - 1)]
        partial = Partial(prompt.effort)
        began = time.monotonic()
        try:
            for event in self._replay(number, text, prompt, options, cancel):
                partial.note(event)
                if isinstance(event, GenerationEnded):
                    yield GenerationEnded(event.reason, _timed(partial.usage, began))
                else:
                    yield event
        except EngineCrashed:
            self._model = None
            if (message := partial.message()) is not None:
                yield MessageCompleted(message)
            raise

    def prime(self, prompt: Prompt, draft: str = "") -> None:
        """Pretend to read ahead at once."""
        if self._model is not None:
            self.primed.append((prompt, draft))
            self._cached = _length(prompt)

    def cost(self, prompt: Prompt) -> PromptCost:
        """Count as ``generate`` does; EngineError where no model is loaded."""
        if self._model is None:
            raise EngineError("No model is loaded.")
        total = _length(prompt)
        return PromptCost(total, min(self._cached, total - 1))

    def inspect(self, prompt: Prompt) -> PromptInside:
        """Harmony's own rendering, with a word to the token; of that the share that is reused."""
        cost, words = self.cost(prompt), _Words()
        found = inside(Renderer(words), words, prompt, 0)
        total = sum(len(part.ends) for part in found.parts)
        return replace(found, reused=total * cost.reused // cost.total)

    def resize(self, context: int | None) -> None:
        """Forget the model; the next one holds as much as it was made for, or that context."""
        self._model = None
        self._info = replace(self._info, context=context or self._info.trained_context)

    def leave(self) -> None:
        """Count it."""
        self.leaves += 1

    def close(self) -> None:
        """Forget the model; safe to call twice."""
        self._model = None
        self.closed = True

    def _replay(
        self, number: int, text: str, prompt: Prompt, options: GenerateOptions, cancel: Cancel
    ) -> Iterator[EngineEvent]:
        total = _length(prompt)
        reused = min(self._cached, total - 1)
        for done in (reused, (reused + total) // 2, total):
            yield PromptProgress(done, total, reused)
        recipients = [name for tool in prompt.tools for name in tool.recipients]
        decoder = Decoder(recipients, prompt.effort)
        pieces = _tokens(text)
        reason = StopReason.COMPLETE
        resumed = _taken_up(decoder, prompt)
        # Tokens of the open reasoning, and who closed it.
        thought, closer = int(resumed is not None and resumed.message.is_reasoning), None
        for at, piece in enumerate(pieces):
            if cancel.is_set():
                reason = StopReason.CANCELLED
                break
            if options.max_tokens is not None and at >= options.max_tokens:
                reason = StopReason.LENGTH
                break
            if closer is None and thought:
                closer = _wanted_by(cancel, options, thought)
            if closer is not None and thought and piece is not Control.END:
                continue  # what would still have been thought
            self._hook(number, at)
            self._pause(self._delay)
            if resumed is not None:
                yield resumed
                resumed = None
            for event in decoder.push(piece):
                if isinstance(event, MessageCompleted):
                    message, thought = event.message, 0
                    closed = replace(message, closed_by=closer if message.is_reasoning else None)
                    yield MessageCompleted(closed)
                    continue
                thought += isinstance(event, ReasoningDelta)
                yield event
            if decoder.stopped:
                break
        self._cached = total + len(pieces)
        if resumed is None:
            yield from decoder.finish(interrupted=reason is not StopReason.COMPLETE)
        yield GenerationEnded(reason, Usage())

    def _pause(self, seconds: float) -> None:
        if seconds > 0:
            self._sleep(seconds)


class _Words:
    """A vocabulary of whole words, made up as they come."""

    def __init__(self) -> None:
        self._words: list[bytes] = []

    def encode(self, text: str) -> list[int]:
        """A token for each word."""
        before = len(self._words)
        self._words += _WORD.findall(text.encode("utf-8", "replace"))
        return list(range(before, len(self._words)))

    def piece(self, token: int) -> Piece:
        """The word, or markup."""
        if token == ASSISTANT:
            return b"assistant"
        return control(token) if token >= FIRST_SPECIAL else self._words[token]


def _taken_up(decoder: Decoder, prompt: Prompt) -> Resumed | None:
    """Let the decoder follow the message that goes on, if there is one."""
    if not prompt.continues:
        return None
    message = prompt.messages[-1]
    content = message.content.rstrip(LOOSE).encode()
    events: list[object] = []
    for piece in (*scan(f"<|channel|>{message.channel}<|message|>"), content):
        events += decoder.push(piece)
    text = "".join(event.text for event in events if isinstance(event, Delta))
    return Resumed(replace(message, content=text))


def _wanted_by(cancel: Cancel, options: GenerateOptions, thought: int) -> Closer | None:
    """Who wants the answer to begin after so many tokens of reasoning."""
    if cancel.hurried:
        return Closer.USER
    return Closer.BUDGET if options.budget is not None and thought >= options.budget else None


def _length(prompt: Prompt) -> int:
    """About how many tokens a prompt has."""
    return 80 + sum(len(message.content) // 4 + 4 for message in prompt.messages)


def _tokens(text: str) -> list[Piece]:
    """Text with markup as control tokens and words."""
    found: list[Piece] = []
    for piece in scan(text):
        found += _WORD.findall(piece) if isinstance(piece, bytes) else [piece]
    return found


def _timed(usage: Usage, began: float) -> Usage:
    seconds = time.monotonic() - began
    tokens = usage.reasoning_tokens + usage.answer_tokens
    first = seconds / (tokens + 1)
    return replace(
        usage,
        first_token_seconds=first,
        total_seconds=seconds,
        decode_seconds=seconds - first,
    )
