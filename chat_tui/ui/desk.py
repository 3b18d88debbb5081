"""What commands and clicks have done: choices, forms, exports, answers about the model.

Knows the chat, the pane and what is remembered; must not know keys or how a command is spelled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Protocol

from chat_tui.conversation import Effort
from chat_tui.errors import UsageError
from chat_tui.language import N_, _
from chat_tui.session import export
from chat_tui.settings import ReasoningView
from chat_tui.ui.branches import Branches
from chat_tui.ui.compare.desk import CompareDesk
from chat_tui.ui.composer.words import Words
from chat_tui.ui.copying import Copying
from chat_tui.ui.furniture import Furniture
from chat_tui.ui.history.desk import HistoryDesk
from chat_tui.ui.inspect.desk import InspectDesk
from chat_tui.ui.making_room import MakingRoom
from chat_tui.ui.models.aside import aside
from chat_tui.ui.models.desk import ModelsDesk
from chat_tui.ui.pane import ChatPane
from chat_tui.ui.settings.desk import House as Around
from chat_tui.ui.settings.desk import SettingsDesk
from chat_tui.ui.tool_desk import ToolDesk
from chat_tui.ui.widgets.cards import Notice
from chat_tui.ui.widgets.doctor import AROUND, WIDEST, DoctorScreen
from chat_tui.ui.widgets.find import FindBar
from chat_tui.untrusted import clean_line

_SEEN = {
    ReasoningView.FOLDED: N_("Reasoning is folded."),
    ReasoningView.SHOWN: N_("Reasoning is shown."),
    ReasoningView.HIDDEN: N_("Reasoning is hidden."),
}


class House(Around, Protocol):
    """What is asked of the program around the chat."""

    @property
    def examine(self) -> Callable[[int], str] | None:
        """What is right and wrong with this installation, so wide; takes seconds."""

    def leave(self) -> None:
        """End the program."""


class Desk:
    """Does what ``commands.Face`` asks for; every method may raise a ChatError."""

    def __init__(
        self,
        furniture: Furniture,
        pane: ChatPane,
        house: House,
    ) -> None:
        chat, shelf, models = furniture.chat, furniture.shelf, furniture.models
        self._chat = chat
        self._pane = pane
        self._house = house
        self._reasoning = furniture.reasoning
        self._remember = furniture.remember
        self._shelf = shelf
        self.setting = SettingsDesk(
            chat, pane, house, furniture.settings, self._set_view, furniture.remember
        )
        self.tooling = ToolDesk(chat, pane)
        self.copying = Copying(chat, pane, lambda: pane.transcript.last_answer)
        self.comparing = CompareDesk(chat, pane)
        self.inspecting = InspectDesk(chat, pane)
        self.history = HistoryDesk(shelf, pane)
        self.models = None if models is None else ModelsDesk(models, chat, pane)
        pane.arguments = Words(
            chat,
            lambda: house.wardrobe.names,
            lambda: pane.transcript.last_answer,
            None if self.models is None else self.models.listed,
            pane.run_worker,
            lambda: pane.composer.completion.again(),  # noqa: PLW0108 - there once it is asked
        )

    @property
    def room(self) -> MakingRoom:
        """All about a context that fills up."""
        return self._pane.talk.room

    @property
    def branching(self) -> Branches:
        """All about branches."""
        return self._pane.branches

    async def press(self, action: str) -> None:
        """Do what a key does."""
        await self._pane.screen.run_action(action)

    async def compare(self, words: str) -> None:
        """Answer a new question, else the last one, at every level, side by side."""
        await self.comparing.compare(words, self._reasoning)

    async def prompt(self, words: str) -> None:
        """Show what the model would see next, with this question or the draft."""
        await self.inspecting.show(words)

    def choose_effort(self, effort: Effort) -> None:
        """Set how much the model reasons from the next question on."""
        self._pane.effort = effort
        self._remember("effort", effort)

    def next_reasoning(self) -> None:
        """Folded, shown, hidden."""
        self._set_view(self._reasoning.next())
        self._remember("reasoning", self._reasoning)
        self._pane.say(_(_SEEN[self._reasoning]))

    def _set_view(self, view: ReasoningView) -> None:
        self._reasoning = view
        self._pane.transcript.set_view(view)

    async def regenerate(self, effort: Effort | None) -> None:
        """Answer the last question anew."""
        await self._pane.talk.regenerate(effort)

    async def choose_schema(self, file: str) -> None:
        """Set the form of the next answers; no file leaves them free."""
        if not file:
            self._pane.set_form(None)
            self._pane.say(_("Answers are free in their form again."))
            return
        # Imported late: few ask for a form, and the first paint should not wait for grammars.
        from chat_tui.grammar.load import load_schema  # noqa: PLC0415

        form = await asyncio.to_thread(load_schema, Path(file))
        self._pane.set_form(form)
        said = _("The next answers are JSON of the form '{name}'.")
        self._pane.say(said.format(name=clean_line(form.name)))

    def find(self, words: str) -> None:
        """Look for words in the conversation."""
        self._pane.query_one(FindBar).open(clean_line(words))

    async def export(self, file: str, reasoning: bool) -> None:
        """Write the conversation and say where it lies; a form's name may stand for the file."""
        # Imported late: the first paint should not wait for the makers of documents.
        from chat_tui.session.document import document, form_of, whole  # noqa: PLC0415

        if not self._chat.conversation.messages:
            raise UsageError(_("Nothing has been said yet."))
        form, file = form_of(file)
        chat, stored = self._chat, await asyncio.to_thread(whole, self._chat, self._shelf)
        text = await asyncio.to_thread(lambda: document(chat, stored, form, reasoning=reasoning))
        name = export.default_name(stored.title, date.today())
        path = await asyncio.to_thread(export.write, text, file, name, form)
        self._pane.say(_("Written to {path}").format(path=path))

    async def model(self, words: str) -> None:
        """List the models or use another; where there is no choice, say which is in use."""
        if self.models is not None:
            await self.models.model(words)
            return
        model = self._chat.engine.model
        lines = [_("No model is loaded yet.")]
        if model is not None:
            lines = [
                f"{model.name} · {size(model.size_bytes)} · {model.device}",
                _("context {count:,} of {most:,} tokens").format(
                    count=model.context, most=model.trained_context
                ),
                model.path,
                *filter(None, [model.note]),
            ]
        lines.append(_("Another one: chat-tui --model FILE"))
        await self._pane.transcript.note(Notice("\n".join(lines)))

    async def examine(self) -> None:
        """Show what is right and wrong with this installation."""
        if (examine := self._house.examine) is None:
            raise UsageError(_("The doctor is not here."), _("In a shell: chat-tui doctor"))
        # Not awaited: the screen would stand still for the seconds that it takes.
        self._pane.run_worker(self._examined(examine), group="doctor", exclusive=True)

    async def _examined(self, examine: Callable[[int], str]) -> None:
        width = min(WIDEST, self._pane.app.size.width - AROUND)
        self._pane.say(_("Looking …"))
        try:
            text = await aside(lambda: examine(width))
        finally:
            self._pane.say("")
        await self._pane.app.push_screen(DoctorScreen(text))

    def leave(self) -> None:
        """End the program."""
        self._house.leave()


def size(count: int) -> str:
    """Bytes as people write them: ``12.1 GB``."""
    if count >= 1e9:
        return _("{n:.1f} GB").format(n=count / 1e9)
    return _("{count:.0f} MB").format(count=count / 1e6)
