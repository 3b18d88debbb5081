"""Keeping secrets out of a report that people paste into mails and bug trackers.

Knows what keys and tokens look like. Facts are gathered so that they hold none; this is the
second wall, for texts that others wrote: errors, what a process said.
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from chat_tui.untrusted import clean_line

_T = TypeVar("_T")
_HIDDEN = "…"
_LOGIN = re.compile(r"(?<=://)[^/\s@]*@")
_QUERY = re.compile(r"(://[^\s?#'\"]*)[?#][^\s'\"]*")
_KIND = r"(?:token|secret|passw(?:or)?d|api[_-]?key|access[_-]?key|credential)"
_NAMED = re.compile(
    rf"""(?ix) ( {_KIND} ['"]? \s* [=:] \s* ['"]? (?: bearer \s+ )? | --[\w-]*{_KIND} \s+
    | \b bearer \s+ ) [^\s'",;]+"""
)
_SHAPED = re.compile(
    r"\b(?:hf_|sk-|gh[pousr]_|github_pat_|glpat-|xox[a-z]-|AKIA|eyJ)[A-Za-z0-9_\-.]{12,}"
)


def hidden(text: str) -> str:
    """``text`` on one line, harmless to a terminal, without what looks like a secret."""
    text = _LOGIN.sub(f"{_HIDDEN}@", clean_line(text))
    text = _QUERY.sub(rf"\1?{_HIDDEN}", text)
    return _SHAPED.sub(_HIDDEN, _NAMED.sub(rf"\1{_HIDDEN}", text))


def address(url: str) -> str:
    """Scheme, host and port of an address: a path or a query can be a key."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return _HIDDEN if url else ""
    return f"{parts.scheme}://{clean_line(parts.hostname)}{port}" if parts.hostname else ""


def without_secrets(value: _T) -> _T:
    """The same value with ``hidden`` applied to every text in it: tuples and dataclasses."""
    return _without(value)  # type: ignore[no-any-return]


def _without(value: Any) -> Any:
    if isinstance(value, str):
        return hidden(value)
    if isinstance(value, Path):
        return Path(hidden(str(value)))
    if isinstance(value, tuple):
        return tuple(_without(one) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{one.name: _without(getattr(value, one.name)) for one in fields(value)}
        )
    return value
