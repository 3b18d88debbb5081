"""The last guard before the terminal: no rendered line carries a control character.

Knows rendered segments; must not know what they show. Text is cleaned where it comes in; this
catches what a widget let through, and removes terminal hyperlinks altogether.
"""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from chat_tui.untrusted import clean


class ControlFilter(LineFilter):
    """Cleans every segment, keeping its width in cells."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """``segments`` without control characters and hyperlinks."""
        del background
        return [_safe(segment) for segment in segments]


def _safe(segment: Segment) -> Segment:
    text, style, _control = segment
    if style is not None and style.link:
        style = style.update_link(None)
    if not text.isprintable():
        # Printable text, nearly all there is, holds no control and no format character.
        cleaned = clean(text).replace("\n", "").replace("\t", "")
        text = cleaned + " " * max(0, cell_len(text) - cell_len(cleaned))
    return Segment(text, style)
