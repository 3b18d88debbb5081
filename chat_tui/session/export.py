"""Where a conversation's document is written, and under which name.

Knows the conversation's values and files; must not know a face. What a document says is the
store's to make.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import count
from pathlib import Path

from chat_tui.conversation import Message, Role
from chat_tui.errors import InputError
from chat_tui.home import at_home
from chat_tui.language import _
from chat_tui.store.markdown import markdown, other_answers
from chat_tui.untrusted import clean_line

__all__ = ["default_name", "markdown", "other_answers", "title", "write"]

NAME_CHARACTERS = 40
"""Of a title, those that go into a file's name."""


def title(messages: Sequence[Message]) -> str:
    """The first line of what the user said first; empty before that."""
    said = next((message.content for message in messages if message.role is Role.USER), "")
    return clean_line(said.strip().partition("\n")[0][:200])


def write(text: str, file: str, name: str, ending: str = "md") -> Path:
    """Write ``text`` to ``file``, never over another; return where it lies now.

    Without a ``file`` it goes to the current folder, under ``name``, a number if need be, and
    ``ending``.
    Raises InputError.
    """
    named = at_home(file)
    for number in count(1):
        path = named if file else Path(f"{name}{f'-{number}' if number > 1 else ''}.{ending}")
        try:
            with path.open("x", encoding="utf-8", errors="replace", newline="\n") as out:
                out.write(text)
        except FileExistsError as error:
            if file:
                raise InputError(
                    _("{path} exists already, and nothing was written.").format(
                        path=clean_line(str(path))
                    ),
                    _("Give another name."),
                ) from error
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            shown = clean_line(str(path))
            raise InputError(
                _("{path} cannot be written: {error}.").format(path=shown, error=why)
            ) from error
        else:
            return path.absolute()
    raise AssertionError("count() does not end")


def default_name(title: str, day: date) -> str:
    """A file's name from the title and the day: ``2026-01-31-capital-of-france``."""
    words = re.sub(r"[^\w]+", "-", clean_line(title).lower())[:NAME_CHARACTERS].strip("-_")
    return f"{day.isoformat()}-{words or 'conversation'}"
