"""What is done with settings and themes: shown, changed, written, and obeyed at once.

Knows the file, the chat and the pane; must not know rows or keys. The file is read and written
beside the loop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from chat_tui.errors import ChatError, UsageError
from chat_tui.language import _
from chat_tui.preferences.file import SettingsFile, Snapshot
from chat_tui.session.chat import Chat
from chat_tui.session.obeying import obey
from chat_tui.settings import ReasoningView, Settings
from chat_tui.ui.few_colors import NO_COLORS, WHY_NONE
from chat_tui.ui.models.aside import aside
from chat_tui.ui.pane import ChatPane
from chat_tui.ui.themes import Wardrobe
from chat_tui.untrusted import clean_line


class House(Protocol):
    """What is asked of the program around the chat."""

    @property
    def wardrobe(self) -> Wardrobe:
        """The themes there are."""

    no_color: bool
    """Whether themes make no difference."""

    @property
    def few_colors(self) -> str:
        """Why themes cannot be shown as they are; empty where they can."""

    def wear(self, name: str) -> None:
        """Set the colours, for now. Raises SettingsError, UsageError."""

    def obey(self, settings: Settings) -> None:
        """Take in what the program itself does another way now."""


class SettingsDesk:
    """Everything about settings; without a ``file`` only themes can be chosen.

    ``set_view`` shows so much of the reasoning, ``remember`` keeps a theme where there is no file.
    """

    def __init__(
        self,
        chat: Chat,
        pane: ChatPane,
        house: House,
        file: SettingsFile | None,
        set_view: Callable[[ReasoningView], None],
        remember: Callable[[str, str], None],
    ) -> None:
        self._chat = chat
        self._pane = pane
        self._house = house
        self._file = file
        self._set_view = set_view
        self._remember = remember

    # -- commands

    async def settings(self, words: str) -> None:
        """Show those with these words. Raises ChatError."""
        if self._file is None:
            raise UsageError(_("There is no settings file here."))
        from chat_tui.ui.settings.screen import SettingsScreen  # noqa: PLC0415 - when it is opened

        await self._pane.app.push_screen(SettingsScreen(self, await self.read(), words))

    async def theme(self, name: str) -> None:
        """Set the colours and keep them; without a name show what there is. Raises ChatError."""
        if not name:
            await self.show_themes(lambda: None)
            return
        await aside(self._house.wardrobe.look)
        if name not in (names := self._house.wardrobe.names):
            problem = _("There is no theme '{name}'.").format(name=clean_line(name))
            raise UsageError(problem, _("There are {names}.").format(names=", ".join(names)))
        self._house.wear(name)
        await self._keep(name)

    # -- what the screen asks for

    @property
    def path(self) -> str:
        """Where the file lies."""
        return str(self._file.path) if self._file else ""

    def choices(self, name: str) -> Sequence[str]:
        """All that one can be; empty where that is too much."""
        if name == "theme":
            return self._house.wardrobe.names
        return self._file.choices(name) if self._file else ()

    def in_use(self, name: str) -> str:
        """What holds now, which a key or the command line may have chosen."""
        tools = self._chat.tools
        shows_all = not (self._house.no_color or self._house.few_colors)  # else nobody chose it
        now = {
            "effort": str(self._chat.effort),
            "temperature": f"{self._chat.options.sampling.temperature:g}",
            "tools.mode": "" if tools is None else str(tools.mode),
            "theme": self._pane.app.theme if shows_all else "",
        }
        return now.get(name, "")

    async def read(self) -> Snapshot:
        """What the file says now. Raises SettingsError."""
        file = self._file
        if file is None:
            raise UsageError(_("There is no settings file here."))
        return await aside(file.read)

    async def change(self, name: str, text: str | None) -> Snapshot:
        """Set one, or let its default hold again; it is obeyed at once. Raises ChatError."""
        file = self._file
        if file is None:
            raise UsageError(_("There is no settings file here."))
        snapshot = await aside(lambda: file.unset(name) if text is None else file.set(name, text))
        self._obey(name, snapshot.settings)
        return snapshot

    async def show_themes(self, then: Callable[[], None]) -> None:
        """Let a theme be chosen with the colours in sight, and call back. Raises UsageError."""
        wardrobe, now = self._house.wardrobe, self._pane.app.theme
        if self._house.no_color:
            raise UsageError(_(NO_COLORS), _(WHY_NONE))
        await aside(wardrobe.look)
        notes = [str(problem) for problem in wardrobe.problems]
        if self._house.few_colors:
            notes.insert(0, self._house.few_colors)

        def left(name: str | None) -> None:
            if name is not None:
                self._pane.run_worker(self._kept(name, then), group="settings")

        from chat_tui.ui.settings.themes import ThemesScreen  # noqa: PLC0415 - when it is opened

        screen = ThemesScreen(wardrobe.names, now, self._house.wear, notes)
        await self._pane.app.push_screen(screen, left)

    # -- inside

    async def _kept(self, name: str, then: Callable[[], None]) -> None:
        try:
            await self._keep(name)
        except ChatError as error:
            self._pane.say(str(error))
        then()

    async def _keep(self, name: str) -> None:
        """Let the next start have this theme. Raises ChatError."""
        file = self._file
        if file is None:
            self._remember("theme", name)
        else:
            await aside(lambda: file.set("theme", name))
        self._pane.say(_("The theme is {name}.").format(name=name))

    def _obey(self, name: str, settings: Settings) -> None:
        """Do now what does not wait for the next start."""
        if obey(self._chat, name, settings):
            self._pane.effort = self._chat.effort
            self._pane.show_mode()
            self._pane.talk.retold()
        elif name == "reasoning.view":
            self._set_view(settings.reasoning)
        elif name == "theme":
            self._house.wear(settings.theme)
        else:
            self._house.obey(settings)
