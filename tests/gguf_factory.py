"""Writes gpt-oss models of any small shape: random weights, the real vocabulary.

``write_model`` makes a file that llama.cpp loads and runs like the model people use: MXFP4
experts, sinks, a sliding window on every other layer, YaRN. Random weights say nothing that makes
sense; ``chain`` makes a model whose next token depends on the last one only, so that a test can
say exactly what will be written. ``write_gguf`` writes any header at all, also broken ones.

``python -m tests.gguf_factory PATH --layers 8 --width 1024`` writes one for measuring: 660 MB, of
gpt-oss's proportions (heads of 64, 8 for keys and values, experts as wide as the model).
"""

from __future__ import annotations

import argparse
import base64
import functools
import hashlib
import itertools
import lzma
import math
import os
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

RANKS = Path(__file__).parent / "data" / "o200k_base.tiktoken.xz"
VOCABULARY_SIZE = 201_088
NAMED = {
    199998: "<|startoftext|>",
    199999: "<|endoftext|>",
    200002: "<|return|>",
    200003: "<|constrain|>",
    200005: "<|channel|>",
    200006: "<|start|>",
    200007: "<|end|>",
    200008: "<|message|>",
    200012: "<|call|>",
    200018: "<|endofprompt|>",
}
TINY = {"layers": 1, "width": 32, "heads": 1, "kv_heads": 1, "experts": 2, "expert_width": 32}
"""The smallest shape that llama.cpp runs: 14 MB, nearly all of it tables for the vocabulary."""
TYPES = {"F32": (0, 1, 4), "F16": (1, 1, 2), "Q8_0": (8, 32, 34), "MXFP4": (39, 32, 17)}

_SAMPLES = {
    "u16": (2, "<H"),
    "u32": (4, "<I"),
    "i32": (5, "<i"),
    "f32": (6, "<f"),
    "bool": (7, "<?"),
    "u64": (10, "<Q"),
}


class Raw(bytes):
    """An already encoded metadata value: its kind, then its content."""


def value(kind: str, content: float) -> Raw:
    """A number as a metadata value of the given kind."""
    number, layout = _SAMPLES[kind]
    return Raw(struct.pack("<I", number) + struct.pack(layout, content))


def text(content: str | bytes) -> bytes:
    """A string with its length in front."""
    raw = content.encode() if isinstance(content, str) else content
    return struct.pack("<Q", len(raw)) + raw


def string_list(items: Iterable[str]) -> Raw:
    """A list of strings as a metadata value."""
    encoded = [text(item) for item in items]
    return Raw(struct.pack("<IIQ", 9, 8, len(encoded)) + b"".join(encoded))


def int_list(items: np.ndarray) -> Raw:
    """A list of 32 bit integers as a metadata value."""
    return Raw(struct.pack("<IIQ", 9, 5, len(items)) + items.astype("<i4").tobytes())


def encoded(content: Raw | str | bool | float) -> bytes:
    """Any metadata value."""
    if isinstance(content, Raw):
        return content
    if isinstance(content, str):
        return struct.pack("<I", 8) + text(content)
    if isinstance(content, bool):
        return value("bool", content)
    return value("u32" if isinstance(content, int) else "f32", content)


Tensors = Mapping[str, tuple[tuple[int, ...], str, bytes]]


def write_gguf(
    path: Path, metadata: Mapping[str, Any], tensors: Tensors, alignment: int = 32
) -> Path:
    """Write a GGUF; ``tensors`` maps a name to shape (fastest first), type and content."""
    head = [b"GGUF", struct.pack("<IQQ", 3, len(tensors), len(metadata))]
    for key, content in metadata.items():
        head += (text(key), encoded(content))
    at = 0
    for name, (shape, kind, content) in tensors.items():
        head.append(text(name) + struct.pack("<I", len(shape)))
        head.append(struct.pack(f"<{len(shape)}QIQ", *shape, TYPES[kind][0], at))
        at += -(-len(content) // alignment) * alignment
    with path.open("wb") as file:
        file.write(b"".join(head))
        file.write(bytes(-file.tell() % alignment))
        for _, _, content in tensors.values():
            file.write(content)
            file.write(bytes(-len(content) % alignment))
    return path


@functools.cache
def byte_alphabet() -> tuple[str, ...]:
    """GPT-2's printable character for each of the 256 bytes."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = itertools.count(256)
    return tuple(chr(byte) if byte in printable else chr(next(others)) for byte in range(256))


@functools.cache
def vocabulary() -> tuple[str, ...]:
    """The 201,088 tokens as a GGUF spells them."""
    table = dict(enumerate(byte_alphabet()))
    words = []
    for line in lzma.decompress(RANKS.read_bytes()).splitlines():
        token, _ = line.split()
        words.append(base64.b64decode(token).decode("latin-1").translate(table))
    words += [NAMED.get(at, f"<|reserved_{at}|>") for at in range(len(words), VOCABULARY_SIZE)]
    return tuple(words)


@functools.cache
def vocabulary_metadata() -> Mapping[str, Any]:
    """The tokenizer's part of the metadata.

    One merge stands for all: this program never uses llama.cpp's tokenizer, and computing the
    merges takes seconds.
    """
    types = np.ones(VOCABULARY_SIZE, np.int32)
    types[199998:] = 3
    return {
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "gpt-4o",
        "tokenizer.ggml.tokens": string_list(vocabulary()),
        "tokenizer.ggml.token_type": int_list(types),
        "tokenizer.ggml.merges": string_list(["Ġ t"]),
        "tokenizer.ggml.bos_token_id": 199998,
        "tokenizer.ggml.eos_token_id": 200002,
        "tokenizer.ggml.padding_token_id": 199999,
    }


def write_model(
    path: Path,
    *,
    layers: int = 2,
    width: int = 64,
    heads: int = 4,
    kv_heads: int = 2,
    head_dim: int = 32,
    experts: int = 4,
    experts_used: int = 2,
    expert_width: int = 64,
    context: int = 131_072,
    window: int = 128,
    matrices: str = "Q8_0",
    seed: int = 0,
    logits: float = 3.0,
    chain: Mapping[int, int] | None = None,
    metadata: Mapping[str, Any] | None = None,
    drop: Callable[[str], bool] = lambda _name: False,
    replace: Mapping[str, Any] | None = None,
) -> Path:
    """Write a gpt-oss model with random weights.

    ``logits`` is the standard deviation of the logits. ``chain`` maps a token to the one that
    follows it; tokens that are not in it are followed by ``chain[-1]``. ``metadata`` replaces or
    adds keys (None removes one), ``drop`` says which tensors to leave out, ``replace`` puts
    others in: for broken files.
    """
    header: dict[str, Any] = {
        "general.architecture": "gpt-oss",
        "general.name": f"random {layers}x{width}",
        "gpt-oss.block_count": layers,
        "gpt-oss.context_length": context,
        "gpt-oss.embedding_length": width,
        "gpt-oss.feed_forward_length": expert_width,
        "gpt-oss.expert_feed_forward_length": expert_width,
        "gpt-oss.attention.head_count": heads,
        "gpt-oss.attention.head_count_kv": kv_heads,
        "gpt-oss.attention.key_length": head_dim,
        "gpt-oss.attention.value_length": head_dim,
        "gpt-oss.attention.sliding_window": window,
        "gpt-oss.attention.layer_norm_rms_epsilon": 1e-5,
        "gpt-oss.expert_count": experts,
        "gpt-oss.expert_used_count": experts_used,
        "gpt-oss.rope.freq_base": 150_000.0,
        "gpt-oss.rope.scaling.type": "yarn",
        "gpt-oss.rope.scaling.factor": 32.0,
        "gpt-oss.rope.scaling.original_context_length": 4096,
        **vocabulary_metadata(),
    }
    header.update(metadata or {})
    weights = _Weights(np.random.default_rng(seed), matrices, quiet=chain is not None)
    q, kv = heads * head_dim, kv_heads * head_dim
    tensors = {
        "token_embd.weight": weights.matrix(1.0, width, VOCABULARY_SIZE),
        "output_norm.weight": weights.ones(width),
        "output.weight": weights.matrix(logits / math.sqrt(width), width, VOCABULARY_SIZE),
    }
    if chain is not None:
        tensors["token_embd.weight"], tensors["output.weight"] = _chained(chain, width)
    for at in range(layers):
        block = {
            "attn_norm.weight": weights.ones(width),
            "post_attention_norm.weight": weights.ones(width),
            "attn_q.weight": weights.matrix(width**-0.5, width, q),
            "attn_q.bias": weights.bias(q),
            "attn_k.weight": weights.matrix(width**-0.5, width, kv),
            "attn_k.bias": weights.bias(kv),
            "attn_v.weight": weights.matrix(width**-0.5, width, kv),
            "attn_v.bias": weights.bias(kv),
            "attn_output.weight": weights.last(q**-0.5, q, width),
            "attn_output.bias": weights.bias(width),
            "attn_sinks.weight": weights.bias(heads),
            "ffn_gate_inp.weight": weights.matrix(width**-0.5, width, experts, kind="F32"),
            "ffn_gate_inp.bias": weights.bias(experts),
            "ffn_gate_exps.weight": weights.mxfp4(width**-0.5, width, expert_width, experts),
            "ffn_gate_exps.bias": weights.bias(expert_width, experts),
            "ffn_up_exps.weight": weights.mxfp4(width**-0.5, width, expert_width, experts),
            "ffn_up_exps.bias": weights.bias(expert_width, experts),
            "ffn_down_exps.weight": weights.mxfp4(
                0 if chain is not None else expert_width**-0.5, expert_width, width, experts
            ),
            "ffn_down_exps.bias": weights.bias(width, experts),
        }
        tensors |= {f"blk.{at}.{name}": tensor for name, tensor in block.items()}
    tensors = {name: tensor for name, tensor in tensors.items() if not drop(name)}
    tensors |= replace or {}
    return write_gguf(path, {k: v for k, v in header.items() if v is not None}, tensors)


def write_split_model(folder: Path, **shape: Any) -> list[Path]:
    """The same in two files: the tables in one, the layers in the other."""
    parts = []
    for number in range(2):
        path = folder / f"m-0000{number + 1}-of-00002.gguf"
        in_layers = number == 1
        parts.append(
            write_model(
                path,
                **{"layers": 1, **shape},
                metadata={
                    "split.no": value("u16", number),
                    "split.count": value("u16", 2),
                    "split.tensors.count": value("i32", 3 + 19),
                },
                drop=lambda name, wanted=in_layers: name.startswith("blk.") != wanted,
            )
        )
    return parts


class _Weights:
    """Random tensors in their stored form; ``quiet`` ones add nothing to the residual stream."""

    def __init__(self, random: np.random.Generator, kind: str, *, quiet: bool) -> None:
        self.random = random
        self.kind = kind
        self.quiet = quiet

    def matrix(self, deviation: float, *shape: int, kind: str = "") -> Any:
        kind, count = kind or self.kind, math.prod(shape)
        if kind == "Q8_0":
            # Uniform bytes have a standard deviation of 73.9; the scale makes it the one wanted.
            blocks = np.empty((count // 32, 34), np.uint8)
            blocks[:, :2] = np.full(1, deviation / 73.9, "<f2").view(np.uint8)
            blocks[:, 2:] = np.frombuffer(self.random.bytes(count), np.uint8).reshape(-1, 32)
            return shape, kind, blocks.tobytes()
        content = self.random.standard_normal(count, np.float32) * np.float32(deviation)
        return shape, kind, content.astype({"F32": "<f4", "F16": "<f2"}[kind]).tobytes()

    def last(self, deviation: float, *shape: int) -> Any:
        return self.matrix(0.0 if self.quiet else deviation, *shape)

    def mxfp4(self, deviation: float, *shape: int) -> Any:
        """One exponent byte, then 16 bytes of nibbles; uniform nibbles deviate by 2.93."""
        count = math.prod(shape) // 32
        blocks = np.zeros((count, 17), np.uint8)
        if deviation:
            blocks[:, 0] = 127 + round(math.log2(deviation / 2.93))
            blocks[:, 1:] = np.frombuffer(self.random.bytes(count * 16), np.uint8).reshape(-1, 16)
        return shape, "MXFP4", blocks.tobytes()

    def ones(self, *shape: int) -> Any:
        return shape, "F32", np.ones(math.prod(shape), "<f4").tobytes()

    def bias(self, *shape: int) -> Any:
        if self.quiet:
            return shape, "F32", bytes(4 * math.prod(shape))
        return self.matrix(0.02, *shape, kind="F32")


def _chained(chain: Mapping[int, int], width: int) -> Iterator[Any]:
    """Embedding and output tables: a dimension a token, its successor's row answers to it."""
    places = {token: at + 1 for at, token in enumerate(t for t in chain if t >= 0)}
    if len(places) >= width:
        raise ValueError("the chain has more tokens than the model has dimensions")
    embedding = np.zeros((VOCABULARY_SIZE, width), "<f2")
    output = np.zeros((VOCABULARY_SIZE, width), "<f2")
    embedding[:, 0] = 1
    for token, place in places.items():
        embedding[token] = 0
        embedding[token, place] = 1
        output[chain[token], place] = 10
    if -1 in chain:
        output[chain[-1], 0] = 10
    for table in (embedding, output):
        yield (width, VOCABULARY_SIZE), "F16", table.tobytes()


def shared_model(folder: Path, **shape: Any) -> Path:
    """A model of this shape in ``folder``, written once for all the workers that ask for it."""
    key = hashlib.sha256(repr(sorted(shape.items())).encode()).hexdigest()[:12]
    path = folder / f"model-{key}.gguf"
    if not path.exists():
        aside = folder / f"model-{key}.{os.getpid()}"
        write_model(aside, **shape)
        aside.replace(path)
    return path


def models_folder(tmp_path_factory: Any, worker_id: str) -> Path:
    """A session fixture: the folder of ``shared_model``, one for all workers of a run."""
    base = tmp_path_factory.getbasetemp()
    folder: Path = (base if worker_id == "master" else base.parent) / "models"
    folder.mkdir(exist_ok=True)
    return folder


def main() -> None:
    """Write a model of gpt-oss's proportions."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--width", type=int, default=1024)
    parser.add_argument("--experts", type=int, default=16)
    options = parser.parse_args()
    heads = max(1, options.width // 64)
    path = write_model(
        options.path,
        layers=options.layers,
        width=options.width,
        heads=heads,
        kv_heads=min(8, heads),
        head_dim=64,
        experts=options.experts,
        experts_used=min(4, options.experts),
        expert_width=options.width,
    )
    print(f"{path}: {path.stat().st_size / 1e6:,.0f} MB")


if __name__ == "__main__":
    main()
