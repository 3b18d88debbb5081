"""The first paint: the lines of an empty chat and a field to write in, until the chat is there.

Knows what a chat looks like before anything was said, and keeps what is pressed meanwhile. Must
not know the session, nor import what these lines do not need: this is all that a start waits for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Key, Paste
from textual.message import Message
from textual.screen import Screen
from textual.widgets import TextArea

from chat_tui.effort import Effort
from chat_tui.language import _
from chat_tui.ui.keys import key_name
from chat_tui.ui.widgets.cards import Notice
from chat_tui.ui.widgets.effort import EffortControl
from chat_tui.ui.widgets.frame import Frame
from chat_tui.ui.widgets.header import Header
from chat_tui.ui.widgets.status import StatusLine
from chat_tui.untrusted import clean_line

if TYPE_CHECKING:
    from chat_tui.ui.furniture import Furniture


def welcome(host: str, *, private: bool) -> str:
    """What an empty chat says; ``host`` is where the model is, if not on this machine."""
    effort, reasoning, rest = map(key_name, ("effort", "reasoning", "help"))
    where = _("The model runs on this machine and nothing leaves it.")
    if host:
        where = _("The model runs at {host}: what is said here goes there.")
        where = where.format(host=clean_line(host))
    if private:
        where = f"{where} {_('Nothing is kept here.')}"
    keys = _("{effort} how much it reasons · {reasoning} shows the reasoning · {rest} the rest")
    return f"{where}\n{keys.format(effort=effort, reasoning=reasoning, rest=rest)}"


def typed(events: Iterable[Key | Paste]) -> str:
    """What was written, up to the first thing that is more than writing."""
    text = ""
    for event in events:
        if isinstance(event, Key) and event.is_printable and event.character:
            text += event.character
        elif isinstance(event, Key) and event.key == "backspace":
            text = text[:-1]
        else:
            break
    return text


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of a chat before it is there."""

    effort: Effort = Effort.MEDIUM
    host: str = ""
    tools: str = ""
    """What tools may do; empty where there are none."""
    unasked: bool = False
    private: bool = False
    welcomes: bool = True
    """Whether nothing was said in it yet."""


class Blank(Vertical):
    """Where the transcript will be; what does not fit stands above its upper edge."""

    DEFAULT_CSS = """
    Blank {
        height: 1fr; padding: 1 0 0 0;
        & > Vertical { dock: bottom; height: auto; }
        & Notice { margin: 0 2 1 2; }
    }
    """


class Front(Screen[None]):
    """Looks like the chat; once it is painted, ``bring`` is called in a thread of its own."""

    DEFAULT_CSS = """
    Front TextArea {
        height: auto; min-height: 1; max-height: 11; background: $background;
        scrollbar-size-vertical: 1;
    }
    """

    class Brought(Message):
        """The furniture is there."""

        def __init__(self, furniture: Furniture) -> None:
            super().__init__()
            self.furniture = furniture

    class Failed(Message):
        """There will be no chat."""

        def __init__(self, trouble: BaseException) -> None:
            super().__init__()
            self.trouble = trouble

    def __init__(self, bring: Callable[[], Furniture], look: Look) -> None:
        super().__init__()
        self._bring = bring
        self._look = look
        self.kept: list[Key | Paste] = []
        """What was pressed and pasted so far: the chat gets it, in this order."""

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        look, header, effort = self._look, Header(), EffortControl()
        header.host, header.tools = look.host, look.tools
        header.unasked, header.private = look.unasked, look.private
        effort.effort = look.effort
        yield header
        with Blank(), Vertical():
            if look.welcomes:
                yield Notice(welcome(look.host, private=look.private))
        with Frame():
            area = TextArea(
                soft_wrap=True, highlight_cursor_line=False, placeholder=_("Ask anything")
            )
            area.cursor_blink = False
            yield area
            yield effort
        status = StatusLine()
        status.set_reactive(StatusLine.phase, _("loading {share}").format(share="0 %"))
        yield status

    def on_mount(self) -> None:
        """Paint, then fetch the rest."""
        self.query_one(TextArea).focus()
        self._show()
        self.call_after_refresh(lambda: self.run_worker(self._fetch()))

    def keep(self, event: Key | Paste) -> None:
        """Keep what the chat will get; what is simply written is in sight at once."""
        self.kept.append(event)
        self._show()

    async def _fetch(self) -> None:
        fetching = asyncio.ensure_future(asyncio.to_thread(self._bring))
        await asyncio.wait([fetching])
        if (trouble := fetching.exception()) is not None:
            self.post_message(self.Failed(trouble))
        else:
            self.post_message(self.Brought(fetching.result()))

    def _show(self) -> None:
        text = typed(self.kept)
        for area in self.query(TextArea):  # there is none yet, or none any more, for a moment
            if area.text != text:
                area.text = text
                area.move_cursor(area.document.end)
