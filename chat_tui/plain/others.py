"""The other conversations, line by line: listed, found, gone on with; another title for this one.

Knows the shelf and texts; must not know colours or cursors.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from chat_tui.conversation import Role
from chat_tui.errors import UsageError
from chat_tui.language import N_, _
from chat_tui.plain.conversations import marked, titled
from chat_tui.session.shelf import Shelf
from chat_tui.store.titles import TITLE_CHARACTERS
from chat_tui.store.values import Hit
from chat_tui.untrusted import clean_line

COMMANDS = ("resume", "rename")
HELP = (
    ("/resume " + N_("[WORDS|ID]"), N_("another conversation; search them all")),
    ("/rename " + N_("TITLE"), N_("another title for this conversation")),
)
LONGEST_TITLE = 4 * TITLE_CHARACTERS
_LISTED = 10
_DIGITS = 4
_EACH = 1
"""Places that are told of a conversation that a search found."""


class Others:
    """What was listed last goes by its number there."""

    def __init__(self, shelf: Shelf | None) -> None:
        self._shelf = shelf
        self._listed: tuple[str, ...] = ()

    def command(self, name: str, words: str) -> str:
        """Do one of COMMANDS; what to say of it. Raises ChatError."""
        if self._shelf is None:
            raise UsageError(_("Nothing is kept here."))
        if name == "rename":
            if not (title := clean_line(words)[:LONGEST_TITLE]):
                raise UsageError(_("Which title?"), _("Write it behind the command."))
            self._shelf.rename(title)
            return _("Renamed.")
        if not words:
            return self._list(self._shelf)
        number = int(words) if words.isdecimal() and len(words) <= _DIGITS else 0
        if 1 <= number <= len(self._listed):
            return self._open(self._shelf, self._listed[number - 1])
        if (found := self._shelf.find(words)) is not None:
            return self._open(self._shelf, found)
        return self._search(self._shelf, words)

    def _list(self, shelf: Shelf) -> str:
        found = [one for one in shelf.listed(_LISTED + 1).conversations if one.id != shelf.present]
        found = found[:_LISTED]
        if not found:
            raise UsageError(_("There is no conversation yet."))
        return self._numbered(
            {one.id: f"{titled(one.title)}  {_day(one.updated)}" for one in found}
        )

    def _search(self, shelf: Shelf, words: str) -> str:
        first: dict[str, Hit] = {}
        for hit in shelf.search(words, _LISTED, _EACH):
            first.setdefault(hit.conversation, hit)
        if not (found := tuple(first.values())):
            raise UsageError(_("Nothing was found."))
        return self._numbered(
            {
                hit.conversation: f"{titled(hit.title)}  {_day(hit.updated)}\n"
                f"   {_(hit.part)}: {marked(hit)}"
                for hit in found
            }
        )

    def _numbered(self, rows: Mapping[str, str]) -> str:
        """What is said of conversations, by their ids; from now on they go by their numbers."""
        self._listed = tuple(rows)
        numbered = [f"{number}  {row}" for number, row in enumerate(rows.values(), 1)]
        return "\n".join([*numbered, _("/resume and its number goes on with one.")])

    def _open(self, shelf: Shelf, conversation: str) -> str:
        title = shelf.open(conversation).title
        said = _("This goes on: {title}").format(title=titled(title))
        asked = [one.content for one in shelf.chat.conversation.messages if one.role is Role.USER]
        if not asked:
            return said
        last = _("The question was: {content}").format(content=clean_line(asked[-1])[:200])
        return f"{said}\n{last}"


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")
