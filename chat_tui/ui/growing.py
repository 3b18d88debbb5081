"""Blocks that are still being written, in parts of which only the last one changes.

Knows code and text; must not know Markdown's rules or widgets. A block may grow to any length
before it ends: what it costs to show a little more of it must not grow with it.
"""

from __future__ import annotations

from dataclasses import replace

from textual.content import Content

from chat_tui.ui.footnotes import labelled
from chat_tui.ui.highlight import highlight
from chat_tui.ui.markdown import Block, Code, Prose, language_of

PART = 2_000
"""Characters after which a part ends with its line."""


class GrowingCode:
    """Code whose end has not come; a part keeps the colours it has in the whole."""

    def __init__(self, info: str, gap: str | None, *, goes_on: bool) -> None:
        """``info`` is what stands behind the marks of its first line."""
        self._language = language_of(info)
        label = "" if goes_on else self._language or "code"
        self._empty = Code(Content(""), label, gap=gap, goes_on=goes_on)
        self._parts: list[Code] = []
        self._done = 0

    def blocks(self, code: str) -> list[Block]:
        """What is shown of ``code``, which begins as it did before."""
        code = labelled(code).expandtabs(4)
        while (end := code.find("\n", self._done + PART)) >= 0:
            content = highlight(code[:end], self._language)[self._done : end]
            self._parts.append(self._part(content))
            self._done = end + 1
        rest = code[self._done :].rstrip("\n")
        if rest or not self._parts:
            return [*self._parts, self._part(highlight(rest, self._language))]
        return list(self._parts)

    def _part(self, content: Content) -> Code:
        if self._parts:
            return Code(content, "", source=content.plain, goes_on=True)
        return replace(self._empty, content=content, source=content.plain)


class GrowingText:
    """Text that is too long to be read again with every word: shown without marks."""

    def __init__(self, gap: str | None) -> None:
        self._gap = gap
        self._parts: list[Block] = []
        self._done = 0

    def blocks(self, text: str) -> list[Block]:
        """What is shown of ``text``, which begins as it did before."""
        while (end := text.find("\n", self._done + PART)) >= 0:
            self._parts.append(self._part(text[self._done : end]))
            self._done = end + 1
        return [*self._parts, self._part(text[self._done :])]

    def _part(self, text: str) -> Prose:
        content = Content(labelled(text).expandtabs(4))
        return Prose(content, gap=None if self._parts else self._gap)
