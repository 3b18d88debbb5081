"""Which rows the list shows: questions are asked as one types, and only the newest counts.

Knows rows and what can be asked of the conversations; must not know widgets. Nothing here waits
for the disk: rows come when they come.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Protocol

from chat_tui.errors import ChatError
from chat_tui.session.shelf import Listing
from chat_tui.ui.history.deeds import Deeds
from chat_tui.ui.history.rows import Row, found, grouped

FIRST = 100
"""Conversations that are shown before the rest is read."""
PAUSE_SECONDS = 0.04
"""Letters that come faster than this are one search."""


class Shows(Protocol):
    """The screen that is served."""

    def show(self, rows: list[Row], keep: str | None) -> None:
        """These are the rows; the conversation ``keep`` is to be chosen."""

    def say(self, text: str) -> None:
        """Say what went wrong."""

    def begin(self, work: Coroutine[None, None, None]) -> None:
        """Do this beside the keys."""


class Looking:
    """The newest question, ``words`` at first, and its answer."""

    def __init__(
        self, shows: Shows, deeds: Deeds, words: str, clock: Callable[[], datetime]
    ) -> None:
        self.words = words
        """What is looked for."""
        self.listing: Listing | None = None
        """The list as it was read last; None while it is read anew."""
        self._shows = shows
        self._deeds = deeds
        self._clock = clock
        self._wanted = self._shown = 0
        """The number of the newest question, and of the one whose answer is shown."""
        self._keep: str | None = None
        """The conversation that is to be chosen next."""

    @property
    def is_search(self) -> bool:
        """Whether anything is looked for."""
        return bool(self.words.strip())

    @property
    def is_behind(self) -> bool:
        """Whether the rows are not yet those of the newest question."""
        return self._shown != self._wanted

    async def begin(self) -> None:
        """What one sees first, first."""
        whole = False
        try:
            listing = await self._deeds.listed(FIRST)
            whole = listing.whole
            self.listing = listing
            if not self.words:
                self._shows.show(grouped(listing, self._clock()), None)
        except ChatError as error:
            self._shows.say(str(error))
        if self.words or not whole:
            self.look(again=True)

    def look(self, *, again: bool = False, keep: str | None = None) -> None:
        """Answer the newest question soon; ``again`` reads the list anew."""
        if again:
            self.listing = None
        self._keep = keep or self._keep
        idle = not self.is_behind
        self._wanted += 1
        if idle:
            self._shows.begin(self._catch_up())

    async def _catch_up(self) -> None:
        while self.is_behind:
            number, words = self._wanted, self.words
            if words:
                await asyncio.sleep(PAUSE_SECONDS)
                if number != self._wanted:
                    continue
            rows: list[Row] = []
            try:
                listing = self.listing or await self._deeds.listed()
                if number == self._wanted:
                    self.listing = listing
                rows = await self._rows(words, listing)
            except ChatError as error:
                self._shows.say(str(error))
            if number == self._wanted:
                self._shown = number
                keep, self._keep = self._keep, None
                self._shows.show(rows, keep)

    async def _rows(self, words: str, listing: Listing) -> list[Row]:
        if words.strip():
            return found(await self._deeds.search(words), listing, self._clock())
        return await asyncio.to_thread(grouped, listing, self._clock())  # a long list takes a while
