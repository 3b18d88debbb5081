"""Characters for the console of Linux, whose fonts hold 256 or 512 of them.

Knows characters only. What the usual fonts lack is shown as the nearest one they have, of the same
width; elsewhere it would be a blank or a diamond.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_NEAREST = str.maketrans({
    **dict(zip("╭╮╰╯", "┌┐└┘", strict=True)),
    **dict(zip("━┃╸╺", "─│──", strict=True)),
    **dict(zip("▸▾▹▿", "►▼►▼", strict=True)),
    **dict(zip("●○◦☐☑✓✗", "•oo□■√x", strict=True)),
    **dict(zip("‹›“”„‘’‚—–−…⋯", "<>\"\"\"'',---..", strict=True)),
    "\u202f": " ",
    **dict(zip("▁▂▃▅▆▇▔", "▄▄▄▄██▀", strict=True)),
    **dict(zip("▏▎▍▋▊▉▕", "▌▌▌███▐", strict=True)),
})  # fmt: skip


def lacks_glyphs(environment: Mapping[str, str]) -> bool:
    """Whether the terminal is that console."""
    return environment.get("TERM", "").split("-")[0] == "linux"


class ConsoleGlyphs(LineFilter):
    """Draws what is there."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """``segments`` in the nearest characters."""
        del background
        return [
            segment
            if segment.text.isascii()
            else Segment(segment.text.translate(_NEAREST), segment.style)
            for segment in segments
        ]
