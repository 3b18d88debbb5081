"""What went wrong with a server, as errors with a hint.

Knows status codes, exceptions of the network and how servers word their errors; opens no
connection. What a server says is hostile text: it is cleaned, cut, and the key is never in it.
"""

from __future__ import annotations

import html
import json
import re
import socket
import ssl
from collections.abc import Mapping
from http.client import HTTPException

from chat_tui.engine.remote.address import Address
from chat_tui.engine.remote.lines import Garbled, count_in, table, text_in
from chat_tui.errors import ChatError, EngineCrashed, EngineError, LoadError, PromptTooLong
from chat_tui.untrusted import clean_line

_SHOWN = 240
"""Characters of a server's own words."""
_TAGS = re.compile(r"(?s)<(script|style)\b.*?</\1\s*>|<[^<>]*>")
_TITLE = re.compile(r"(?is)<title[^>]*>(.*?)</title>")
_OVERFLOW = re.compile(
    r"exceed_context_size|context_length_exceeded|exceeds? the available context"
    r"|maximum context length|exceed context window|longer than the maximum model length"
    r"|maximum model length|greater than the context length|context length of only",
    re.IGNORECASE,
)
_SIZE = re.compile(
    r"(?i)(?:maximum context length is|context window of|context length of only"
    r"|maximum model length of|context size \(|context length[^0-9]{1,40})\s*(\d{2,9})"
)
_MODEL = re.compile(r"(?i)\bmodel\b")
_BUSY = "It is busy or still loading: wait a moment and ask again."


class TooLong(PromptTooLong):
    """The prompt does not fit; ``context`` is what the server says that fits, if it does."""

    def __init__(self, message: str, hint: str, context: int | None) -> None:
        super().__init__(message, hint)
        self.context = context


def own_words(body: bytes, key: str = "") -> str:
    """What a server says of an error: the message in JSON, a page's title, or plain text."""
    text = body[: 1 << 16].decode("utf-8", "replace")
    try:
        found = _message(json.loads(text))
    except (ValueError, RecursionError):
        found = ""
    if not found and "<" in text:
        title = _TITLE.search(text)
        found = html.unescape(_TAGS.sub(" ", title.group(1) if title else text))
    found = clean_line(found or text)
    if key:
        found = found.replace(key, "…")
    return found if len(found) <= _SHOWN else f"{found[:_SHOWN]}…"


def _message(value: object) -> str:
    """The message in what servers send as errors."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "; ".join(filter(None, map(_message, value[:3])))
    found = table(value)
    for name in ("error", "message", "detail", "msg"):
        if found.get(name):
            return _message(found[name])
    return ""


def context_told(body: bytes) -> int | None:
    """The size of the context that an error names; None where it names none."""
    text = body[: 1 << 16].decode("utf-8", "replace")
    try:
        told = count_in(table(table(json.loads(text)).get("error")).get("n_ctx"))
    except (ValueError, RecursionError):
        told = None
    if told is None and (size := _SIZE.search(text)):
        told = int(size.group(1))
    return told


def refused(
    status: int, headers: Mapping[str, str], body: bytes, address: Address, key: str = ""
) -> ChatError:
    """The error that an answer with this status means. ``headers`` have names in lower case."""
    said, where = own_words(body, key), address.place
    whole = body[: 1 << 16].decode("utf-8", "replace")
    told = f' It says: "{said}"' if said else ""
    if 300 <= status < 400:
        to = clean_line(headers.get("location", ""))[:_SHOWN]
        hint = f"Give that address, if you trust it: {to}" if to else "Give the address itself."
        return EngineError(f"{where} sends elsewhere instead of answering ({status}).", hint)
    if status in (401, 403):
        hint = (
            "The key was not taken: check CHAT_TUI_ENGINE_KEY, or engine_key in the settings."
            if key
            else "It wants a key: set CHAT_TUI_ENGINE_KEY, or engine_key in the settings."
        )
        return EngineError(f"{where} does not let this program in ({status}).{told}", hint)
    if status in (400, 413, 422, 500) and _OVERFLOW.search(whole):
        size = context_told(body)
        holds = f" It holds {size:,} tokens." if size else ""
        return TooLong(
            f"The conversation is longer than the context of {where}.{holds}",
            "Shorten it, begin a new chat, or start the server with a larger context.",
            size,
        )
    if status == 429:
        return EngineError(f"{where} has too much to do (429).{told}", _later(headers))
    if status == 503:
        return EngineError(f"{where} cannot answer now (503).{told}", _later(headers))
    if status in (400, 404) and _MODEL.search(said):
        return EngineError(
            f"{where} does not know that model ({status}).{told}",
            "Name one that it has: --engine-model NAME, or engine_model in the settings.",
        )
    if status == 404:
        return EngineError(
            f"{where} has no such page (404).{told}", "Check the address and what runs there."
        )
    return EngineError(
        f"{where} answered with an error ({status}).{told}", "Its own log may say more."
    )


def _later(headers: Mapping[str, str]) -> str:
    wait = headers.get("retry-after", "").strip()
    return f"It asks to wait {wait} s." if wait.isdecimal() and len(wait) < 6 else _BUSY


def unreachable(error: Exception, address: Address) -> LoadError:
    """Why no connection came about."""
    where = address.place
    if isinstance(error, ssl.SSLCertVerificationError):
        why = clean_line(error.verify_message or "it cannot be verified")
        return LoadError(
            f"The certificate of {where} is not trusted: {why}.",
            "Nothing was sent. Have its authority trusted by this system, or use another address.",
        )
    if isinstance(error, ssl.SSLError):
        return LoadError(
            f"{where} does not speak TLS as it should.", "Perhaps it is http and not https."
        )
    if isinstance(error, socket.gaierror):
        return LoadError(f"There is no host {address.host}.", "Check the address and the network.")
    if isinstance(error, ConnectionRefusedError):
        return LoadError(
            f"Nothing listens at {where}.", "Start the server there, or check the port."
        )
    if isinstance(error, TimeoutError):
        return LoadError(f"{where} does not answer.", "Check the address and the network.")
    if isinstance(error, HTTPException):
        return LoadError(
            f"What answers at {where} does not speak HTTP as it should.",
            "Check the port; perhaps it is https.",
        )
    return LoadError(f"{where} cannot be reached: {_plain(error)}.", "Check the network.")


def broken_off(error: Exception | None, address: Address) -> EngineCrashed:
    """An answer that ended before its end."""
    where = address.place
    if isinstance(error, TimeoutError):
        return EngineCrashed(
            f"{where} has fallen silent in the middle of the answer.", "Ask again."
        )
    if isinstance(error, Garbled):
        return EngineCrashed(
            f"What {where} sends cannot be understood: {error}.",
            "Check that it is a server of models, and not something in between.",
        )
    return EngineCrashed(
        f"The connection to {where} broke off in the middle of the answer.",
        "What came is kept. Ask again, or look at the server's log.",
    )


def failed_midway(value: object, address: Address, key: str = "") -> EngineCrashed:
    """An error that a server sent inside of an answer."""
    said = own_words(json.dumps(value, default=str).encode(), key)
    return EngineCrashed(
        f'{address.place} gave up in the middle of the answer: "{said}"',
        "What came is kept. Ask again, or look at the server's log.",
    )


def _plain(error: Exception) -> str:
    return clean_line(text_in(getattr(error, "strerror", "")) or str(error) or "no reason given")[
        :_SHOWN
    ]
