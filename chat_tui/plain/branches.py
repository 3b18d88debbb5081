"""Going back in a conversation, line by line: editing, forking, other versions of a message.

Knows a chat and its units; must not know a terminal. Each function gives what to say.
"""

from __future__ import annotations

from collections.abc import Callable

from chat_tui.errors import UsageError
from chat_tui.language import N_, _
from chat_tui.session.chat import Chat
from chat_tui.session.versions import Unit
from chat_tui.untrusted import clean, clean_line

HELP = (
    ("/edit [N]", N_("put the last question, or the Nth, in other words")),
    ("/fork [N]", N_("another conversation with all this, or up to the Nth answer")),
    ("/version " + N_("[[MESSAGE] N]"), N_("which messages have versions; go to another one")),
)
_SHOWN = 60
_DIGITS = 9


def rewritten(
    chat: Chat, number: str, read: Callable[[str], str], say: Callable[[str], None]
) -> tuple[int, str] | None:
    """The node of the question that is to be edited, and its new words; None to leave it so.

    Raises UsageError.
    """
    unit = chat.units[_asked(chat, number)]
    say(
        _("The question was: {content}").format(
            content=clean(chat.conversation.nodes[unit.end].message.content)
        )
    )
    try:
        text = read(_("In other words (nothing leaves it): ")).strip()
    except (EOFError, KeyboardInterrupt):
        text = ""
    if text:
        return (unit.end, text)
    say(_("It stays as it is."))
    return None


def fork(chat: Chat, number: str) -> str:
    """Go on in another conversation. Raises ChatError."""
    node = None
    if number:
        at = _asked(chat, number)
        units = chat.units
        answered = at + 1 < len(units) and not units[at + 1].is_question
        node = units[at + answered].end
    return _("This is a fork now: {title}").format(title=clean_line(chat.fork(node)))


def version(chat: Chat, *words: str) -> str:
    """List the messages that have versions, or go to another one. Raises UsageError."""
    units = chat.units
    found = [number for number, unit in enumerate(units) if len(unit.versions) > 1]
    if not found:
        raise UsageError(_("No message has another version."), _("/edit and /regen make one."))
    if not words:
        return "\n".join(
            f"{at}  {_named(chat, units[number])}" for at, number in enumerate(found, 1)
        )
    which = len(found) if len(words) == 1 else _number(words[0], len(found))
    number = found[which - 1]
    now, count = units[number].place
    chat.walk(number, _number(words[-1], count) - now)
    return _named(chat, chat.units[number])


def _named(chat: Chat, unit: Unit) -> str:
    number, count = unit.place
    text = clean_line(chat.conversation.nodes[unit.end].message.content)
    shown = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
    named = (
        _("Question, version {number} of {count}: {text}")
        if unit.is_question
        else _("Answer, version {number} of {count}: {text}")
    )
    return named.format(number=number, count=count, text=shown)


def _asked(chat: Chat, number: str) -> int:
    """The unit that is the Nth question, the last one without a number. Raises UsageError."""
    asked = [at for at, unit in enumerate(chat.units) if unit.is_question]
    if not asked:
        raise UsageError(_("Nothing has been said yet."))
    return asked[_number(number, len(asked)) - 1 if number else -1]


def _number(word: str, most: int) -> int:
    if not word.isdecimal() or len(word) > _DIGITS or not 1 <= int(word) <= most:
        raise UsageError(
            _("'{word}' is none of 1 to {most}.").format(word=clean_line(word)[:40], most=most)
        )
    return int(word)
