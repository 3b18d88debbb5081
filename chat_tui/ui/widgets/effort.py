"""The effort as a segmented control in the composer's frame.

Knows the levels; must not know what they do. It draws the frame's lower edge itself, so that the
choice is always in sight and costs no line.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from chat_tui.effort import Effort
from chat_tui.language import _
from chat_tui.ui.keys import key_name, new_line_key

_LEFT = "╰─ "
ALL_LEVELS = 26
"""Cells that the three levels need."""


class EffortControl(Widget):
    """``╰─ low · medium · high ─── hint ─╯``."""

    DEFAULT_CSS = """
    EffortControl { height: 1; width: 1fr; color: $border-blurred; }
    """
    ALLOW_SELECT = False

    effort: reactive[Effort] = reactive(Effort.MEDIUM)
    is_answering: reactive[bool] = reactive(False)
    """Whether the user waits for an answer."""

    class Chosen(Message):
        """A level was clicked."""

        def __init__(self, effort: Effort) -> None:
            super().__init__()
            self.effort = effort

    def on_mount(self) -> None:
        """What keys do depends on where the focus is."""
        self.watch(self.screen, "focused", self._focus_moved, init=False)

    def _focus_moved(self) -> None:
        self.refresh()

    def render(self) -> Content:
        """The frame's edge with the levels in it."""
        width = self.content_size.width
        # Bold alone is hardly seen on many terminals.
        no_color = getattr(self.app, "no_color", False)
        in_use = "bold reverse" if no_color else "bold $text-accent"
        parts = [Content(_LEFT)]
        for number, level in enumerate(self._levels()):
            parts.append(Content(" · " if number else ""))
            parts.append(Content.styled(level, in_use if level is self.effort else "$text-muted"))
        left = Content("").join(parts) + " "
        room = width - left.cell_length - 1
        said = self._hint()
        hint = f" {said} ─" if room > cell_len(said) + 4 else ""
        right = Content.styled(hint[:-1], "$text-muted") + hint[-1:] + "╯"
        return (left + "─" * (width - left.cell_length - right.cell_length) + right).truncate(width)

    def _hint(self) -> str:
        """What the keys do now; those of the text area only while it has the focus."""
        focused = self.screen.focused
        if focused is not None and self.parent not in focused.ancestors:
            said = _("{help} help")
        elif self.is_answering:
            said = _("{send} queues · {stop} stops · {help} help")
        else:
            said = _("{send} sends · {line} new line · {help} help")
        keys = {"send": key_name("send"), "stop": key_name("stop"), "help": key_name("help")}
        return said.format(line=new_line_key(), **keys)

    def _levels(self) -> Sequence[Effort]:
        """All of them; on a very narrow screen the chosen one."""
        return list(Effort) if self.content_size.width >= ALL_LEVELS else [self.effort]

    def on_click(self, event: events.Click) -> None:
        """Choose the level under the pointer."""
        at = len(_LEFT)
        for level in self._levels():
            if at <= event.x < at + len(level):
                self.post_message(self.Chosen(level))
                return
            at += len(level) + len(" · ")
