"""A message that was chosen, and what can be done with it, by keys.

Knows the table of keys; must not know the conversation. It takes the focus while it is there, so
that what is being written stays as it is.
"""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from chat_tui.keys import Where
from chat_tui.language import _
from chat_tui.ui.keys import bind_all, key_name


class Chooser(Static, can_focus=True):
    """A few lines above the composer, and none while no message is chosen."""

    BINDINGS: ClassVar[list[BindingType]] = bind_all(Where.MESSAGE)
    DEFAULT_CSS = """
    Chooser { height: auto; padding: 0 2; background: $panel; display: none; }
    """
    ALLOW_SELECT = False

    class Wanted(Message):
        """Something is to be done with the message: ``id`` is that of the key in the table."""

        def __init__(self, id_: str) -> None:
            super().__init__()
            self.id = id_

    def __init__(self) -> None:
        super().__init__(markup=False)

    def show(self, name: str, place: tuple[int, int], is_question: bool) -> None:
        """Tell of the message ``name``, the version ``place`` of it, and take the focus."""
        number, count = place
        parts = [Content.styled(name, "bold")]
        if count > 1:
            parts.append(Content(f"‹ {number}/{count} › {_keys('version left', 'version right')}"))
        can = {
            "edit message": _("edit"),
            "answer anew": _("anew"),
            "fork": _("fork"),
            "copy message": _("copy"),
            "back": _("back"),
        }
        for id_, does in can.items():
            if is_question or id_ != "edit message":
                parts.append(Content.assemble((key_name(id_), "bold"), f" {does}"))
        moves = _keys("message above", "message below")
        parts.append(Content(_("{keys} move").format(keys=moves)))
        self.update(Content(" · ").join(parts))
        self.display = True
        self.focus(scroll_visible=False)

    def hide(self) -> None:
        """Nothing is chosen any more."""
        self.display = False

    def on_blur(self) -> None:
        """Whoever goes elsewhere is done."""
        if self.display:
            self.post_message(self.Wanted("back"))

    def action_message_above(self) -> None:
        """The message before."""
        self.post_message(self.Wanted("message above"))

    def action_message_below(self) -> None:
        """The message after."""
        self.post_message(self.Wanted("message below"))

    def action_version_left(self) -> None:
        """The version before."""
        self.post_message(self.Wanted("version left"))

    def action_version_right(self) -> None:
        """The version after."""
        self.post_message(self.Wanted("version right"))

    def action_edit_message(self) -> None:
        """Put it in other words."""
        self.post_message(self.Wanted("edit message"))

    def action_answer_anew(self) -> None:
        """Another answer."""
        self.post_message(self.Wanted("answer anew"))

    def action_fork(self) -> None:
        """Another conversation from here on."""
        self.post_message(self.Wanted("fork"))

    def action_copy_message(self) -> None:
        """Put it on the clipboard."""
        self.post_message(self.Wanted("copy message"))

    def action_back(self) -> None:
        """Choose nothing."""
        self.post_message(self.Wanted("back"))


def _keys(*ids: str) -> str:
    return ", ".join(key_name(id_) for id_ in ids)
