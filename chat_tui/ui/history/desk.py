"""What is done with kept conversations: one is opened, renamed, pinned, deleted, brought back.

Knows the shelf and the pane; must not know keys or rows. Every method may raise a ChatError. What
waits for the disk runs in a thread; what touches the present conversation, in that of the chat.
"""

from __future__ import annotations

import asyncio

from chat_tui.errors import ChatError, UsageError
from chat_tui.language import _
from chat_tui.session.shelf import Listing, Shelf
from chat_tui.store.titles import TITLE_CHARACTERS
from chat_tui.store.values import Hit, Summary
from chat_tui.ui.history.deeds import Wanted
from chat_tui.ui.history.place import go_to
from chat_tui.ui.pane import ChatPane
from chat_tui.ui.widgets.find import FindBar
from chat_tui.untrusted import clean_line

FOUND = 200
"""Places that a search shows at most."""
LONGEST_TITLE = 4 * TITLE_CHARACTERS


class HistoryDesk:
    """Everything about the conversations that are kept beside the one in ``pane``."""

    def __init__(self, shelf: Shelf | None, pane: ChatPane) -> None:
        self._shelf = shelf
        self._pane = pane

    # -- commands and keys of the chat

    def show(self, words: str = "") -> None:
        """Show the list, of those with ``words`` in them."""
        self._kept()
        from chat_tui.ui.history.screen import HistoryScreen  # noqa: PLC0415 - when it is opened

        self._pane.app.push_screen(HistoryScreen(self, words), self._left)

    async def resume(self, words: str) -> None:
        """Open the conversation of that id, else the list."""
        found = await asyncio.to_thread(self._kept().find, words)
        if found is None:
            self.show(clean_line(words))
        else:
            self._left(Wanted(found))

    async def rename(self, title: str) -> None:
        """Give the present conversation another title."""
        title = _title(title)
        await asyncio.to_thread(self._kept().rename, title)
        self._pane.header.title = title
        self._pane.say(_("Renamed."))

    # -- what the list asks for

    async def listed(self, limit: int | None = None) -> Listing:
        """The list as it is now, its first ``limit`` lines."""
        shelf = self._kept()
        return await asyncio.to_thread(lambda: shelf.listed(limit) if limit else shelf.listed())

    async def search(self, words: str) -> tuple[Hit, ...]:
        """Where the words stand; one place more of each conversation than is shown."""
        from chat_tui.ui.history.screen import HistoryScreen  # noqa: PLC0415 - when it is opened

        return await asyncio.to_thread(self._kept().search, words, FOUND, HistoryScreen.EACH)

    async def retitle(self, one: Summary, title: str) -> None:
        """Give it another title."""
        shelf, title = self._kept(), _title(title)
        await asyncio.to_thread(shelf.rename, title, one.id)
        if one.id == shelf.present:
            self._pane.header.title = title

    async def pin(self, one: Summary) -> None:
        """Keep it at the top, or no longer."""
        await asyncio.to_thread(self._kept().pin, one.id, not one.pinned)

    async def delete(self, one: Summary) -> None:
        """Take it out of the list; the present one is left for a fresh one."""
        shelf = self._kept()
        if one.id != shelf.present:
            await asyncio.to_thread(shelf.delete, one)
            return

        def work() -> str:
            shelf.delete(one)
            return ""

        await self._pane.turn_to(work)

    async def restore(self) -> Summary | None:
        """Bring back what was deleted last."""
        return await asyncio.to_thread(self._kept().restore)

    # -- inside

    def _left(self, wanted: Wanted | None) -> None:
        if wanted is None:
            return
        is_here = not wanted.copy and wanted.conversation == self._kept().present
        if not is_here or wanted.node is not None:
            self._pane.run_worker(self._open(wanted, is_here=is_here), group="open")

    async def _open(self, wanted: Wanted, *, is_here: bool) -> None:
        shelf, node = self._kept(), wanted.node

        def work() -> str:
            nonlocal node
            title, node = shelf.open_at(wanted.conversation, wanted.node, copy=wanted.copy)
            return title

        try:
            if not (is_here and node in shelf.chat.conversation.path()):
                await self._pane.turn_to(work)
            if wanted.node is not None:
                await self._show(node, wanted.words)
        except ChatError as error:
            self._pane.say(str(error))

    async def _show(self, node: int | None, words: str) -> None:
        """Go to the place that was chosen."""
        bar = self._pane.query_one(FindBar)
        said = _("It is not in this conversation any more.")
        if node is not None:
            said = await go_to(self._kept().chat, self._pane.transcript, bar, node, words)
        if said:
            self._pane.say(said)

    def _kept(self) -> Shelf:
        if self._shelf is None:
            raise UsageError(
                _("Nothing is kept here."), _("A start without --private keeps what is said.")
            )
        return self._shelf


def _title(title: str) -> str:
    cleaned = clean_line(title)[:LONGEST_TITLE]
    if not cleaned:
        raise UsageError(_("Which title?"), _("Write it behind the command."))
    return cleaned
