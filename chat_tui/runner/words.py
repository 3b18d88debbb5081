"""llama.cpp's own vocabulary, which only grammars need.

Knows how to load a model file's vocabulary without its weights. It takes half a second and tens of
megabytes, so it is loaded aside when a prompt comes that may want a grammar, and kept.
"""

from __future__ import annotations

import os
import threading
from typing import Any

from chat_tui.errors import EngineError
from chat_tui.language import _
from chat_tui.runner.flag import Flag

WAIT = 0.02
"""Seconds between looks at the stop flag while the vocabulary is on its way."""


class Words:
    """The vocabulary of the file at ``path``; ``begin`` and ``get`` belong to one thread."""

    def __init__(self, lib: Any, path: str) -> None:
        self._lib = lib
        self._path = path
        self._model: Any = None
        self._loading: threading.Thread | None = None

    def begin(self) -> None:
        """Load it in a thread of its own, where that has not been done."""
        if self._loading is None:
            self._loading = threading.Thread(target=self._load, name="words", daemon=True)
            self._loading.start()

    def get(self, stop: Flag) -> Any:
        """The vocabulary's pointer; None where ``stop`` is set before it is there.

        Raises EngineError where it cannot be loaded.
        """
        self.begin()
        while self._loading is not None and self._loading.is_alive():
            if stop.is_set():
                return None
            self._loading.join(WAIT)
        if not self._model:
            raise EngineError(
                _("The model's vocabulary could not be loaded a second time."),
                _("The log says why."),
            )
        return self._lib.llama_model_get_vocab(self._model)

    def close(self) -> None:
        """Free it; safe to call twice."""
        if self._loading is not None:
            self._loading.join()
        if self._model:
            self._lib.llama_model_free(self._model)
        self._model = self._loading = None

    def _load(self) -> None:
        params = self._lib.llama_model_default_params()
        params.vocab_only = True
        self._model = self._lib.llama_model_load_from_file(os.fsencode(self._path), params)
