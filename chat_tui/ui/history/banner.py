"""The line that says that nothing is kept now; it is there only while that is so.

Knows the shelf's trouble; must not know the conversation.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from textual.content import Content
from textual.widgets import Static

from chat_tui.errors import StoreError
from chat_tui.language import _
from chat_tui.session.shelf import Shelf
from chat_tui.untrusted import clean_line


class Banner(Static):
    """Above everything else; ``unkept`` tells why there is no shelf."""

    DEFAULT_CSS = """
    Banner {
        height: auto; max-height: 3; padding: 0 1; background: $warning 20%; color: $text-warning;
        display: none;
    }
    """

    def __init__(self, shelf: Shelf | None, unkept: StoreError | None) -> None:
        super().__init__(markup=False)
        self._shelf = shelf
        self._unkept = unkept

    def on_mount(self) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()

        def told(trouble: StoreError | None) -> None:
            with suppress(RuntimeError):  # the screen has gone
                loop.call_soon_threadsafe(self.tell, trouble)

        if self._shelf is not None:
            self._shelf.watch(told)
        else:
            self.tell(self._unkept)

    def tell(self, trouble: StoreError | None) -> None:
        """Say it, or that all is well."""
        said = _("Not saved: {trouble}").format(trouble=trouble) if trouble else ""
        self.update(Content(clean_line(said)))
        self.display = trouble is not None
