"""The end of a turn: which version of an answer it is, how it was made, and whether it can go on.

Knows how turns end; must not know events or the conversation.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.widget import Widget

from chat_tui.language import _
from chat_tui.ui.widgets.cards import Stamp
from chat_tui.ui.widgets.onward import Onward
from chat_tui.ui.widgets.siblings import Siblings


class Foot(Widget):
    """One line below an answer; the stamp comes when the turn is over."""

    DEFAULT_CSS = """
    Foot {
        width: 1fr; height: auto; layout: horizontal;
        & > Siblings { margin: 0 2 1 0; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.versions = Siblings()
        """Which of how many answers it is."""
        self._onward = Onward()
        self._stamp: Stamp | None = None

    @property
    def is_stamped(self) -> bool:
        """Whether the turn is over."""
        return self._stamp is not None

    def compose(self) -> ComposeResult:
        """Versions, and the way on."""
        yield self.versions
        yield self._onward

    async def stamp(self, facts: Sequence[str], mark: str = "") -> None:
        """Say how it was made, and in ``mark`` why it is not whole."""
        await self._unstamp()
        self._stamp = Stamp(list(facts), mark)
        if self.is_attached:  # the app may be closing while the last events come
            await self.mount(self._stamp, before=self._onward)

    async def begin_again(self) -> None:
        """What was said of the end does not hold any more."""
        await self._unstamp()
        self.offer("")

    def offer(self, words: str) -> None:
        """Say, or with no words no longer, how an answer that was cut off goes on."""
        self._onward.show(words, mark="" if self._stamp else _("cut off"))

    async def _unstamp(self) -> None:
        if self._stamp is not None:
            await self._stamp.remove()
            self._stamp = None
