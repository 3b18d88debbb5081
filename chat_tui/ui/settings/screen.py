"""The screen with the settings: found by words, explained, changed one at a time.

Knows rows and what can be done with a setting; must not know the file or what a setting does.
Nothing here waits for the disk.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar, Protocol

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from chat_tui.errors import ChatError
from chat_tui.keys import Where
from chat_tui.language import N_, _
from chat_tui.preferences.file import Snapshot
from chat_tui.preferences.kinds import Secret, Words
from chat_tui.preferences.table import ELSEWHERE, Preference, matching
from chat_tui.ui.composer.editor import write_in_editor
from chat_tui.ui.keys import bind_all, key_name
from chat_tui.ui.list_screen import ListScreen
from chat_tui.ui.settings.rows import details, listed, row, title
from chat_tui.untrusted import clean_line

_HINTS = {
    "change setting": N_("change"),
    "reset setting": N_("default"),
    "close settings": N_("close"),
}
"""What the last line says of some keys."""


class Deeds(Protocol):
    """What can be done with settings; each may raise a ChatError."""

    @property
    def path(self) -> str:
        """Where the file lies."""

    async def read(self) -> Snapshot:
        """What it says now."""

    async def change(self, name: str, text: str | None) -> Snapshot:
        """Set one, or let its default hold again."""

    def choices(self, name: str) -> Sequence[str]:
        """All that one can be; empty where that is too much."""

    def in_use(self, name: str) -> str:
        """What holds now; empty where that is not known."""

    async def show_themes(self, then: Callable[[], None]) -> None:
        """Let a theme be chosen with the colours in sight."""


class SettingsScreen(ListScreen[None]):
    """All settings, or those with ``words``."""

    BINDINGS: ClassVar[list[BindingType]] = bind_all(Where.SETTINGS)
    WHERE: ClassVar[Where] = Where.SETTINGS
    DEFAULT_CSS = """
    SettingsScreen {
        & > Horizontal { height: 1; padding: 0 1; background: $surface; }
        & > Horizontal > Static { width: auto; max-width: 50%; color: $text-muted; }
        & > Horizontal > Input { width: 1fr; background: $surface; }
        & > #edit { background: $panel; display: none; }
        & > #edit > Input { background: $panel; }
        & > OptionList > .option-list--option-disabled { color: $text-accent; }
        & > VerticalScroll { max-height: 40%; }
    }
    """

    def __init__(self, deeds: Deeds, snapshot: Snapshot, words: str = "") -> None:
        super().__init__()
        self._deeds = deeds
        self._snapshot = snapshot
        self._shown: list[Preference | str] = []
        self._words = words
        """Those that the list was drawn for."""
        self._search = Input(words, id="words", compact=True, select_on_focus=False)
        self._value = Input(id="value", compact=True, select_on_focus=False)
        self._editing: Preference | None = None
        self._refused: dict[str, str] = {}
        """What was written in the editor and could not be kept: it is there again the next time."""
        self._busy = False

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        name = " · ".join([_("Settings"), clean_line(self._deeds.path)])
        hints = (f"{key_name(id_)} {_(word)}" for id_, word in _HINTS.items())
        yield Static(name, id="name", markup=False)
        with Horizontal():
            yield Static(_("find:") + " ", markup=False)
            yield self._search
        yield OptionList(markup=False)
        yield VerticalScroll(Static(id="details", markup=False), can_focus=False)
        with Horizontal(id="edit"):
            yield Static(id="editing", markup=False)
            yield self._value
        yield Static(id="said", markup=False)
        yield Static(" · ".join(hints), id="hints", markup=False)

    def on_mount(self) -> None:
        """Write into the search; the list goes with it."""
        self.query_one(OptionList).can_focus = False
        self._search.focus()
        self.call_after_refresh(self._draw)
        self.say(_(ELSEWHERE))

    # -- what is shown

    def _draw(self, chosen: str = "") -> None:
        options = self.query_one(OptionList)
        width = max(8, options.scrollable_content_region.width)
        self._words = self._search.value
        self._shown = list(listed(matching(self._words)))
        options.set_options(
            Option(title(one), disabled=True)
            if isinstance(one, str)
            else Option(row(one, self._snapshot, width), id=one.name.replace(".", "-"))
            for one in self._shown
        )
        names = [one if isinstance(one, str) else one.name for one in self._shown]
        options.highlighted = names.index(chosen) if chosen in names else 1 if names else None
        self._explain()

    def _explain(self) -> None:
        one, shown = self._chosen, self.query_one("#details", Static)
        if one is None:
            shown.update(Content(_("No setting has all of these words.")))
        else:
            choices, in_use = self._deeds.choices(one.name), self._deeds.in_use(one.name)
            shown.update(details(one, self._snapshot, choices, in_use))
        self.query_one(VerticalScroll).scroll_home(animate=False)
        self.call_after_refresh(self.query_one(OptionList).scroll_to_highlight)

    @property
    def _chosen(self) -> Preference | None:
        """The setting that keys act on."""
        at = self.query_one(OptionList).highlighted
        one = self._shown[at] if at is not None and at < len(self._shown) else None
        return one if isinstance(one, Preference) else None

    def on_option_list_option_highlighted(self, message: OptionList.OptionHighlighted) -> None:
        """Say what it is."""
        message.stop()
        self._explain()

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        """A click is the same as Enter."""
        message.stop()
        if self._editing is None:
            self.action_change_setting()

    def on_input_changed(self, message: Input.Changed) -> None:
        """Other words: another list."""
        message.stop()
        if message.input is self._search and self._search.value != self._words:
            self._draw()

    def on_resize(self) -> None:
        """Rows are as wide as the screen."""
        self.call_after_refresh(lambda: self._draw(self._chosen.name if self._chosen else ""))

    # -- what is asked

    def action_setting_above(self) -> None:
        """The one above."""
        self._move(-1)

    def action_setting_below(self) -> None:
        """The one below."""
        self._move(1)

    def action_settings_page_up(self) -> None:
        """A page back."""
        self._move(1 - self.query_one(OptionList).size.height)

    def action_settings_page_down(self) -> None:
        """A page on."""
        self._move(self.query_one(OptionList).size.height - 1)

    def _move(self, step: int) -> None:
        options = self.query_one(OptionList)
        if self._editing is not None or not self._shown:
            return
        at = min(max(1, (options.highlighted or 0) + step), len(self._shown) - 1)
        if isinstance(self._shown[at], str):  # a title
            at += 1 if step > 0 else -1
        options.highlighted = at

    def action_change_setting(self) -> None:
        """The next of a few values, or a line to write one; the second time it is written."""
        self._behind_typing(self._change_chosen)

    def _behind_typing(self, work: Callable[[], None]) -> None:
        """Do it when what was typed before has arrived: these keys overtake letters."""

        def now() -> None:
            if self._search.value != self._words:
                self._draw()
            if not self._busy:
                work()

        (self._search if self._editing is None else self._value).call_later(now)

    def _change_chosen(self) -> None:
        if (one := self._chosen) is None:
            return
        choices = self._deeds.choices(one.name)
        if self._editing is not None:
            self._ask(one, self._value.value)
        elif one.name == "theme":
            self._do(self._deeds.show_themes(self._seen))
        elif choices:
            now = self._snapshot.shown(one.name)
            at = choices.index(now) + 1 if now in choices else 0
            self._ask(one, choices[at % len(choices)])
        else:
            self._edit(one)

    def action_write_setting(self) -> None:
        """Write it in the user's editor, where there is room for many lines."""
        self._behind_typing(self._write_chosen)

    def _write_chosen(self) -> None:
        one = self._chosen
        if one is None:
            return
        if not isinstance(one.kind, Words):
            self.say(_("{key} changes it.").format(key=key_name("change setting")))
            return
        text = self._value.value if self._editing is not None else self._snapshot.text(one.name)
        try:
            text = write_in_editor(self._refused.get(one.name, text), self.app.suspend)
        except ChatError as error:
            self.say(str(error))
        else:
            self._refused[one.name] = text  # until it is written
            self._ask(one, text)

    def action_reset_setting(self) -> None:
        """Let its default hold again."""
        self._behind_typing(self._reset_chosen)

    def _reset_chosen(self) -> None:
        if (one := self._chosen) is not None:
            self._ask(one, None)

    def action_close_settings(self) -> None:
        """Leave the line as it was, else the words, else the screen."""
        if self._editing is not None:
            self._stop_editing()
        elif self._search.value:
            self._search.value = ""
        else:
            self.dismiss(None)

    def _edit(self, one: Preference) -> None:
        value = self._snapshot.text(one.name)
        if "\n" in value:
            told = _("It has several lines: {key} opens it in your editor.")
            self.say(told.format(key=key_name("write setting")))
            return
        secret = isinstance(one.kind, Secret)
        self._editing = one
        self._value.password = secret
        self._value.value = "" if secret else value
        self.query_one("#editing", Static).update(Content(f"{one.name}: "))
        self.query_one("#edit").display = True
        self._search.disabled = True
        self.call_after_refresh(self._value.focus)  # only what is on the screen takes it
        hint = _("It is {kind}. Enter writes it, Esc leaves it as it was.")
        if isinstance(one.kind, Words):
            hint = _("It is {kind}. Enter writes it, Esc leaves it, {key} opens your editor.")
        self.say(hint.format(kind=one.kind.words, key=key_name("write setting")))

    def _stop_editing(self) -> None:
        self._editing = None
        self.query_one("#edit").display = False
        self._value.value = ""
        self._search.disabled = False
        self._search.focus()
        self.say("")

    def _ask(self, one: Preference, text: str | None) -> None:
        if text is not None and not text.strip() and not one.kind.choices:
            text = None  # an empty line is the default
        self._do(self._change(one, text))

    async def _change(self, one: Preference, text: str | None) -> None:
        self._snapshot = await self._deeds.change(one.name, text)
        self._refused.pop(one.name, None)
        if self._editing is not None:
            self._stop_editing()
        self._draw(one.name)
        said = f"{one.name}: {self._snapshot.shown(one.name).removesuffix('.')}."
        if one.restart:
            said = " ".join([said, _("It holds from the next start on.")])
        self.say(said)

    def _seen(self) -> None:
        """A theme was chosen, or not."""

        async def look() -> None:
            self._snapshot = await self._deeds.read()
            self._draw("theme")

        self._do(look())

    def _do(self, work: Awaitable[None]) -> None:
        """Do it beside the loop; what is wrong is said."""

        async def run() -> None:
            self._busy = True
            try:
                await work
            except ChatError as error:
                self.say(str(error))
            finally:
                self._busy = False

        self.run_worker(run(), group="settings")
