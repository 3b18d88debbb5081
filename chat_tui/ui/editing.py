"""A question that is taken back to the composer, and the draft that waits meanwhile.

Knows the composer; must not know the conversation or what becomes of the text.
"""

from __future__ import annotations

from collections.abc import Callable

from chat_tui.language import _
from chat_tui.ui.keys import key_name
from chat_tui.ui.widgets.composer import Composer


class Editing:
    """What is edited, if anything; ``composer`` gives the place where that is done."""

    def __init__(self, composer: Callable[[], Composer]) -> None:
        self._composer = composer
        self._draft = ""
        self.node: int | None = None
        """The node of the question; None while nothing is edited."""

    def begin(self, node: int, number: int, text: str) -> None:
        """Edit the question ``number``, which is ``text``; a draft is kept for later."""
        composer = self._composer()
        if self.node is None:
            self._draft = composer.whole_text
        self.node = node
        title = _("Editing question {number} · {key} gives up")
        composer.border_title = title.format(number=number, key=key_name("stop"))
        composer.put(text)
        composer.focus()

    def end(self) -> bool:
        """Edit no more; the draft is there again. False where nothing was edited."""
        if self.node is None:
            return False
        self.node = None
        composer = self._composer()
        composer.border_title = ""
        composer.put(self._draft)
        self._draft = ""
        return True
