"""A server on loopback that answers like the Hub, and can be as bad as a real line.

``HEAD`` and ``GET`` of ``/OWNER/NAME/resolve/COMMIT/FILE`` lead, as on the Hub, to another host
with the bytes (``localhost`` instead of ``127.0.0.1``); the answer on the way carries the file's
size, hash and commit.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from chat_tui.models.catalog import Entry, RemoteFile

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PIECE = 16 << 10


def entry(files: Mapping[str, bytes]) -> Entry:
    """What a catalog says of these files."""
    remote = tuple(
        RemoteFile(name, len(content), hashlib.sha256(content).hexdigest())
        for name, content in files.items()
    )
    return Entry("it", "me/it-GGUF", COMMIT, "none", 1, 1, 1, remote)


@dataclass
class Line:
    """The files, and what goes wrong with them."""

    files: Mapping[str, bytes]
    ranges: bool = True
    cuts: list[int] = field(default_factory=list)
    """Bytes after which each of the next connections is cut."""
    silent: list[int] = field(default_factory=list)
    """Bytes after which each of the next connections says nothing more."""
    pause: float = 0.0
    """Seconds between pieces."""
    broken: bytes = b""
    """What the bytes begin with instead of their own."""
    answers: list[int] = field(default_factory=list)
    """Errors that the next requests for bytes get."""
    head: int = 200
    """The answer to questions about files."""
    error_code: str = ""
    hub: bool = True
    """Whether the answers carry what makes a server a hub."""
    etag: str = ""
    longer: int = 0
    """Bytes sent beyond the file's end."""
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    """Method, path and headers of every request."""
    over: threading.Event = field(default_factory=threading.Event)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    line: Line

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, *_: Any) -> None:
        """Nothing on the terminal."""

    def _answer(self) -> None:
        line = self.line
        line.asked.append((self.command, self.path, dict(self.headers)))
        name = self.path.rpartition("/")[2]
        if line.head != 200 or name not in line.files:
            self._plain(line.head if line.head != 200 else 404)
        elif "/resolve/" in self.path:
            self._lead(name)
        else:
            self._bytes(name)

    def _plain(self, status: int) -> None:
        self.send_response(status)
        if self.line.error_code:
            self.send_header("X-Error-Code", self.line.error_code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _lead(self, name: str) -> None:
        content = self.line.files[name]
        self.send_response(302)
        if self.line.hub:
            etag = self.line.etag or hashlib.sha256(content).hexdigest()
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("X-Linked-ETag", f'"{etag}"')
            self.send_header("X-Linked-Size", str(len(content)))
        port = self.headers["Host"].rpartition(":")[2]
        self.send_header("Location", f"http://localhost:{port}/cdn/{name}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _bytes(self, name: str) -> None:
        line, content = self.line, self.line.files[name]
        if line.answers:
            self._plain(line.answers.pop(0))
            return
        content = line.broken + content[len(line.broken) :] + bytes(line.longer)
        wanted = self.headers.get("Range", "").removeprefix("bytes=").partition("-")[0]
        at = int(wanted) if wanted and line.ranges else 0
        if wanted and line.ranges:
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {at}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(content) - at))
        self.end_headers()
        if self.command == "HEAD":
            return
        cut = line.cuts.pop(0) if line.cuts else None
        quiet = line.silent.pop(0) if line.silent else None
        limit = min(x for x in (cut, quiet, len(content)) if x is not None)
        self._send(content[at : at + limit])
        if quiet is not None:
            line.over.wait(30)
        if cut is not None or quiet is not None:
            self.close_connection = True
            self.connection.close()

    def _send(self, content: bytes) -> None:
        try:
            for at in range(0, len(content), PIECE):
                self.wfile.write(content[at : at + PIECE])
                if self.line.pause:
                    self.wfile.flush()
                    time.sleep(self.line.pause)
            self.wfile.flush()
        except OSError:
            self.close_connection = True  # the client went away, as some tests do


@contextmanager
def serving(line: Line) -> Iterator[str]:
    """The address of a server that runs meanwhile."""
    handler = type("Handler", (_Handler,), {"line": line})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        line.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
