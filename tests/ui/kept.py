"""The app with a store: conversations that are kept, and one that goes on."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path
from types import TracebackType

from chat_tui.conversation import (
    ANALYSIS,
    COMMENTARY,
    FINAL,
    Conversation,
    Effort,
    Message,
    Role,
    user,
)
from chat_tui.engine.scripted import Hook, ScriptedEngine
from chat_tui.events import Usage
from chat_tui.session.chat import Chat
from chat_tui.session.keeping import Keeper
from chat_tui.session.shelf import Shelf
from chat_tui.store.store import Store
from chat_tui.store.titles import title_of
from chat_tui.store.values import Facts, Stored
from chat_tui.ui.app import ChatApp
from chat_tui.ui.furniture import Furniture
from chat_tui.ui.history.roll import Roll
from chat_tui.ui.history.screen import HistoryScreen
from tests.ui.screen import Stage

DAY = 24 * 3600.0
TOOK = Usage(prompt_tokens=300, answer_tokens=21, decode_seconds=1.0, total_seconds=3.0)
"""What the last turn of a kept conversation took."""


def answer(text: str) -> Message:
    return Message(Role.ASSISTANT, text, channel=FINAL)


def thought(text: str) -> Message:
    return Message(Role.ASSISTANT, text, channel=ANALYSIS)


def call(text: str) -> Message:
    return Message(Role.ASSISTANT, text, channel=COMMENTARY, recipient="python")


class KeptStage(Stage):
    """A stage whose chat is kept in the store at ``path``, which is closed with it."""

    def __init__(self, path: Path, *completions: str, hook: Hook | None = None) -> None:
        self.store = Store(path, retry_seconds=0.05)
        self.shelf = Shelf(Keeper(self.store))
        self.engine = ScriptedEngine(completions, hook=hook)
        self.chat = Chat(self.engine, seams=self.shelf.seams())
        self.shelf.serve(self.chat)
        self.shelf.begin()
        self.remembered = {}
        self.app = ChatApp(Furniture(self.chat, shelf=self.shelf))

    def __enter__(self) -> KeptStage:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shelf.keeper.close()
        self.store.close()

    def add(
        self,
        question: str,
        *messages: Message,
        days: float = 0,
        title: str = "",
        pinned: bool = False,
        effort: Effort = Effort.LOW,
    ) -> str:
        """A conversation that was kept so many days ago; its id."""
        when = time.time() - days * DAY
        said = (user(question), *(messages or (answer(f"About: {question}"),)))
        facts = (Facts(when, when),) * (len(said) - 1)
        return self.store.insert(
            Stored(
                "",
                title or title_of(question),
                created=when,
                updated=when,
                started=date(2026, 1, 2),
                effort=effort,
                pinned=pinned,
                conversation=Conversation().add(*said),
                facts=(*facts, Facts(when, when, usage=TOOK)),
            )
        )

    @property
    def titles(self) -> list[str]:
        """The titles of the list, as the store has it."""
        return [one.title for one in self.store.list_conversations()]

    @property
    def chosen(self) -> str:
        """The title of the conversation that keys act on."""
        found = self.app.screen.query_one(Roll).chosen
        return found.one.title if found else ""

    async def list(self, shows: str) -> None:
        """Open the list and wait until it shows something."""
        await self.pilot.press("ctrl+b")
        await self.until(lambda: isinstance(self.app.screen, HistoryScreen))
        await self.shows(shows)

    async def search(self, words: str) -> None:
        """Type into the search line."""
        for character in words:
            await self.pilot.press("space" if character == " " else character)

    async def leaves_the_list(self) -> None:
        """Wait until the chat is in front again."""
        await self.until(lambda: not isinstance(self.app.screen, HistoryScreen))
