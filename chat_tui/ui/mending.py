"""What Textual does not mean to do, mended.

Knows Textual from within; must not know this program.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from textual._styles_cache import StylesCache


def let_go_of_lines() -> None:
    """Let the lines that a widget has drawn go with the widget.

    The cache of two colours is written as one of the class, but takes what each widget has drawn
    for a part of its key: that of the last thousand widgets stayed in memory.
    """
    found = vars(StylesCache)["get_inner_outer"]
    if not isinstance(found, classmethod):
        of_class: Any = lru_cache(1024)(found.__wrapped__)
        StylesCache.get_inner_outer = classmethod(of_class)  # type: ignore[assignment]
