"""The top line: title · model · device · offline, or the host that is talked to · tools · kept.

Knows texts; must not know where they are from. On a narrow screen the facts go from the right,
what tools may do last.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from chat_tui.language import N_, _
from chat_tui.untrusted import clean_line

YOLO = " YOLO "
"""Code of the model runs without a question."""
_TOOLS = {"ask": N_("tools ask"), "read only": N_("tools read only"), "off": N_("tools off")}


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
    private = reactive(False)
    """Whether nothing that is said is kept: never out of sight either."""

    def render(self) -> Content:
        """Title to the left, facts to the right, as far as they fit."""
        return top_line(
            self.content_size.width,
            title=self.title,
            facts=(self.model, self.device),
            host=self.host,
            tools=self.tools,
            unasked=self.unasked,
            private=self.private,
        )


def top_line(
    width: int,
    *,
    title: str = "",
    facts: Sequence[str] = (),
    host: str = "",
    tools: str = "",
    unasked: bool = False,
    private: bool = False,
) -> Content:
    """The line in so many cells; see ``Header`` for what it is made of."""
    head = Content(clean_line(title) or _("New conversation"))
    known = [fact for fact in map(clean_line, facts) if fact]
    if not host:
        known.append(_("offline"))
    mode = [_(_TOOLS[tools])] if tools in _TOOLS else []
    if unasked and tools == "ask":
        mode = []
    # What leaves the machine, is not kept or runs unasked goes last, however narrow it is.
    first = [Content(clean_line(host))] if host else []
    last = [Content(_("not kept"))] if private else []
    last += [Content.styled(YOLO, "bold auto on $error")] if unasked else []
    shown = [[*known[:count], *mode] for count in range(len(known), -1, -1)]
    for some in [*shown, []]:
        right = Content(" · ").join([*first, *map(Content, some), *last])
        if right and right.cell_length + min(head.cell_length, 24) + 2 <= width:
            break
    else:
        if not right or right.cell_length + 8 > width:
            return (right or head).truncate(width, ellipsis=True)
    room = width - right.cell_length - 2
    left = head.truncate(room, ellipsis=True).stylize("$foreground")
    return left.pad_right(width - left.cell_length - right.cell_length) + right
