"""The screen of the prompt inspector: figures, the prompt, a line to look for text in it.

Knows what was inspected and the table of keys; must not know the chat or files. What leaves the
screen, by copying or to a file, does so because a key was pressed; nothing is ever sent.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import ClassVar, Protocol

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from chat_tui.errors import ChatError
from chat_tui.language import N_, _, ngettext
from chat_tui.session.inspect import Inspected
from chat_tui.ui.inspect.lines import Hit, Sheet, search, sheet
from chat_tui.ui.inspect.sheet_view import SheetView
from chat_tui.ui.keys import key_name
from chat_tui.ui.models.aside import aside
from chat_tui.untrusted import clean_line

MOST_HITS = 10_000
_HINTS = {
    "boundaries": N_("tokens"),
    "look for": N_("find"),
    "part after": N_("next message"),
    "copy prompt": N_("copy"),
    "save prompt": N_("save"),
    "close prompt": N_("close"),
}


class Deeds(Protocol):
    """What keys ask for; each may raise a ChatError."""

    async def copy(self, text: str) -> str:
        """Copy the prompt; what to say of it."""

    async def save(self, text: str) -> str:
        """Write the prompt to a file; what to say of it."""


class PromptScreen(Screen[None]):
    """What the model would see next."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # The view has the table's keys; this is for the line that looks for text.
        Binding("escape", "leave_line", "Close", show=False)
    ]
    DEFAULT_CSS = """
    PromptScreen {
        layout: vertical;
        & > #name {
            height: 1; padding: 0 1; background: $panel; color: $text-muted; text-wrap: nowrap;
            text-overflow: ellipsis;
        }
        & > Input { height: 1; padding: 0 1; background: $surface; display: none; }
        & > #said { height: auto; max-height: 3; padding: 0 1; color: $text-accent; display: none; }
        & > #hints { height: auto; max-height: 2; padding: 0 1; color: $text-muted; }
    }
    """

    def __init__(self, inspected: Inspected, deeds: Deeds) -> None:
        super().__init__()
        self._inspected = inspected
        self._deeds = deeds
        self._view = SheetView()
        self._field = Input(compact=True, select_on_focus=False, placeholder=_("text to find"))
        self._line = Static(id="said", markup=False)
        self._sheet: Sheet | None = None
        self._hits: list[Hit] = []
        self._at = 0

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield Static(Content(self._figures()), id="name", markup=False)
        yield self._view
        yield self._field
        yield self._line
        yield Static(Content(self._hints()), id="hints", markup=False)

    def on_mount(self) -> None:
        """Read it."""
        self._view.focus()

    def on_sheet_view_resized(self, message: SheetView.Resized) -> None:
        """Lay the lines out anew, in a thread: long prompts take a while."""
        message.stop()
        self.run_worker(self._lay_out(), group="lay out", exclusive=True)

    async def on_sheet_view_wanted(self, message: SheetView.Wanted) -> None:
        """A key was pressed."""
        message.stop()
        match message.id:
            case "look for":
                self._field.display = True
                self._field.focus()
            case "next place" | "previous place":
                self._step(1 if message.id == "next place" else -1)
            case "copy prompt":
                await self._do(self._deeds.copy(self._inspected.text))
            case "save prompt":
                await self._do(self._deeds.save(self._inspected.text))
            case _:
                self.action_leave_line()

    def on_input_changed(self, message: Input.Changed) -> None:
        """Look while it is being written."""
        message.stop()
        self.run_worker(self._look(message.value), group="look", exclusive=True)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Back to the prompt, if something was found: keys go on from there."""
        message.stop()
        if self._hits:
            self.action_leave_line()

    def action_leave_line(self) -> None:
        """Back to the prompt, where what was found stays marked; from there to the chat."""
        if self._field.display:
            self._field.display = False
            self._view.focus()
            self._tell(self._field.value if self._hits else "")
        else:
            self.dismiss(None)

    # -- inside

    async def _lay_out(self) -> None:
        width = self._view.room
        self._sheet = await aside(lambda: sheet(self._inspected, width))
        self._view.show(self._sheet)

    async def _look(self, words: str) -> None:
        found = self._sheet
        if found is None:
            return
        self._hits = await aside(lambda: search(found, words, MOST_HITS))
        top = found.lines[min(self._view.top, len(found.lines) - 1)]
        place = (top.entry, max(0, top.begin), 0)
        self._at = next((at for at, hit in enumerate(self._hits) if hit >= place), 0)
        self._tell(words)

    def _step(self, step: int) -> None:
        if self._hits:
            self._at = (self._at + step) % len(self._hits)
            self._tell(self._field.value)
        else:
            self.say(_("{key} looks for a text.").format(key=key_name("look for")))

    def _tell(self, words: str) -> None:
        here = self._hits[self._at] if self._hits else None
        self._view.mark(self._hits, here)
        more = "+" if len(self._hits) == MOST_HITS else ""
        if here is not None:
            place = _("{number:,} of {count:,}").format(number=self._at + 1, count=len(self._hits))
            keys = _("{next} next · {previous} back").format(
                next=key_name("next place"), previous=key_name("previous place")
            )
            # While the words are written, those keys are letters of them.
            self.say(f"{place}{more}" if self._field.display else f"{place}{more} · {keys}")
        else:
            self.say(_("nothing found") if words else "")

    async def _do(self, deed: Awaitable[str]) -> None:
        try:
            self.say(await deed)
        except ChatError as error:
            self.say(str(error))

    def say(self, text: str) -> None:
        """Show a line below."""
        self._line.update(Content(clean_line(text)))
        self._line.display = bool(text)

    def _figures(self) -> str:
        found = self._inspected
        fresh = found.tokens - found.reused
        share = f"{found.tokens / found.context:.0%}".replace("%", " %") if found.context else ""
        facts = [
            _("Prompt"),
            ngettext("{n:,} token", "{n:,} tokens", found.tokens).format(n=found.tokens),
            _("+ {fresh:,} to read, {reused:,} cached").format(fresh=fresh, reused=found.reused),
            _("{share} of {count:,}").format(share=share, count=found.context) if share else "",
        ]
        return " · ".join(filter(None, facts))

    def _hints(self) -> str:
        keys = (f"{key_name(id_).split(',')[0]} {_(word)}" for id_, word in _HINTS.items())
        return " · ".join(keys)
