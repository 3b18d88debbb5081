"""What can be typed after a slash.

Knows the commands' names, words and what they ask of the screen; must not know widgets. An
unknown command is an error, never a message to the model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from chat_tui.conversation import Effort
from chat_tui.errors import UsageError
from chat_tui.untrusted import clean_line


class Face(Protocol):
    """What commands may ask of the screen."""

    @property
    def theme_names(self) -> Sequence[str]:
        """The themes that can be chosen."""

    def action_help(self) -> None:
        """Open the help screen."""

    def action_new_chat(self) -> None:
        """Begin a fresh conversation."""

    def choose_effort(self, effort: Effort) -> None:
        """Set how much the model reasons."""

    def choose_theme(self, name: str) -> None:
        """Set the colours."""

    def action_leave(self) -> None:
        """End the program."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its names, the first being the one that is shown."""

    names: tuple[str, ...]
    usage: str
    does: str
    run: Callable[[Face, str], None]


def _help(face: Face, _words: str) -> None:
    face.action_help()


def _new(face: Face, _words: str) -> None:
    face.action_new_chat()


def _effort(face: Face, words: str) -> None:
    levels = ", ".join(Effort)
    if words in ("off", "none", "no", "0"):
        raise UsageError(
            "gpt-oss cannot switch reasoning off.", "low is the least; Ctrl+O hides the reasoning."
        )
    if words not in list(Effort):
        problem = f"There is no effort '{clean_line(words)}'." if words else "Which effort?"
        raise UsageError(problem, f"It can be {levels}.")
    face.choose_effort(Effort(words))


def _theme(face: Face, words: str) -> None:
    names = ", ".join(face.theme_names)
    if words not in face.theme_names:
        problem = f"There is no theme '{clean_line(words)}'." if words else "Which theme?"
        raise UsageError(problem, f"There are {names}.")
    face.choose_theme(words)


def _quit(face: Face, _words: str) -> None:
    face.action_leave()


COMMANDS = (
    Command(("help",), "", "keys and commands", _help),
    Command(("new",), "", "a new conversation", _new),
    Command(("effort", "think"), "low|medium|high", "how much the model reasons", _effort),
    Command(("theme",), "NAME", "other colours", _theme),
    Command(("quit", "exit"), "", "leave (also exit, :q)", _quit),
)
_BARE = {"exit": "quit", "quit": "quit", ":q": "quit"}


def find(text: str) -> tuple[Command, str] | None:
    """The command that ``text`` is, with its words; None when it is a message.

    Raises UsageError for a slash followed by no known command.
    """
    if text in _BARE:
        text = f"/{_BARE[text]}"
    if not text.startswith("/"):
        return None
    name, _, words = text[1:].partition(" ")
    for command in COMMANDS:
        if name in command.names:
            return command, words.strip()
    shown = clean_line(name)[:40]
    raise UsageError(
        f"There is no command '/{shown}'.",
        "F1 lists them; a space before the slash sends it as text.",
    )
