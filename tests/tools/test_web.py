"""The web as a source, tried against a server on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from chat_tui.errors import ToolError
from chat_tui.tools import web
from chat_tui.tools.base import Risk
from chat_tui.tools.pages import Anchor
from chat_tui.tools.web import Web

PAGE = """<title>A &amp; B</title><p>see <a href="/other">here</a>, <a href="mailto:x">mail</a>,
<a href="#top">top</a>, <a href="javascript:x()">run</a>, <a href="http://[">broken</a>"""


class Site(BaseHTTPRequestHandler):
    """A search server and some pages, good and bad."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        parts = urlsplit(self.path)
        host = f"http://127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined]
        if parts.path == "/search":
            query = parse_qs(parts.query)["q"][0]
            results = [
                {"title": f"About {query}", "url": f"{host}/page", "content": "some\nwords " * 99},
                {"url": f"{host}/untitled", "content": None},
            ]
            self.say("application/json", json.dumps({"results": results}).encode())
        elif parts.path == "/bad/search":
            self.say("text/html", b"<p>blocked")
        elif parts.path == "/page":
            self.say("text/html; charset=utf-8", PAGE.encode())
        elif parts.path == "/text":
            self.say("text/plain", "чай\n".encode())
        elif parts.path == "/picture":
            self.say("image/png", b"\x89PNG")
        elif parts.path == "/huge":
            self.say("text/plain", b"a" * (web.MAX_BYTES + 2))
        elif parts.path == "/moved":
            self.redirect(f"{host}/page")
        elif parts.path == "/loop":
            self.redirect(f"{host}/loop")
        elif parts.path == "/file":
            self.redirect("file:///etc/passwd")
        else:
            self.send_error(404)

    def say(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # the reader had enough

    def redirect(self, to: str) -> None:
        self.send_response(302)
        self.send_header("Location", to)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    asked: list[str]


@pytest.fixture
def server() -> Iterator[Server]:
    site = Server(("127.0.0.1", 0), Site)
    site.asked = []
    thread = threading.Thread(target=site.serve_forever, args=(0.01,))
    thread.start()
    yield site
    site.shutdown()
    thread.join()
    site.server_close()


@pytest.fixture
def base(server: Server) -> str:
    return f"http://127.0.0.1:{server.server_port}"


def test_a_search_server_is_asked_for_what_it_finds(server: Server, base: str) -> None:
    source = Web(base)
    first, second = source.search("tea & cake", 10)
    assert (first.name, first.address) == ("About tea & cake", f"{base}/page")
    assert len(first.snippet) == 300
    assert second.name == f"{base}/untitled"
    assert server.asked == ["/search?q=tea+%26+cake&format=json"]
    assert source.risk is Risk.OUTSIDE
    assert len(source.search("tea", 1)) == 1
    with pytest.raises(ToolError, match="not what SearXNG gives"):
        Web(f"{base}/bad").search("x", 3)


def test_a_page_comes_with_whole_links(base: str) -> None:
    document = Web(base, anywhere=True).fetch(f"{base}/page")
    assert document.title == "A & B"
    assert [piece for piece in document.pieces if isinstance(piece, Anchor)] == [
        Anchor("here", f"{base}/other")
    ]
    assert "mail" in document.pieces
    moved = Web(base, anywhere=True).fetch(f"{base}/moved")
    assert moved.address == f"{base}/page"
    assert Web(base, anywhere=True).fetch(f"{base}/text").pieces == ("чай\n",)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/picture", "image/png, not text"),
        ("/huge", "larger than 4 MB"),
        ("/none", "Not Found"),
        ("/loop", "cannot be opened"),
        ("/file", "not allowed"),
    ],
)
def test_what_is_no_page_is_said_in_words(base: str, path: str, said: str) -> None:
    with pytest.raises(ToolError, match=said):
        Web(base, anywhere=True).fetch(base + path)


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "ftp://x/", "javascript:x", "page", "", "http://", "http://[", "http:///x",
     "http://x:99999/", "gopher://x"],
)  # fmt: skip
def test_only_addresses_of_the_web_are_opened(base: str, address: str) -> None:
    with pytest.raises(ToolError, match="no http or https address"):
        Web(base, anywhere=True).fetch(address)


def test_this_machine_is_not_the_web(server: Server, base: str) -> None:
    for host in ("127.0.0.1", "localhost"):
        with pytest.raises(ToolError, match="not on the public internet"):
            Web(base).fetch(f"http://{host}:{server.server_port}/page")
    assert not server.asked


def test_nothing_listens_is_an_error_in_words() -> None:
    with pytest.raises(ToolError, match="cannot be opened"):
        Web("http://127.0.0.1:9").search("x", 3)


def test_the_setting_has_to_be_an_address() -> None:
    for wrong in ("searx.example", "ftp://x", ""):
        with pytest.raises(ToolError, match="no http or https address"):
            Web(wrong)
