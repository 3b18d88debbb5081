"""The engine on a server: found, asked, streamed, stopped.

Knows the seam and puts the parts together; must not know what any server's requests look like.
Nothing is sent before ``load``, and nothing to any other address than the one that it was made
with. It does not read ahead: a server may have other people to serve.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from chat_tui.conversation import Effort, Prompt
from chat_tui.engine.protocol import Cancel, GenerateOptions
from chat_tui.engine.remote.answers import Answers
from chat_tui.engine.remote.complaints import TooLong
from chat_tui.engine.remote.http import Link
from chat_tui.engine.remote.probe import probe
from chat_tui.engine.remote.telling import Telling
from chat_tui.engine.remote.values import ChatDialect, Found
from chat_tui.engine.remote.writing import Writing
from chat_tui.errors import EngineError, LoadError, PromptTooLong
from chat_tui.events import (
    EngineEvent,
    GenerationEnded,
    Loaded,
    LoadProgress,
    ModelInfo,
    PromptCost,
    PromptInside,
    StopReason,
    Usage,
)
from chat_tui.harmony.inside import inside
from chat_tui.harmony.prompt import Renderer
from chat_tui.harmony.vocabulary import Vocabulary
from chat_tui.language import _

_TELL = 0.5
"""Seconds between signs of life while a server is asked what it is."""


class RemoteEngine:
    """Implements ``Engine``. One thread at a time loads or generates; ``close`` is for any."""

    def __init__(
        self,
        link: Link,
        *,
        vocabulary: Callable[[], Vocabulary],
        model: str = "",
        context: int | None = None,
    ) -> None:
        """``vocabulary`` opens o200k_harmony, once; ``model`` is a name that the server knows.

        ``context`` is what to ask for where the server lets one ask.
        """
        self._link = link
        self._open_vocabulary = vocabulary
        self._wanted, self._context, self._largest = model, context, False
        self._renderer: Renderer | None = None
        self._vocabulary: Vocabulary | None = None
        self._found: Found | None = None
        self._model: ModelInfo | None = None
        self._answers = Answers(link)
        self._held: list[int] = []
        """The tokens that the server evaluated last."""
        self._asking = threading.Lock()
        self._closing = False

    @property
    def model(self) -> ModelInfo | None:
        """The model at the server; None before ``load`` and after the server has gone."""
        return self._model

    @property
    def host(self) -> str:
        """Host and port of the server; empty where that is this machine."""
        return self._link.address.away

    def load(self) -> Iterator[LoadProgress | Loaded]:
        """Ask the server what it is; see ``Engine.load``."""
        began = told = time.monotonic()
        self._closing = False
        self._answers.open()
        if self._model is not None:
            yield Loaded(self._model, 0.0)
            return
        yield LoadProgress(0.0)
        asking = probe(self._link, self._wanted, self._context, largest=self._largest)
        found: Found | None = None
        try:
            while found is None:
                try:
                    next(asking)
                except StopIteration as end:
                    found = end.value
                if self._closing:
                    raise LoadError(_("The server was left before it had answered."))
                if time.monotonic() - told >= _TELL:
                    told = time.monotonic()
                    yield LoadProgress(0.0)
        finally:
            asking.close()
        if self._renderer is None:
            self._vocabulary = self._open_vocabulary()
            self._renderer = Renderer(self._vocabulary)
        self._held = []
        yield Loaded(self._know(found), time.monotonic() - began)

    def generate(
        self, prompt: Prompt, options: GenerateOptions, cancel: Cancel
    ) -> Iterator[EngineEvent]:
        """See ``Engine.generate``. Asks first what the server is where that is not known."""
        for _progress in self.load():
            if cancel.is_set():
                yield GenerationEnded(StopReason.CANCELLED, Usage())
                return
        found, renderer, vocabulary = self._found, self._renderer, self._vocabulary
        if found is None or renderer is None or vocabulary is None:
            raise EngineError(_("The engine was closed."))

        def stopped() -> bool:
            return cancel.is_set() or self._closing

        with self._asking:
            try:
                if found.dialect.takes_tokens:
                    dialect = found.dialect
                    writing = Writing(
                        prompt,
                        options,
                        vocabulary=vocabulary,
                        renderer=renderer,
                        model=found.model,
                        context=found.context if found.context_known else None,
                        say=self._answers.say(dialect),
                        cancel=cancel,
                        stopped=stopped,
                    )
                    self._held = writing.tokens
                    yield from writing.run()
                else:
                    yield from self._chat(found, found.dialect, prompt, options, cancel, stopped)
            except LoadError:
                self._forget()
                raise
            except TooLong as error:
                if error.context is not None:
                    self._know(replace(found, context=error.context, context_known=True))
                raise

    def prime(self, prompt: Prompt, draft: str = "") -> None:
        """Does nothing: a server may have other people to serve."""

    def cost(self, prompt: Prompt) -> PromptCost:
        """See ``Engine.cost``; what the server has dropped from its cache is not known here."""
        with self._between() as (renderer, _):
            wanted = renderer.render(prompt)
            return PromptCost(len(wanted), self._reusable(wanted))

    def inspect(self, prompt: Prompt) -> PromptInside:
        """See ``Engine.inspect``. A server of messages renders it by itself, much alike."""
        with self._between() as (renderer, vocabulary):
            reused = self._reusable(renderer.render(prompt))
            return inside(renderer, vocabulary, prompt, reused)

    @contextmanager
    def _between(self) -> Iterator[tuple[Renderer, Vocabulary]]:
        """What is asked between two generations. Raises EngineError."""
        if not self._asking.acquire(blocking=False):
            raise EngineError(_("The model is answering."))
        try:
            renderer, vocabulary = self._renderer, self._vocabulary
            if self._model is None or renderer is None or vocabulary is None:
                raise EngineError(_("No model is loaded."))
            yield renderer, vocabulary
        finally:
            self._asking.release()

    def _reusable(self, wanted: list[int]) -> int:
        """Of a prompt, the tokens that the server evaluated last; it may have kept them."""
        found = self._found
        if found is None or not found.dialect.takes_tokens:
            return 0
        return min(_common(wanted, self._held), len(wanted) - 1)

    def resize(self, context: int | None) -> None:
        """Ask for that context, or the largest there is (None), where the server lets one ask."""
        self._context, self._largest = context, context is None
        self._forget()

    def leave(self) -> None:
        """Nothing is kept here: the server has its own cache."""

    def close(self) -> None:
        """End what is under way; safe to call twice, and from another thread."""
        self._closing = True
        self._answers.close()
        self._forget()

    def _chat(
        self,
        found: Found,
        dialect: ChatDialect,
        prompt: Prompt,
        options: GenerateOptions,
        cancel: Cancel,
        stopped: Callable[[], bool],
    ) -> Iterator[EngineEvent]:
        if prompt.continues:
            raise EngineError(
                _("{server} cannot go on inside an answer that was cut off.").format(
                    server=dialect.name
                ),
                _("Ask for the answer anew, or say that it should go on."),
            )
        length = len(self._renderer.render(prompt)) if self._renderer else 0
        if found.context_known and length >= found.context:
            raise PromptTooLong(
                _(
                    "The conversation takes about {used:,} tokens and the context of the server"
                    " holds {context:,}."
                ).format(used=length, context=found.context),
                _("Shorten it, begin a new chat, or raise the context."),
            )
        left = options.max_tokens

        def body(effort: Effort) -> dict[str, Any]:
            asked = replace(prompt, effort=effort)
            return dialect.body(asked, found.model, options.sampling, left, found.context)

        yield from Telling(
            prompt,
            length=length,
            most=found.context if left is None else min(left, found.context),
            say=self._answers.tell(dialect, body),
            cancel=cancel,
            stopped=stopped,
            budget=options.budget,
        ).run()

    def _know(self, found: Found) -> ModelInfo:
        self._found, self._model = found, _described(found, self._link)
        return self._model

    def _forget(self) -> None:
        self._model = self._found = None
        self._held = []


def _common(one: list[int], other: list[int]) -> int:
    """How many tokens two prompts have in common at their beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _described(found: Found, link: Link) -> ModelInfo:
    """What a face is told of the model."""
    address = link.address
    notes = []
    if not address.is_here:
        sent = (
            _("What is said here is sent to {server}.")
            if address.secure
            else _("What is said here is sent to {server}, and not encrypted on the way.")
        )
        notes.append(sent.format(server=address.place))
    if not found.context_known:
        untold = _("{server} does not say how many tokens its context holds.")
        notes.append(untold.format(server=found.dialect.name))
    return ModelInfo(
        path=str(address),
        name=found.model.rpartition("/")[2] if found.model.startswith("/") else found.model,
        size_bytes=found.size_bytes,
        context=found.context,
        trained_context=max(found.trained, found.context),
        device=found.dialect.name,
        note=" ".join(notes),
        host="" if address.is_here else address.place,
    )
