"""Going to a message that a search found, wherever in the open conversation it stands.

Knows the chat, the transcript and the find bar; must not know the list. What the bar can search
is marked by it; a call that is longer than what is shown of it is opened and brought in sight.
"""

from __future__ import annotations

import asyncio
import re

from textual.widget import Widget

from chat_tui.conversation import Role
from chat_tui.language import _
from chat_tui.session.chat import Chat
from chat_tui.session.versions import turns
from chat_tui.settings import ReasoningView
from chat_tui.store.search import words_of
from chat_tui.ui.keys import key_name
from chat_tui.ui.past import Past, pasts
from chat_tui.ui.widgets.call import CallCard
from chat_tui.ui.widgets.find import FindBar
from chat_tui.ui.widgets.transcript import Transcript


async def go_to(chat: Chat, transcript: Transcript, bar: FindBar, node: int, words: str) -> str:
    """Show the message of a node on the path, and the first of ``words`` in it.

    What there is to say of it.
    """
    found = placed(chat, node)
    if found is None or found[0] >= transcript.count:
        return _("It is not in this conversation any more.")
    number, at, turn = found
    part = turn.part_of(at)
    view, pages = transcript.view, transcript.earlier.pages
    text = turn.question if at < 0 else turn.messages[at].content
    phrase = phrase_of(words, text)
    pattern = re.compile(re.escape(phrase), re.IGNORECASE)
    parts = await asyncio.to_thread(
        lambda: {one for step in turn.search(pattern, view, pages) for one, _place in step}
    )
    if part is not None and part in parts:
        bar.open(phrase, (number, part))
        return ""
    if at >= 0 and (turn.messages[at].is_call or turn.messages[at].role is Role.TOOL):
        await _open_call(transcript, number, turn, at)
        return ""
    shown = await transcript.reach(number)
    _come_to(transcript, shown.part(question=at < 0))
    is_hidden = at >= 0 and turn.messages[at].is_reasoning and view is ReasoningView.HIDDEN
    if is_hidden:
        said = _("It stands in the reasoning, which is hidden: {key} shows it.")
        return said.format(key=key_name("reasoning"))
    return ""


def placed(chat: Chat, node: int) -> tuple[int, int, Past] | None:
    """The number of the turn that a node belongs to, the message in it (-1: the question), and it.

    None where the node is not on the path.
    """
    path = chat.conversation.path()
    if node not in path:
        return None
    left = path.index(node)
    for number, said in enumerate(turns(chat.conversation.messages)):
        if left < len(said):
            which = slice(number, number + 1)
            (turn,) = pasts(chat.conversation, chat.effort, chat.accounts, which)
            return number, left - (len(said) - len(turn.messages)), turn
        left -= len(said)
    return None


def phrase_of(words: str, text: str) -> str:
    """What of the words that were looked for is to be marked in ``text``: all, else the first."""
    whole = words.strip().strip('"')
    if whole.lower() in text.lower():
        return whole
    found = [(text.lower().find(word.lower()), word) for word in words_of(words)]
    return min(((at, word) for at, word in found if at >= 0), default=(0, whole))[1]


async def _open_call(transcript: Transcript, number: int, turn: Past, at: int) -> None:
    """Bring a call, or what came of it, in sight."""
    view = await transcript.reach(number)
    calls = [place for place, message in enumerate(turn.messages) if message.is_call]
    before = sum(place <= at for place in calls)
    cards = list(view.query(CallCard))
    if not before or before > len(cards):
        _come_to(transcript, view)
        return
    card = cards[before - 1]
    if not card.is_open:
        card.action_thought()
    _come_to(transcript, card)


def _come_to(transcript: Transcript, widget: Widget) -> None:
    transcript.show_line(widget, 0)
    # What has just been built or opened knows its lines only now.
    transcript.call_after_refresh(transcript.show_line, widget, 0)
