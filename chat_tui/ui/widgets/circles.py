"""What to do about reasoning that goes in circles: three choices, by key and by click.

Knows the table of keys; must not know what the choices do. It never takes the focus, so writing
goes on below it.
"""

from __future__ import annotations

from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from chat_tui.conversation import Effort
from chat_tui.language import _
from chat_tui.ui.keys import key_name

_KEY_CELLS = 8


class Choice(Static):
    """One line to click, with the key that does the same."""

    DEFAULT_CSS = """
    Choice { width: 1fr; height: 1; &:hover { background: $warning 20%; } }
    """
    ALLOW_SELECT = False

    class Chosen(Message):
        """It was clicked; ``id`` is that of its key in the table."""

        def __init__(self, id_: str) -> None:
            super().__init__()
            self.id = id_

    def __init__(self, id_: str, does: str) -> None:
        key = Content.styled(key_name(id_), "bold")
        super().__init__(key.pad_right(max(0, _KEY_CELLS - key.cell_length)) + does)
        self._chosen = id_

    def on_click(self) -> None:
        """The same as its key."""
        self.post_message(self.Chosen(self._chosen))


class Circles(Widget):
    """The offer, shown while the reasoning that it is about goes on."""

    DEFAULT_CSS = """
    Circles {
        height: auto; width: 1fr; layout: vertical; margin: 0 0 1 0; padding: 0 1;
        border-left: outer $text-warning; background: $warning 8%;
    }
    """

    def __init__(self, effort: Effort) -> None:
        super().__init__()
        self._lower = effort.less()

    def compose(self) -> ComposeResult:
        """A sentence and the choices."""
        yield Static(Content.styled(_("The reasoning goes in circles"), "bold $text-warning"))
        yield Choice("answer now", _("answer now"))
        if self._lower is not None:
            again = _("ask again at {effort}").format(effort=self._lower)
            yield Choice("lower effort", again)
        yield Choice("go on", _("let it go on"))
