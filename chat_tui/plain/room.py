"""A context that fills up, line by line: what fills it, and the ways of making room.

Knows the chat and words; must not know streams. Counts are tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chat_tui.engine.protocol import Cancel
from chat_tui.errors import EngineError, UsageError
from chat_tui.events import TurnEvent
from chat_tui.language import N_, _, number
from chat_tui.session.chat import Chat
from chat_tui.session.compaction import Space
from chat_tui.session.room import is_nearly_full
from chat_tui.untrusted import clean_line

HELP = (
    ("/context [larger|fork]", N_("what fills the context; load more of it; begin afresh")),
    ("/compact [undo]", N_("have the model summarise the earlier part")),
    ("/drop [N|undo]", N_("let the model not see the oldest questions")),
)
COMMANDS = ("context", "compact", "drop")
WAYS = N_(
    "/compact summarises the earlier part, /drop leaves out the oldest"
    " questions, /context fork goes on in a fresh conversation."
)

Play = Callable[[Callable[[Cancel], Iterator[TurnEvent]]], None]
"""Prints what happens until it is over."""


def room_command(chat: Chat, name: str, words: str, play: Play) -> str:
    """Do what one of COMMANDS asks for; what to say of it. Raises ChatError."""
    space = Space(chat)
    if name == "context":
        return _context(chat, space, words, play)
    before = chat.conversation.head
    if words == "undo":
        space.undo()
    elif name == "drop":
        if words and not (words.isdecimal() and len(words) < 9):
            raise UsageError(_("How many questions?"), _("/drop 3 leaves out the three oldest."))
        space.drop(int(words) if words else None)
    elif words:
        raise UsageError(_("/compact takes no words."), _("/compact undo takes it back."))
    else:
        play(space.compact)
    path = chat.conversation.messages
    if chat.conversation.head == before or not path[-1].is_mark:
        return _("Nothing was changed.")
    return _("{done}. /{command} undo takes it back.").format(
        done=clean_line(path[-1].name or ""), command=name
    )


def warning(chat: Chat) -> str:
    """What to say where the context is nearly full; empty where it is not, or nobody knows."""
    model = chat.engine.model
    if model is None:
        return ""
    try:
        used = chat.cost().total
    except EngineError:
        return ""
    if not is_nearly_full(used, model.context):
        return ""
    share = f"{min(used / model.context, 1.0):.0%}".replace("%", " %")
    full = _("The context is {share} full.").format(share=share)
    return f"{full} {_(WAYS)}"


def _context(chat: Chat, space: Space, words: str, play: Play) -> str:
    match words:
        case "larger":
            play(space.enlarge)
            model = chat.engine.model
            if model is None:
                return _("No model is there.")
            return _("The context holds {context:,} tokens.").format(context=model.context)
        case "fork":
            space.fork()
            return _("A fresh conversation with what the model saw last.")
        case "":
            meter = space.meter()
            lines = [
                _("Context: {used:,} of {context:,} tokens.").format(
                    used=meter.used, context=meter.context
                )
            ]
            lines += [f"{_(kind)}: {number(count)}" for kind, count in meter.kinds.items() if count]
            lines.append(_("free: {free:,}").format(free=meter.free))
            return "\n".join((*lines, _(WAYS)))
    raise UsageError(_("There is /context, /context larger and /context fork."))
