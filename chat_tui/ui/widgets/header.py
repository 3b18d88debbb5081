"""The top line: title · model · device · offline.

Knows texts; must not know where they are from. On a narrow screen the rightmost facts go first.
"""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from chat_tui.untrusted import clean_line


class Header(Widget):
    """One line that says what this is about."""

    DEFAULT_CSS = """
    Header { height: 1; background: $panel; color: $text-muted; padding: 0 1; }
    """
    ALLOW_SELECT = False

    title = reactive("")
    model = reactive("")
    device = reactive("")

    def render(self) -> Content:
        """Title to the left, facts to the right, as far as they fit."""
        width = self.content_size.width
        title = Content(clean_line(self.title) or "New conversation")
        facts = [clean_line(self.model), clean_line(self.device), "offline"]
        facts = [fact for fact in facts if fact]
        while facts:
            right = Content(" · ".join(facts))
            if right.cell_length + min(title.cell_length, 24) + 2 <= width:
                break
            facts.pop()
        else:
            return title.truncate(width, ellipsis=True)
        room = width - right.cell_length - 2
        left = title.truncate(room, ellipsis=True).stylize("$foreground")
        return left.pad_right(width - left.cell_length - right.cell_length) + right
