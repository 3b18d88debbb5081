"""The screen with the list of conversations: what is chosen, and what a key does.

Knows rows and what can be done with a conversation; must not know the store or the chat.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Input, Static

from chat_tui.errors import ChatError
from chat_tui.keys import Where
from chat_tui.language import N_, _, ngettext, number
from chat_tui.store.values import Summary
from chat_tui.ui.history.deeds import Deeds, Wanted
from chat_tui.ui.history.looking import Looking
from chat_tui.ui.history.roll import Roll
from chat_tui.ui.history.rows import SHOWN_HITS, Row
from chat_tui.ui.keys import bind_all, key_name
from chat_tui.untrusted import clean_line

_HINTS = {
    "open": N_("open"),
    "rename": N_("rename"),
    "pin": N_("pin"),
    "remove": N_("delete"),
    "bring back": N_("bring back"),
    "close list": N_("close"),
}
"""What the last line says of some keys."""


class HistoryScreen(Screen[Wanted | None]):
    """All conversations, or those in which ``words`` stand; it ends with the one to open."""

    EACH: ClassVar[int] = SHOWN_HITS + 1
    """Places of one conversation that are worth finding."""
    BINDINGS: ClassVar[list[BindingType]] = bind_all(Where.LIST)
    DEFAULT_CSS = """
    HistoryScreen {
        layers: base above; layout: vertical;
        & > #name { height: 1; padding: 0 1; background: $panel; color: $text-muted; }
        & > #search { height: 1; padding: 0 1; background: $surface; }
        & > #search > Static { width: auto; padding: 0 2 0 0; color: $text-muted; }
        & > #search > Input { width: 1fr; background: $surface; }
        & > #retitle { layer: above; position: absolute; display: none; background: $panel; }
        & > #said { height: auto; max-height: 3; padding: 0 2; color: $text-accent; display: none; }
        & > #hints { height: auto; max-height: 2; padding: 0 2; color: $text-muted; }
    }
    """

    def __init__(
        self, deeds: Deeds, words: str = "", clock: Callable[[], datetime] = datetime.now
    ) -> None:
        super().__init__()
        self._deeds = deeds
        self._looking = Looking(self, deeds, words, clock)
        self._roll = Roll()
        self._field = Input(
            words,
            compact=True,
            select_on_focus=False,
            placeholder=_("titles, messages, reasoning, calls"),
        )
        self._title = Input(id="retitle", compact=True, select_on_focus=False)
        self._renaming: Summary | None = None
        self._asked_to_copy: str | None = None
        self._opens = False
        """Whether the first of what is still being looked for is to be opened."""
        # Held, not looked up: what was looked for may come when the screen is being taken down.
        self._count_line = Static(id="name", markup=False)
        self._said_line = Static(id="said", markup=False)

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        hints = (f"{key_name(id_).split(',')[0]} {_(word)}" for id_, word in _HINTS.items())
        yield self._count_line
        with Horizontal(id="search"):
            yield Static(_("Search"), markup=False)
            yield self._field
        yield self._roll
        yield self._said_line
        yield Static(" · ".join(hints), id="hints", markup=False)
        yield self._title

    def on_mount(self) -> None:
        """Look at once."""
        self.set_focus(self._field)  # not later: somebody may be writing a title then
        self.begin(self._looking.begin())

    # -- what is shown

    def show(self, rows: list[Row], keep: str | None) -> None:
        """See ``Shows``."""
        chosen, searched = self._roll.chosen, self._looking.is_search
        self._roll.show(rows, keep or (chosen.one.id if chosen and not searched else None))
        listing = self._looking.listing
        count = len(listing.conversations) if listing else 0
        title = _("Conversations")
        if searched:
            found = ngettext("{n:,} found", "{n:,} found", len(rows)).format(n=len(rows))
            name = f"{title} · {found}" if rows else _("Nothing was found")
        elif listing and count:
            name = f"{title} · {number(count)}{'' if listing.whole else '+'}"
        else:
            name = _("No conversation is kept yet")
        self._count_line.update(Content(name))
        if self._opens and not self._looking.is_behind:
            self._open()

    def begin(self, work: Coroutine[None, None, None]) -> None:
        """See ``Shows``."""
        self.run_worker(work)

    def say(self, text: str) -> None:
        """Show a line below the list."""
        self._said_line.update(Content(clean_line(text)))
        self._said_line.display = bool(text)

    # -- what is asked

    def on_input_changed(self, message: Input.Changed) -> None:
        """Search while it is being written."""
        message.stop()
        self._search()

    def on_roll_clicked(self, message: Roll.Clicked) -> None:
        """The second click opens."""
        self._stop_renaming()
        if message.again:
            self.action_open()

    def on_resize(self, _event: Resize) -> None:
        """The row that is being renamed may be elsewhere now."""
        self._stop_renaming()

    def action_open(self) -> None:
        """Go on with the chosen one, or give it the title that was written.

        Not before the letters in front of this key are written, and what they say is found.
        """
        field = self._field if self._renaming is None else self._title
        field.call_later(self._open)

    def _open(self) -> None:
        self._search()
        self._opens = self._renaming is None and self._looking.is_behind
        if self._opens:
            return
        if self._renaming is not None:
            one, title = self._renaming, self._title.value
            self._stop_renaming()
            self._do(self._deeds.retitle(one, title), "", one.id)
        elif (chosen := self._roll.chosen) is not None:
            name, hit = chosen.one.id, self._roll.chosen_hit
            if not chosen.busy or self._asked_to_copy == name:
                node = hit.node if hit else None
                self.dismiss(Wanted(name, chosen.busy, node, self._looking.words))
            else:
                self._asked_to_copy = name
                self.say(_("It is open in another chat-tui. Enter again opens a copy of it here."))

    def action_one_up(self) -> None:
        """The one above."""
        self._move(lambda: self._roll.move(-1))

    def action_one_down(self) -> None:
        """The one below."""
        self._move(lambda: self._roll.move(1))

    def action_window_up(self) -> None:
        """A page back."""
        self._move(lambda: self._roll.page(-1))

    def action_window_down(self) -> None:
        """A page on."""
        self._move(lambda: self._roll.page(1))

    def action_first(self) -> None:
        """The first."""
        self._move(lambda: self._roll.end(-1))

    def action_last(self) -> None:
        """The last."""
        self._move(lambda: self._roll.end(1))

    def action_rename(self) -> None:
        """Write another title in its place."""
        chosen = self._roll.chosen
        if chosen is None or self._renaming is not None:
            return
        self._renaming = chosen.one
        field, region = self._title, self._roll.content_region
        field.value = clean_line(chosen.one.title)
        field.cursor_position = len(field.value)
        field.styles.offset = (region.x + 2, self._roll.chosen_line)
        field.styles.width = max(8, region.width - 2)
        field.display = True
        self.set_focus(field)  # at once: the next key is for the title
        self.say(_("Enter keeps the title, Esc the old one."))

    def action_pin(self) -> None:
        """Keep it on top, or no longer."""
        if (chosen := self._roll.chosen) is not None and self._renaming is None:
            one = chosen.one
            said = _("No longer on top: {title}") if one.pinned else _("On top: {title}")
            self._do(self._deeds.pin(one), said.format(title=one.title), one.id)

    def action_remove(self) -> None:
        """Delete it; in the middle of what is written, delete there."""
        field = self._title if self._renaming else self._field
        if self._renaming or field.cursor_position < len(field.value):
            field.action_delete_right()
        elif (chosen := self._roll.chosen) is not None:
            one, key = chosen.one, key_name("bring back")
            said = _("Deleted: {title} · {key} brings it back.").format(
                title=one.title or _("(no title)"), key=key
            )
            self._do(self._deeds.delete(one), said, self._roll.after(one.id))

    def action_bring_back(self) -> None:
        """Bring back what was deleted last."""
        if self._renaming is None:
            self.run_worker(self._bring_back())

    def action_close_list(self) -> None:
        """Give up the new title, else close the list."""
        if self._renaming is not None:
            self._stop_renaming()
        else:
            self.dismiss(None)

    # -- inside

    def _search(self) -> None:
        """Look for what is written, if that is something else."""
        if self._field.value != self._looking.words:
            self._looking.words = self._field.value
            self._opens = False
            self.say("")
            self._looking.look()

    def _move(self, move: Callable[[], None]) -> None:
        self._stop_renaming()
        self._opens = False
        self.say("")
        self._asked_to_copy = None
        move()

    def _do(self, deed: Awaitable[None], said: str, keep: str | None) -> None:
        """Do it, say so, and show what has become of the list."""

        async def work() -> None:
            try:
                await deed
            except ChatError as error:
                self.say(str(error))
            else:
                self.say(said)
                self._looking.look(again=True, keep=keep)

        self.run_worker(work())

    async def _bring_back(self) -> None:
        try:
            one = await self._deeds.restore()
        except ChatError as error:
            self.say(str(error))
            return
        said = _("Back again: {title}") if one else _("Nothing was deleted here.")
        self.say(said.format(title=one.title) if one else said)
        if one is not None:
            self._looking.look(again=True, keep=one.id)

    def _stop_renaming(self) -> None:
        if self._renaming is not None:
            self._renaming = None
            self._title.display = False
            self._field.focus()
            self.say("")
