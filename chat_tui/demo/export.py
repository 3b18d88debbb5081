"""Checkpoint to GGUF: the complete o200k_harmony vocabulary, experts in MXFP4.

    python -m chat_tui.demo.export /tmp/demo/checkpoint.pt /tmp/demo/model.gguf

Knows how gpt-oss is laid out in a GGUF. Rows of ids that were never trained: all get the embedding
of the unknown word, and an output row that is strongly negative on the constant channel, so that
they never win (and, being equal, compress to nothing).
"""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from chat_tui.demo.batches import open_vocabulary
from chat_tui.demo.gguf_writer import MXFP4, Tensor, Value, f16, f32, q8_0, write
from chat_tui.demo.mxfp4 import pack
from chat_tui.demo.network import CONSTANT
from chat_tui.demo.template import CHAT_TEMPLATE
from chat_tui.harmony.tokens import VOCABULARY_SIZE

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEVER = 400.0
"""How strongly the constant channel pushes untrained ids down."""


def alphabet() -> dict[int, str]:
    """GPT-2's byte to printable character."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in shown]
    return {b: chr(b) for b in shown} | {b: chr(256 + i) for i, b in enumerate(hidden)}


def last_split(token: bytes, rank_of: dict[bytes, int]) -> tuple[bytes, bytes] | None:
    """The two tokens that byte-pair encoding joins last to make this one; None for one byte."""
    limit = rank_of[token]
    parts = [token[i : i + 1] for i in range(len(token))]
    while len(parts) > 2:
        joined = [rank_of.get(a + b, limit) for a, b in itertools.pairwise(parts)]
        best = min(joined)
        if best >= limit:
            return None
        at = joined.index(best)
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return (parts[0], parts[1]) if len(parts) == 2 else None


def tokenizer() -> dict[str, Value]:
    """The tokenizer's metadata: tokens, types, merges, special ids."""
    vocabulary = open_vocabulary()
    pieces = (vocabulary.piece(token) for token in range(VOCABULARY_SIZE))
    texts = [piece for piece in pieces if isinstance(piece, bytes)]
    letters = alphabet()

    def spell(token: bytes) -> str:
        return "".join(letters[b] for b in token)

    tokens = [spell(t) for t in texts]
    tokens += [vocabulary.decode([i]) for i in range(len(texts), VOCABULARY_SIZE)]
    rank_of = {token: i for i, token in enumerate(texts)}
    splits = (last_split(t, rank_of) for t in texts if len(t) > 1)
    return {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "gpt-4o",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": [1] * len(texts) + [3] * (VOCABULARY_SIZE - len(texts)),
        "tokenizer.ggml.merges": [f"{spell(s[0])} {spell(s[1])}" for s in splits if s],
        "tokenizer.ggml.bos_token_id": 199998,
        "tokenizer.ggml.eos_token_id": 200002,
        "tokenizer.ggml.padding_token_id": 199999,
        "tokenizer.chat_template": CHAT_TEMPLATE,
    }


def hyperparameters(c: dict[str, Any]) -> dict[str, Value]:
    """The architecture's metadata from the network's configuration."""
    return {
        "general.architecture": "gpt-oss",
        "general.name": "chat-tui demo",
        "general.description": "A tiny gpt-oss trained from scratch as a demo for chat-tui.",
        "general.license": "apache-2.0",
        "general.file_type": 38,
        "general.quantization_version": 2,
        "gpt-oss.block_count": c["layers"],
        "gpt-oss.context_length": 131_072,
        "gpt-oss.embedding_length": c["width"],
        "gpt-oss.feed_forward_length": c["hidden"],
        "gpt-oss.expert_feed_forward_length": c["hidden"],
        "gpt-oss.expert_count": c["experts"],
        "gpt-oss.expert_used_count": c["top"],
        "gpt-oss.attention.head_count": c["heads"],
        "gpt-oss.attention.head_count_kv": c["kv_heads"],
        "gpt-oss.attention.key_length": c["head_dim"],
        "gpt-oss.attention.value_length": c["head_dim"],
        "gpt-oss.attention.sliding_window": c["window"],
        "gpt-oss.attention.layer_norm_rms_epsilon": c["eps"],
        "gpt-oss.rope.freq_base": c["theta"],
        "gpt-oss.rope.scaling.type": "yarn",
        "gpt-oss.rope.scaling.factor": c["yarn_factor"],
        "gpt-oss.rope.scaling.original_context_length": c["yarn_context"],
    }


def weights(
    net: dict[str, NDArray[np.float32]], c: dict[str, Any], used: list[int]
) -> list[Tensor]:
    """All tensors, under llama.cpp's names."""
    embed = np.repeat(net["embed"][:1], VOCABULARY_SIZE, axis=0)
    embed[used] = net["embed"][1:]
    embed[:, 0] = CONSTANT
    head = np.zeros_like(embed)
    head[:, 0] = -NEVER * np.sign(net["norm.weight"][0])
    head[used] = net["head"][1:]
    tensors = [
        q8_0("token_embd.weight", embed),
        f32("output_norm.weight", net["norm.weight"]),
        q8_0("output.weight", head),
    ]
    q, kv = c["heads"] * c["head_dim"], c["kv_heads"] * c["head_dim"]
    for i in range(c["layers"]):
        own = {k.removeprefix(f"layers.{i}."): v for k, v in net.items()}
        name = f"blk.{i}."
        tensors += [
            f32(f"{name}attn_norm.weight", own["attn_norm.weight"]),
            f32(f"{name}attn_sinks.weight", own["sinks"]),
            f32(f"{name}post_attention_norm.weight", own["ffn_norm.weight"]),
        ]
        parts = zip(("q", "k", "v"), np.split(own["qkv.weight"], (q, q + kv)), strict=True)
        biases = np.split(own["qkv.bias"], (q, q + kv))
        for (letter, part), bias in zip(parts, biases, strict=True):
            tensors += [f16(f"{name}attn_{letter}.weight", part)]
            tensors += [f32(f"{name}attn_{letter}.bias", bias)]
        out, out_bias = own["out.weight"].copy(), own["out.bias"].copy()
        out[0], out_bias[0] = 0, 0
        tensors += [f16(f"{name}attn_output.weight", out)]
        tensors += [f32(f"{name}attn_output.bias", out_bias)]
        tensors += [f32(f"{name}ffn_gate_inp.weight", own["experts.router.weight"])]
        tensors += [f32(f"{name}ffn_gate_inp.bias", own["experts.router.bias"])]
        for kind in ("gate", "up", "down"):
            matrix, bias = own[f"experts.{kind}"].copy(), own[f"experts.{kind}_bias"].copy()
            if kind == "down":
                matrix[:, 0], bias[:, 0] = 0, 0
            data = pack(matrix).tobytes()
            tensors += [Tensor(f"{name}ffn_{kind}_exps.weight", matrix.shape, MXFP4, data)]
            tensors += [f32(f"{name}ffn_{kind}_exps.bias", bias)]
    return tensors


def main() -> None:
    """Command line: checkpoint, target; the vocabulary list lies beside the checkpoint."""
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    saved = torch.load(source, map_location="cpu")
    used = json.loads((source.parent / "vocabulary.json").read_text())
    net = {k: v.float().numpy() for k, v in saved["net"].items()}
    c = saved["config"]
    write(target, hyperparameters(c) | tokenizer(), weights(net, c, used))
    print(f"{target}: {target.stat().st_size:,} bytes, step {saved['step']}")


if __name__ == "__main__":
    main()
