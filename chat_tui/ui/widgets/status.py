"""The bottom line: what is happening, how fast, and how full the context is.

Knows texts and numbers; must not know events.
"""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from chat_tui.language import N_, _, number
from chat_tui.session.meter import Meter, bar
from chat_tui.untrusted import clean_line

BAR = 12
"""Cells of the bar that shows what fills the context."""


class StatusLine(Widget):
    """Phase to the left; speed and context to the right, as far as they fit."""

    DEFAULT_CSS = """
    StatusLine { height: 1; color: $text-muted; padding: 0 2; }
    """
    ALLOW_SELECT = False

    phase = reactive(N_("ready"))
    form = reactive("")
    """The name of the form that answers have to follow."""
    download = reactive("")
    """How far a download is; empty where none runs."""
    rate: reactive[float | None] = reactive(None)
    used = reactive(0)
    total = reactive(0)
    meter: reactive[Meter | None] = reactive(None)
    """What fills the context, where that is worth showing."""

    def render(self) -> Content:
        """The line at its width."""
        width = self.content_size.width
        busy = self.phase not in ("ready", _("ready"))
        left = Content.styled(clean_line(_(self.phase)), "$text-accent" if busy else "")
        facts = [_("form {name}").format(name=clean_line(self.form))] if self.form else []
        if self.download:
            facts.append(clean_line(self.download))
        if self.rate is not None:
            speed = number(self.rate, 1 if self.rate < 100 else 0)
            facts.append(_("{speed} tok/s").format(speed=speed))
        if self.total:
            # The meter counts what is being written too.
            used = max(self.used, self.meter.used if self.meter else 0)
            facts.append(_("{used:,}/{total:,} tokens").format(used=used, total=self.total))
            share = f"{min(used / self.total, 1.0):.0%}".replace("%", " %")
            facts.append(
                share if self.meter is None else f"{bar(self.meter, BAR, self.used)} {share}"
            )
        while facts:
            right = Content(" · ".join(facts))
            gap = width - left.cell_length - right.cell_length
            if gap >= 2:
                return left.pad_right(gap) + right
            facts.pop()
        return left.truncate(width, ellipsis=True)
