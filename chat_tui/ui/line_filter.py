"""The last guard before the terminal: no rendered line carries a control character.

Knows rendered segments; must not know what they show. Text is cleaned where it comes in; this
catches what a widget let through, and removes terminal hyperlinks altogether.
"""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from chat_tui.untrusted import clean_after


class ControlFilter(LineFilter):
    """Cleans every segment, keeping its width in cells."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """``segments`` without control characters and hyperlinks."""
        del background
        safe: list[Segment] = []
        before = ""
        for segment in segments:
            text, style, _control = segment
            if style is not None and style.link:
                style = style.update_link(None)
            if not (text.isascii() and text.isprintable()):
                text = _cleaned(before, text)
            before = (before + text)[-_BEFORE:]
            safe.append(Segment(text, style))
        return safe


_BEFORE = 20
"""Characters that cleaning needs of what stands to the left."""


def _cleaned(before: str, text: str) -> str:
    # What cleaning leaves goes first: without a tab the mark behind it would begin the line.
    cleaned = clean_after(before, text.replace("\t", "").replace("\n", "")).replace("\n", "")
    # Segments are measured one by one: what a joiner does across them nobody would count.
    cleaned = cleaned.lstrip("\u200d")
    return text if cleaned == text else set_cell_size(cleaned, cell_len(text))
