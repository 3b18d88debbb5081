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
from chat_tui.language import N_, _
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
_BUSY = N_("It is busy or still loading: wait a moment and ask again.")


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
    if 300 <= status < 400:
        to = clean_line(headers.get("location", ""))[:_SHOWN]
        hint = (
            _("Give that address, if you trust it: {address}")
            if to
            else _("Give the address itself.")
        )
        elsewhere = _("{server} sends elsewhere instead of answering ({status}).")
        return EngineError(elsewhere.format(server=where, status=status), hint.format(address=to))
    if status in (401, 403):
        hint = (
            _("The key was not taken: check CHAT_TUI_ENGINE_KEY, or engine_key in the settings.")
            if key
            else _("It wants a key: set CHAT_TUI_ENGINE_KEY, or engine_key in the settings.")
        )
        closed = _("{server} does not let this program in ({status}).")
        return EngineError(with_words(closed.format(server=where, status=status), said), hint)
    if status in (400, 413, 422, 500) and _OVERFLOW.search(whole):
        size = context_told(body)
        long = _("The conversation is longer than the context of {server}.").format(server=where)
        holds = _("It holds {n:,} tokens.").format(n=size) if size else ""
        return TooLong(
            f"{long} {holds}".strip(),
            _("Shorten it, begin a new chat, or start the server with a larger context."),
            size,
        )
    if status == 429:
        what, hint = _("{server} has too much to do ({status})."), _later(headers)
    elif status == 503:
        what, hint = _("{server} cannot answer now ({status})."), _later(headers)
    elif status in (400, 404) and _MODEL.search(said):
        what = _("{server} does not know that model ({status}).")
        hint = _("Name one that it has: --engine-model NAME, or engine_model in the settings.")
    elif status == 404:
        what = _("{server} has no such page ({status}).")
        hint = _("Check the address and what runs there.")
    else:
        what = _("{server} answered with an error ({status}).")
        hint = _("Its own log may say more.")
    return EngineError(with_words(what.format(server=where, status=status), said), hint)


def with_words(sentence: str, said: str) -> str:
    """The sentence, and a server's own words behind it where it has said any."""
    if not said:
        return sentence
    return _('{sentence} It says: "{words}"').format(sentence=sentence, words=said)


def _later(headers: Mapping[str, str]) -> str:
    wait = headers.get("retry-after", "").strip()
    if wait.isdecimal() and len(wait) < 6:
        return _("It asks to wait {n} s.").format(n=wait)
    return _(_BUSY)


def unreachable(error: Exception, address: Address) -> LoadError:
    """Why no connection came about."""
    where = address.place
    if isinstance(error, ssl.SSLCertVerificationError):
        why = clean_line(error.verify_message or _("it cannot be verified"))
        return LoadError(
            _("The certificate of {server} is not trusted: {reason}.").format(
                server=where, reason=why
            ),
            _(
                "Nothing was sent. Have its authority trusted by this system, or use another"
                " address."
            ),
        )
    if isinstance(error, ssl.SSLError):
        return LoadError(
            _("{server} does not speak TLS as it should.").format(server=where),
            _("Perhaps it is http and not https."),
        )
    if isinstance(error, socket.gaierror):
        return LoadError(
            _("There is no host {host}.").format(host=address.host),
            _("Check the address and the network."),
        )
    if isinstance(error, ConnectionRefusedError):
        return LoadError(
            _("Nothing listens at {server}.").format(server=where),
            _("Start the server there, or check the port."),
        )
    if isinstance(error, TimeoutError):
        return LoadError(
            _("{server} does not answer.").format(server=where),
            _("Check the address and the network."),
        )
    if isinstance(error, HTTPException):
        return LoadError(
            _("What answers at {server} does not speak HTTP as it should.").format(server=where),
            _("Check the port; perhaps it is https."),
        )
    return LoadError(
        _("{server} cannot be reached: {reason}.").format(server=where, reason=_plain(error)),
        _("Check the network."),
    )


def broken_off(error: Exception | None, address: Address) -> EngineCrashed:
    """An answer that ended before its end."""
    where = address.place
    if isinstance(error, TimeoutError):
        return EngineCrashed(
            _("{server} has fallen silent in the middle of the answer.").format(server=where),
            _("Ask again."),
        )
    if isinstance(error, Garbled):
        return EngineCrashed(
            _("What {server} sends cannot be understood: {reason}.").format(
                server=where, reason=_(str(error))
            ),
            _("Check that it is a server of models, and not something in between."),
        )
    return EngineCrashed(
        _("The connection to {server} broke off in the middle of the answer.").format(server=where),
        _("What came is kept. Ask again, or look at the server's log."),
    )


def failed_midway(value: object, address: Address, key: str = "") -> EngineCrashed:
    """An error that a server sent inside of an answer."""
    said = own_words(json.dumps(value, default=str).encode(), key)
    return EngineCrashed(
        _('{server} gave up in the middle of the answer: "{words}"').format(
            server=address.place, words=said
        ),
        _("What came is kept. Ask again, or look at the server's log."),
    )


def _plain(error: Exception) -> str:
    return clean_line(
        text_in(getattr(error, "strerror", "")) or str(error) or _("no reason given")
    )[:_SHOWN]
