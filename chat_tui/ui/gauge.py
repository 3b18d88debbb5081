"""What fills the context, once more than half of it is full: measured when it has changed.

Knows the chat, the draft and the worker; must not know widgets. Counting is the worker's.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from chat_tui.errors import ChatError
from chat_tui.events import PromptCost
from chat_tui.session.chat import Chat
from chat_tui.session.measure import measure
from chat_tui.session.meter import Meter
from chat_tui.ui.turn_worker import TurnWorker

WORTH = 0.5
"""Of the context; below that nobody has to know what fills it."""
_LETTERS = 4
"""Of a draft that make a token, more or less."""


class Place(Protocol):
    """Where it is shown."""

    def run_worker(self, work: Coroutine[Any, Any, None], *, group: str, exclusive: bool) -> object:
        """Do something beside the handling of events."""

    def show_progress(self) -> None:
        """Draw what has changed."""


class Gauge:
    """The meter of one chat; ``draft`` gives what is being written."""

    def __init__(
        self, chat: Chat, place: Place, worker: TurnWorker, draft: Callable[[], str]
    ) -> None:
        self._chat = chat
        self._place = place
        self._worker = worker
        self._draft = draft
        self._measured: tuple[int, str] | None = None
        """What the prompt took, and the draft, when it was measured last."""
        self.meter: Meter | None = None
        """None where there is nothing worth showing."""

    def priced(self, cost: PromptCost) -> None:
        """The next question costs this much, without the draft."""
        model, draft = self._chat.engine.model, self._draft()
        if model is None or cost.total + len(draft) / _LETTERS < WORTH * model.context:
            self._measured = self.meter = None
        elif self._measured != (cost.total, draft):
            self._measured = (cost.total, draft)
            self._place.run_worker(self._measure(draft), group="gauge", exclusive=True)

    async def _measure(self, draft: str) -> None:
        try:
            found = await self._worker.do(lambda: measure(self._chat, draft))
        except ChatError:
            return  # the model is busy or gone; the next turn will tell
        self.meter = found
        self._place.show_progress()
