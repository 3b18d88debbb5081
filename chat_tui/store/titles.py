"""A conversation's title, made of the words it began with.

Knows text only; the model is not asked.
"""

from __future__ import annotations

import re

from chat_tui.language import pgettext
from chat_tui.untrusted import clean_line

TITLE_CHARACTERS = 60
_LOOK = 4000
_MARKS = "#>*-`~=_ "


def title_of(text: str) -> str:
    """The first line of ``text`` that says something, cut at a word; empty where none does."""
    for line in text[:_LOOK].splitlines():
        stripped = line.strip()
        if stripped.startswith(("```", "~~~")):
            continue  # a fence tells only the language of what follows
        title = clean_line(stripped).lstrip(_MARKS)
        if title:
            return _cut(title)
    return ""


def title_of_fork(title: str) -> str:
    """The title of a fork of what has this one: ``Tea (fork)``, then ``Tea (fork 2)``."""
    word = pgettext("title", "fork")
    found = re.search(rf" \({re.escape(word)}(?: (\d{{1,6}}))?\)$", title)
    if found is None:
        return f"{title} ({word})".strip()
    return f"{title[: found.start()]} ({word} {int(found[1] or 1) + 1})"


def _cut(title: str) -> str:
    if len(title) <= TITLE_CHARACTERS:
        return title
    head = title[:TITLE_CHARACTERS]
    words, space, _rest = head.rpartition(" ")
    # Chinese and one endless word have no space to cut at.
    kept = words if space and len(words) > TITLE_CHARACTERS // 2 else head[:-1]
    return kept.rstrip(" ,.;:") + "…"
