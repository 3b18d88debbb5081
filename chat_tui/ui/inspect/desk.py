"""Showing what the model would see next, and what can be done with it.

Knows the chat, the pane, the clipboard and files; must not know keys or how a command is spelled.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

from chat_tui.errors import ChatError
from chat_tui.language import _
from chat_tui.session import export
from chat_tui.session.chat import Chat
from chat_tui.session.inspect import inspect
from chat_tui.ui import busy
from chat_tui.ui.clipboard import copy
from chat_tui.ui.pane import ChatPane


class InspectDesk:
    """The prompt of one chat."""

    def __init__(self, chat: Chat, pane: ChatPane) -> None:
        self._chat = chat
        self._pane = pane

    async def show(self, words: str) -> None:
        """Show the next prompt, with ``words`` as the question, else with the draft.

        Raises UsageError.
        """
        talk, chat = self._pane.talk, self._chat
        if talk.is_busy:
            raise busy.answering()
        if chat.engine.model is None:
            raise busy.loading()
        question = words or talk.draft.strip()
        # Not awaited: with a long conversation the screen would stand still for a moment.
        self._pane.run_worker(self._look(question), group="prompt", exclusive=True)

    async def _look(self, question: str) -> None:
        from chat_tui.ui.inspect.screen import PromptScreen  # noqa: PLC0415 - when it is opened

        pane = self._pane
        pane.say(_("Looking …"))
        try:
            found = await pane.talk.with_chat(lambda: inspect(self._chat, question))
        except ChatError as error:
            pane.say(str(error))
            return
        pane.say("")
        await pane.app.push_screen(PromptScreen(found, self))

    async def copy(self, text: str) -> str:
        """See ``Deeds``."""
        return await copy(self._pane.app, text, _("the prompt"))

    async def save(self, text: str) -> str:
        """See ``Deeds``."""
        name = f"prompt-{datetime.now():%Y-%m-%d-%H%M%S}"
        path = await asyncio.to_thread(export.write, text, "", name, "txt")
        return _("Written to {path}").format(path=path)
