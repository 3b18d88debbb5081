"""The engine that people use: a model in a child process, started, streamed, stopped, restarted.

Knows the seam, the wire and what a crash means to a conversation; must not know llama.cpp or
harmony. The child dies of a bad file, a full GPU or the kernel's hand; here that is an event, and
what was shown stays.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from chat_tui import wire
from chat_tui.conversation import Prompt
from chat_tui.engine.child import ENDED, Child, drain
from chat_tui.engine.dialogue import GRACE, ask, events, send
from chat_tui.engine.partial import Partial
from chat_tui.engine.protocol import Cancel, GenerateOptions, LoadOptions
from chat_tui.engine.rpc import endpoint, hosts
from chat_tui.errors import EngineCrashed, EngineError, LoadError, PromptTooLong, SchemaError
from chat_tui.events import (
    EngineEvent,
    GenerationEnded,
    Loaded,
    LoadProgress,
    MessageCompleted,
    ModelInfo,
    PromptCost,
    PromptInside,
    StopReason,
    Usage,
)
from chat_tui.language import _, ngettext

_Told = TypeVar("_Told", PromptCost, PromptInside)

CRASHES = 2
"""After so many without an answer in between it is not started again by itself."""
PATIENCE = 5.0
"""Seconds that the price of a prompt may take: the batch that is being read ahead goes first."""
FAREWELL = 1.0
"""Seconds that a child has to copy what it read and free the model before it is killed."""


class _SilentDeath(EngineCrashed):
    """The child had died before it said a word about a question."""


class ChildEngine:
    """Implements ``Engine``. One thread at a time loads or generates; ``close`` is for any."""

    def __init__(
        self,
        options: LoadOptions,
        *,
        log: Path,
        cache: Path,
        memory: int | None = None,
        states: Path | None = None,
        states_limit: int | None = None,
    ) -> None:
        """``log`` takes what the child writes to standard error, ``cache`` its vocabulary.

        ``memory`` is the number of bytes to plan with; None asks the machine. ``states`` is the
        folder that keeps what was read from one start to the next (None: nothing is kept), of
        ``states_limit`` bytes at most; None there decides by the free disk.
        """
        self._states = states
        self._states_limit = states_limit
        self._asking = threading.Lock()
        self._busy = False
        self._options = options
        self._log = log
        self._cache = cache
        self._memory = memory
        self._child: Child | None = None
        self._model: ModelInfo | None = None
        self._crashes = 0
        self._closing = False

    @property
    def model(self) -> ModelInfo | None:
        """The loaded model; None before ``load`` has finished and after a crash."""
        return self._model

    @property
    def host(self) -> str:
        """Where layers of the model go, if not all are on this machine."""
        return hosts(self._options.rpc)

    @property
    def pid(self) -> int | None:
        """The child's process id; None while there is none."""
        return self._child.pid if self._child else None

    def load(self) -> Iterator[LoadProgress | Loaded]:
        """Start the child and load; see ``Engine.load``. Closing the iterator ends the child."""
        began = time.monotonic()
        self._closing = False
        if self._child is not None and not self._child.alive:
            self._crash()
        if self._model is not None:
            yield Loaded(self._model, 0.0)
            return
        if self._crashes >= CRASHES:
            self._crashes = 0  # who asks again after being told wants it tried again
            raise LoadError(
                ngettext(
                    "The model process ended unexpectedly {n} time with {model}, so it is not"
                    " started again by itself.",
                    "The model process ended unexpectedly {n} times with {model}, so it is not"
                    " started again by itself.",
                    CRASHES,
                ).format(n=CRASHES, model=self._options.path.name),
                _("Ask again to try once more; {file} says what happened.").format(file=self._log),
            )
        child = self._child = Child(self._log)
        try:
            options = self._options
            child.send(
                wire.Load(
                    path=str(options.path.absolute()),
                    cache=str(self._cache.absolute()),
                    context=options.context,
                    threads=options.threads,
                    gpu_layers=options.gpu_layers,
                    cpu_experts=options.cpu_experts,
                    flash=options.flash,
                    rpc=tuple(map(endpoint, options.rpc)),
                    memory=self._memory,
                    states=None if self._states is None else str(self._states.absolute()),
                    states_limit=self._states_limit,
                )
            )
            while (value := child.receive()) is not ENDED:
                if isinstance(value, wire.Failed):
                    raise value.error
                if isinstance(value, Loaded):
                    self._model = replace(value.model, host=self.host)
                    yield Loaded(self._model, time.monotonic() - began)
                    return
                if isinstance(value, LoadProgress):
                    yield value
            if self._closing:
                raise LoadError(_("The model was closed while it was being loaded."))
            raise self._crash()
        finally:
            if self._model is None:
                self._drop()

    def generate(
        self, prompt: Prompt, options: GenerateOptions, cancel: Cancel
    ) -> Iterator[EngineEvent]:
        """See ``Engine.generate``. Loads first where that has not been done."""
        with self._asking:  # a question about the price is answered first
            self._busy = True
        try:
            yield from self._generate(prompt, options, cancel)
        except _SilentDeath:
            # It died while nobody was looking; the question need not suffer for that.
            yield from self._generate(prompt, options, cancel)
        finally:
            self._busy = False

    def _generate(
        self, prompt: Prompt, options: GenerateOptions, cancel: Cancel
    ) -> Iterator[EngineEvent]:
        for _progress in self.load():
            if cancel.is_set():
                yield GenerationEnded(StopReason.CANCELLED, Usage())
                return
        child = self._child
        if child is None:
            raise EngineError(_("The model was closed."))
        ask(child, prompt, options)
        partial = Partial(prompt.effort)
        heard = ended = False
        try:
            for event in events(child, cancel):
                heard, ended = True, isinstance(event, GenerationEnded)
                partial.note(event)
                yield event
            if ended:
                self._crashes = 0
                return
            killed = cancel.is_set() or self._closing
            error = None if killed else self._crash(EngineCrashed if heard else _SilentDeath)
            ended = True
            self._drop()
            if (message := partial.message()) is not None:
                yield MessageCompleted(message)
            if error is not None:
                raise error
            yield GenerationEnded(StopReason.CANCELLED, partial.usage)
        except (PromptTooLong, EngineError, SchemaError):
            ended = True
            raise
        finally:
            if not ended:
                self._quiet(child)

    def prime(self, prompt: Prompt, draft: str = "") -> None:
        """See ``Engine.prime``."""
        child = self._child
        if child is not None and self._model is not None:
            with suppress(wire.WireError):  # too long for any context
                child.send(wire.Prime(prompt, draft))

    def cost(self, prompt: Prompt) -> PromptCost:
        """See ``Engine.cost``. Also raises EngineError where the child takes too long."""
        return self._told(wire.Cost(prompt), PromptCost, PATIENCE)

    def inspect(self, prompt: Prompt) -> PromptInside:
        """See ``Engine.inspect``."""
        return self._told(wire.Inspect(prompt), PromptInside, 6 * PATIENCE)

    def _told(self, question: wire.Command, kind: type[_Told], patience: float) -> _Told:
        """What the child answers between two generations. Raises EngineError."""
        with self._asking:
            child = self._child
            if child is None or self._model is None:
                raise EngineError(_("No model is loaded."))
            if self._busy:
                raise EngineError(_("The model is answering."))
            send(child, question)
            while (value := child.receive(patience)) is not ENDED:
                if isinstance(value, wire.Failed):
                    raise value.error
                if isinstance(value, kind):
                    return value
                if value is None:
                    raise EngineError(_("The model process is busy."))
            raise self._crash()

    def resize(self, context: int | None) -> None:
        """See ``Engine.resize``."""
        self.close()
        self._options = replace(self._options, context=context)

    def leave(self) -> None:
        """See ``Engine.leave``."""
        if self._child is not None and self._model is not None:
            self._child.send(wire.Leave())

    def measure(self, prompt: Prompt, tokens: int) -> wire.Measured:
        """What the smallest loop of llama.cpp calls takes in the child, for the benchmark.

        Loads first where that has not been done; the child's cache is empty afterwards. Raises
        what ``load`` raises, and EngineError where the prompt does not fit.
        """
        list(self.load())
        child = self._child
        if child is None:
            raise EngineError(_("The model was closed."))
        child.send(wire.Measure(prompt, tokens))
        while (value := child.receive()) is not ENDED:
            if isinstance(value, wire.Failed):
                raise value.error
            if isinstance(value, wire.Measured):
                return value
        raise self._crash()

    def close(self) -> None:
        """Free the model; safe to call twice, and from another thread while one generates.

        The child goes on for a moment by itself to save what it has read.
        """
        self._closing = True
        child, self._child, self._model = self._child, None, None
        if child is not None and self._states is not None:
            child.leave(FAREWELL)
        elif child is not None:
            child.kill()

    def _quiet(self, child: Child) -> None:
        """Stop a generation that nobody listens to any more."""
        child.send(wire.Stop())
        if not drain(child, GenerationEnded, GRACE):
            self._drop()

    def _crash(self, kind: type[EngineCrashed] = EngineCrashed) -> EngineCrashed:
        """Book the child's death and say it."""
        self._crashes += 1
        child, self._child, self._model = self._child, None, None
        hint = (
            _("It is started again for the next question; {file} says what it said last.")
            if self._crashes < CRASHES
            else _("{file} says what it said last.")
        )
        return kind(
            child.epitaph() if child else _("The model process ended."),
            hint.format(file=self._log),
        )

    def _drop(self) -> None:
        """End the child, if there is one."""
        child, self._child, self._model = self._child, None, None
        if child is not None:
            child.kill()
