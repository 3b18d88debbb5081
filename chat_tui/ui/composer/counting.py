"""Asks for the number of tokens of what was attached or pasted, until somebody knows it.

Knows the worker's queue and the messages that ask; must not know widgets otherwise. A model that
is still being loaded cannot count: it is asked again a little later, and given up after a while.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from textual.message import Message

from chat_tui.errors import ChatError
from chat_tui.session.chat import Chat
from chat_tui.session.counting import count_tokens

WAITS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
"""Seconds between the attempts."""

Do = Callable[[Callable[[], int]], Awaitable[int]]


class CountWanted(Message):
    """Somebody wants to know how many tokens ``text`` takes; ``tell`` hears it."""

    def __init__(self, text: str, tell: Callable[[int], None]) -> None:
        super().__init__()
        self.text = text
        self.tell = tell


async def count(wanted: CountWanted, chat: Chat, do: Do) -> None:
    """Tell the number as soon as it is known; ``do`` runs work where the chat is talked to."""
    for wait in WAITS:
        await asyncio.sleep(wait)
        if chat.engine.model is None:
            continue
        try:
            tokens = await do(lambda: count_tokens(chat, wanted.text))
        except ChatError:
            continue
        wanted.tell(tokens)
        return
