"""Train the demo model: AdamW, warm-up, cosine decay, clipping, checkpoints that resume.

    python -m chat_tui.demo.train --folder /tmp/demo --minutes 60

Knows optimisation; nothing of what the conversations say. Beside the loss it reports the figure
that tells whether the model reads the question: the loss when all words of the questions are
shuffled, and the share of held-out conversations whose every token is the most likely one (a
greedy answer would be exactly right).
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812

from chat_tui.demo.batches import (
    BARE,
    WITH_ALL,
    WITH_TOOLS,
    Packed,
    Tokens,
    endless,
    group,
    pack,
    vocabulary,
)
from chat_tui.demo.data import MAKERS, TOOL_KINDS
from chat_tui.demo.network import Batch, Config, Network
from chat_tui.demo.turns import EFFORTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor


ORDER = (BARE, WITH_TOOLS, BARE, WITH_TOOLS, BARE, WITH_TOOLS, BARE, WITH_ALL)
"""The shapes of batches, over and over."""
COPYING = 700
"""Steps at the beginning with nothing but words and numbers to repeat.

The heads that copy form in a few hundred steps of that. In the whole mixture it takes three times
as long, and all that copies (a call's numbers, a city, a quote) waits for them.
"""
FINDING = 500
"""Steps after these with nothing but searches: to tell the line that has a word.

It takes a head that leads from a word back to the number at the beginning of its line, and in the
whole mixture none forms: the line stayed a guess.
"""
FINDING_AGAIN, FINDING_EVERY = 2000, 4
"""From that step on each fourth batch is one of searches again.

What forms at first is half a skill; the rest needs the representations that the mixture makes.
"""


def to_torch(packed: Packed) -> tuple[Batch, Tensor, Tensor]:
    """Batch, loss weights (T,) and targets (T,)."""
    arrays = [torch.from_numpy(a) for a in packed]
    targets = torch.roll(arrays[2], -1, dims=-1).reshape(-1)
    return Batch(*arrays[:5]), arrays[5].reshape(-1), targets


def weighted_loss(
    states: Tensor, head: Tensor, weights: Tensor, targets: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Mean loss by weight, and for each learned token its place and whether it came first."""
    chosen = weights.nonzero().squeeze(1)
    logits = states[chosen] @ head.T
    losses = F.cross_entropy(logits.float(), targets[chosen], reduction="none")
    w = weights[chosen]
    return (losses * w).sum() / w.sum(), chosen, logits.argmax(-1) == targets[chosen]


def shuffle_questions(packed: Packed, seed: int) -> Packed:
    """The same batch with all words of all questions exchanged at random."""
    rows = packed.rows.copy()
    words = rows[packed.user]
    words = np.random.default_rng(seed).permutation(words)
    rows[packed.user] = words
    return packed._replace(rows=rows)


def exam(net: Network, tokens: Tokens, quantised: bool) -> tuple[dict[str, float], float, float]:
    """Held-out talks: share exactly right by kind and effort, loss, loss with shuffled words."""
    rng = random.Random(99)  # noqa: S311
    scores: dict[str, list[bool]] = defaultdict(list)
    losses, shuffled = [], []
    for kind in (*MAKERS, *TOOL_KINDS, "other with tools"):
        plain = kind in MAKERS
        shape = replace(BARE if plain else WITH_TOOLS, groups=3)
        last = (kind.removesuffix(" with tools"),)
        groups = [group(rng, tokens, shape, e, 20, held_out=True, last=last) for e in EFFORTS]
        packed = pack(tokens, iter(groups), shape)
        batch, weights, targets = to_torch(packed)
        loss, chosen, hit = weighted_loss(net(batch, quantised), net.table(), weights, targets)
        losses.append(loss.item())
        mixed, _, _ = to_torch(shuffle_questions(packed, 1))
        astray = weighted_loss(net(mixed, quantised), net.table(), weights, targets)
        shuffled.append(astray[0].item())
        right: dict[tuple[int, int], bool] = {}
        part = batch.part.reshape(-1)
        size = shape.rows * shape.length
        for place, ok in zip(chosen.tolist(), hit.tolist(), strict=True):
            key = (place // size, int(part[place]))
            right[key] = right.get(key, True) and ok
        for (number, _), ok in right.items():
            scores[kind].append(ok)
            scores[EFFORTS[number]].append(ok)
    shares = {name: sum(oks) / len(oks) for name, oks in scores.items()}
    return shares, sum(losses) / len(losses), sum(shuffled) / len(shuffled)


def optimiser(net: Network, rate: float) -> torch.optim.Optimizer:
    """AdamW; no decay on vectors and tables, a hotter rate for the tables."""
    tables = [net.embed, net.head]
    names = {id(t) for t in tables}
    matrices = [p for p in net.parameters() if p.ndim >= 2 and id(p) not in names]
    vectors = [p for p in net.parameters() if p.ndim < 2]
    groups = [
        {"params": matrices, "lr": rate, "weight_decay": 0.02},
        {"params": vectors, "lr": rate, "weight_decay": 0.0},
        {"params": tables, "lr": rate * 2, "weight_decay": 0.0},
    ]
    for each in groups:
        each["peak"] = each["lr"]
    return torch.optim.AdamW(groups, betas=(0.9, 0.98), eps=1e-9, fused=True)


def schedule(done: float, warm: float = 0.02) -> float:
    """Share of the peak learning rate when ``done`` (0 to 1) of the run is over."""
    if done < warm:
        return done / warm
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, (done - warm) / (1 - warm))))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--kinds", default="")
    parser.add_argument("--shape", default="{}")
    parser.add_argument("--quantise-at", type=float, default=0.8)
    parser.add_argument("--exam-every", type=int, default=500)
    parser.add_argument("--save-every", type=int, default=250)
    parser.add_argument("--eager", action="store_true")
    parser.add_argument("--bf16", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(2)
    torch.set_flush_denormal(True)
    torch.manual_seed(7)
    kinds = tuple(args.kinds.split(",")) if args.kinds else ()
    args.folder.mkdir(parents=True, exist_ok=True)
    words = args.folder / "vocabulary.json"
    if not words.exists():
        words.write_text(json.dumps(vocabulary()))
    tokens = Tokens(json.loads(words.read_text()))
    config = Config(vocab=len(tokens.used) + 1, **json.loads(args.shape))
    net = Network(config)
    optim = optimiser(net, args.rate)
    path, begin = args.folder / "checkpoint.pt", 0
    if path.exists():
        saved = torch.load(path)
        net.load_state_dict(saved["net"])
        optim.load_state_dict(saved["optim"])
        begin = saved["step"]
    run: Callable[..., Tensor] = net if args.eager else torch.compile(net)
    sources = {
        shape: endless(1000 + begin + i, tokens, shape, kinds)
        for i, shape in enumerate((BARE, WITH_TOOLS, WITH_ALL))
    }
    copying = endless(1003 + begin, tokens, BARE, ("repeat",))
    finding = endless(1004 + begin, tokens, WITH_TOOLS, ("repeat",), last=("search",))
    print(f"vocabulary {config.vocab}, parameters {sum(p.numel() for p in net.parameters()):,}")
    pool = ThreadPoolExecutor(1)
    rng = random.Random(begin)  # noqa: S311

    def prepare(step: int) -> Packed:
        if step < COPYING and not kinds:
            return pack(tokens, copying, BARE, rng)
        again = step >= FINDING_AGAIN and step % FINDING_EVERY == 0
        if (step < COPYING + FINDING or again) and not kinds:
            return pack(tokens, finding, WITH_TOOLS, rng)
        shape = ORDER[step % len(ORDER)]
        return pack(tokens, sources[shape], shape, rng)

    coming = pool.submit(prepare, begin)
    clock, mean, seen, size = time.monotonic(), 0.0, 0, 0
    for step in range(begin, args.steps):
        packed = coming.result()
        coming = pool.submit(prepare, step + 1)
        done = step / args.steps
        quantised = done >= args.quantise_at
        for each in optim.param_groups:
            each["lr"] = each["peak"] * schedule(done)
        batch, weights, targets = to_torch(packed)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.bf16):
            states = run(batch, quantised)
        loss, _, _ = weighted_loss(states.float(), net.table(), weights, targets)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optim.step()
        optim.zero_grad(set_to_none=True)
        mean += loss.item()
        seen += 1
        size += packed.rows.size + packed.prefix.size
        if (step + 1) % 50 == 0:
            took = time.monotonic() - clock
            print(
                f"step {step + 1} loss {mean / seen:.4f} {size / took:.0f} tokens/s "
                f"{took / seen:.2f} s/step", flush=True,
            )  # fmt: skip
            clock, mean, seen, size = time.monotonic(), 0.0, 0, 0
        last = step + 1 == args.steps
        if (step + 1) % args.save_every == 0 or last:
            state = {"net": net.state_dict(), "optim": optim.state_dict(), "step": step + 1}
            state |= {"config": vars(config), "quantised": quantised}
            torch.save(state, path.with_suffix(".new"))
            path.with_suffix(".new").replace(path)
        if (step + 1) % args.exam_every == 0 or last:
            with torch.no_grad():
                shares, held, mixed = exam(net, tokens, quantised)
            table = " ".join(f"{name} {share:.2f}" for name, share in shares.items())
            print(f"  exam: {table} | held-out {held:.3f} shuffled {mixed:.3f}", flush=True)
            clock = time.monotonic()


if __name__ == "__main__":
    main()
