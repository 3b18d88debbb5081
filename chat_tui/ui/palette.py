"""What the palette offers, found by its English name as well as by the shown one.

Knows the table of keys and commands, and how Textual's palette asks; must not know what they do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from textual.app import SystemCommand
from textual.command import Hit, Hits
from textual.system_commands import SystemCommandsProvider

from chat_tui.effort import Effort
from chat_tui.keys import COMMANDS, KEYS, Key, Where
from chat_tui.language import N_, _
from chat_tui.ui import commands
from chat_tui.ui.chat_screen import ChatScreen
from chat_tui.ui.keys import action

_NAMED = 1000.0
"""The score of what is meant by its name: nothing that only has the letters is as good."""
LEVEL = N_("Effort: {level}")


def titled(does: str) -> str:
    """What something does, as the title of a line."""
    return f"{does[:1].upper()}{does[1:]}"


def english_titles() -> dict[str, str]:
    """The English title of everything, by the one that is shown."""
    does = [*(one.does for one in KEYS.values()), *(one.does for one in COMMANDS.values())]
    found = {titled(_(one)): titled(one) for one in does}
    return found | {_(LEVEL).format(level=one): LEVEL.format(level=one) for one in Effort}


def typed_names() -> dict[str, tuple[str, ...]]:
    """What can be typed after a slash for everything that has such a name, by the shown title."""
    found = {}
    for one in COMMANDS.values():
        does = KEYS[one.key].does if one.key else one.does
        found[titled(_(does))] = (one.name, *one.also)
    return found


def offered(chat: ChatScreen, table: Mapping[str, Key]) -> Iterable[SystemCommand]:
    """Every key of the chat, as it is bound, and what else needs no words."""
    for id_, key in table.items():
        if key.where is Where.CHAT and id_ != "palette":
            run = partial(chat.run_action, action(id_))
            yield SystemCommand(titled(_(key.does)), _(key.shown), run)
    for level in Effort:
        choose = partial(chat.desk.choose_effort, level)
        yield SystemCommand(_(LEVEL).format(level=level), _("How much the model reasons"), choose)
    for command in COMMANDS.values():
        if not command.key and not command.needs_words:
            run = partial(chat.attempt, commands.RUN[command.name])
            yield SystemCommand(titled(_(command.does)), command.shown, run)


class Palette(SystemCommandsProvider):
    """Offers what the app names."""

    async def search(self, query: str) -> Hits:
        """The commands that match: in the language of the interface, in English, by their name."""
        matcher, english, typed = self.matcher(query), english_titles(), typed_names()
        name = query.strip().removeprefix("/").lower()
        for title, about, run, *_rest in self.app.get_system_commands(self.screen):
            score = max(matcher.match(title), matcher.match(english.get(title, title)))
            if name and any(one.startswith(name) for one in typed.get(title, ())):
                score = _NAMED
            if score > 0:
                yield Hit(score, matcher.highlight(title), run, help=about)
