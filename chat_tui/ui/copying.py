"""What of a conversation is copied, and what is said about it.

Knows the transcript's texts and the clipboard; must not know keys.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from textual.app import App

from chat_tui.conversation import Role
from chat_tui.errors import UsageError
from chat_tui.language import _, ngettext
from chat_tui.session.chat import Chat
from chat_tui.ui.clipboard import code_blocks, copy
from chat_tui.untrusted import clean_line


class Ground(Protocol):
    """Where the answers are, and where something can be said."""

    @property
    def app(self) -> App[object]:
        """The running program."""

    def say(self, text: str) -> None:
        """Show a line above the composer."""


class Copying:
    """Does what ``/copy`` and its keys ask for; methods may raise a UsageError."""

    def __init__(self, chat: Chat, ground: Ground, last_answer: Callable[[], str]) -> None:
        self._chat = chat
        self._ground = ground
        self._last_answer = last_answer

    async def copy(self, words: str) -> None:
        """The last answer, the Nth block of code in it, or the last message of the user."""
        if words == "message":
            asked = [m.content for m in self._chat.conversation.messages if m.role is Role.USER]
            if not asked:
                raise UsageError(_("Nothing has been said yet."))
            await self.put(asked[-1], _("your message"))
            return
        answer = self._last_answer()
        if not answer:
            raise UsageError(_("There is no answer yet."))
        if not words:
            await self.put(answer, _("the last answer"))
            return
        blocks = code_blocks(answer)
        if not words.isdecimal() or len(words) > len(str(len(blocks))) + 1:
            problem = _("'{words}' cannot be copied.").format(words=clean_line(words)[:40])
            hint = _("/copy, /copy 2 for a block of code, or /copy message.")
            raise UsageError(problem, hint)
        number = int(words)
        if not 1 <= number <= len(blocks):
            hint = _("The last answer has no code.")
            if blocks:
                hint = ngettext(
                    "The last answer has {count} block of code.",
                    "The last answer has {count} blocks.",
                    len(blocks),
                ).format(count=len(blocks))
            raise UsageError(_("There is no block {number}.").format(number=words), hint)
        what = _("code {number} of {count}").format(number=number, count=len(blocks))
        await self.put(blocks[number - 1], what)

    async def put(self, text: str, what: str) -> None:
        """Copy this text and say so."""
        self._ground.say(await copy(self._ground.app, text, what))
