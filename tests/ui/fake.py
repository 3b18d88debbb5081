"""An engine that yields prepared events, for tests of the screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from chat_tui.conversation import Effort, Message, Prompt, Role
from chat_tui.engine.protocol import Cancel, GenerateOptions
from chat_tui.errors import ChatError
from chat_tui.events import (
    AnswerDelta,
    EngineEvent,
    GenerationEnded,
    Loaded,
    LoadProgress,
    MessageCompleted,
    ModelInfo,
    PromptProgress,
    ReasoningDelta,
    StopReason,
    Usage,
)

MODEL = ModelInfo("/models/demo.gguf", "gpt-oss-20b", 12_000_000_000, 8192, 131072, "CPU")


class FakeEngine:
    """Plays one script a turn: a list of (kind, text), or an error to raise at that point."""

    def __init__(
        self,
        *scripts: Sequence[tuple[str, str] | ChatError | Callable[[Cancel], None]],
        pause: float = 0.0,
        load: Callable[[], None] | ChatError | None = None,
    ) -> None:
        self.scripts = list(scripts)
        self.pause = pause
        self.prompts: list[Prompt] = []
        self._load = load
        self._model: ModelInfo | None = None

    @property
    def model(self) -> ModelInfo | None:
        return self._model

    def load(self) -> Iterator[LoadProgress | Loaded]:
        if self._model is None:
            yield LoadProgress(0.43)
            if isinstance(self._load, ChatError):
                raise self._load
            if self._load:
                self._load()
            self._model = MODEL
        yield Loaded(MODEL, 0.5)

    def generate(
        self, prompt: Prompt, options: GenerateOptions, cancel: Cancel
    ) -> Iterator[EngineEvent]:
        del options
        self.prompts.append(prompt)
        yield PromptProgress(900, 1000)
        yield PromptProgress(1000, 1000)
        channel, text, counts = "", "", {"analysis": 0, "final": 0}
        script = self.scripts.pop(0) if self.scripts else [("final", "Nothing is left to say.")]
        reason = StopReason.COMPLETE
        for step in script:
            if cancel.is_set():
                reason = StopReason.CANCELLED
                break
            if isinstance(step, ChatError):
                if text:
                    yield self._message(channel, text, prompt.effort, interrupted=True)
                self._model = None
                raise step
            if callable(step):
                step(cancel)
                continue
            to, piece = step
            if to != channel and text:
                yield self._message(channel, text, prompt.effort)
                text = ""
            channel = to
            text += piece
            counts[to] += 1
            yield ReasoningDelta(piece) if to == "analysis" else AnswerDelta(piece)
            if self.pause:
                time.sleep(self.pause)
        if text:
            interrupted = reason is StopReason.CANCELLED
            yield self._message(channel, text, prompt.effort, interrupted=interrupted)
        yield GenerationEnded(
            reason,
            Usage(1000, 900, 100, counts["analysis"], counts["final"], 0.5, 21.0, 10.0),
        )

    def _message(
        self, channel: str, text: str, effort: Effort, interrupted: bool = False
    ) -> MessageCompleted:
        return MessageCompleted(
            Message(Role.ASSISTANT, text, channel=channel, effort=effort, interrupted=interrupted)
        )

    def close(self) -> None:
        self._model = None
