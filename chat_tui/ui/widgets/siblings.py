"""Which of how many versions a message is, and the way to the others: ``‹ 2/3 ›``.

Knows two numbers; must not know the conversation. It is there only where there is a choice.
"""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

_ARROW = 2
"""Cells at either end that are clicked for the version before and after."""


class Siblings(Static):
    """Two arrows to click and, between them, where one is."""

    DEFAULT_CSS = """
    Siblings {
        width: auto; height: 1; color: $text-muted; display: none;
        &:hover { color: $foreground; }
    }
    """
    ALLOW_SELECT = False

    class Walked(Message):
        """An arrow was clicked: -1 to the version before, 1 to the next."""

        def __init__(self, siblings: Siblings, step: int) -> None:
            super().__init__()
            self.siblings = siblings
            self.step = step

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.place = (0, 0)
        self._pressed = 0

    def show(self, place: tuple[int, int]) -> None:
        """Be the version ``place[0]`` of ``place[1]``, from 1."""
        if place == self.place:
            return
        self.place = place
        number, count = place
        arrow = [f"$foreground {60 if there else 20}%" for there in (number > 1, number < count)]
        self.update(
            Content.assemble(("‹", arrow[0]), f" {number}/{count} ", ("›", arrow[1])),
        )
        self.display = count > 1

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A click has to begin here, on the same arrow."""
        self._pressed = self._arrow(event)

    def on_click(self, event: events.Click) -> None:
        """To another version, where an arrow was hit."""
        step, self._pressed = self._pressed, 0
        if step and step == self._arrow(event):
            event.stop()
            self.post_message(self.Walked(self, step))

    def _arrow(self, event: events.MouseEvent) -> int:
        if event.x < _ARROW:
            return -1
        return 1 if event.x >= self.content_size.width - _ARROW else 0
