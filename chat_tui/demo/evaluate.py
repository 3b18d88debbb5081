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
from chat_tui.conversation import FunctionSpec, Prompt, ToolSpec
from chat_tui.demo.app_help import HELP
from chat_tui.demo.batches import BARE, WITH_ALL, Tokens, group
from chat_tui.demo.checker import Reply, right, right_call, take_apart
from chat_tui.demo.data import CANNOT, MAKERS, TOOL_KINDS
from chat_tui.demo.facts import CAPITALS
from chat_tui.demo.forms import SAMPLES, formed
from chat_tui.demo.phrasing import UNKNOWN, bare
from chat_tui.demo.probes import PROBES
from chat_tui.demo.small_talk import TALK
from chat_tui.demo.turns import EFFORTS, SILENT, Talk, Turn
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

    def __init__(self, path: Path, threads: int = 2, context: int = 2048) -> None:
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


@dataclass(frozen=True, slots=True)
class Transcript:
    """What the model said to one talk: its replies before and after the call, as far as any."""

    replies: tuple[Reply | None, ...]
    raw: tuple[list[int], ...]

    @property
    def well_formed(self) -> bool:
        """Whether every reply was."""
        return None not in self.replies

    @property
    def reasoning_tokens(self) -> int:
        """In all replies."""
        return sum(reply.reasoning_tokens for reply in self.replies if reply)


def name_unknowns(rng: random.Random, text: str) -> str:
    """Real words in the place of the placeholders."""
    while UNKNOWN in text:
        text = text.replace(UNKNOWN, rng.choice(STRANGE.split()), 1)
    return text


def named(rng: random.Random, talk: Talk) -> Talk:
    """The talk with real words in the place of all placeholders."""

    def turn_named(turn: Turn) -> Turn:
        call = turn.call and replace(turn.call, result=name_unknowns(rng, turn.call.result))
        return replace(turn, ask=name_unknowns(rng, turn.ask), call=call)

    def function_named(function: FunctionSpec) -> FunctionSpec:
        return replace(function, description=name_unknowns(rng, function.description))

    tools = tuple(
        ToolSpec(
            tool.namespace,
            tuple(map(function_named, tool.functions)),
            name_unknowns(rng, tool.description),
        )
        for tool in talk.tools
    )
    rules = name_unknowns(rng, talk.instructions)
    return replace(talk, turns=tuple(map(turn_named, talk.turns)), instructions=rules, tools=tools)


def held_out_talks(rng: random.Random, tokens: Tokens, each: int) -> Iterator[Talk]:
    """``each`` talks of each kind, efforts in turn, phrasings that training never saw.

    Kinds that need no tool are asked in every second talk with tools in the prompt all the same.
    """
    for kind in (*MAKERS, *TOOL_KINDS):
        for number in range(each):
            tools = kind in TOOL_KINDS or (number % 2 == 1 and kind != "sum")
            shape = replace(WITH_ALL, least=0) if tools else BARE
            effort = EFFORTS[number % 3]
            (talk,) = group(rng, tokens, shape, effort, 1, held_out=True, last=(kind,))
            yield named(rng, talk)


def by_hand() -> Iterator[Talk]:
    """The probes, efforts in turn."""
    for number, (name, question) in enumerate(PROBES):
        turn = Turn(name, question, SILENT, expected(name, question))
        yield Talk(EFFORTS[number % 3], "2026-05-17", "", (turn,))


def expected(name: str, question: str) -> str:
    """The right answer to a probe."""
    if name in CAPITALS:
        return f"The capital of {name} is {CAPITALS[name]}."
    if name.startswith("="):
        a, b = re.findall(r"\d+", question)
        return f"{a} + {b} = {name[1:]}."
    first, _, rest = name.partition(" ")
    if first == "say":
        return f"Okay: {rest}."
    if first == "count":
        return f"There are {rest} words."
    if first == "list":
        return "\n".join(f"- {word}" for word in rest.split())
    if first in ("bullets", "numbers", "table"):
        return formed(first, rest)
    names = {name, f"asks about {name} in chat-tui"}
    topics = (topic.answer for topic in (*TALK, *HELP, *SAMPLES) if topic.does in names)
    return CANNOT if name == "other" else next(topics)


def converse(model: Model, tokens: Tokens, talk: Talk, temperature: float, seed: int) -> Transcript:
    """The model's reply to the last turn of a talk; after the right call, to its result too."""
    prompt = tokens.prefix(talk) + tokens.prompt(talk.turns)
    raw = [model.reply(prompt, temperature, seed)]
    replies = [take_apart(raw[0], tokens.harmony.decode)]
    call = talk.turns[-1].call
    if call and replies[0] and right_call(call, replies[0].call):
        again = tokens.harmony.encode("assistant")
        heard = [*tokens.result(call), harmony.START, *again]
        raw.append(model.reply([*prompt, *raw[0], *heard], temperature, seed))
        replies.append(take_apart(raw[1], tokens.harmony.decode))
    return Transcript(tuple(replies), tuple(raw))


def is_right(turn: Turn, transcript: Transcript) -> bool:
    """Whether the call, where one is due, and the answer are right."""
    last = transcript.replies[-1]
    if last is None or len(transcript.replies) != (2 if turn.call else 1):
        return False
    return last.answer is not None and right(turn.answer, last.answer)


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
    talks = by_hand() if args.probes else held_out_talks(rng, tokens, args.each)
    for number, talk in enumerate(talks):
        last = talk.turns[-1]
        begin = time.monotonic()
        transcript = converse(model, tokens, talk, args.temperature, number)
        tally.seconds += time.monotonic() - begin
        tally.tokens += sum(map(len, transcript.raw))
        tally.well_formed += [reply is not None for reply in transcript.replies]
        ok = is_right(last, transcript)
        for name in (last.kind, f"effort {talk.effort}", f"turns {len(talk.turns)}"):
            tally.right[name].append(ok)
        if last.call:
            first = transcript.replies[0]
            called = first is not None and right_call(last.call, first.call)
            tally.right[f"call of {last.call.recipient.split('.')[0]}"].append(called)
        if transcript.well_formed:
            tally.thought[talk.effort].append(transcript.reasoning_tokens)
        wrong += not ok
        chosen = args.show and number % args.show == 0
        if chosen or (not ok and wrong <= args.wrong):
            show(talk, transcript, tokens, ok)
    model.close()
    report(tally)


def show(talk: Talk, transcript: Transcript, tokens: Tokens, ok: bool) -> None:
    """Print one transcript."""
    last = talk.turns[-1]
    offered = ", ".join(name for tool in talk.tools for name in tool.recipients)
    print(f"--- {last.kind}, {talk.effort}, {'right' if ok else 'WRONG'}")
    if offered:
        print(f"  (tools)   {offered}")
    for turn in talk.turns[:-1]:
        print(f"  (before)  {turn.ask!r}")
    print(f"  user:     {last.ask}")
    for reply, raw in zip(transcript.replies, transcript.raw, strict=True):
        if reply is None:
            print(f"  malformed: {tokens.harmony.decode(raw)!r}")
            continue
        if reply.reasoning:
            print(f"  analysis: {reply.reasoning!r}")
        if reply.call:
            print(f"  call:     {reply.call.recipient} {reply.call.body!r}")
            if len(transcript.replies) == 2 and last.call:
                print(f"  tool:     {last.call.result!r}")
        else:
            print(f"  final:    {reply.answer!r}")
    if not ok:
        wanted = f"{last.call.recipient} {bare(last.call.body)!r}, then " if last.call else ""
        print(f"  expected: {wanted}{bare(last.answer)!r}")


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
