"""The citations of one answer as numbered footnotes.

Knows citations and the pages they point at, and markdown-it's rules; must not know widgets. A mark
in the text becomes a number between two private characters, which ``markdown`` draws. A model that
writes those characters itself gets them exchanged, so that it cannot forge a footnote; and what
entities and addresses decode to is never taken for one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from chat_tui.tools.citations import Reference, certain, citations, resolve

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

OPEN, CLOSE = "\ue000", "\ue001"
NOTE = re.compile(f"{OPEN}([0-9]{{1,9}}){CLOSE}")
MARK = "footnote"
"""The type of a token; its content is the number."""
UNKNOWN = 0
"""The number of a citation that points at nothing the model was shown."""


def label(number: int) -> str:
    """A footnote's mark as it is read: ``[3]``."""
    return f"[{number}]" if number != UNKNOWN else "[?]"


def labelled(text: str) -> str:
    """``text`` with its marks as they are read."""
    return NOTE.sub(lambda match: label(int(match[1])), text)


def unforged(text: str) -> str:
    """``text``, in which nothing is cited, without the characters that marks are made of."""
    return text.replace(OPEN, "\ufffd").replace(CLOSE, "\ufffd")


def teach(parser: MarkdownIt) -> MarkdownIt:
    """Have ``parser`` set marks apart before entities are taken for text; returns it.

    A mark behind an address is no part of it.
    """
    from markdown_it.rules_inline import linkify  # noqa: PLC0415

    def address(state: StateInline, silent: bool) -> bool:
        text = state.src
        if not text.startswith("://", state.pos) or (mark := text.find(OPEN, state.pos)) < 0:
            return linkify(state, silent)
        state.src = text[:mark]
        found = linkify(state, silent)
        state.src = text
        return found

    parser.inline.ruler.at("linkify", address)
    parser.core.ruler.before("linkify", MARK, _set_apart)
    return parser


def _set_apart(state: StateCore) -> None:
    for token in state.tokens:
        if token.children and OPEN in token.content:
            token.children = list(_parted(token.children))


def _parted(tokens: Sequence[Token]) -> Iterator[Token]:
    is_decoded = False
    for token in tokens:
        if token.type == "text" and OPEN in token.content and not is_decoded:
            # The text before, a number, the text after that, and so on.
            for at, piece in enumerate(NOTE.split(token.content)):
                if piece:
                    yield token.copy(type=MARK if at % 2 else "text", content=piece)
        else:
            yield token
        is_decoded = token.type == "link_open" and token.markup in ("autolink", "linkify")


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
        self._held += unforged(text)
        sure = certain(self._held)
        text, self._held = self._held[:sure], self._held[sure:]
        return self._marked(text)

    def whole(self, text: str) -> str:
        """All of the text at once."""
        self._held = ""
        return self._marked(unforged(text))

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
