"""The web as a source of the browser: searched through a SearXNG server, opened page by page.

Knows HTTP; is built only where the settings name a server. Nothing but http and https is opened;
pages on this machine and in its own network are not, so that no page can make the model look
there, by a link, a redirect or a name that resolves to them. Size and time are bounded.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import time
import urllib.request
from collections.abc import Sequence
from email.message import Message as Headers
from typing import IO
from urllib.error import URLError
from urllib.parse import quote, urlencode, urljoin, urlsplit

from chat_tui.errors import ToolError
from chat_tui.language import N_, _
from chat_tui.tools.base import Risk
from chat_tui.tools.pages import Anchor, Document, Hit
from chat_tui.tools.readers.markup import read_html
from chat_tui.tools.readers.plain import decode, decode_markup

MAX_BYTES = 4 << 20
_SECONDS = 20
_WAIT = 10
"""Seconds without a byte."""
_SNIPPET = 300


class Web:
    """The ``web`` source; ``server`` is the address of a SearXNG server with JSON switched on.

    ``anywhere`` lifts the limit to public addresses.
    """

    name = N_("web")
    risk = Risk.OUTSIDE

    def __init__(self, server: str, *, anywhere: bool = False) -> None:
        parts = urlsplit(server)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            wrong = _("`{address}` is no http or https address of a search server.")
            raise ToolError(wrong.format(address=server))
        self._server = server.rstrip("/")
        self._anywhere = anywhere
        self.about = f"the web, through {parts.netloc}"
        self.place = _("the web, through {host}").format(host=parts.netloc)

    def search(self, query: str, topn: int) -> Sequence[Hit]:
        """What the server finds. Raises ToolError."""
        words = urlencode({"q": query, "format": "json"})
        # The server itself may be on this machine: the user named it.
        data, _, _ = _get(f"{self._server}/search?{words}", anywhere=True)
        try:
            results = json.loads(data)["results"]
            return [
                Hit(str(one.get("title") or one["url"]), str(one["url"]), _snippet(one))
                for one in results[:topn]
            ]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ToolError(
                "The search server's answer is not what SearXNG gives.",
                "Its format json has to be switched on.",
            ) from error

    def fetch(self, address: str) -> Document:
        """The page at ``address``, with its links. Raises ToolError."""
        data, kind, final = _get(address, anywhere=self._anywhere)
        if kind in ("text/html", "application/xhtml+xml"):
            reading = read_html(decode_markup(data))
            pieces = tuple(_whole(piece, final) for piece in reading.pieces)
            return Document(reading.title or final, final, pieces)
        if kind.startswith("text/") or kind in ("application/json", "application/xml"):
            text = decode(data)
            if text is not None:
                return Document(final, final, (text,))
        raise ToolError(f"{final} is {kind or 'of an unknown kind'}, not text.")


def _snippet(result: dict[str, object]) -> str:
    return str(result.get("content") or "")[:_SNIPPET]


def _whole(piece: str | Anchor, base: str) -> str | Anchor:
    """A link with its whole address; its text alone where it leads to no page."""
    if isinstance(piece, str):
        return piece
    try:
        address = urljoin(base, piece.address)
        known = urlsplit(address).scheme in ("http", "https") and piece.address[:1] != "#"
    except ValueError:
        known = False
    return Anchor(piece.text, address) if known else piece.text


def _get(address: str, *, anywhere: bool) -> tuple[bytes, str, str]:
    """Body, content type and final address. Raises ToolError."""
    _check(address)
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.HTTPHandler if anywhere else _PublicHttp,
        urllib.request.HTTPSHandler if anywhere else _PublicHttps,
        urllib.request.HTTPErrorProcessor,
        urllib.request.HTTPDefaultErrorHandler,
        _Redirects,
    ):
        opener.add_handler(handler())
    safe = quote(address, safe="%/:=&?~#+!$,;'@()*[]")
    request = urllib.request.Request(safe, headers={"User-Agent": "chat-tui"})  # noqa: S310
    deadline = time.monotonic() + _SECONDS
    try:
        with opener.open(request, timeout=_WAIT) as answer:
            body = bytearray()
            while chunk := answer.read1(1 << 16):
                body += chunk
                if len(body) > MAX_BYTES:
                    raise ToolError(f"{address} is larger than {MAX_BYTES >> 20} MB.")
                if time.monotonic() > deadline:
                    raise ToolError(f"{address} takes too long.")
            return bytes(body), answer.headers.get_content_type(), answer.geturl()
    except URLError as error:
        raise ToolError(f"{address} cannot be opened: {error.reason}.") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise ToolError(f"{address} cannot be opened: {error}.") from error


def _check(address: str) -> None:
    try:
        parts = urlsplit(address)
        fine = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        fine = False
    if not fine:
        raise ToolError(f"`{address[:200]}` is no http or https address.")


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows where a page has moved to, on the web alone."""

    max_redirections = 5

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage | Headers,
        newurl: str,
    ) -> urllib.request.Request | None:
        _check(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def _public(connected: socket.socket) -> None:
    """OSError where the other end is not out on the internet."""
    there = ipaddress.ip_address(connected.getpeername()[0].split("%")[0])
    there = getattr(there, "ipv4_mapped", None) or there
    if not there.is_global or there.is_multicast:
        connected.close()
        raise OSError("it is not on the public internet")


class _PublicConnection(http.client.HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _public(self.sock)


class _PublicTlsConnection(http.client.HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _public(self.sock)


class _PublicHttp(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_PublicConnection, req)


class _PublicHttps(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_PublicTlsConnection, req)
