"""Going on with another model: the one in use is freed first, and comes back where that fails.

Knows the chat and the engine's seam; must not know files, memory or how anything is shown.
"""

from __future__ import annotations

from collections.abc import Iterator

from chat_tui.engine.protocol import Cancel, Engine
from chat_tui.events import Loaded, LoadProgress, StopReason, TurnEnded, TurnFailed, Usage
from chat_tui.session.chat import Chat


def switch(
    chat: Chat, engine: Engine, cancel: Cancel
) -> Iterator[LoadProgress | Loaded | TurnEnded | TurnFailed]:
    """Give the chat another engine and load it; the conversation stays and is read ahead.

    Two models at once may be more than the memory holds, so the old engine is closed before.
    Ends with Loaded; else with TurnFailed, or with TurnEnded where cancelled: then the chat has
    its old engine again, which the next load or question brings back.
    """
    before = chat.engine
    yield LoadProgress(0.0)
    before.close()
    if cancel.is_set():
        yield TurnEnded(StopReason.CANCELLED, Usage())
        return
    chat.engine = engine
    end: Loaded | TurnFailed | None = None
    for event in chat.load(cancel):
        if isinstance(event, LoadProgress):
            yield event
        else:
            end = event
    if isinstance(end, Loaded):
        if chat.conversation.nodes:
            chat.recount()
        yield end
        return
    engine.close()
    chat.engine = before
    yield end or TurnEnded(StopReason.CANCELLED, Usage())
