"""What was said before, in the transcript: drawn anew when the conversation or its branch changes.

Knows the chat and the transcript; must not know the worker. What goes on now is drawn by
``hearing``.
"""

from __future__ import annotations

from chat_tui.conversation import Role
from chat_tui.session.chat import Chat
from chat_tui.session.versions import turns
from chat_tui.store.titles import title_of
from chat_tui.ui.past import Past, pasts
from chat_tui.ui.place import Place
from chat_tui.ui.widgets.turn_view import TurnView

_MANY = 20
"""Turns that are drawn below others one by one; of more, only those near the reader."""


class Said:
    """The path of one conversation, turn by turn."""

    def __init__(self, chat: Chat, place: Place) -> None:
        self._chat = chat
        self._place = place

    async def show(self, first: int = 0) -> None:
        """Draw the turns from number ``first`` on, below what is there."""
        header, chat = self._place.header, self._chat
        said = pasts(chat.conversation, chat.effort, chat.accounts)
        if first and len(said) - first > _MANY:
            await self._place.transcript.cut(0)
            first = 0
        said = said[first:]
        for turn in said if not header.title else ():
            header.title = header.title or title_of(turn.question)
        await self._place.transcript.recall(said, self._dress, self.pages)

    async def let_go(self) -> None:
        """Do not keep built what is far above; it can be drawn anew."""
        chat, transcript = self._chat, self._place.transcript
        if not (far := transcript.far):
            return
        count = len(turns(chat.conversation.messages))
        if count == transcript.count:
            begin = len(transcript.earlier)
            which = slice(begin, begin + far)
            said = pasts(chat.conversation, chat.effort, chat.accounts, which)
            await transcript.let_go(said, count, self._dress, self.pages)

    def pages(self) -> tuple[str, ...]:
        """What the browser has said in this conversation, oldest first."""
        return tuple(
            message.content
            for message in self._chat.conversation.messages
            if message.role is Role.TOOL and (message.name or "").startswith("browser")
        )

    def _dress(self, view: TurnView, turn: Past) -> None:
        """Tell a view of an earlier turn what it has to know."""
        del turn
        view.tools, view.pages = self._chat.tools, self.pages
        view.model = self._chat.engine.model
