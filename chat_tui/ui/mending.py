"""What Textual does not mean to do, mended.

Knows Textual from within; must not know this program.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from rich import _wrap as of_rich
from textual import _wrap as of_textual
from textual._styles_cache import StylesCache
from textual.content import Content, Span

_ALONE = (
    "\u2e80-\u2fff\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3041-\u3096\u309d-\u309f\u30a1-\u30fa"
    "\u30fd-\u312f\u31a0-\u31ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Characters that are words of their own: ideographs and kana."""
_OPENS = "\u3008\u300a\u300c\u300e\u3010\u3014\u3016\u3018\uff08\uff3b\uff5b\u201c\u2018"
"""What does not stand at the end of a line."""
_MARKS = "\u0300-\u036f\u3099\u309a\ufe00-\ufe0f\U000e0100-\U000e01ef"
_CLOSES = (
    "\u3001\u3002\u3009\u300b\u300d\u300f\u3011\u3015\u3017\u3019\u301c\u30fb\u30fc\uff01\uff09"
    "\uff0c\uff0e\uff1a\uff1b\uff1f\uff3d\uff5d\u201d\u2019\u2026,.:;!?%)}\\]"
)
"""What does not stand at the beginning of one."""
_JOINS = "\u00a0\u2007\u202f\u2060"
"""Spaces that do not break."""
_WORD = f"(?:[{_OPENS}]*[{_ALONE}][{_MARKS}{_CLOSES}]*|(?:[^\\s{_ALONE}]|[{_JOINS}])+)"


_IN_CELLS = Content.expand_tabs
"""What Textual does, which counts cells where there are styles."""


def _expand_tabs(content: Content, tab_size: int = 8) -> Content:
    if content.spans or "\t" not in content.plain:
        return _IN_CELLS(content, tab_size)
    whole = Span(0, len(content.plain), "")
    return _IN_CELLS(Content(content.plain, [whole]), tab_size).without_spans


def let_go_of_lines() -> None:
    """Let the lines that a widget has drawn go with the widget.

    The cache of two colours is written as one of the class, but takes what each widget has drawn
    for a part of its key: that of the last thousand widgets stayed in memory.
    """
    found = vars(StylesCache)["get_inner_outer"]
    if not isinstance(found, classmethod):
        of_class: Any = lru_cache(1024)(found.__wrapped__)
        StylesCache.get_inner_outer = classmethod(of_class)  # type: ignore[assignment]


def break_lines_between_words() -> None:
    """Let lines end where languages end them, in what is shown and in what is written.

    To Rich and Textual a word is what stands between spaces, whatever their kind. So Chinese and
    Japanese, which have none, left a line empty beside a Latin word and could be broken before a
    comma; a number, or a French question mark, was torn from what it is joined to by a space that
    does not break.
    """
    of_rich.re_word = re.compile(rf"\s*{_WORD}\s*")
    of_textual.re_chunk = re.compile(rf"{_WORD}\s*|\s+")


def count_tabs_in_cells() -> None:
    """Let a tab be as wide in a text without styles as in one with some.

    Textual measures a text's height without its styles, and then counts the characters before a
    tab, not their cells. Behind wide or joined ones a tab was drawn wider than it was measured, and
    what came onto one more line for it was not seen: of a call that one is asked about, too.
    """
    Content.expand_tabs = _expand_tabs  # type: ignore[assignment]
