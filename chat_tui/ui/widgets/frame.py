"""The frame around the composer; its lower edge is the effort control's.

Knows borders only; must not know what stands in it.
"""

from __future__ import annotations

from textual.containers import Vertical


class Frame(Vertical):
    """A text area with the effort control below it; bright while the area has the focus."""

    DEFAULT_CSS = """
    Frame {
        height: auto; margin: 0 1;
        & > TextArea { border: round $border-blurred; border-bottom: none; padding: 0 1; }
        &:focus-within > TextArea { border: round $border; border-bottom: none; }
        &:focus-within > EffortControl { color: $border; }
    }
    """
