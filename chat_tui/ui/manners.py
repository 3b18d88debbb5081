"""How loud and how lively the program is: when a bell rings, how often the screen changes.

Knows settings, events and variables; must not know widgets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual.message import Message

from chat_tui.events import StopReason, TurnEnded, TurnEvent, TurnFailed
from chat_tui.settings import Notify, Switch

CALM_SECONDS = 1.0
"""With reduced motion the screen changes by itself at most once in so long."""


class Calls(Message):
    """The user may want to look: an answer is done, or a call waits for them."""


def is_calm(wish: Switch, environment: Mapping[str, str]) -> bool:
    """Whether motion is to be reduced.

    ACCESSIBLE is what other programs for terminals take; TEXTUAL_ANIMATIONS is the toolkit's own.
    """
    if wish.wish is not None:
        return wish.wish
    said = environment.get("ACCESSIBLE", "").lower() not in ("", "0", "false", "no")
    return said or environment.get("TEXTUAL_ANIMATIONS", "").lower() == "none"


def is_done(events: Iterable[TurnEvent]) -> bool:
    """Whether a turn has ended in another way than by the user's hand."""
    return any(
        isinstance(event, TurnFailed)
        or (isinstance(event, TurnEnded) and event.reason is not StopReason.CANCELLED)
        for event in events
    )


def rings(wish: Notify, *, in_front: bool) -> bool:
    """Whether a bell is wanted; a terminal that does not tell counts as in front."""
    return wish is Notify.ALWAYS or (wish is Notify.AWAY and not in_front)
