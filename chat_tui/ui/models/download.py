"""One download that goes on while one chats.

Knows the seam that downloads and how far it is; must not know widgets.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from chat_tui.language import _
from chat_tui.supply import Model, Progress, Supply
from chat_tui.supply_words import briefly, how_far
from chat_tui.ui.models.aside import aside


class Download:
    """``model`` on its way; ``changed`` is called in the loop whenever there is something new."""

    def __init__(self, model: Model, changed: Callable[[], None]) -> None:
        self.model = model
        self._changed = changed
        self._progress: Progress | None = None
        self._told = True
        self._stop = threading.Event()

    @property
    def stopped(self) -> bool:
        """Whether somebody wanted its end."""
        return self._stop.is_set()

    @property
    def text(self) -> str:
        """How far it is, in full."""
        if self.stopped:
            return _("stopping")
        return how_far(self._progress).strip() if self._progress else _("beginning")

    @property
    def brief(self) -> str:
        """How far it is, for a line that has other things to say."""
        return briefly(self._progress) if self._progress else "↓ 0 %"

    def stop(self) -> None:
        """Have it end soon; what came is kept."""
        self._stop.set()

    async def run(self, supply: Supply) -> Path | None:
        """Until it is over: where the model lies, None where stopped. Raises ChatError."""
        loop = asyncio.get_running_loop()

        def tell() -> None:
            self._told = True
            self._changed()

        def hear(progress: Progress) -> None:
            self._progress = progress
            if self._told:  # one call at a time waits for the loop
                self._told = False
                with suppress(RuntimeError):  # the loop has gone
                    loop.call_soon_threadsafe(tell)

        return await aside(lambda: supply.pull(self.model, hear, self._stop.is_set))
