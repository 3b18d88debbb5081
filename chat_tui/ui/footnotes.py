"""The citations of one answer as numbered footnotes.

Knows citations and the pages they point at; must not know widgets. A mark in the text becomes a
number between two private characters, which Markdown leaves alone and ``markdown`` draws; a model
that writes those characters itself gets them exchanged, so that it cannot forge a footnote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from chat_tui.tools.citations import Reference, certain, citations, resolve

OPEN, CLOSE = "\ue000", "\ue001"
NOTE = re.compile(f"{OPEN}(\\d+){CLOSE}")
UNKNOWN = 0
"""The number of a citation that points at nothing the model was shown."""


def label(number: int) -> str:
    """A footnote's mark as it is read: ``[3]``."""
    return f"[{number}]" if number != UNKNOWN else "[?]"


def labelled(text: str) -> str:
    """``text`` with its marks as they are read."""
    return NOTE.sub(lambda match: label(int(match[1])), text)


class Footnotes:
    """Numbers citations in the order in which they come, the same place always the same."""

    def __init__(self, answers: Callable[[], Sequence[str]]) -> None:
        """``answers`` are what the browser said in this conversation, oldest first."""
        self._answers = answers
        self._numbers: dict[tuple[int, int, int], int] = {}
        self._references: list[Reference] = []
        self._held = ""

    @property
    def references(self) -> Sequence[Reference]:
        """What the footnotes from 1 on point at."""
        return self._references

    def feed(self, text: str) -> str:
        """What is certain of a text that comes in pieces; a half citation is kept back."""
        self._held += _unforged(text)
        sure = certain(self._held)
        text, self._held = self._held[:sure], self._held[sure:]
        return self._marked(text)

    def whole(self, text: str) -> str:
        """All of the text at once."""
        self._held = ""
        return self._marked(_unforged(text))

    def _marked(self, text: str) -> str:
        found: list[str] = []
        at = 0
        for one in citations(text):
            key = (one.cursor, one.first, one.last)
            if key not in self._numbers:
                self._numbers[key] = self._number(text[one.start : one.end])
            found += [text[at : one.start], f"{OPEN}{self._numbers[key]}{CLOSE}"]
            at = one.end
        return "".join([*found, text[at:]])

    def _number(self, mark: str) -> int:
        for reference in resolve(mark, self._answers()):
            self._references.append(reference)
            return len(self._references)
        return UNKNOWN


def _unforged(text: str) -> str:
    return text.replace(OPEN, "\ufffd").replace(CLOSE, "\ufffd")
