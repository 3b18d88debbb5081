"""Showing what the model would see next, and what can be done with it.

Knows the chat, the pane, the clipboard and files; must not know keys or how a command is spelled.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

from chat_tui.errors import UsageError
from chat_tui.session import export
from chat_tui.session.chat import Chat
from chat_tui.session.inspect import inspect
from chat_tui.ui.clipboard import copy
from chat_tui.ui.inspect.screen import PromptScreen
from chat_tui.ui.keys import key_name
from chat_tui.ui.pane import ChatPane


class InspectDesk:
    """The prompt of one chat."""

    def __init__(self, chat: Chat, pane: ChatPane) -> None:
        self._chat = chat
        self._pane = pane

    async def show(self, words: str) -> None:
        """Show the next prompt, with ``words`` as the question, else with the draft.

        Raises UsageError, EngineError.
        """
        talk, chat = self._pane.talk, self._chat
        if talk.is_busy:
            raise UsageError("An answer is on its way.", f"{key_name('stop')} stops it.")
        if chat.engine.model is None:
            raise UsageError("The model is not loaded yet.")
        question = words or talk.draft.strip()
        found = await talk.with_chat(lambda: inspect(chat, question))
        await self._pane.app.push_screen(PromptScreen(found, self))

    async def copy(self, text: str) -> str:
        """See ``Deeds``."""
        return await copy(self._pane.app, text, "the prompt")

    async def save(self, text: str) -> str:
        """See ``Deeds``."""
        name = f"prompt-{datetime.now():%Y-%m-%d-%H%M%S}.txt"
        path = await asyncio.to_thread(export.write, text, name, "")
        return f"Written to {path}"
