"""What cannot be done just now: one set of words for all who have to say it.

Knows words and keys; must not know what goes on. These words are true only for a while: the line
that says them takes them back by itself.
"""

from __future__ import annotations

from chat_tui.errors import UsageError
from chat_tui.language import _
from chat_tui.ui.keys import key_name


def answering() -> UsageError:
    """An answer is being written."""
    hint = _("{key} stops it.").format(key=key_name("stop"))
    return UsageError(_("An answer is on its way."), hint)


def ending() -> UsageError:
    """What was stopped has not ended yet."""
    return UsageError(_("The stopped answer is still ending."), _("It takes a moment."))


def loading() -> UsageError:
    """There is no model to ask yet."""
    return UsageError(_("The model is not loaded yet."))


def waits() -> str:
    """A call waits for the user."""
    return _("A call waits for you: {key} goes to it.").format(key=key_name("card"))


def passing() -> frozenset[str]:
    """All that is not true any more once nothing goes on."""
    return frozenset((str(answering()), str(ending()), str(loading()), waits()))
