"""What this program adds to llama.cpp's own loop, per token.

``python -m tests.runner.bench [MODEL] [--tokens N] [--rounds N] [--threads N]`` alternates a bare
loop of ``llama_decode`` and the sampling chain with a whole generation (guard, decoder, events,
frames) over the same model, and prints the best round of each and their ratio. With one thread it
counts that thread's CPU time, which other programs' load does not stretch.

Then it offers tools, and tells how much of such turns goes into keeping headers well formed: into
masks after a refused token, and into looking at every token. With ``--schema FILE`` it tells what
a grammar costs an answer that has to keep to it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from chat_tui import wire
from chat_tui.conversation import FunctionSpec, Prompt, ToolSpec, user
from chat_tui.grammar import load_schema
from chat_tui.harmony.header import HeaderGuard
from chat_tui.harmony.prompt import Renderer
from chat_tui.harmony.vocabulary import Vocabulary, ranks_from_model
from chat_tui.runner.ahead import turn_header
from chat_tui.runner.flag import Flag
from chat_tui.runner.generation import Generation, Speaker
from chat_tui.runner.grammar import Grammar
from chat_tui.runner.llama import Llama
from chat_tui.runner.outbox import Outbox
from chat_tui.runner.reader import Reader
from chat_tui.runner.sampling import Sampler
from tests.gguf_factory import write_model

QUESTION = Prompt((user("What is the capital of France?"),))
TOOLS = (
    ToolSpec("functions", (FunctionSpec("get_weather"), FunctionSpec("get_time"))),
    ToolSpec("browser", (FunctionSpec("search"), FunctionSpec("open"), FunctionSpec("find"))),
    ToolSpec("python"),
)
WATCHED = (
    ("header masks", HeaderGuard, "allowed"),
    ("draws from masks", Sampler, "sample_only"),
    ("draws without markup", Sampler, "sample_without"),
    ("looks at tokens", HeaderGuard, "allows"),
    ("grammar tests", Grammar, "allows"),
    ("grammar masks", Sampler, "sample_under"),
)


def bare(speaker: Speaker, tokens: int, clock: Callable[[], float]) -> float:
    """Tokens a second of the smallest loop there is."""
    llama = speaker.llama
    llama.keep(0)
    llama.decode(speaker.renderer.render(QUESTION))
    lib, ctx = llama.lib, llama.ctx
    sampler = Sampler(lib, ctx, wire.Generate(QUESTION, seed=1))
    chain, one = sampler._chain, (lib.llama_token * 1)()
    batch = lib.llama_batch_get_one(one, 1)
    sample, decode = lib.llama_sampler_sample, lib.llama_decode
    began = clock()
    for _ in range(tokens):
        one[0] = sample(chain, ctx, -1)
        decode(ctx, batch)
    seconds = clock() - began
    sampler.close()
    llama.keep(0)
    return tokens / seconds


def whole(speaker: Speaker, tokens: int, clock: Callable[[], float]) -> float:
    """Tokens a second of a generation as the child process runs it."""
    sent: list[object] = []
    with tempfile.TemporaryFile() as pipe:
        outbox = Outbox(lambda events: (sent.extend(events), pipe.write(wire.encode(events)))[0])
        Generation(
            speaker, wire.Generate(QUESTION, seed=1, max_tokens=tokens), outbox, Flag(), clock
        ).run()
    return sent[-1].usage.tokens_per_second  # type: ignore[attr-defined]


class Parts:
    """Time spent in methods that are watched; the watching itself counts as theirs."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.seconds: Counter[str] = Counter()
        self._clock = clock

    def watch(self, name: str, owner: type, method: str) -> None:
        """Count the time of a method of all objects of a class under a name."""
        original = getattr(owner, method)

        def timed(*words: Any, **more: Any) -> Any:
            began = self._clock()
            try:
                return original(*words, **more)
            finally:
                self.seconds[name] += self._clock() - began

        setattr(owner, method, timed)


def shares(
    speaker: Speaker, prompt: Prompt, tokens: int, turns: int, clock: Callable[[], float]
) -> str:
    """What part of turns at temperature 1.5 the constraints take."""
    parts = Parts(clock)
    before = dict(vars(HeaderGuard)), dict(vars(Grammar)), dict(vars(Sampler))
    for name, owner, method in WATCHED:
        parts.watch(name, owner, method)
    began = clock()
    written = 0
    for seed in range(turns):
        sent: list[Any] = []
        request = wire.Generate(prompt, seed=seed, max_tokens=tokens, temperature=1.5)
        Generation(speaker, request, Outbox(sent.extend), Flag(), clock).run()
        usage = sent[-1].usage
        written += usage.reasoning_tokens + usage.answer_tokens
    whole = clock() - began
    for owner, methods in zip((HeaderGuard, Grammar, Sampler), before, strict=True):
        for _, watched, method in WATCHED:
            if watched is owner:
                setattr(owner, method, methods[method])
    told = ", ".join(f"{name} {parts.seconds[name] / whole:.2%}" for name, _, _ in WATCHED)
    return f"{written / turns:.0f} tokens a turn: {told}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", type=Path)
    parser.add_argument("--tokens", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--schema", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.model or write_model(Path(folder) / "model.gguf")
        vocabulary = Vocabulary.open(ranks_from_model(path, Path(folder)))
        llama = Llama(Flag(), lambda _line: None)
        llama.load(
            str(path),
            context=4096,
            threads=options.threads,
            gpu_layers=0,
            progress=lambda _fraction: None,
        )
        reader = Reader(llama, 128, turn_header(vocabulary))
        speaker = Speaker(llama, vocabulary, Renderer(vocabulary), reader)
        clock = time.thread_time if options.threads == 1 else time.perf_counter
        rounds = [
            (bare(speaker, options.tokens, clock), whole(speaker, options.tokens, clock))
            for _ in range(options.rounds)
        ]
        wall = time.perf_counter  # the other clock takes longer to read than a look at a token
        offering = replace(QUESTION, tools=TOOLS)
        lines = [shares(speaker, offering, options.tokens, options.turns, wall)]
        if options.schema is not None:
            asking = replace(QUESTION, response_format=load_schema(options.schema))
            lines.append(shares(speaker, asking, options.tokens, options.turns, wall))
        llama.close()
    best_bare, best_whole = (max(column) for column in zip(*rounds, strict=True))
    print(
        f"bare {best_bare:.0f} tokens/s, whole {best_whole:.0f} tokens/s,"
        f" ratio {best_whole / best_bare:.3f}",
        *lines,
        sep="\n",
    )


if __name__ == "__main__":
    main()
