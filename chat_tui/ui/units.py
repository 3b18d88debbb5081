"""The questions and answers on the path to the head, by their numbers.

Knows units and how people count them; must not know what is done with one.
"""

from __future__ import annotations

from collections.abc import Sequence

from chat_tui.errors import UsageError
from chat_tui.language import _, ngettext
from chat_tui.session.versions import Unit


def by_turns(units: Sequence[Unit]) -> list[tuple[int | None, int | None]]:
    """The units by turns: the number of the question's, and of what came of it."""
    found: list[tuple[int | None, int | None]] = []
    for number, unit in enumerate(units):
        if unit.is_question:
            found.append((number, None))
        else:
            asked = found.pop()[0] if found else None
            found.append((asked, number))
    return found


def numbered(units: Sequence[Unit], number: int | None, *, question: bool) -> int:
    """The unit that is the Nth question, or the end of its turn; the last one for None.

    Raises UsageError.
    """
    turns = [
        (asked, asked if question or answered is None else answered)
        for asked, answered in by_turns(units)
        if asked is not None
    ]
    if not turns:
        raise UsageError(_("Nothing has been said yet."))
    if number is not None and not 1 <= number <= len(turns):
        problem = _("There is no question {number}.").format(number=number)
        count = ngettext("There is {count}.", "There are {count}.", len(turns))
        raise UsageError(problem, count.format(count=len(turns)))
    return turns[-1 if number is None else number - 1][1]
