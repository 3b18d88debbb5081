"""Bytes of a stream as the messages in it, however they were cut.

Knows lines, server-sent events and JSON; must not know who sent them. Everything is bounded: a
server that never ends a line does not fill the memory. Source of the events' format: the HTML
standard, "Server-sent events", of which only ``data`` (and ``error``, which llama.cpp's server
wrote earlier) matters here.
"""

from __future__ import annotations

import json
from typing import Any

from chat_tui.language import N_

LIMIT = 4 << 20
"""Bytes of one line or one event."""
DONE = "[DONE]"
"""What ends a stream of OpenAI's kind."""


class Garbled(ValueError):
    """What came cannot be read."""


class Lines:
    """Cuts a stream into lines."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._open = bytearray()

    def push(self, data: bytes) -> list[str]:
        """The lines that end in ``data``; Garbled where one is too long or no UTF-8."""
        *whole, rest = data.split(b"\n")
        found = [self._line(part) for part in whole]
        self._open += rest
        if len(self._open) > self._limit:
            raise Garbled(N_("a line never ends"))
        return found

    def finish(self) -> list[str]:
        """The last line, where it had no end."""
        return [self._line(b"")] if self._open else []

    def _line(self, end: bytes) -> str:
        line = bytes(self._open) + end
        self._open.clear()
        if len(line) > self._limit:
            raise Garbled(N_("a line is too long"))
        try:
            return line.removesuffix(b"\r").decode("utf-8")
        except UnicodeDecodeError as error:
            raise Garbled(N_("a line is no UTF-8")) from error


class ServerEvents:
    """The data of server-sent events."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._lines = Lines(limit)
        self._data: list[str] = []
        self._size = 0

    def push(self, data: bytes) -> list[str]:
        """The data of the events that end in ``data``. Raises Garbled."""
        found = []
        for line in self._lines.push(data):
            if not line:
                if self._data:
                    found.append("\n".join(self._data))
                self._data, self._size = [], 0
                continue
            name, _, value = line.removeprefix("\ufeff").partition(":")
            if name in ("data", "error"):
                self._data.append(value.removeprefix(" "))
                self._size += len(value)
                if self._size > self._limit:
                    raise Garbled(N_("an event never ends"))
        return found

    def finish(self) -> list[str]:
        """An event without its empty line was cut and does not count."""
        return []


class JsonLines:
    """Lines that are one value of JSON each, as Ollama sends them."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._lines = Lines(limit)

    def push(self, data: bytes) -> list[str]:
        """The lines that end in ``data``. Raises Garbled."""
        return [line for line in self._lines.push(data) if line.strip()]

    def finish(self) -> list[str]:
        """The last line, where the stream ended without a newline."""
        return [line for line in self._lines.finish() if line.strip()]


def parsed(text: str) -> dict[str, Any]:
    """One message; Garbled where it is no object of JSON."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Garbled(N_("a message is no JSON")) from error
    if not isinstance(value, dict):
        raise Garbled(N_("a message is no object"))
    return value


def encoded(body: dict[str, Any]) -> bytes:
    """A request as it is sent; a lone surrogate, which no JSON can hold, becomes U+FFFD."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=dict)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def table(value: object) -> dict[str, Any]:
    """``value`` where it is an object, else an empty one: servers leave things out."""
    return value if isinstance(value, dict) else {}


def rows(value: object) -> list[dict[str, Any]]:
    """The objects in ``value`` where it is a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text_in(value: object) -> str:
    """``value`` where it is text, else nothing."""
    return value if isinstance(value, str) else ""


def count_in(value: object) -> int | None:
    """``value`` where it is a number of things, else None."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and value >= 0 else None  # type: ignore[operator,return-value]
