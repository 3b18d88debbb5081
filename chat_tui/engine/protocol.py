"""What the session may ask of a model, whoever runs it.

Knows values and events; must not know processes, llama.cpp or harmony. Two implementations keep
it honest: ``client`` (a child process that holds a GGUF) and ``scripted`` (harmony text replayed
through the real decoder, for tests of everything above).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from chat_tui.conversation import Prompt
from chat_tui.engine.remote.address import Address
from chat_tui.events import EngineEvent, Loaded, LoadProgress, ModelInfo, PromptCost, PromptInside


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How to hold a model; None leaves the choice to the runner."""

    path: Path
    context: int | None = None
    """Tokens of KV cache."""
    threads: int | None = None
    gpu_layers: int | None = None
    """Layers on the GPU, the output table counting as one."""
    cpu_experts: int | None = None
    """Layers whose experts stay in main memory; more than there are means all."""
    flash: bool | None = None
    """Flash attention; None takes it where the device can do it."""
    rpc: tuple[Address, ...] = ()
    """llama.cpp's RPC servers, whose devices may take layers."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen. The defaults are those gpt-oss was made for."""

    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    min_p: float = 0.01
    seed: int | None = None
    """None draws a fresh one for every generation."""


@dataclass(frozen=True, slots=True)
class GenerateOptions:
    """One generation; ``max_tokens`` None goes on to the end of the context."""

    sampling: Sampling = Sampling()
    max_tokens: int | None = None
    budget: int | None = None
    """Tokens of reasoning in a turn after which the answer is begun; None leaves it to the model.

    Must be positive: gpt-oss cannot skip reasoning.
    """


class Cancel:
    """Two flags that any thread may set; whoever works looks at them between steps.

    ``set`` ends the work. ``hurry`` only ends the reasoning: the answer begins at once.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        self._hurry = threading.Event()

    def set(self) -> None:
        """Ask for the end; safe to call twice and from a signal handler."""
        self._event.set()

    def is_set(self) -> bool:
        """Whether the end was asked for."""
        return self._event.is_set()

    def hurry(self) -> None:
        """Ask for the answer now; without effect where no reasoning is under way in the turn."""
        self._hurry.set()

    @property
    def hurried(self) -> bool:
        """Whether the answer was asked for."""
        return self._hurry.is_set()


class Engine(Protocol):
    """A model behind a pipe. Synchronous: iterate in a thread where that matters."""

    @property
    def model(self) -> ModelInfo | None:
        """The loaded model; None before ``load`` has finished and after a crash."""

    @property
    def host(self) -> str:
        """Where the model is, if it is not on this machine; known before anything is sent there."""

    def load(self) -> Iterator[LoadProgress | Loaded]:
        """Start (again) and load; ends with Loaded, at once if the model is there already.

        Raises ModelFileError, LoadError or EngineCrashed.
        """

    def generate(
        self, prompt: Prompt, options: GenerateOptions, cancel: Cancel
    ) -> Iterator[EngineEvent]:
        """Go on from ``prompt`` until the model stops; always ends with GenerationEnded.

        A cancelled generation completes the message it was in (``interrupted``) and ends with
        CANCELLED. Raises PromptTooLong before any event, and EngineCrashed in the middle after
        the open message was completed as interrupted: nothing shown is lost. Closing the
        iterator early cancels too.
        """

    def prime(self, prompt: Prompt, draft: str = "") -> None:
        """Read ahead while nothing is asked: what the next question will need of ``prompt``.

        That is everything before the next user message, as the renderer will show it then; with
        ``draft``, the text that is being typed, also what cannot change of it any more. Returns
        at once; the next command cancels it. Does nothing where no model is loaded.
        """

    def cost(self, prompt: Prompt) -> PromptCost:
        """How much of a prompt would have to be read if it were asked now.

        Blocks for a moment and cancels priming. Raises EngineError where no model is loaded and
        while it answers.
        """

    def inspect(self, prompt: Prompt) -> PromptInside:
        """What the model would read, token by token; raises as ``cost`` does."""

    def resize(self, context: int | None) -> None:
        """Free the model; the next load holds that context, or the most that fits (None)."""

    def leave(self) -> None:
        """The present conversation is left: keep what was read of it, for a later return.

        Returns at once; ``close`` does the same.
        """

    def close(self) -> None:
        """Free the model; safe to call twice."""
