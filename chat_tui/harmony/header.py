"""The automaton of what a model may write: well-formed headers, and no stray markup in content.

Knows the vocabulary, the grammar of headers and the tools of a turn; must not know sampling. It
follows every token from right after ``<|start|>assistant``, over several messages. A header is

    [ to=NAME] <|channel|> CHANNEL [ to=NAME] [[ ]<|constrain|> TYPE | " " TYPE] <|message|>

with one recipient at most, none on final. Only headers are constrained; inside content all text
may win, and of the special tokens the right terminator alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from chat_tui.conversation import ANALYSIS, CHANNELS, COMMENTARY, FINAL
from chat_tui.harmony import tokens
from chat_tui.harmony.vocabulary import Vocabulary

TYPES = ("json", "code")
"""The content types that gpt-oss was trained to write."""

_SPECIAL = frozenset(range(tokens.FIRST_SPECIAL, tokens.VOCABULARY_SIZE))


@dataclass(frozen=True, slots=True)
class Only:
    """Nothing but these ids may follow; empty after the end of a turn."""

    ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class AllBut:
    """Any id but these may follow."""

    ids: frozenset[int]


Allowed = Only | AllBut

_Option = tuple[bytes, int]
"""Text that may still be written, and the special id that then has to follow."""


class HeaderGuard:
    """Follows one generation; ``recipients`` are the tools that the turn offers."""

    def __init__(self, vocabulary: Vocabulary, recipients: Collection[str]) -> None:
        self._vocabulary = vocabulary
        self._recipients = [f" to={name}" for name in sorted(recipients)]
        self._terminator: int | None = None
        """What ends the content; None while a header is being written and after the turn."""
        self._addressed = b""
        """The text before the channel, if there was a recipient in it."""
        self._text = b""
        """What was written since the header, or since its ``<|channel|>``, began."""
        self._begin_header("")

    @property
    def channel(self) -> str | None:
        """The channel of the message whose content is being written; None in a header."""
        return self._channel if self._terminator is not None else None

    @property
    def recipient(self) -> str | None:
        """The tool that the last header named."""
        words = (self._addressed + b" " + self._text).split()
        found = (word for word in words if word.startswith(b"to="))
        return next((word.decode()[3:] for word in found), None)

    @property
    def content_type(self) -> str | None:
        """The content type that the last header named."""
        last = self._text.decode().rsplit(" ", 1)[-1]
        return last if last in TYPES else None

    @property
    def terminator(self) -> int | None:
        """What ends the content that is being written; None in a header and after the turn."""
        return self._terminator

    def allows(self, token: int) -> bool:
        """Whether a token may follow; takes well under a microsecond inside content."""
        if self._terminator is not None:
            return 0 <= token < tokens.FIRST_SPECIAL or token == self._terminator
        return bool(self._after(token))

    def allowed(self) -> Allowed:
        """All that may follow, for a mask after a token was refused."""
        if self._terminator is not None:
            return AllBut(_SPECIAL - {self._terminator})
        ids = {follower for text, follower in self._options if not text}
        for text in {text for text, _ in self._options}:
            found = (self._vocabulary.id_of(text[:end]) for end in range(1, len(text) + 1))
            ids.update(token for token in found if token is not None)
        return Only(frozenset(ids))

    def advance(self, token: int) -> None:
        """Follow a token that was written; ValueError for one that ``allows`` refuses."""
        if not self.allows(token):
            raise ValueError(f"token {token} may not follow here")
        if self._terminator is None:
            self._advance_header(token)
        elif token == self._terminator:
            self._terminator = None
            self._options = {(b"", tokens.START)} if token == tokens.END else set()

    def after_end(self) -> tuple[int, ...]:
        """The tokens to feed after ``<|end|>``; ``advance`` has to follow them as well."""
        return (tokens.START, tokens.ASSISTANT)

    def _advance_header(self, token: int) -> None:
        piece = self._vocabulary.piece(token)
        if isinstance(piece, bytes):
            self._options = self._after(token)
            self._text += piece
        elif token == tokens.START:
            self._begin_header("assistant")
        elif token == tokens.CHANNEL:
            self._addressed = self._text if b" to=" in self._text else b""
            self._text = b""
            self._options = set(self._channel_options())
        elif token == tokens.CONSTRAIN:
            self._text += b" "
            self._options = {(kind.encode(), tokens.MESSAGE) for kind in TYPES}
        elif self._addressed or b" to=" in self._text:
            self._begin_content(tokens.CALL)
        else:
            final = self._text.startswith(FINAL.encode())
            self._begin_content(tokens.RETURN if final else tokens.END)

    def _after(self, token: int) -> set[_Option]:
        """The options that are left after a token in a header."""
        written = self._vocabulary.piece(token)
        if isinstance(written, tokens.Control):
            return {option for option in self._options if option == (b"", token)}
        return {
            (text[len(written) :], follower)
            for text, follower in self._options
            if text.startswith(written)
        }

    def _begin_header(self, role: str) -> None:
        self._text = self._addressed = b""
        names = ("", *self._recipients)
        self._options = {((role + name).encode(), tokens.CHANNEL) for name in names}

    def _channel_options(self) -> Iterator[_Option]:
        if not self._addressed:
            yield from _endings(FINAL, typed=False)
        for channel in (ANALYSIS, COMMENTARY):
            yield from _endings(channel, typed=bool(self._addressed))
            for name in () if self._addressed else self._recipients:
                yield from _endings(channel + name, typed=True)

    def _begin_content(self, terminator: int) -> None:
        self._terminator = terminator
        self._options = set()
        self._channel = next(name for name in CHANNELS if self._text.startswith(name.encode()))


def _endings(text: str, *, typed: bool) -> Iterator[_Option]:
    """How a header may go on after its channel and recipient; a bare type needs a recipient."""
    yield text.encode(), tokens.MESSAGE
    yield text.encode(), tokens.CONSTRAIN
    yield f"{text} ".encode(), tokens.CONSTRAIN
    if typed:
        for kind in TYPES:
            yield f"{text} {kind}".encode(), tokens.MESSAGE


def final_header(vocabulary: Vocabulary) -> tuple[int, ...]:
    """What to feed after ``<|start|>assistant`` so that the model can only write its answer."""
    return (tokens.CHANNEL, *vocabulary.encode(FINAL), tokens.MESSAGE)
