"""How loud and how lively the program is: when a bell rings, how often the screen changes.

Knows settings, variables and how terminals notify; must not know widgets.
"""

from __future__ import annotations

from collections.abc import Mapping

from textual.message import Message

from chat_tui.doctor.terminal import multiplexer, program
from chat_tui.language import _
from chat_tui.settings import Notify, Switch

_NOTIFYING = {
    "iterm2": "\x1b]9;{}\x1b\\",
    "wezterm": "\x1b]9;{}\x1b\\",
    "ghostty": "\x1b]9;{}\x1b\\",
    "kitty": "\x1b]99;;{}\x1b\\",
    "foot": "\x1b]777;notify;chat-tui;{}\x1b\\",
}
"""What has a terminal show a text on the desktop, where that is known of it. Not in others: to
Windows Terminal and ConEmu OSC 9 says something else."""
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


def rings(wish: Notify, *, in_front: bool) -> bool:
    """Whether a bell is wanted; a terminal that does not tell counts as in front."""
    return wish is Notify.ALWAYS or (wish is Notify.AWAY and not in_front)


def notification(environment: Mapping[str, str]) -> str:
    """What to write to the terminal beside the bell, of our own words alone; often nothing.

    Within a multiplexer it is nothing: which terminal lies around that may have changed. Nor where
    TERM names another terminal: one that was started from within the first.
    """
    term = environment.get("TERM", "").partition("-")[0]
    if multiplexer(environment) or term not in ("xterm", "wezterm", "foot"):
        return ""
    said = _("An answer is done, or a call waits for you.")
    return _NOTIFYING.get(program(environment), "").format(said)
