"""What may be completed where the cursor stands, and what there is to choose from.

Knows the table of commands and texts; must not know widgets or files. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from chat_tui.keys import COMMANDS
from chat_tui.language import _
from chat_tui.ui.composer.fuzzy import best

MOST = 50
"""Choices; whoever wants another one writes another letter."""
_FILE = re.compile(r"(?:^|(?<=[\s(\[{\"']))@(?!@)([^\s@]*)$")
PATHS = {"schema": "", "library": "add "}
"""The commands that take a path, with the word before it."""
_WORD = re.compile(r"\b[a-z]+\b")


class Kind(Enum):
    """What is completed."""

    COMMAND = auto()
    ARGUMENT = auto()
    FILE = auto()
    PATH = auto()
    """The path that a command takes."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Letters that may be completed."""

    kind: Kind
    begin: int
    """Where what is replaced begins, as an offset into the text before the cursor."""
    letters: str
    command: str = ""
    """Of an argument: the command that it is for."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose: how it is shown, and what takes the letters' place."""

    shown: str
    does: str
    text: str
    is_whole: bool = False
    """Whether with it the line says all that it has to."""


def wanted(before: str) -> Wanted | None:
    """What may be completed at the end of ``before``, the text up to the cursor."""
    if before.startswith("/") and "\n" not in before:
        name, space, words = before[1:].partition(" ")
        if not space:
            return Wanted(Kind.COMMAND, 0, name)
        if found := _named(name):
            before_path = PATHS.get(found)
            if before_path is not None and words.startswith(before_path):
                letters = words.removeprefix(before_path)
                return Wanted(Kind.PATH, len(before) - len(letters), letters, found)
            return Wanted(Kind.ARGUMENT, len(before) - len(words), words, found)
        return None
    line = before[before.rfind("\n") + 1 :]
    if match := _FILE.search(line):
        return Wanted(Kind.FILE, len(before) - len(match.group()), match[1])
    return None


def commands(letters: str) -> list[Choice]:
    """The commands that fit, the best first."""
    names = [(command.name, command) for command in COMMANDS.values()]
    if len(letters) > 1:  # other names only for those who begin to write them
        names += [(name, one) for one in COMMANDS.values() for name in one.also if letters in name]
    found = best(letters, names, lambda one: one[0], MOST)
    seen: set[str] = set()
    choices = []
    for name, command in found:
        if command.name not in seen:
            seen.add(command.name)
            space = " " if command.needs_words else ""
            shown = f"/{name} {_(command.usage)}".strip()
            text = f"/{name}{space}"
            choices.append(Choice(shown, _(command.does), text, not command.needs_words))
    return choices


def arguments(wanted: Wanted, more: Iterable[tuple[str, str]]) -> list[Choice]:
    """The words that fit behind a command: those of its usage, else ``more`` with what they are."""
    words: Sequence[tuple[str, str]] = list(more)
    if not words:
        words = [(word, "") for word in _WORD.findall(COMMANDS[wanted.command].usage)]
    found = best(wanted.letters, words, lambda one: one[0], MOST)
    return [Choice(word, does, word, is_whole=True) for word, does in found]


def files(letters: str, paths: Iterable[str]) -> list[Choice]:
    """The files that fit, the best first; folders end in a slash and are gone on with."""
    return [
        Choice(path, "", f"@{path}", not path.endswith("/"))
        for path in best(letters, paths, str, MOST)
    ]


def paths(wanted: Wanted, names: Iterable[str]) -> list[Choice]:
    """The entries of the folder that the letters are in which fit, after the command's own words.

    For a schema only those that may be one.
    """
    head = wanted.letters[: wanted.letters.rfind("/") + 1]
    last = wanted.letters.removeprefix(head)
    if wanted.command == "schema":
        names = [name for name in names if name.endswith(("/", ".json"))]
    fit = [name for name in names if name.lower().startswith(last.lower())]
    own = arguments(wanted, ()) if wanted.command == "schema" else []
    own = [one for one in own if one.text.startswith(wanted.letters)]
    return [*own, *(Choice(head + name, "", head + name, name[-1] != "/") for name in fit[:MOST])]


def is_meant(wanted: Wanted, choice: Choice, *, chosen: bool) -> bool:
    """Whether Enter takes the choice: it begins as was written, or was gone to by hand."""
    written = f"/{wanted.letters}" if wanted.kind is Kind.COMMAND else wanted.letters
    return chosen or (bool(wanted.letters) and choice.text.startswith(written))


def is_written(wanted: Wanted, choice: Choice) -> bool:
    """Whether the choice stands there already."""
    if wanted.kind is Kind.COMMAND:
        return _named(wanted.letters) != ""
    return wanted.kind is Kind.ARGUMENT and wanted.letters.strip() == choice.text


def _named(name: str) -> str:
    """The command of that name; empty where there is none."""
    found = (one.name for one in COMMANDS.values() if name in (one.name, *one.also))
    return next(found, "")
