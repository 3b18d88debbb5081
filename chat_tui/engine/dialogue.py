"""What is said to the child about a prompt, and what it says while it answers one.

Knows the wire and the child; must not know what becomes of a child that died.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from chat_tui import wire
from chat_tui.conversation import Prompt
from chat_tui.engine.child import ENDED, Child
from chat_tui.engine.protocol import Cancel, GenerateOptions
from chat_tui.errors import PromptTooLong
from chat_tui.events import EngineEvent, GenerationEnded, PromptCost, PromptInside
from chat_tui.language import _

POLL = 0.04
"""Seconds between looks at the cancel flag while the child is silent."""
GRACE = 0.3
"""Seconds that a child has to obey a stop before it is killed."""


def send(child: Child, command: wire.Command) -> None:
    """Send what carries a prompt; PromptTooLong where no frame holds it."""
    try:
        child.send(command)
    except wire.WireError as error:
        raise PromptTooLong(
            _("The conversation is too large for any context."),
            _("Shorten it or begin a new chat."),
        ) from error


def ask(child: Child, prompt: Prompt, options: GenerateOptions) -> None:
    """Have the prompt answered. Raises PromptTooLong where no frame holds it."""
    sampling = options.sampling
    send(
        child,
        wire.Generate(
            prompt,
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            top_k=sampling.top_k,
            min_p=sampling.min_p,
            seed=sampling.seed,
            max_tokens=options.max_tokens,
            budget=options.budget,
        ),
    )


def events(child: Child, cancel: Cancel) -> Iterator[EngineEvent]:
    """What the child says, up to GenerationEnded; less where it dies or has to be killed."""
    deadline: float | None = None
    told = False
    while True:
        if cancel.hurried and not told:
            child.send(wire.AnswerNow())
            told = True
        if deadline is None and cancel.is_set():
            child.send(wire.Stop())
            deadline = time.monotonic() + GRACE
        wait = POLL if deadline is None else max(0.0, deadline - time.monotonic())
        value = child.receive(wait)
        if value is ENDED:
            return
        if isinstance(value, wire.Failed):
            raise value.error
        late = isinstance(value, PromptCost | PromptInside)  # the answer to another question
        if value is not None and not late:
            yield value
        if isinstance(value, GenerationEnded):
            return
        if deadline is not None and time.monotonic() >= deadline:
            child.kill()
            return
