"""More commands of the conversation line by line: the settings, the library, the last edit.

Knows the chat, the settings file and texts; must not know colours or cursors.
"""

from __future__ import annotations

import io

from chat_tui.errors import UsageError
from chat_tui.language import N_, _
from chat_tui.plain.library import ACTIONS, library_command
from chat_tui.plain.settings import listed
from chat_tui.preferences.file import SettingsFile
from chat_tui.preferences.table import matching, preference
from chat_tui.session.chat import Chat
from chat_tui.session.obeying import obey
from chat_tui.untrusted import clean_line, visible

COMMANDS = ("settings", "library", "patch")
HELP = (
    ("/settings " + N_("[WORDS]"), N_("what is set; /settings NAME = VALUE changes it")),
    (
        "/library " + N_("[ACTION WORDS]"),
        N_("the files that the model may search: add, remove, search, index"),
    ),
    ("/patch", N_("the last edit that a tool made")),
)


def extra_command(chat: Chat, file: SettingsFile | None, name: str, words: str) -> str:
    """Do one of COMMANDS; what to say of it. Raises ChatError."""
    if name == "settings":
        return _settings(chat, file, words)
    if chat.tools is None:
        raise UsageError(_("There are no tools in this conversation."))
    if name == "patch":
        if not chat.tools.last_diff:
            raise UsageError(_("No tool has edited a file yet."))
        return visible(chat.tools.last_diff.strip("\n"))
    library = chat.tools.offer.library
    if library is None:
        raise UsageError(_("The browser is not among the tools of this conversation."))
    action, *rest = words.split() or ["list"]
    if action not in ACTIONS:
        raise UsageError(
            _("That is not known."), _("It can be {actions}.").format(actions=", ".join(ACTIONS))
        )
    out = io.StringIO()
    library_command(library, action, rest, out, out)
    return out.getvalue().strip("\n") or _("Nothing was found.")


def _settings(chat: Chat, file: SettingsFile | None, words: str) -> str:
    if file is None:
        raise UsageError(_("There is no settings file here."))
    name, is_change, value = words.partition("=")
    if not is_change:
        return "\n".join(listed(file.read(), matching(words)))
    one, value = preference(name.strip()), value.strip()
    snapshot = file.set(one.name, value) if value else file.unset(one.name)
    held = obey(chat, one.name, snapshot.settings)
    when = "" if held else " " + _("From the next start on.")
    return f"{one.name}: {clean_line(snapshot.shown(one.name))}.{when}"
