"""The list above the composer of what may be chosen while one writes.

Knows choices and how they are drawn; must not know what is completed. The texts of files are from
outside: plain text.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from chat_tui.ui.composer.offers import Choice
from chat_tui.untrusted import clean_line

MOST_LINES = 8
FEW_LINES = 3
ROOMY = 20
"""Lines of the screen from which there is room for more than a few."""


class Choices(Widget):
    """One line a choice, in two columns; not there while there is nothing to choose."""

    DEFAULT_CSS = """
    Choices { height: auto; width: 1fr; margin: 0 1; background: $panel; display: none; }
    """
    ALLOW_SELECT = False

    class Clicked(Message):
        """A choice was clicked; it is the chosen one now."""

    def __init__(self) -> None:
        super().__init__()
        self._choices: Sequence[Choice] = ()
        self._at = 0
        self._top = 0
        self.was_moved = False
        """Whether the chosen one was gone to by hand."""

    @property
    def is_open(self) -> bool:
        """Whether there is something to choose."""
        return bool(self._choices)

    @property
    def all(self) -> Sequence[Choice]:
        """What there is to choose from."""
        return self._choices

    @property
    def chosen(self) -> Choice | None:
        """The one that would be taken."""
        return self._choices[self._at] if self._choices else None

    def show(self, choices: Sequence[Choice]) -> None:
        """Offer these; the first is the chosen one."""
        if list(choices) != list(self._choices):
            self._choices, self._at, self._top, self.was_moved = tuple(choices), 0, 0, False
            self.display = bool(choices)
            self.refresh(layout=True)

    def move(self, step: int) -> None:
        """Choose the next one; behind the last comes the first."""
        if self._choices:
            self._at, self.was_moved = (self._at + step) % len(self._choices), True
            self.refresh()

    def render(self) -> Content:
        """The lines in sight."""
        count, width = self._lines, self.content_size.width
        self._top = min(max(self._top, self._at - count + 1), self._at)
        seen = self._choices[self._top : self._top + count]
        left = min(
            max((cell_len(clean_line(one.shown)) for one in seen), default=0), width * 6 // 10
        )
        lines = [
            self._line(one, left, width).stylize("reverse" if number == self._at else "")
            for number, one in enumerate(seen, self._top)
        ]
        return Content("\n").join(lines)

    def on_click(self, event: events.Click) -> None:
        """The same as going there and taking it."""
        event.stop()
        at = self._top + event.y
        if at < len(self._choices):
            self._at, self.was_moved = at, True
            self.post_message(self.Clicked())

    def _line(self, choice: Choice, left: int, width: int) -> Content:
        shown = Content.styled(clean_line(choice.shown), "bold").truncate(
            max(1, left), ellipsis=True, pad=True
        )
        does = Content.styled(f"  {clean_line(choice.does)}" if choice.does else "", "$text-muted")
        return (Content(" ") + shown + does).truncate(max(1, width), ellipsis=True, pad=True)

    @property
    def _lines(self) -> int:
        most = MOST_LINES if self.app.size.height >= ROOMY else FEW_LINES
        return min(most, len(self._choices))

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """One line a choice, up to a few."""
        del container, viewport, width
        return self._lines
