"""What was sent before, to walk through.

Knows texts; must not know where they are kept or shown.
"""

from __future__ import annotations

from collections.abc import Iterable


class Recall:
    """A row of texts; behind the latest stands the draft."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._at = 0
        self._draft = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to walk to."""
        return not self._texts

    @property
    def is_at_draft(self) -> bool:
        """Whether nothing earlier is shown."""
        return self._at == len(self._texts)

    def unsent(self, written: str) -> str:
        """What is lost if one leaves with ``written`` in front: the draft behind an old text."""
        is_old = not self.is_at_draft and written == self._texts[self._at]
        return self._draft if is_old else written

    def before(self, earlier: Iterable[str]) -> None:
        """Texts of an earlier time, the oldest first, come before all others."""
        fresh: list[str] = []
        for text in earlier:
            if text.strip() and fresh[-1:] != [text]:
                fresh.append(text)
        if fresh and self._texts[:1] == fresh[-1:]:
            fresh.pop()
        self._texts[:0] = fresh
        self._at += len(fresh)

    def remember(self, text: str) -> None:
        """Add the latest; whoever was walking is at the draft again."""
        if self._texts[-1:] != [text]:
            self._texts.append(text)
        self._at = len(self._texts)

    def walk(self, step: int, draft: str) -> str | None:
        """The text ``step`` further on; ``draft`` is what is written now. None beyond the ends."""
        to = self._at + step
        if not 0 <= to <= len(self._texts):
            return None
        if self.is_at_draft:
            self._draft = draft
        self._at = to
        return self._draft if self.is_at_draft else self._texts[to]
