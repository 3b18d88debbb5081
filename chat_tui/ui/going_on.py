"""Going on with an answer that was cut off, where it stands on the screen.

Knows the chat, the worker and the talk; must not know keys or how a command is spelled.
"""

from __future__ import annotations

from typing import Protocol

from chat_tui.errors import UsageError
from chat_tui.language import _
from chat_tui.session.chat import Chat
from chat_tui.session.resuming import NOTHING_CUT
from chat_tui.session.room import fits
from chat_tui.ui import busy
from chat_tui.ui.making_room import MakingRoom
from chat_tui.ui.turn_worker import Turn, TurnWorker
from chat_tui.ui.widgets.transcript import Transcript
from chat_tui.ui.widgets.turn_view import TurnView


class Around(Protocol):
    """What is asked of the talk."""

    @property
    def is_busy(self) -> bool:
        """Whether the user waits for an answer."""

    @property
    def room(self) -> MakingRoom:
        """Sees to a context that fills up."""

    def wait_for(self, turn: Turn, view: TurnView) -> None:
        """The user waits for this turn."""


async def resume(around: Around, chat: Chat, worker: TurnWorker, transcript: Transcript) -> None:
    """Have the last answer gone on with; where there is no room, have some made first.

    Raises UsageError where it is whole.
    """
    if around.is_busy:
        raise busy.answering()
    view = transcript.last_turn
    # What has just been stopped may still be winding down, and is not known yet.
    if view is None or (worker.is_free and not chat.is_unfinished):
        raise UsageError(_(NOTHING_CUT))
    if worker.is_free and not _has_room(chat):
        await around.room.go_on()
        return
    turn = worker.play(lambda turn: chat.resume(turn.cancel))
    turn.resumes = True
    await view.begin_again()
    around.wait_for(turn, view)


def offer(around: Around, chat: Chat, worker: TurnWorker, transcript: Transcript) -> None:
    """Say at the last answer's foot that it can be gone on with, and nowhere else."""
    last = transcript.last_turn
    offered = not around.is_busy and worker.is_free and chat.is_unfinished
    does = _("goes on") if _has_room(chat) else _("makes room and goes on")
    for view in transcript.live:
        view.offer_to_go_on(does if offered and view is last else "")


def _has_room(chat: Chat) -> bool:
    model = chat.engine.model
    return model is None or fits(chat.context_used, model.context)
