"""The help screen: every key and every command, those of where one is first.

Knows the table of keys as it is bound; must not know what they do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from chat_tui.keys import COMMANDS, Key, Where
from chat_tui.language import N_, _
from chat_tui.ui.keys import bound_table

TITLES = {
    Where.COMPOSER: N_("While writing"),
    Where.CHOICES: N_("While commands or files are offered"),
    Where.CHAT: N_("Anywhere in the chat"),
    Where.THOUGHT: N_("On a thought, a call or a footnote"),
    Where.MESSAGE: N_("With a message chosen"),
    Where.CARD: N_("While a call waits"),
    Where.ROOM: N_("While the context is full"),
    Where.FIND: N_("While finding"),
    Where.LIST: N_("In the list of conversations"),
    Where.MODELS: N_("In the list of models"),
    Where.COMPARE: N_("While levels are compared"),
    Where.PROMPT: N_("While the prompt is shown"),
    Where.SETTINGS: N_("In the settings"),
    Where.THEMES: N_("While a theme is chosen"),
}
"""What can be pressed where, in the order of the help."""
_WITHIN = frozenset({*TITLES} - {Where.LIST, Where.MODELS, Where.COMPARE, Where.PROMPT})
"""Parts of the chat's own screen."""
_WIDEST = 76
_AROUND = 5
"""Cells that the padding and the scrollbar take."""
_NARROW = 56
"""Below so many cells the text stands under the key."""

Rows = Sequence[tuple[str, str]]


class HelpScreen(ModalScreen[None]):
    """Keys and commands, until a key closes it. ``where`` is where one was."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "Close", show=False)
    ]
    DEFAULT_CSS = f"""
    HelpScreen {{
        align: center middle; background: $background 60%;
        & > VerticalScroll {{
            width: {_WIDEST}; max-width: 100%; height: auto; max-height: 100%; padding: 1 2;
            background: $surface; scrollbar-size-vertical: 1;
        }}
        & Static {{ width: 1fr; height: auto; }}
    }}
    """

    def __init__(self, where: Where = Where.COMPOSER) -> None:
        super().__init__()
        self._where = where

    def compose(self) -> ComposeResult:
        """Lists in two columns."""
        with VerticalScroll():
            yield Static(Content.styled(_("Esc closes this, Down scrolls"), "$text-muted"))
            for title, rows in sections(self._where, bound_table()):
                yield Section(title, rows)


class Section(Static):
    """One part of the help, set for the width that there is."""

    def __init__(self, title: str, rows: Rows) -> None:
        super().__init__(markup=False)
        self._title = title
        self._rows = rows

    def on_mount(self) -> None:
        """Be as high as it will be."""
        self._set(min(_WIDEST, self.app.size.width) - _AROUND)

    def on_resize(self, event: events.Resize) -> None:
        """Set the columns anew."""
        self._set(event.size.width)

    def _set(self, width: int) -> None:
        self.update(_columns(self._title, self._rows, width))


def sections(where: Where, table: Mapping[str, Key]) -> Iterator[tuple[str, Rows]]:
    """The parts of the help for one who is there: a title, and what stands below it."""
    order = [where, *(other for other in Where if other is not where)]
    if where in _WITHIN:
        # Right behind those of a part of the chat: what works in all of it.
        order.remove(Where.CHAT)
        order.insert(int(where is not Where.CHAT), Where.CHAT)
    for number, at in enumerate(order):
        rows = [(_(key.shown), _(key.does)) for key in table.values() if key.where is at]
        if rows:
            title = _(TITLES.get(at, at.name.capitalize()))
            here = _("{title} (you are here)").format(title=title)
            yield here if number == 0 else title, rows
    yield _("Commands"), [(f"{c.shown} {_(c.usage)}".strip(), _(c.does)) for c in COMMANDS.values()]


def _columns(title: str, rows: Rows, width: int) -> Content:
    lines = [Content(""), Content.styled(title, "bold $text-accent")]
    left = max(cell_len(key) for key, _does in rows) + 2
    for key, text in rows:
        said, name = _dim(text), Content.styled(key, "bold")
        if width < _NARROW or left > width // 2:
            lines.append(name)
            lines += [Content("  ") + line for line in said.wrap(max(10, width - 2))]
            continue
        first, *more = said.wrap(width - left)
        lines.append(name.pad_right(left - name.cell_length) + first)
        lines += [Content(" " * left) + line for line in more]
    return Content("\n").join(lines)


def _dim(text: str) -> Content:
    return Content.styled(text, "$text-muted")
