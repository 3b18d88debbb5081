"""Ask the exported file held-out questions through llama.cpp and count right answers.

    TIKTOKEN_ENCODINGS_BASE=FOLDER python -m chat_tui.demo.evaluate model.gguf --each 30

Needs no PyTorch. Knows the runner's parts, the data and the checker. Nothing
constrains the model here: the whole vocabulary is open at every token.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from chat_tui import wire
from chat_tui.conversation import Prompt
from chat_tui.demo.app_help import HELP
from chat_tui.demo.batches import Tokens
from chat_tui.demo.checker import Reply, right, take_apart
from chat_tui.demo.data import CANNOT, EFFORTS, MAKERS, Talk, Turn, make_talk
from chat_tui.demo.facts import CAPITALS
from chat_tui.demo.phrasing import UNKNOWN
from chat_tui.demo.probes import PROBES
from chat_tui.demo.small_talk import TALK
from chat_tui.harmony import tokens as harmony
from chat_tui.runner.cache import batches
from chat_tui.runner.flag import Flag
from chat_tui.runner.llama import BATCH, Llama
from chat_tui.runner.sampling import Sampler

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDS = (harmony.RETURN, harmony.CALL, harmony.ENDOFTEXT)

STRANGE = "Zanzibar quokka thermodynamics blockchain Voltaire saxophone Liechtenstein mitochondria "
STRANGE += "burrito Pikachu photosynthesis Beethoven sushi cryptocurrency Amelia Kowalski velvet"


class Model:
    """A GGUF opened by the runner, without the guard that keeps a chat's model to the format."""

    def __init__(self, path: Path, threads: int = 2, context: int = 1024) -> None:
        self._llama = Llama(Flag(), lambda _line: None)
        self._llama.load(
            str(path),
            context=context,
            threads=threads,
            gpu_layers=0,
            progress=lambda _fraction: None,
        )

    def reply(
        self, prompt: list[int], temperature: float, seed: int, limit: int = 300
    ) -> list[int]:
        """Tokens up to and with the end of the turn."""
        llama = self._llama
        options = wire.Generate(Prompt(()), temperature=temperature, min_p=0.0, seed=seed)
        sampler = Sampler(llama.lib, llama.ctx, options)
        llama.keep(0)
        out: list[int] = []
        feed = prompt
        try:
            while len(out) < limit and len(llama.tokens) + len(feed) <= llama.context_size:
                for piece in batches(feed, 0, BATCH):
                    llama.decode(piece)
                out.append(sampler.sample())
                if out[-1] in ENDS:
                    break
                feed = out[-1:]
        finally:
            sampler.close()
        return out

    def close(self) -> None:
        """Free everything."""
        self._llama.close()


@dataclass
class Tally:
    """What was counted."""

    right: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    well_formed: list[bool] = field(default_factory=list)
    thought: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    tokens: int = 0
    seconds: float = 0.0


def name_unknowns(rng: random.Random, text: str) -> str:
    """Real words in the place of the placeholders."""
    while UNKNOWN in text:
        text = text.replace(UNKNOWN, rng.choice(STRANGE.split()), 1)
    return text


def held_out_talks(rng: random.Random, each: int) -> Iterator[Talk]:
    """``each`` talks of each kind, efforts in turn, phrasings that training never saw."""
    for kind in MAKERS:
        for number in range(each):
            effort = EFFORTS[number % 3]
            talk = make_talk(rng, effort, held_out=True, last=(kind,))
            turns = tuple(replace(t, ask=name_unknowns(rng, t.ask)) for t in talk.turns)
            yield replace(talk, turns=turns, instructions=name_unknowns(rng, talk.instructions))


def by_hand() -> Iterator[Talk]:
    """The probes, efforts in turn."""
    for number, (name, question) in enumerate(PROBES):
        turn = Turn(name, question, ("", "", ""), expected(name, question))
        yield Talk(EFFORTS[number % 3], "2026-05-17", "", (turn,))


def expected(name: str, question: str) -> str:
    """The right answer to a probe."""
    if name in CAPITALS:
        return f"The capital of {name} is {CAPITALS[name]}."
    if name.startswith("="):
        a, b = re.findall(r"\d+", question)
        return f"{a} + {b} = {name[1:]}."
    if name.startswith("say "):
        return f"Okay: {name[4:]}."
    names = {name, f"asks about {name} in chat-tui"}
    topics = (topic.answer for topic in (*TALK, *HELP) if topic.does in names)
    return CANNOT if name == "other" else next(topics)


def ask(model: Model, tokens: Tokens, talk: Talk, temperature: float, seed: int) -> list[int]:
    """The model's reply to the last turn of a talk."""
    prompt = tokens.prefix(talk) + tokens.prompt(talk.turns)
    return model.reply(prompt, temperature, seed)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("--each", type=int, default=30, help="talks of each kind")
    parser.add_argument("--temperature", type=float, default=0.0)
    parser.add_argument("--show", type=int, default=0, help="print every N-th transcript")
    parser.add_argument("--wrong", type=int, default=0, help="print up to N wrong answers")
    parser.add_argument("--probes", action="store_true", help="ask what was written by hand")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    tokens = Tokens()
    rng = random.Random(4242)  # noqa: S311
    begin = time.monotonic()
    model = Model(args.model, args.threads)
    print(f"loaded in {time.monotonic() - begin:.2f} s")
    tally, wrong = Tally(), 0
    talks = by_hand() if args.probes else held_out_talks(rng, args.each)
    for number, talk in enumerate(talks):
        last = talk.turns[-1]
        begin = time.monotonic()
        ids = ask(model, tokens, talk, args.temperature, number)
        tally.seconds += time.monotonic() - begin
        tally.tokens += len(ids)
        reply = take_apart(ids, tokens.harmony.decode)
        tally.well_formed.append(reply is not None)
        ok = reply is not None and right(last.answer, reply.answer)
        for name in (last.kind, f"effort {talk.effort}", f"turns {len(talk.turns)}"):
            tally.right[name].append(ok)
        if reply:
            tally.thought[talk.effort].append(reply.reasoning_tokens)
        wrong += not ok
        chosen = args.show and number % args.show == 0
        if chosen or (not ok and wrong <= args.wrong):
            show(talk, reply, tokens.harmony.decode(ids), ok)
    model.close()
    report(tally)


def show(talk: Talk, reply: Reply | None, raw: str, ok: bool) -> None:
    """Print one transcript."""
    print(f"--- {talk.turns[-1].kind}, {talk.effort}, {'right' if ok else 'WRONG'}")
    for turn in talk.turns[:-1]:
        print(f"  (before) {turn.ask!r}")
    print(f"  user:     {talk.turns[-1].ask}")
    if reply is None:
        print(f"  malformed: {raw!r}")
    else:
        print(f"  analysis: {reply.reasoning!r}\n  final:    {reply.answer}")


def report(tally: Tally) -> None:
    """Print the table."""
    for name, oks in tally.right.items():
        print(f"{name:20} {sum(oks):4}/{len(oks):<4} {100 * sum(oks) / len(oks):5.1f} %")
    oks = [ok for effort in EFFORTS for ok in tally.right[f"effort {effort}"]]
    print(f"{'all':20} {sum(oks):4}/{len(oks):<4} {100 * sum(oks) / len(oks):5.1f} %")
    print(f"well-formed      {100 * sum(tally.well_formed) / len(tally.well_formed):.1f} %")
    means = [sum(tally.thought[e]) / max(1, len(tally.thought[e])) for e in EFFORTS]
    print("reasoning tokens " + " : ".join(f"{mean:.1f}" for mean in means))
    print(f"speed            {tally.tokens / tally.seconds:.0f} tokens/s, prompts included")


if __name__ == "__main__":
    main()
