"""The top line: title · model · device · offline, or the host that is talked to · tools.

Knows texts; must not know where they are from. On a narrow screen the facts go from the right,
what tools may do last.
"""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from chat_tui.untrusted import clean_line

YOLO = " YOLO "
"""Code of the model runs without a question."""
_TOOLS = {"ask": "tools ask", "read only": "tools read only", "off": "tools off"}


class Header(Widget):
    """One line that says what this is about."""

    DEFAULT_CSS = """
    Header { height: 1; background: $panel; color: $text-muted; padding: 0 1; }
    """
    ALLOW_SELECT = False

    title = reactive("")
    model = reactive("")
    device = reactive("")
    host = reactive("")
    """Where the model is, if not on this machine."""
    tools = reactive("")
    """What tools may do; empty where there are none."""
    unasked = reactive(False)
    """Whether code runs without a question: never out of sight."""

    def render(self) -> Content:
        """Title to the left, facts to the right, as far as they fit."""
        width = self.content_size.width
        title = Content(clean_line(self.title) or "New conversation")
        facts = [fact for fact in (clean_line(self.model), clean_line(self.device)) if fact]
        if self.host:
            # What leaves the machine is the last fact to go on a narrow screen.
            facts.insert(0, clean_line(self.host))
        else:
            facts.append("offline")
        tools = [_TOOLS[self.tools]] if self.tools in _TOOLS else []
        yolo = Content.styled(YOLO, "bold $background on $text-error") if self.unasked else None
        if yolo is not None and self.tools == "ask":
            tools = []
        for count in range(len(facts), -1, -1):
            right = Content(" · ".join([*facts[:count], *tools]))
            if yolo is not None:
                right = Content(" · ").join([right, yolo] if right else [yolo])
            if right and right.cell_length + min(title.cell_length, 24) + 2 <= width:
                break
        else:
            return yolo if yolo is not None else title.truncate(width, ellipsis=True)
        room = width - right.cell_length - 2
        left = title.truncate(room, ellipsis=True).stylize("$foreground")
        return left.pad_right(width - left.cell_length - right.cell_length) + right
