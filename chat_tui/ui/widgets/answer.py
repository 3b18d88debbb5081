"""The text of a final answer: as the model writes it, and as it is shown.

Knows citations and JSON; must not know widgets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chat_tui.tools.citations import Reference
from chat_tui.ui.footnotes import Footnotes, unforged
from chat_tui.ui.json_text import Indenter

_FENCE = "`" * 12
"""Longer than any that a text of JSON is likely to hold."""


class Answer:
    """One answer, of JSON or of Markdown with footnotes that point at ``pages``."""

    def __init__(self, pages: Callable[[], Sequence[str]], *, is_json: bool = False) -> None:
        self.text = ""
        """As it came."""
        self._pages = pages
        self._is_json = is_json
        self._begin()

    @property
    def references(self) -> Sequence[Reference]:
        """What the footnotes from 1 on point at."""
        return self._footnotes.references

    def feed(self, text: str) -> str:
        """What is shown of more of it."""
        begin = "" if self.text else f"{_FENCE}json\n"
        self.text += text
        if self._is_json:
            return begin + unforged(self._indenter.feed(text))
        return self._footnotes.feed(text)

    def finish(self, text: str) -> str:
        """What is shown of all of it."""
        self.text = text
        if self._is_json:
            return f"{_FENCE}json\n{unforged(Indenter().feed(text))}\n{_FENCE}"
        return self._footnotes.whole(text)

    def begin_again(self) -> None:
        """It is written anew."""
        self.text = ""
        self._begin()

    def _begin(self) -> None:
        self._footnotes = Footnotes(self._pages)
        self._indenter = Indenter()
