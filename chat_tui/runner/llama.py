"""llama.cpp through the binding's low-level API: one model, one context, one sequence.

Knows pointers and return codes, and keeps ``tokens`` equal to what the KV cache holds, whatever
happens. Must not know harmony or the pipe. Only this module, ``sampling`` and ``about`` touch the
binding.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from chat_tui.errors import EngineError, LoadError
from chat_tui.language import _
from chat_tui.runner import machine, rpc
from chat_tui.runner.flag import Flag
from chat_tui.runner.params import experts_on_cpu, without_vocabulary
from chat_tui.runner.words import Words

BATCH = 256
"""Tokens evaluated in one call. Larger ones read a prompt little faster and report more rarely."""

State = Any
"""A block of bytes in the C library's layout; ``len`` tells how many."""

_WHOLE, _WINDOW = 0, 1  # llama_state_seq_flags: all layers, the sliding ones (SWA_ONLY)
_GPU, _IGPU = 1, 2  # enum ggml_backend_dev_type
_ABORTED = 2  # llama_decode's return value
_INFO, _ERROR, _CONTINUED = 2, 4, 5  # enum ggml_log_level
_REPACKED = "CPU_REPACK model buffer"
_FLASH = {None: -1, False: 0, True: 1}  # enum llama_flash_attn_type


class Aborted(Exception):
    """``decode`` was stopped by its flag; ``tokens`` holds what was evaluated until then."""


@dataclass(frozen=True, slots=True)
class Device:
    """A GPU that llama.cpp was built for and found here."""

    name: str
    free: int
    """Bytes."""
    shared: bool
    """Whether its memory is the machine's, as on a Mac."""


def bindings() -> ModuleType:
    """The binding's low-level module.

    Importing the package proper would bring its server's and its chat templates' modules along,
    0.4 s of this process's start; so the package is entered without running its ``__init__``.
    """
    os.environ.setdefault("GGML_NO_BACKTRACE", "1")
    if "llama_cpp" not in sys.modules:
        spec = importlib.util.find_spec("llama_cpp")
        if spec is None:
            raise LoadError(
                _("llama-cpp-python is not installed."),
                _("Install it beside chat-tui: see the README."),
            )
        sys.modules["llama_cpp"] = importlib.util.module_from_spec(spec)
    return importlib.import_module("llama_cpp.llama_cpp")


class Llama:
    """The loaded model; all methods belong to one thread."""

    def __init__(self, stop: Flag, log: Callable[[str], None]) -> None:
        """Start the backend; every line that llama.cpp logs goes to ``log``.

        Setting ``stop`` makes a running ``decode`` or ``load`` end soon.
        """
        self.lib: Any = bindings()
        self.tokens: list[int] = []
        self.context_size = 0
        self.repacked = False
        """Whether weights were copied into another layout for this CPU."""
        self.words: Words | None = None
        """llama.cpp's own vocabulary; None before ``load``."""
        self._model: Any = None
        self._ctx: Any = None
        self._memory: Any = None
        self._arrays: Any = None  # what llama.cpp's parameters point to
        self._stop = stop
        self._error = ""
        last_level = 0

        @self.lib.llama_log_callback  # type: ignore[untyped-decorator]
        def on_log(level: int, text: bytes, _: object) -> None:
            nonlocal last_level
            last_level = last_level if level == _CONTINUED else level
            if last_level >= _INFO:
                line = text.decode("utf-8", "replace")
                log(line)
                self.repacked = self.repacked or _REPACKED in line
                if level == _ERROR and not self._error:
                    self._error = line.strip()

        self._on_log = on_log  # llama.cpp keeps the pointer, so the callback must live on
        self.lib.llama_log_set(on_log, None)
        self.lib.llama_backend_init()

    def add_servers(self, endpoints: Sequence[str]) -> None:
        """Use the devices of these RPC servers like those here. Raises LoadError."""
        rpc.add_servers(importlib.import_module("llama_cpp._ggml").libggml, endpoints)

    def devices(self) -> list[Device]:
        """The GPUs that layers can go to; empty in a build without any."""
        if not self.lib.llama_supports_gpu_offload():
            return []
        ggml = importlib.import_module("llama_cpp._ggml").libggml
        ggml.ggml_backend_dev_count.restype = ctypes.c_size_t
        ggml.ggml_backend_dev_get.restype = ctypes.c_void_p
        ggml.ggml_backend_dev_description.restype = ctypes.c_char_p
        ggml.ggml_backend_dev_name.restype = ctypes.c_char_p
        found = []
        for index in range(ggml.ggml_backend_dev_count()):
            device = ctypes.c_void_p(ggml.ggml_backend_dev_get(ctypes.c_size_t(index)))
            kind = ggml.ggml_backend_dev_type(device)
            if kind not in (_GPU, _IGPU):
                continue
            free, total = ctypes.c_size_t(), ctypes.c_size_t()
            ggml.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
            name = ggml.ggml_backend_dev_description(device).decode("utf-8", "replace")
            away = (ggml.ggml_backend_dev_name(device) or b"").startswith(rpc.BACKEND.encode())
            shared = kind == _IGPU or (sys.platform == "darwin" and not away)
            found.append(Device(name, int(free.value), shared))
        # Beside a GPU with memory of its own llama.cpp leaves the one in the processor alone.
        return [device for device in found if not device.shared] or found

    def load(
        self,
        path: str,
        *,
        context: int,
        threads: int,
        gpu_layers: int,
        progress: Callable[[float], None],
        cpu_experts: Sequence[int] = (),
        flash: bool | None = None,
    ) -> None:
        """Load a checked file and make a context of ``context`` tokens.

        ``cpu_experts`` are layers whose experts stay in main memory; ``flash`` None takes flash
        attention where the device can do it. Raises LoadError with llama.cpp's own last error.
        ``progress`` hears 0.0 to 1.0.
        """

        @self.lib.llama_progress_callback  # type: ignore[untyped-decorator]
        def on_progress(fraction: float, _: object) -> bool:
            progress(fraction)
            return not self._stop.is_set()

        self._error = ""
        params = self.lib.llama_model_default_params()
        params.n_gpu_layers = gpu_layers
        params.progress_callback = on_progress
        self._arrays = experts_on_cpu(cpu_experts), without_vocabulary(self.lib)
        params.tensor_buft_overrides = ctypes.addressof(self._arrays[0])
        params.kv_overrides = self._arrays[1]
        self._model = self.lib.llama_model_load_from_file(os.fsencode(path), params)
        if not self._model:
            raise LoadError(
                _("llama.cpp could not load the model: {reason}").format(
                    reason=self._error or _("no reason given")
                ),
                _("The log file says more."),
            )
        params = self.lib.llama_context_default_params()
        params.n_ctx = context
        params.n_batch = params.n_ubatch = BATCH
        params.n_seq_max = 1
        params.n_outputs_max = 1
        params.n_threads = params.n_threads_batch = threads
        params.swa_full = False
        params.flash_attn_type = _FLASH[flash]
        params.no_perf = True
        params.abort_callback = self.lib.ggml_abort_callback(self._stop.reader)
        params.abort_callback_data = self._stop.address
        self._ctx = self.lib.llama_init_from_model(self._model, params)
        if not self._ctx:
            raise LoadError(
                _("llama.cpp could not make a context of {n:,} tokens: {reason}").format(
                    n=context, reason=self._error or _("no reason given")
                ),
                _("Try a smaller context."),
            )
        self.words = Words(self.lib, path)
        self._memory = self.lib.llama_get_memory(self._ctx)
        self.context_size = min(context, self.lib.llama_n_ctx(self._ctx))
        self.tokens = []

    @property
    def ctx(self) -> Any:
        """The context's pointer, for samplers."""
        return self._ctx

    @property
    def floor(self) -> int:
        """The lowest position that the sliding layers still hold; 0 for an empty cache."""
        return max(0, int(self.lib.llama_memory_seq_pos_min(self._memory, 0)))

    def keep(self, count: int) -> bool:
        """Forget all but the first ``count`` tokens; False where only forgetting all worked."""
        if count == len(self.tokens):
            return True
        if count and self.lib.llama_memory_seq_rm(self._memory, 0, count, -1):
            del self.tokens[count:]
            if self.lib.llama_memory_seq_pos_max(self._memory, 0) == count - 1:
                return True
        self.lib.llama_memory_clear(self._memory, False)
        self.tokens = []
        return count == 0

    def window(self) -> State | None:
        """A copy of what the sliding layers hold: a snapshot at the end of ``tokens``."""
        return self._copy(_WINDOW)

    def rewind(self, window: State, position: int) -> bool:
        """Go back to where a snapshot was taken; the tokens before must be the same as then.

        False where llama.cpp refuses: then nothing is left in the cache.
        """
        if position <= len(self.tokens) and self._paste(window, _WINDOW):
            # The sliding layers now end before the position, the others are cut to fit.
            self.lib.llama_memory_seq_rm(self._memory, 0, position, -1)
            del self.tokens[position:]
            if self.lib.llama_memory_seq_pos_max(self._memory, 0) == position - 1:
                return True
        return self.keep(0) and False

    def state(self) -> State | None:
        """A copy of all that the cache holds: some kilobytes a token."""
        return self._copy(_WHOLE)

    def replace(self, state: State, tokens: Sequence[int]) -> bool:
        """Hold these tokens and their state instead; False leaves the cache empty."""
        self.keep(0)
        if len(tokens) <= self.context_size and self._paste(state, _WHOLE):
            self.tokens = list(tokens)
            if self.lib.llama_memory_seq_pos_max(self._memory, 0) == len(tokens) - 1:
                return True
        self.tokens = []
        self.lib.llama_memory_clear(self._memory, False)
        return False

    @property
    def state_bytes(self) -> int:
        """The size that ``state`` would have."""
        return int(self.lib.llama_state_seq_get_size_ext(self._ctx, 0, _WHOLE))

    def _copy(self, flags: int) -> State | None:
        size = self.lib.llama_state_seq_get_size_ext(self._ctx, 0, flags)
        if not size:
            return None
        buffer = machine.block(size)
        written = self.lib.llama_state_seq_get_data_ext(self._ctx, buffer, size, 0, flags)
        return buffer if written == size else None

    def _paste(self, state: State, flags: int) -> bool:
        read = self.lib.llama_state_seq_set_data_ext(self._ctx, state, len(state), 0, flags)
        return bool(read == len(state))

    def decode(self, tokens: Sequence[int], *, logits: bool = True) -> None:
        """Evaluate 1 to BATCH tokens after those in the cache; logits come from the last one.

        Without ``logits``, when more of a prompt follows, the table of 201,088 rows is spared.
        Raises Aborted, or EngineError where llama.cpp fails. ``self.tokens`` is true afterwards
        in every case.
        """
        count = len(tokens)
        array = (self.lib.llama_token * count)(*tokens)
        batch = self.lib.llama_batch_get_one(array, count)
        if not logits:
            batch.logits = (ctypes.c_int8 * count)()
        code = self.lib.llama_decode(self._ctx, batch)
        self.tokens += tokens
        if code == 0:
            return
        # A part of the batch may have been evaluated; llama.cpp has removed the unfinished rest.
        del self.tokens[self.lib.llama_memory_seq_pos_max(self._memory, 0) + 1 :]
        if code == _ABORTED:
            raise Aborted
        raise EngineError(
            _("llama.cpp could not go on (code {code}): {reason}").format(
                code=code, reason=self._error or _("no reason given")
            ),
            _("The log file says more."),
        )

    def close(self) -> None:
        """Free context and model; safe to call twice. Logging goes back to standard error."""
        if self.words is not None:
            self.words.close()
        if self._ctx:
            self.lib.llama_free(self._ctx)
        if self._model:
            self.lib.llama_model_free(self._model)
        self._ctx = self._model = self._memory = None
        self.tokens = []
        # The callback ends with this object; a null one means standard error.
        self.lib.llama_log_set(self.lib.llama_log_callback(), None)
