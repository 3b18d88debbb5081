"""How settings look in their list.

Knows the table of settings and what the file says; must not know widgets. What a file says is
cleaned here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from chat_tui.language import _
from chat_tui.preferences.file import Snapshot
from chat_tui.preferences.table import Preference
from chat_tui.untrusted import clean_line

NAMES = 27
"""Cells of the column of names, where there is room."""
_SET = "•"
"""Marks what the file sets."""


def listed(found: Sequence[Preference]) -> Iterator[Preference | str]:
    """The settings, each group behind its title."""
    group = ""
    for one in found:
        if one.group != group:
            group = one.group
            yield group
        yield one


def title(group: str) -> Content:
    """The line above a group."""
    return Content.styled(_(group), "bold $text-accent")


def row(one: Preference, snapshot: Snapshot, width: int) -> Content:
    """One line: a mark where it is set, the name, the value."""
    is_set = one.name in snapshot.values
    names = min(NAMES, max(12, width * 11 // 20))
    room = names - 2
    # Names that begin alike differ at their end.
    shown = one.name if len(one.name) <= room else f"…{one.name[1 - room :]}"
    name = Content(shown.ljust(room))
    value = Content.styled(clean_line(snapshot.shown(one.name)), "bold" if is_set else "")
    line = Content(f"{_SET if is_set else ' '} ") + name + " " + value
    return line.truncate(width, ellipsis=True)


def details(
    one: Preference, snapshot: Snapshot, choices: Sequence[str], in_use: str = ""
) -> Content:
    """All about it; ``in_use`` is what holds now, which may be another value."""
    is_set = one.name in snapshot.values
    parts = [f"{_(one.does)} {_(one.more)}".strip()]
    if choices:
        parts.append(_("It can be: {names}.").format(names=", ".join(choices)))
    else:
        parts.append(one.kind.rule)
    if in_use and in_use != snapshot.shown(one.name):
        parts.append(_("In use now: {value}, chosen elsewhere.").format(value=clean_line(in_use)))
    if is_set and len(shown := clean_line(snapshot.shown(one.name))) > NAMES:
        parts.append(_("Now: {value}").format(value=shown))
    default = [_("Default: {value}.").format(value=one.usual)]
    if one.restart:
        default.append(_("A change holds from the next start on."))
    parts.append(" ".join(default))
    return Content("\n").join([Content.styled(one.name, "bold $text-accent"), *map(Content, parts)])
