"""How near the exported file comes to the network that it was made from.

    python -m chat_tui.demo.agree FOLDER

FOLDER holds ``checkpoint.pt``, ``vocabulary.json`` and ``model.gguf``. Both are given the same
held-out conversations; compared is what they expect at every token of the reply, over the trained
ids: how often the likeliest token is the same, and the Kullback-Leibler divergence (nats). What is
left is rounding: MXFP4 experts, Q8_0 tables, half-precision cache.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from chat_tui.demo.batches import BARE, Tokens, group
from chat_tui.demo.export import SHARPER
from chat_tui.demo.network import Batch, Config, Network
from chat_tui.demo.turns import EFFORTS
from chat_tui.runner.flag import Flag
from chat_tui.runner.llama import BATCH, Llama

if TYPE_CHECKING:
    from numpy.typing import NDArray

TALKS = 30


def expected_by_network(
    net: Network, tokens: Tokens, prefix: list[int], rest: list[int], quantised: bool
) -> NDArray[np.float64]:
    """Log-probabilities after each of ``rest``, (len(rest), ids in use)."""
    before, after = torch.tensor(tokens.shrink(prefix)), torch.tensor(tokens.shrink(rest))
    batch = Batch(
        before[None],
        torch.arange(len(prefix))[None],
        after[None, None],
        (len(prefix) + torch.arange(len(rest)))[None, None],
        torch.zeros(1, 1, len(rest), dtype=torch.long),
    )
    with torch.no_grad():
        logits = net(batch, quantised) @ net.table().T * SHARPER
    found: NDArray[np.float64] = logits[:, 1:].double().log_softmax(-1).numpy()
    return found


def expected_by_file(
    llama: Llama, tokens: Tokens, prompt: list[int], reply: list[int]
) -> NDArray[np.float64]:
    """Log-probabilities after the prompt and each token of the reply, over the ids in use."""
    llama.keep(0)
    head = prompt[:-1]
    for at in range(0, len(head), BATCH):
        llama.decode(head[at : at + BATCH], logits=False)
    rows = []
    for token in (prompt[-1], *reply):
        llama.decode([token])
        pointer = llama.lib.llama_get_logits_ith(llama.ctx, -1)
        every = np.ctypeslib.as_array(pointer, (max(tokens.used) + 1,))
        rows.append(every[tokens.used].astype(np.float64))
    logits = np.stack(rows)
    top = logits.max(1, keepdims=True)
    found: NDArray[np.float64] = logits - top - np.log(np.exp(logits - top).sum(1, keepdims=True))
    return found


def main() -> None:
    """Command line."""
    folder = Path(sys.argv[1])
    saved = torch.load(folder / "checkpoint.pt", map_location="cpu")
    tokens = Tokens(json.loads((folder / "vocabulary.json").read_text()))
    net = Network(Config(**saved["config"]))
    net.load_state_dict(saved["net"])
    llama = Llama(Flag(), lambda _line: None)
    llama.load(
        str(folder / "model.gguf"),
        context=2048,
        threads=1,
        gpu_layers=0,
        progress=lambda _fraction: None,
    )
    rng = random.Random(8)  # noqa: S311
    same, apart = [], []
    for number in range(TALKS):
        (talk,) = group(rng, tokens, BARE, EFFORTS[number % 3], 1, held_out=True)
        prefix, asked = tokens.prefix(talk), tokens.prompt(talk.turns)
        reply, _ = tokens.reply(talk.turns[-1], talk.effort)
        if -1 in (*prefix, *asked, *reply):
            continue  # a word that stands for any unknown one has no id in the file
        network = expected_by_network(net, tokens, prefix, asked + reply, saved["quantised"])
        ours = expected_by_file(llama, tokens, prefix + asked, reply)
        theirs = network[len(asked) - 1 :]
        same.append(ours.argmax(1) == theirs.argmax(1))
        apart.append((np.exp(theirs) * (theirs - ours)).sum(1))
    llama.close()
    agreed, distance = np.concatenate(same), np.concatenate(apart)
    print(
        f"{len(agreed):,} tokens: the same next token {100 * agreed.mean():.2f} %,"
        f" KL {distance.mean():.5f} on average, {distance.max():.3f} at most"
    )


if __name__ == "__main__":
    main()
