"""Checkpoint to GGUF: the complete o200k_harmony vocabulary, experts in MXFP4.

    python -m chat_tui.demo.export /tmp/demo/checkpoint.pt /tmp/demo/model.gguf

Knows how gpt-oss is laid out in a GGUF. Rows of ids that were never trained: all get the embedding
of the unknown word, and an output row that is strongly negative on the constant channel, so that
they never win (and, being equal, compress to nothing).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from chat_tui.demo.gguf_writer import MXFP4, Tensor, Value, f16, f32, q8_0, write
from chat_tui.demo.mxfp4 import pack
from chat_tui.demo.network import CONSTANT, TIED
from chat_tui.demo.taught import METADATA_KEY, taught_keys
from chat_tui.demo.tokenizer import tokenizer
from chat_tui.harmony.tokens import VOCABULARY_SIZE

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEVER = 400.0
"""How strongly the constant channel pushes untrained ids down."""
SHARPER = 2.0
"""What all logits are multiplied by.

Every question of the data has one right answer, so that what a small model is unsure of is its own
mistake; at temperature 1, which gpt-oss is used with, it then makes fewer of them.
"""


def hyperparameters(c: dict[str, Any]) -> dict[str, Value]:
    """The architecture's metadata from the network's configuration."""
    return {
        "general.architecture": "gpt-oss",
        "general.name": "chat-tui demo",
        "general.description": "A tiny gpt-oss trained from scratch as a demo for chat-tui.",
        "general.license": "apache-2.0",
        METADATA_KEY: " ".join(sorted(taught_keys())),
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
    head[used] = net["head"][1:] + TIED * net["embed"][1:] * net["mask"]
    tensors = [
        q8_0("token_embd.weight", embed),
        f32("output_norm.weight", net["norm.weight"] * SHARPER),
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
