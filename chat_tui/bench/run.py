"""``chat-tui bench``: load, measure, report.

Knows the order of these. The model runs where it always runs, in a child process behind the
engine's seam; the bare loop runs in the same process over the same weights.

A model to measure that is large enough to be slow, without a download (685 MB, from a checkout):
``uv run python -m tests.gguf_factory model.gguf --layers 8 --width 1024``, then
``uv run chat-tui bench --model model.gguf``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TextIO

from rich.console import Console

from chat_tui.bench.report import as_json, show
from chat_tui.bench.speed import measure_speed
from chat_tui.bench.turns import measure_turns
from chat_tui.engine.client import ChildEngine
from chat_tui.errors import EngineError, UsageError
from chat_tui.harmony.prompt import Renderer
from chat_tui.harmony.vocabulary import Vocabulary, ranks_from_model
from chat_tui.language import _

SMALLEST_CONTEXT = 8192
"""What the conversation takes, with room for answers."""


def bench(
    engine: ChildEngine,
    *,
    cache: Path,
    rounds: int,
    tokens: int,
    as_document: bool,
    stdout: TextIO,
    stderr: TextIO,
) -> int:
    """Measure and print; the exit code.

    ``tokens`` are sampled for the speed of writing in each round, a quarter of them in each turn
    of the conversation. ``cache`` keeps the vocabulary. Raises what the engine raises, and
    UsageError for a context that is too small.
    """

    def tell(text: str) -> None:
        # No spinner: it would take the time that is being measured.
        if stderr.isatty():
            print(f"\r\x1b[K{text}", end="", file=stderr, flush=True)

    tell(_("loading"))
    try:
        list(engine.load())
        model = engine.model
        if model is None:
            raise EngineError(_("The model was closed."))
        if model.context < SMALLEST_CONTEXT:
            raise UsageError(
                _(
                    "The benchmark's conversation needs a context of {smallest_context:,}"
                    " tokens; this one has {context:,}."
                ).format(smallest_context=SMALLEST_CONTEXT, context=model.context),
                _("Leave --context out, or name a larger one."),
            )
        renderer = Renderer(Vocabulary.open(ranks_from_model(Path(model.path), cache)))
        speed = measure_speed(engine, rounds=rounds, tokens=tokens, tell=tell)
        turns = measure_turns(
            engine,
            renderer,
            tokens=max(2, tokens // 4),
            prompt_speed=speed.typical.bare_prompt,
            tell=tell,
        )
    finally:
        tell("")
    if as_document:
        print(json.dumps(as_json(model, speed, turns), indent=1), file=stdout)
    else:
        show(Console(file=stdout), model, speed, turns)
    return 0
