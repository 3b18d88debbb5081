"""One request and what comes back, in a thread of its own: the only door to the network.

Knows sockets, TLS and ``http.client``; must not know what is sent. No proxy, no redirect, no
cookie: a connection goes to the address that the user gave and nowhere else. ``receive`` never
waits longer than it is told, so whoever asks can look at a cancel flag; ``close`` ends a request
that is under way.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
from collections.abc import Generator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection

from chat_tui import __version__
from chat_tui.engine.remote.address import Address
from chat_tui.language import _

CONNECTING = 10.0
"""Seconds that a connection may take."""
SILENCE = 900.0
"""Seconds without a byte after which an answer is given up: a long prompt on a slow machine is
read for minutes before the first token comes."""
POLL = 0.04
"""Seconds between looks at a cancel flag."""
BODY = 4 << 20
"""Bytes of an answer that is wanted whole."""

_CHUNK = 1 << 16
_AHEAD = 64
"""Chunks that are read before somebody wants them."""


@dataclass(frozen=True, slots=True)
class Link:
    """How a server is reached."""

    address: Address
    key: str = ""
    """Sent as a bearer token; never shown."""
    connecting: float = CONNECTING
    silence: float = SILENCE

    def __repr__(self) -> str:
        return f"Link({self.address})"


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of an answer."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Ended:
    """Nothing more comes; ``error`` says why, where that is no good end."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error


Part = Head | bytes | Ended


class Exchange:
    """A request; it is sent when this is made."""

    def __init__(self, link: Link, method: str, path: str, body: bytes | None = None) -> None:
        self._link = link
        self._came: queue.Queue[Part] = queue.Queue(_AHEAD)
        self._closed = threading.Event()
        self._socket: socket.socket | None = None
        self._ended: Ended | None = None
        threading.Thread(
            target=self._work, args=(method, path, body), name="server", daemon=True
        ).start()

    def receive(self, wait: float = POLL) -> Part | None:
        """What comes next: a Head, then bytes, then Ended for ever; None where nothing came."""
        if self._ended is not None:
            return self._ended
        try:
            part = self._came.get(timeout=wait) if wait > 0 else self._came.get_nowait()
        except queue.Empty:
            if not self._closed.is_set():
                return None
            part = Ended()
        if isinstance(part, Ended):
            self._ended = part
        return part

    def close(self) -> None:
        """End it; safe to call twice and from any thread."""
        self._closed.set()
        if (open_one := self._socket) is not None:
            with suppress(OSError):
                open_one.shutdown(socket.SHUT_RDWR)

    def _work(self, method: str, path: str, body: bytes | None) -> None:
        connection = self._connection()
        error: Exception | None = None
        try:
            connection.connect()
            self._socket = connection.sock
            if self._closed.is_set():
                return
            _keep_alive(connection.sock, self._link.silence)
            connection.request(
                method, f"{self._link.address.base}{path}", body, self._headers(body)
            )
            with closing(connection.getresponse()) as answer:
                headers = {name.lower(): value for name, value in answer.getheaders()}
                self._put(Head(answer.status, headers))
                while not self._closed.is_set() and (data := answer.read1(_CHUNK)):
                    self._put(data)
        except (OSError, HTTPException, ValueError) as caught:
            error = caught
        finally:
            self._socket = None
            with suppress(OSError):
                connection.close()
            self._put(Ended(error))

    def _connection(self) -> HTTPConnection:
        link, address = self._link, self._link.address
        if address.secure:
            context = ssl.create_default_context()
            return HTTPSConnection(
                address.host, address.port, timeout=link.connecting, context=context
            )
        return HTTPConnection(address.host, address.port, timeout=link.connecting)

    def _headers(self, body: bytes | None) -> dict[str, str]:
        headers = {
            "User-Agent": f"chat-tui/{__version__}",
            "Accept": "application/json, text/event-stream",
            "Connection": "close",
        }
        if body is not None:
            headers["Content-Type"] = "application/json"
        if self._link.key:
            headers["Authorization"] = f"Bearer {self._link.key}"
        return headers

    def _put(self, part: Part) -> None:
        """Hand over; a reader that has gone is not waited for."""
        while not self._closed.is_set():
            with suppress(queue.Full):
                self._came.put(part, timeout=POLL)
                return
        if isinstance(part, Ended):
            with suppress(queue.Full):
                self._came.put_nowait(part)


def fetch(
    link: Link, method: str, path: str, body: bytes | None = None
) -> Generator[None, None, Whole | Exception]:
    """An answer as a whole; yields while it waits. What the network refused comes back as such.

    More than ``BODY`` bytes are cut off.
    """
    exchange = Exchange(link, method, path, body)
    head: Head | None = None
    data = bytearray()
    try:
        while True:
            part = exchange.receive()
            if isinstance(part, Head):
                head = part
            elif isinstance(part, bytes):
                data += part
            if isinstance(part, Ended) or len(data) >= BODY:
                break
            if part is None:
                yield
        if head is not None:
            return Whole(head.status, head.headers, bytes(data[:BODY]))
        error = part.error if isinstance(part, Ended) else None
        return error or OSError(_("the connection was closed"))
    finally:
        exchange.close()


def _keep_alive(connected: socket.socket, silence: float) -> None:
    """Notice a peer that has gone without a word."""
    connected.settimeout(silence)
    with suppress(OSError):
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if hasattr(socket, "TCP_KEEPIDLE"):
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10)
