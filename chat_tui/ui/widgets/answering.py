"""What a question about a call is answered with: choices to click, lines to write in.

Knows the keys of the choices; must not know a request or what an answer leads to.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from chat_tui.language import N_
from chat_tui.ui.area import Area
from chat_tui.ui.guard import Act
from chat_tui.ui.keys import bound

WORDS = {
    Act.ONCE: N_("allow once"),
    Act.ALWAYS: N_("always here"),
    Act.EDIT: N_("edit first"),
    Act.DENY: N_("deny"),
    Act.REASON: N_("deny + why"),
    Act.STOP: N_("stop answer"),
}
"""What the choices say; translated where they are shown."""
IDS = {
    Act.ONCE: "once",
    Act.ALWAYS: "always",
    Act.EDIT: "change",
    Act.DENY: "deny",
    Act.REASON: "why",
    Act.STOP: "halt",
}
"""The choices' ids in the table of keys."""
AROUND = 4
"""Cells of the key of a choice, with the spaces around it."""


class Option(Static):
    """One choice: its key and what it does, to click."""

    DEFAULT_CSS = """
    Option { width: 1fr; height: 1; text-wrap: nowrap; &:hover { background: $warning 25%; } }
    Option.default { text-style: bold; }
    ApprovalCard:focus Option.default { background: $warning 25%; }
    """
    ALLOW_SELECT = False

    class Clicked(Message):
        """It was clicked, at ``when``."""

        def __init__(self, act: Act, when: float) -> None:
            super().__init__()
            self.act = act
            self.when = when

    def __init__(self, act: Act, words: str) -> None:
        key = bound(IDS[act]).keys[0]
        super().__init__(Content.assemble((f" {key} ", "bold $text-accent"), words))
        self.act = act
        self._pressed = False
        self.set_class(act is Act.DENY, "default")

    def on_mouse_down(self) -> None:
        """A click has to begin here too, in case that something moved meanwhile."""
        self._pressed = True

    def on_leave(self) -> None:
        """The pointer has gone, or the choice has from under it."""
        self._pressed = False

    def on_click(self, event: events.Click) -> None:
        """The same as its key."""
        event.stop()
        pressed, self._pressed = self._pressed, False
        if pressed:
            self.post_message(self.Clicked(self.act, event.time))


class Editor(Area):
    """Where the arguments are changed; leaving it never runs anything."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Done", show=False)]

    class Left(Message):
        """The user is done with editing."""

    def action_leave(self) -> None:
        """Back to the question."""
        self.post_message(self.Left())


class Why(Input):
    """Where the reason of a denial is written."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Back", show=False)]

    class Left(Message):
        """The user does not want to say why."""

    def action_leave(self) -> None:
        """Back to the question."""
        self.post_message(self.Left())
