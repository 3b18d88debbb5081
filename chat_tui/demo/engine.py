"""The engine of the embedded model: unpacked when it is loaded, not before.

Knows where the model comes from; all else is the engine's.
"""

from __future__ import annotations

from collections.abc import Iterator

from chat_tui.demo.embedded import embedded_model
from chat_tui.engine.client import ChildEngine
from chat_tui.events import Loaded, LoadProgress


class EmbeddedEngine(ChildEngine):
    """A ``ChildEngine`` whose file is ``embedded_path`` of its cache."""

    def load(self) -> Iterator[LoadProgress | Loaded]:
        """See ``Engine.load``. Raises ModelFileError where the model cannot be unpacked."""
        if self.model is None:
            embedded_model(self._cache)
        yield from super().load()
