"""The arrays that llama.cpp's model parameters point to, which the binding leaves untyped.

Knows their layout in C. Whoever loads keeps what is made here alive as long as the model.
Layouts: ``llama_model_tensor_buft_override`` and ``llama_model_kv_override`` in llama.h.
"""

from __future__ import annotations

import ctypes
import importlib
from collections.abc import Sequence
from typing import Any

from chat_tui.models.gpt_oss import ARCHITECTURE, VOCABULARY_SIZE


class _BufferOverride(ctypes.Structure):
    _fields_ = (("pattern", ctypes.c_char_p), ("buffer_type", ctypes.c_void_p))


def experts_on_cpu(layers: Sequence[int]) -> Any:
    """An array for ``tensor_buft_overrides``: the experts of these layers stay in main memory."""
    entries = (_BufferOverride * (len(layers) + 1))()  # the last one, all zero, ends the list
    if layers:
        ggml = importlib.import_module("llama_cpp._ggml").libggml
        ggml.ggml_backend_cpu_buffer_type.restype = ctypes.c_void_p
        memory = ggml.ggml_backend_cpu_buffer_type()
        for entry, layer in zip(entries, layers, strict=False):
            entry.pattern = rf"blk\.{layer}\.ffn_(up|down|gate)_exps".encode()
            entry.buffer_type = memory
    return entries


def without_vocabulary(lib: Any) -> Any:
    """An array for ``kv_overrides``: llama.cpp keeps no vocabulary of its own.

    This program brings its own tokenizer; llama.cpp's second one would cost 0.3 s of loading and
    50 MB with a single merge, more with a real model's 446,000. Only the number of tokens is told.
    """
    entries = (lib.llama_model_kv_override * 3)()
    entries[0].tag = lib.LLAMA_KV_OVERRIDE_TYPE_STR
    entries[0].key = b"tokenizer.ggml.model"
    entries[0].value.val_str = b"no_vocab"
    entries[1].tag = lib.LLAMA_KV_OVERRIDE_TYPE_INT
    entries[1].key = f"{ARCHITECTURE}.vocab_size".encode()
    entries[1].value.val_i64 = VOCABULARY_SIZE
    return entries
