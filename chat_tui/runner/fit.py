"""Whether a model and its context fit the memory: pure arithmetic before anything is loaded.

Knows the header's figures and a number of bytes; must not know llama.cpp or this machine. Loading
first and failing later would end in the kernel killing the process, with nothing to read.
"""

from __future__ import annotations

from chat_tui.errors import LoadError
from chat_tui.models.gpt_oss import ModelFile

RESERVE = 300 << 20
"""Compute buffers, the vocabulary, Python and the interpreter's own: about 250 MB for 20b."""
SMALLEST_CONTEXT = 4096
"""Below this a chat is no fun; a smaller context has to be asked for."""
STEP = 256
"""llama.cpp rounds contexts up to this."""


def choose_context(model: ModelFile, wanted: int | None, memory: int | None) -> int:
    """The context to load with, in tokens.

    ``wanted`` None takes the largest that fits into ``memory`` bytes (None: unknown, all fits),
    at most what the model was trained for. Raises LoadError where that is not possible, saying
    how much is missing and what would fit.
    """
    trained = model.shape.context
    if wanted is not None and not 0 < wanted <= trained:
        raise LoadError(
            f"A context of {wanted:,} tokens was asked for; {model.name} was trained for at most"
            f" {trained:,}.",
            f"Choose a context from 1 to {trained:,}.",
        )
    if memory is None:
        return wanted or trained
    room = memory - model.size - RESERVE
    largest = _largest(model, room)
    if wanted is not None and wanted <= largest:
        return wanted
    if wanted is None and largest >= min(trained, SMALLEST_CONTEXT):
        return largest
    context = wanted or min(trained, SMALLEST_CONTEXT)
    needed = model.size + model.shape.kv_bytes(context) + RESERVE
    raise LoadError(
        f"{model.name} with a context of {context:,} tokens needs {_gigabytes(needed)} of memory;"
        f" {_gigabytes(memory)} are free.",
        f"A context of {largest:,} tokens would fit."
        if largest >= STEP
        else "Close other programs or use a smaller model.",
    )


def _largest(model: ModelFile, room: int) -> int:
    """The largest context whose KV cache fits into ``room`` bytes; 0 where none does."""
    trained = model.shape.context
    if model.shape.kv_bytes(trained) <= room:
        return trained
    low, high = 0, trained // STEP
    while low < high:
        middle = (low + high + 1) // 2
        if model.shape.kv_bytes(middle * STEP) <= room:
            low = middle
        else:
            high = middle - 1
    return low * STEP


def gpu_layers(model: ModelFile, context: int, free: int | None, wanted: int | None) -> int:
    """How many layers go to a GPU with ``free`` bytes: all, or as many as fit.

    The output table counts as one layer, as llama.cpp counts it. ``wanted`` decides where given.
    """
    layers = model.shape.layers + 1
    if wanted is not None:
        return max(0, min(wanted, layers))
    if free is None:
        return layers
    each = (model.size + model.shape.kv_bytes(context)) / layers
    return max(0, min(layers, int((free - RESERVE) / each)))


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB"
