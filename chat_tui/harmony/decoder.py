"""Turns what the model writes into messages while it writes them.

Knows pieces and the conversation's values; needs no vocabulary, no library and no model. It is
tolerant: any sequence of pieces gives messages, nothing of the markup shows in them, and whatever
had to be mended is named (see ``repairs.Repair``). A generation begins right after
``<|start|>assistant``. Each piece costs constant time, however long the message is.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Collection, Sequence
from enum import Enum, auto

from chat_tui.conversation import ANALYSIS, COMMENTARY, FINAL, Effort, Message, Role
from chat_tui.events import (
    AnswerDelta,
    Delta,
    MessageCompleted,
    PreambleDelta,
    ReasoningDelta,
    StrayDelta,
    ToolArgumentsDelta,
)
from chat_tui.harmony.mend import Header, Segment, read_header, read_open_header
from chat_tui.harmony.repairs import Repair
from chat_tui.harmony.tokens import Control, Piece

HEADER_LIMIT = 96
"""Bytes, beside the longest name of a tool, after which a header without an end is content."""

_STOPS = frozenset({Control.RETURN, Control.CALL, Control.ENDOFTEXT})
_HALF_MARKUP = re.compile(r"<\|?\w{0,16}\|?\Z")
_CHANNEL_DELTAS: dict[str, Callable[[str, int], Delta]] = {
    ANALYSIS: ReasoningDelta,
    FINAL: AnswerDelta,
    COMMENTARY: PreambleDelta,
}

_UTF8 = codecs.getincrementaldecoder("utf-8")

Events = Sequence[Delta | MessageCompleted]


class _State(Enum):
    HEADER = auto()
    CONTENT = auto()
    GAP = auto()
    """After the end of a message, before the next begins."""
    STOPPED = auto()


class Decoder:
    """Reads one generation.

    ``recipients`` are the tools that may be called, None when they are not known; ``effort`` is
    stamped on the messages; ``opened`` False expects ``<|start|>`` first.
    """

    def __init__(
        self,
        recipients: Collection[str] | None,
        effort: Effort | None = None,
        *,
        opened: bool = True,
    ) -> None:
        self._recipients = None if recipients is None else frozenset(recipients)
        self._effort = effort
        self._header_limit = HEADER_LIMIT + max(map(len, recipients or ()), default=64)
        self._state = _State.HEADER if opened else _State.GAP
        self._done_repairs: list[str] = []
        self._repairs: dict[str, None] = {}
        """Those since the last message; a dict keeps their order and each of them once."""
        self._role_due = False
        self._header: list[Piece] = []
        self._header_bytes = 0
        self._raw: list[int | None] = []
        self._head = Header()
        self._parts: list[str] = []
        self._pending = 0
        """Tokens read whose text is not shown yet."""
        self._delta: Callable[[str, int], Delta] = StrayDelta
        self._utf8 = _UTF8("replace")

    @property
    def stopped(self) -> bool:
        """Whether the turn is over: it was ended, called a tool, or began to make things up."""
        return self._state is _State.STOPPED

    @property
    def repairs(self) -> tuple[str, ...]:
        """All that was mended, also in messages that were dropped; in the order it happened."""
        return (*self._done_repairs, *self._repairs)

    def push(self, piece: Piece, token: int | None = None) -> Events:
        """Read one piece, and its id where the message's raw tokens are wanted."""
        if self._state is _State.CONTENT:
            self._raw.append(token)
            return self._text(piece) if isinstance(piece, bytes) else self._control(piece)
        if self._state is _State.STOPPED:
            return ()
        if self._state is _State.GAP:
            return self._between(piece, token)
        return self._in_header(piece, token)

    def finish(self, interrupted: bool) -> Events:
        """Complete what is still open, because no more pieces come. Safe to call twice."""
        events: Events = ()
        if self._state is _State.CONTENT:
            events = self._complete(None, interrupted)
        elif self._state is _State.HEADER:
            events = self._close_header(None, interrupted)
        self._state = _State.STOPPED
        return events

    def _in_header(self, piece: Piece, token: int | None) -> Events:
        if piece is Control.START:
            events = self._close_header(None)
            if self.stopped:
                return events
            if not events:
                self._note(Repair.START_REPEATED)
            self._begin_header(role_due=True)
            return events
        self._raw.append(token)
        if isinstance(piece, Control):
            if piece is Control.MESSAGE:
                segments, recipients = self._segments(), self._recipients
                return self._open(read_header(segments, recipients, role_due=self._role_due))
            if piece is Control.END or piece in _STOPS:
                return self._close_header(piece)
        self._header.append(piece)
        text = piece if isinstance(piece, bytes) else b"<|token|>"
        self._header_bytes += len(text)
        if self._header_bytes > self._header_limit or b"\n" in text:
            return self._give_up_header()
        return ()

    def _give_up_header(self) -> Events:
        """Take a header that goes on and on, or over lines, for content."""
        far_too_long = self._header_bytes > 4 * self._header_limit
        if _ends_inside_character(self._header) and not far_too_long:
            return ()
        header = self._read_open()
        if not (far_too_long or header.content.strip() or header.made_up):
            return ()
        events = self._open(header)
        if isinstance(self._header[-1], Control) and not self.stopped:
            return (*events, *self._kept_apart())
        return events

    def _between(self, piece: Piece, token: int | None) -> Events:
        if isinstance(piece, bytes):
            if not piece.strip():
                return ()
        elif piece is Control.START:
            self._begin_header(role_due=True)
            return ()
        elif piece is Control.END or piece in _STOPS:
            self._note(Repair.END_REPEATED)
            if piece in _STOPS:
                self._state = _State.STOPPED
            return ()
        self._note(Repair.START_MISSING)
        self._begin_header(role_due=isinstance(piece, bytes))
        return self._in_header(piece, token)

    def _text(self, piece: bytes) -> Events:
        self._pending += 1
        text = self._utf8.decode(piece)
        return (self._shown(text),) if text else ()

    def _shown(self, text: str) -> Delta:
        """Note text of the open message; return it as what a face draws."""
        self._parts.append(text)
        tokens, self._pending = self._pending, 0
        if self._head.recipient is not None:
            return ToolArgumentsDelta(self._head.recipient, text, tokens)
        return self._delta(text, tokens)

    def _control(self, piece: Control) -> Events:
        """A control token inside content."""
        if piece is Control.END or piece in _STOPS:
            return self._complete(piece)
        if piece is Control.START or piece is Control.CHANNEL:
            token = self._raw.pop()
            self._note(Repair.END_MISSING)
            events = self._complete(None)
            if not self.stopped:
                self._begin_header(role_due=piece is Control.START)
                if piece is Control.CHANNEL:
                    self._in_header(piece, token)
            return events
        self._note(Repair.CONTROL_DROPPED)
        return self._kept_apart()

    def _kept_apart(self) -> Events:
        """A blank where text on both sides of a dropped token could join to markup."""
        half = _HALF_MARKUP.search("".join(self._parts[-24:]))
        return (self._shown(" "),) if half else ()

    def _begin_header(self, *, role_due: bool) -> None:
        self._state = _State.HEADER
        self._role_due = role_due
        self._header = []
        self._header_bytes = 0
        self._raw = []

    def _segments(self) -> list[Segment]:
        """The header's pieces as text between control tokens."""
        marker: Control | None = None
        texts: list[bytes] = []
        segments: list[Segment] = []
        for piece in self._header:
            if isinstance(piece, bytes):
                texts.append(piece)
                continue
            segments.append((marker, b"".join(texts).decode("utf-8", "replace")))
            marker, texts = piece, []
        segments.append((marker, b"".join(texts).decode("utf-8", "replace")))
        return segments

    def _read_open(self) -> Header:
        return read_open_header(self._segments(), self._recipients, role_due=self._role_due)

    def _close_header(self, terminator: Control | None, interrupted: bool = False) -> Events:
        """A header ended without ``<|message|>``: show what it holds beside a header."""
        header = self._read_open()
        if interrupted and len(header.content.split()) < 2:
            return ()  # half a word of a header, most likely
        if header.made_up or header.content.strip():
            events = self._open(header)
            if self.stopped:
                return events
            return (*events, *self._complete(terminator, interrupted))
        if terminator is not None:
            self._note(Repair.EMPTY_DROPPED)
            self._state = _State.STOPPED if terminator in _STOPS else _State.GAP
        return ()

    def _open(self, header: Header) -> Events:
        """Begin the content of a message."""
        self._head = header
        for repair in header.repairs:
            self._note(repair)
        if header.made_up:
            self._state = _State.STOPPED
            return ()
        self._state = _State.CONTENT
        self._parts = []
        self._utf8.reset()
        self._delta = _CHANNEL_DELTAS.get(header.channel or "", StrayDelta)
        self._pending = len(self._raw) if header.content else 0
        self._raw = self._raw[self._role_tokens() :]
        return (self._shown(header.content),) if header.content else ()

    def _role_tokens(self) -> int:
        """How many tokens at the front of the header spell the role alone."""
        spelled = b""
        for at, piece in enumerate(self._header if self._role_due else ()):
            if not isinstance(piece, bytes):
                break
            spelled += piece
            if spelled == b"assistant":
                return at + 1
        return 0

    def _complete(self, terminator: Control | None, interrupted: bool = False) -> Events:
        """End the open message; None where it was cut off or the next one began."""
        head = self._head
        events: list[Delta | MessageCompleted] = []
        if rest := self._utf8.decode(b"", final=True):
            events.append(self._shown(rest))
        self._state = _State.STOPPED if terminator in _STOPS else _State.GAP
        if head.recipient is not None:
            self._state = _State.STOPPED
            if terminator not in (None, Control.CALL):
                self._note(Repair.CALL_NOT_ENDED)
        elif terminator is Control.CALL:
            self._note(Repair.CALL_WITHOUT_RECIPIENT)
        content = "".join(self._parts)
        if head.recipient is None and self._delta is StrayDelta and not content.strip():
            self._note(Repair.EMPTY_DROPPED)
            return events
        raw = [token for token in self._raw if token is not None]
        message = Message(
            Role.ASSISTANT,
            content,
            channel=head.channel,
            recipient=head.recipient,
            content_type=head.content_type,
            tokens=tuple(raw) if len(raw) == len(self._raw) else (),
            effort=self._effort,
            repairs=tuple(self._repairs),
            interrupted=interrupted,
        )
        self._done_repairs += self._repairs
        self._repairs = {}
        return [*events, MessageCompleted(message)]

    def _note(self, repair: Repair) -> None:
        self._repairs[str(repair)] = None


def _ends_inside_character(pieces: Sequence[Piece]) -> bool:
    """Whether the bytes at the end are the beginning of a character."""
    utf8 = _UTF8("replace")
    utf8.decode(b"".join(piece for piece in pieces[-4:] if isinstance(piece, bytes)))
    return bool(utf8.getstate()[0])
