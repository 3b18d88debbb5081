"""Whether a GGUF is a gpt-oss model that llama.cpp can be trusted with.

Knows the architecture's hyperparameters and tensors; must not load a weight. llama.cpp answers a
contradictory header with an assertion that ends its process, so whatever it would assert or read
out of bounds is refused here first, with a sentence. The list of tensors and the rules follow
llama.cpp's ``src/models/openai-moe.cpp`` and ``llama_model_base::load_hparams``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chat_tui.errors import ModelFileError, VocabularyError
from chat_tui.language import _, number
from chat_tui.models.bounded import DAMAGED, INT32, STRING, Array
from chat_tui.models.gguf import GGUF, Tensor, read_header, token_strings
from chat_tui.models.splits import check_first, other_parts

ARCHITECTURE = "gpt-oss"
VOCABULARY_SIZE = 201_088
MAX_LAYERS = 512
MAX_EXPERTS = 512
MAX_CONTEXT = 1 << 24

NOT_FOR_MATRICES = frozenset({"I8", "I16", "I32", "I64", "F64", "Q8_1", "Q8_K"})
"""Types that ggml has for its own use: no weight can be of them."""

_UNUSED = ("nextn_predict_layers", "expert_group_count", "pooling_type", "embedding_length_out")
_ROPE_SCALINGS = frozenset({"none", "linear", "yarn", "longrope"})


@dataclass(frozen=True, slots=True)
class Shape:
    """The hyperparameters of a gpt-oss model."""

    layers: int
    width: int
    heads: int
    kv_heads: int
    head_dim: int
    experts: int
    experts_used: int
    expert_width: int
    window: int
    """Tokens that every other layer, beginning with the first, sees back."""
    context: int
    """The longest context that the model was trained for."""

    def kv_bytes(self, context: int, batch: int = 512) -> int:
        """Bytes of KV cache in f16 for ``context`` tokens.

        Sliding layers keep their window and the batch being read, padded to 256 as llama.cpp
        does; the others keep everything.
        """
        cell = 2 * 2 * self.kv_heads * self.head_dim
        sliding = (self.layers + 1) // 2
        kept = min(context, -(-(self.window + batch) // 256) * 256)
        return cell * ((self.layers - sliding) * context + sliding * kept)


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A model that was checked: one file, or the parts of a split one in order."""

    parts: tuple[GGUF, ...]
    shape: Shape
    name: str

    @property
    def header(self) -> GGUF:
        """The header of the first part, which carries all metadata."""
        return self.parts[0]

    @property
    def size(self) -> int:
        """Bytes of all parts."""
        return sum(part.size for part in self.parts)


def check_gpt_oss(path: Path, *, words: bool = True) -> ModelFile:
    """Check a model file as far as that is possible without reading its weights.

    Takes about 0.3 s for the 446,000 merges of a full vocabulary, a third of that without a look
    at each of the tokens (``words``). The vocabulary's content is
    checked by its hash elsewhere (``harmony.vocabulary``). Raises ModelFileError, with a hint.
    """
    header = read_header(path)
    _check_architecture(header)
    parts = (header, *other_parts(header))
    for part in parts:
        if part.missing_bytes:
            whole = part.size + part.missing_bytes
            raise ModelFileError(
                _("{name} is not whole: {size:,} of {whole:,} bytes are there.").format(
                    name=part.path.name, size=part.size, whole=whole
                ),
                _("The download was cut short; download the file again."),
            )
    shape = _read_shape(header)
    _check_vocabulary(header, words)
    _check_tensors(header, shape, [tensor for part in parts for tensor in part.tensors])
    name = header.metadata.get("general.name")
    return ModelFile(parts, shape, name if isinstance(name, str) and name else path.stem)


def _check_architecture(header: GGUF) -> None:
    if header.architecture == ARCHITECTURE:
        return
    check_first(header)
    if not header.architecture:
        raise ModelFileError(
            _("{name} does not say what model it holds.").format(name=header.path.name), _(DAMAGED)
        )
    raise ModelFileError(
        _("{name} holds a model of the architecture {architecture!r}.").format(
            name=header.path.name, architecture=header.architecture
        ),
        _("This program talks to gpt-oss models only, such as gpt-oss-20b."),
    )


def _read_shape(header: GGUF) -> Shape:
    name = header.path.name

    def whole(key: str, lowest: int, highest: int, default: int | None = None) -> int:
        value = header.metadata.get(f"{ARCHITECTURE}.{key}", default)
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            raise ModelFileError(
                _("{name}: {key} is {value}, which cannot be.").format(
                    name=name, key=key, value=_shown(value)
                ),
                _(DAMAGED),
            )
        return value

    def real(key: str, above: float, default: float) -> None:
        value = header.metadata.get(f"{ARCHITECTURE}.{key}", default)
        if not isinstance(value, int | float) or not math.isfinite(value) or value <= above:
            raise ModelFileError(
                _("{name}: {key} is {value}, which cannot be.").format(
                    name=name, key=key, value=_shown(value)
                ),
                _(DAMAGED),
            )

    for key, value in header.metadata.items():
        if key.startswith(f"{ARCHITECTURE}.") and isinstance(value, Array):
            raise ModelFileError(
                _("{name}: {key} is a list, which gpt-oss has none of.").format(name=name, key=key),
                _(DAMAGED),
            )
    for key in _UNUSED:
        whole(key, 0, 0, 0)
    width = whole("embedding_length", 1, 1 << 20)
    heads = whole("attention.head_count", 1, 1 << 16)
    head_dim = whole("attention.key_length", 2, 1 << 12, width // heads)
    shape = Shape(
        layers=whole("block_count", 1, MAX_LAYERS),
        width=width,
        heads=heads,
        kv_heads=whole("attention.head_count_kv", 1, heads, heads),
        head_dim=head_dim,
        experts=whole("expert_count", 1, MAX_EXPERTS),
        experts_used=whole("expert_used_count", 1, MAX_EXPERTS),
        expert_width=whole("expert_feed_forward_length", 1, 1 << 20),
        window=whole("attention.sliding_window", 1, MAX_CONTEXT),
        context=whole("context_length", 1, MAX_CONTEXT),
    )
    whole("attention.value_length", head_dim, head_dim, head_dim)
    whole("rope.dimension_count", head_dim, head_dim, head_dim)
    whole("rope.scaling.original_context_length", 1, MAX_CONTEXT, shape.context)
    real("attention.layer_norm_rms_epsilon", 0.0, -1.0)
    real("rope.freq_base", 0.0, 10_000.0)
    real("rope.scaling.factor", 0.0, 1.0)
    scaling = header.metadata.get(f"{ARCHITECTURE}.rope.scaling.type", "none")
    if scaling not in _ROPE_SCALINGS:
        raise ModelFileError(
            _("{name}: the rope scaling {scaling} is unknown.").format(
                name=name, scaling=_shown(scaling)
            ),
            _(DAMAGED),
        )
    if head_dim % 2 or heads % shape.kv_heads or shape.experts_used > shape.experts:
        raise ModelFileError(
            _("{name}: its hyperparameters contradict each other.").format(name=name), _(DAMAGED)
        )
    return shape


def _check_vocabulary(header: GGUF, words: bool) -> None:
    name = header.path.name

    def array(key: str, kind: int) -> Array | None:
        value = header.metadata.get(f"tokenizer.ggml.{key}")
        if value is None:
            return None
        if not isinstance(value, Array) or value.type != kind:
            raise VocabularyError(
                _("{name}: tokenizer.ggml.{key} is of a wrong kind.").format(name=name, key=key),
                _(DAMAGED),
            )
        return value

    tokens, types = array("tokens", STRING), array("token_type", INT32)
    if tokens is None or array("merges", STRING) is None:
        raise VocabularyError(
            _("{name} carries no vocabulary.").format(name=name), _("Use a complete gpt-oss GGUF.")
        )
    if tokens.count != VOCABULARY_SIZE:
        raise VocabularyError(
            _("{name} has a vocabulary of {count:,} tokens instead of {vocabulary_size:,}.").format(
                name=name, count=tokens.count, vocabulary_size=VOCABULARY_SIZE
            ),
            _("It is not the vocabulary that gpt-oss speaks; use another file."),
        )
    if types is not None and types.count != tokens.count:
        raise VocabularyError(
            _("{name}: the vocabulary and its types do not match.").format(name=name), _(DAMAGED)
        )
    if header.metadata.get("tokenizer.ggml.model") != "gpt2":
        raise VocabularyError(
            _("{name} has a tokenizer of another kind.").format(name=name), _(DAMAGED)
        )
    known = set(token_strings(header)) if words else set()
    if words and (len(known) != tokens.count or "" in known):
        raise VocabularyError(
            _("{name} has a token twice in its vocabulary.").format(name=name), _(DAMAGED)
        )


def _check_tensors(header: GGUF, shape: Shape, tensors: list[Tensor]) -> None:
    name = header.path.name
    found = {tensor.name: tensor for tensor in tensors}
    wanted = dict(wanted_tensors(shape))
    if len(found) != len(tensors):
        raise ModelFileError(_("{name} has two tensors of one name.").format(name=name), _(DAMAGED))
    for key, expected in wanted.items():
        tensor = found.get(key)
        if tensor is None:
            raise ModelFileError(
                _("{name} lacks the tensor {key!r}.").format(name=name, key=key), _(DAMAGED)
            )
        if tensor.shape != expected:
            raise ModelFileError(
                _(
                    "{name}: the tensor {key!r} is {shape} where its header promises {expected}."
                ).format(name=name, key=key, shape=_times(tensor.shape), expected=_times(expected)),
                _(DAMAGED),
            )
        if not key.endswith(".weight") or len(expected) == 1:
            if tensor.type != "F32":
                raise ModelFileError(
                    _("{name}: the tensor {key!r} is no F32.").format(name=name, key=key),
                    _(DAMAGED),
                )
        elif tensor.type in NOT_FOR_MATRICES:
            raise ModelFileError(
                _("{name}: the tensor {key!r} is {type}.").format(
                    name=name, key=key, type=tensor.type
                ),
                _(DAMAGED),
            )
    for key in found.keys() - wanted.keys():
        raise ModelFileError(
            _("{name} has a tensor that gpt-oss has not: {key}.").format(
                name=name, key=_shown(key)
            ),
            _("Use the model as it was published."),
        )


def wanted_tensors(shape: Shape) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Name and shape of every tensor of such a model."""
    width, ffn, experts = shape.width, shape.expert_width, shape.experts
    q, kv = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    yield "token_embd.weight", (width, VOCABULARY_SIZE)
    yield "output_norm.weight", (width,)
    yield "output.weight", (width, VOCABULARY_SIZE)
    layer: dict[str, tuple[int, ...]] = {
        "attn_norm.weight": (width,),
        "post_attention_norm.weight": (width,),
        "attn_q.weight": (width, q),
        "attn_q.bias": (q,),
        "attn_k.weight": (width, kv),
        "attn_k.bias": (kv,),
        "attn_v.weight": (width, kv),
        "attn_v.bias": (kv,),
        "attn_output.weight": (q, width),
        "attn_output.bias": (width,),
        "attn_sinks.weight": (shape.heads,),
        "ffn_gate_inp.weight": (width, experts),
        "ffn_gate_inp.bias": (experts,),
        "ffn_gate_exps.weight": (width, ffn, experts),
        "ffn_gate_exps.bias": (ffn, experts),
        "ffn_up_exps.weight": (width, ffn, experts),
        "ffn_up_exps.bias": (ffn, experts),
        "ffn_down_exps.weight": (ffn, width, experts),
        "ffn_down_exps.bias": (width, experts),
    }
    for index in range(shape.layers):
        for key, dimensions in layer.items():
            yield f"blk.{index}.{key}", dimensions


def _times(shape: tuple[int, ...]) -> str:
    return " × ".join(map(number, shape))


def _shown(value: object) -> str:
    return repr(value)[:80] if value is not None else _("missing")
