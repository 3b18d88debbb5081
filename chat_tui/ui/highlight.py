"""Colours for code.

Knows lexers and theme colours; must not know widgets. Hostile code costs bounded time: beyond a
limit, and for languages nobody named, it stays plain.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from textual.content import Content, Span

from chat_tui.ui.clusters import styled

if TYPE_CHECKING:
    from pygments.lexer import Lexer  # type: ignore[import-untyped]

LIMIT = 20_000
"""Characters beyond which code is not coloured."""


def highlight(code: str, language: str) -> Content:
    """``code`` with colours for ``language``; plain where that is unknown or too long."""
    if language == "diff" and len(code) <= LIMIT:
        return _diff(code)
    if not language or len(code) > LIMIT or (kind_of := _lexer(language)) is None:
        return Content(code)
    lexer = kind_of(stripnl=False, ensurenl=False)
    spans: list[Span] = []
    at = 0
    for kind, text in lexer.get_tokens(code):
        end = at + len(text)
        if style := _style(str(kind)):
            spans.append(Span(at, end, style))
        at = end
    # A lexer that lost or added characters would colour the wrong ones.
    return styled(code, spans) if at == len(code) else Content(code)


def _diff(code: str) -> Content:
    """Line by line; the lexer passes over a last line without an end, and takes names for changes.

    The two lines that name a file stand together: a removed line may look like the first of them.
    """
    spans: list[Span] = []
    at, lines = 0, code.split("\n")
    for number, line in enumerate(lines):
        pair = lines[number - 1 : number + 1] if line[:4] == "+++ " else lines[number : number + 2]
        if [one[:4] for one in pair] == ["--- ", "+++ "]:
            style = "$text-muted"
        else:
            style = _CHANGES.get(line[:1], "")
        if style and line:
            spans.append(Span(at, at + len(line), style))
        at += len(line) + 1
    return Content(code, spans)


@lru_cache(maxsize=64)
def _lexer(language: str) -> type[Lexer] | None:
    # Kept, since a name that nobody knows is looked for in every installed package. Imported
    # late: loading it takes longer than the first paint should.
    from pygments.lexers import (  # type: ignore[import-untyped]  # noqa: PLC0415
        find_lexer_class_by_name,
    )
    from pygments.util import ClassNotFound  # type: ignore[import-untyped]  # noqa: PLC0415

    try:
        found: type[Lexer] = find_lexer_class_by_name(language)
    except (ClassNotFound, ValueError):
        return None
    return found


_CHANGES = {"+": "$text-success", "-": "$text-error", "@": "$text-muted"}
_STYLES = {
    "Token.Comment": "$text-muted italic",
    "Token.Keyword": "$text-accent",
    "Token.Literal.String": "$text-success",
    "Token.Literal.Number": "$text-warning",
    "Token.Name.Function": "$text-primary",
    "Token.Name.Class": "$text-primary",
    "Token.Name.Decorator": "$text-primary",
    "Token.Name.Builtin": "$text-accent",
    "Token.Name.Tag": "$text-primary",
    "Token.Name.Attribute": "$text-warning",
    "Token.Operator.Word": "$text-accent",
    "Token.Generic.Inserted": "$text-success",
    "Token.Generic.Deleted": "$text-error",
}


def _style(kind: str) -> str:
    while kind:
        if kind in _STYLES:
            return _STYLES[kind]
        kind = kind.rpartition(".")[0]
    return ""
