"""The answer of a server to one request, message by message.

Knows how an answer begins and ends, well or badly; must not know what the messages mean beyond
their dialect's ``read``, nor what is made of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

from chat_tui.conversation import Effort
from chat_tui.engine.remote.complaints import broken_off, failed_midway, refused, unreachable
from chat_tui.engine.remote.http import BODY, Ended, Exchange, Head, Link, Whole, fetch
from chat_tui.engine.remote.lines import DONE, Garbled, encoded, parsed
from chat_tui.engine.remote.telling import Say as SayChat
from chat_tui.engine.remote.values import (
    Ask,
    ChatDialect,
    ChatSaid,
    Counts,
    Dialect,
    Said,
    TokenDialect,
)
from chat_tui.engine.remote.writing import Say
from chat_tui.errors import EngineCrashed, EngineError
from chat_tui.language import N_, _

TAKEN = 0.4
"""Seconds without an error after which a server has taken the request."""
AFTERWARDS = 1.0
"""Seconds that are waited for a server's last counts, once the answer is whole."""

_Piece = TypeVar("_Piece", Said, ChatSaid)


class Answers:
    """Asks one server; ``close`` may come from another thread."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._exchange: Exchange | None = None
        self._closing = False

    def say(self, dialect: TokenDialect) -> Say:
        """What ``Writing`` asks with."""

        def say(ask: Ask) -> Generator[Said | None, None, None]:
            body, heard = dialect.body(ask), False
            try:
                for said in self._read(dialect, encoded(body), dialect.read, Said()):
                    heard = heard or (said is not None and said != Said())
                    yield said
            except EngineCrashed:
                if dialect.cuts_errors and not heard:
                    yield from self._reason(dialect.path, body)
                raise

        return say

    def _reason(self, path: str, body: dict[str, Any]) -> Generator[None, None, None]:
        """Ask for a whole answer of one token, to be told why there is none.

        Raises what the server says; returns where it says nothing that is wrong.
        """
        link, whole = self._link, body | {"stream": False, "max_tokens": 1}
        came = yield from fetch(link, "POST", path, encoded(whole))
        if isinstance(came, Whole) and came.status != 200:
            raise refused(came.status, came.headers, came.body, link.address, link.key)

    def tell(self, dialect: ChatDialect, body: Callable[[Effort], dict[str, Any]]) -> SayChat:
        """What ``Telling`` asks with; ``body`` makes the request."""
        return lambda effort: self._read(dialect, encoded(body(effort)), dialect.read, ChatSaid())

    def open(self) -> None:
        """Answers are wanted again after ``close``."""
        self._closing = False

    def close(self) -> None:
        """End the answer that is under way; safe to call twice."""
        self._closing = True
        if (exchange := self._exchange) is not None:
            exchange.close()

    def _read(
        self,
        dialect: Dialect,
        body: bytes,
        read: Callable[[Mapping[str, Any]], _Piece],
        silent: _Piece,
    ) -> Generator[_Piece | None, None, None]:
        """Ask, and read the answer: first ``silent``, once the server has taken the request.

        What ends the answer comes last, with what the server counted.
        """
        exchange = self._exchange = Exchange(self._link, "POST", dialect.path, body)
        try:
            head = yield from self._head(exchange)
            if head is None:
                return
            messages = self._messages(exchange, dialect)
            heard, until = False, time.monotonic() + TAKEN
            for value in messages:
                if not heard and (value is not None or time.monotonic() > until):
                    heard = True
                    yield silent
                piece = None if value is None else read(value)
                if piece is None or piece.stop is None:
                    yield piece
                    continue
                yield replace(piece, counts=_counted(piece.counts, messages, read))
                return
            if not self._closing:
                # It says that it is done, and never said why: another request took its turn.
                raise broken_off(None, self._link.address)
        finally:
            exchange.close()

    def _head(self, exchange: Exchange) -> Generator[None, None, Head | None]:
        """The beginning of a good answer; None where the engine was closed."""
        link, head, body = self._link, None, bytearray()
        while True:
            part = exchange.receive()
            if isinstance(part, Head):
                head = part
                if head.status == 200:
                    if "html" in head.headers.get("content-type", ""):
                        raise broken_off(Garbled(N_("it is a page for people")), link.address)
                    return head
            elif isinstance(part, bytes) and len(body) < BODY:
                body += part
            elif isinstance(part, Ended):
                break
            else:
                yield
        if self._closing:
            yield
            return None
        if head is None:
            raise unreachable(part.error or OSError(_("the connection was closed")), link.address)
        raise refused(head.status, head.headers, bytes(body), link.address, link.key)

    def _messages(
        self, exchange: Exchange, dialect: Dialect
    ) -> Generator[dict[str, Any] | None, None, None]:
        """The messages of an answer, None while none comes.

        Raises EngineCrashed where they end too early, cannot be read or tell of an error.
        """
        address, framing = self._link.address, dialect.framing()
        try:
            while True:
                part = exchange.receive()
                texts = framing.push(part) if isinstance(part, bytes) else []
                if isinstance(part, Ended):
                    texts = framing.finish()
                for text in texts:
                    if text.strip() == DONE:
                        return
                    value = parsed(text)
                    if value.get("error"):
                        raise failed_midway(value, address, self._link.key)
                    yield value
                if isinstance(part, Ended):
                    break
                if part is None:
                    yield None
        except Garbled as error:
            raise broken_off(error, address) from error
        if self._closing:
            yield None
            return
        raise broken_off(part.error, address)


def _counted(
    counts: Counts,
    messages: Generator[dict[str, Any] | None, None, None],
    read: Callable[[Mapping[str, Any]], Said | ChatSaid],
) -> Counts:
    """``counts`` with what a server counts once the answer is whole, if it soon does."""
    deadline = time.monotonic() + AFTERWARDS
    with suppress(EngineError):
        for value in messages:
            if value is not None:
                later = read(value).counts
                counts = Counts(
                    counts.prompt if later.prompt is None else later.prompt,
                    counts.reused if later.reused is None else later.reused,
                    counts.written if later.written is None else later.written,
                )
            if time.monotonic() > deadline:
                break
    return counts
