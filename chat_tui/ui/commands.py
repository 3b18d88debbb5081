"""What can be typed after a slash, and what each asks of the screen.

Knows the table of commands and their words; must not know widgets. An unknown command is an
error, never a message to the model.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from chat_tui.conversation import Effort
from chat_tui.errors import UsageError
from chat_tui.keys import COMMANDS
from chat_tui.language import _
from chat_tui.ui.keys import key_name
from chat_tui.untrusted import clean_line


class Tooling(Protocol):
    """What commands may ask about tools; each may raise a ChatError."""

    async def tools(self, words: str) -> None:
        """List them, switch one, choose a mode."""

    async def approve(self, words: str) -> None:
        """List what is allowed, revoke one of it."""

    async def library(self, words: str) -> None:
        """List the library, add to it, take from it."""

    async def patch(self) -> None:
        """Show the last edit."""

    async def undo(self) -> None:
        """Take the last edit back."""


class Keeping(Protocol):
    """What commands may ask about the kept conversations; each may raise a ChatError."""

    async def resume(self, words: str) -> None:
        """Open the conversation of that id, else the list of those with these words."""

    async def rename(self, title: str) -> None:
        """Give the present conversation another title."""


class Branching(Protocol):
    """What commands may ask about branches; each may raise a ChatError."""

    async def edit(self, number: int | None) -> None:
        """Take a question back to the composer: the last, or that one, from 1."""

    async def fork(self, number: int | None) -> None:
        """Go on in another conversation, with all of this or up to that answer, from 1."""


class Rooming(Protocol):
    """What commands may ask about a context that fills up; each may raise a ChatError."""

    async def compact(self, words: str) -> None:
        """Have the earlier part summarised; take that back."""

    async def drop(self, words: str) -> None:
        """Leave out the oldest questions; take that back."""

    async def context(self, words: str) -> None:
        """Show what fills the context, get more of it, or go on in a fresh conversation."""


class Setting(Protocol):
    """What commands may ask about settings; each may raise a ChatError."""

    async def settings(self, words: str) -> None:
        """Show those with these words."""

    async def theme(self, name: str) -> None:
        """Set the colours; without a name show what there is."""


class Copying(Protocol):
    """What commands may ask to be copied; each may raise a ChatError."""

    async def copy(self, words: str) -> None:
        """The last answer, the Nth block of code in it, or the last message."""


class Face(Protocol):
    """What commands may ask of the screen; each may raise a ChatError."""

    @property
    def setting(self) -> Setting:
        """All about settings and themes."""

    @property
    def room(self) -> Rooming:
        """All about a context that fills up."""

    @property
    def tooling(self) -> Tooling:
        """All about tools."""

    @property
    def history(self) -> Keeping:
        """All about kept conversations."""

    @property
    def copying(self) -> Copying:
        """All about the clipboard."""

    @property
    def branching(self) -> Branching:
        """All about branches."""

    async def press(self, action: str) -> None:
        """Do what a key does."""

    async def compare(self, words: str) -> None:
        """Answer a new question, else the last one, at every level, side by side."""

    async def prompt(self, words: str) -> None:
        """Show what the model would see next, with this question or the draft."""

    def choose_effort(self, effort: Effort) -> None:
        """Set how much the model reasons."""

    async def examine(self) -> None:
        """Show what is right and wrong with this installation."""

    async def regenerate(self, effort: Effort | None) -> None:
        """Answer the last question anew, at that level."""

    async def choose_schema(self, file: str) -> None:
        """Set the form of the next answers; an empty name takes it away."""

    def find(self, words: str) -> None:
        """Look for words in the conversation."""

    async def export(self, file: str, reasoning: bool) -> None:
        """Write the conversation; an empty name leaves it to the program."""

    async def model(self, words: str) -> None:
        """List the models, or use the one of that name or path."""


_DIGITS = 9


def _level(words: str) -> Effort:
    levels = ", ".join(Effort)
    if words in ("off", "none", "no", "0"):
        raise UsageError(
            _("gpt-oss cannot switch reasoning off."),
            _("low is the least; {key} hides the reasoning.").format(key=key_name("reasoning")),
        )
    if words not in list(Effort):
        problem = _("Which effort?")
        if words:
            problem = _("There is no effort '{name}'.").format(name=clean_line(words))
        raise UsageError(problem, _("It can be {names}.").format(names=levels))
    return Effort(words)


def _does(action: str) -> Run:
    async def run(face: Face, _words: str) -> None:
        await face.press(action)

    return run


async def _effort(face: Face, words: str) -> None:
    face.choose_effort(_level(words))


async def _regen(face: Face, words: str) -> None:
    await face.regenerate(_level(words) if words else None)


async def _compare(face: Face, words: str) -> None:
    await face.compare(words)


async def _prompt(face: Face, words: str) -> None:
    await face.prompt(words)


async def _edit(face: Face, words: str) -> None:
    await face.branching.edit(_number(words))


async def _fork(face: Face, words: str) -> None:
    await face.branching.fork(_number(words))


def _number(words: str) -> int | None:
    if not words:
        return None
    if not words.isdecimal() or len(words) > _DIGITS:
        problem = _("'{words}' is no number.").format(words=clean_line(words)[:40])
        raise UsageError(problem, _("Questions count from 1."))
    return int(words)


async def _schema(face: Face, words: str) -> None:
    if not words:
        raise UsageError(_("Which schema?"), _("Name a JSON Schema file, or off."))
    await face.choose_schema("" if words == "off" else words)


async def _find(face: Face, words: str) -> None:
    face.find(words)


async def _copy(face: Face, words: str) -> None:
    await face.copying.copy(words)


async def _export(face: Face, words: str) -> None:
    file, _, last = words.rpartition(" ")
    reasoning = last == "reasoning"
    await face.export(file.strip() if reasoning else words, reasoning)


async def _compact(face: Face, words: str) -> None:
    await face.room.compact(words)


async def _drop(face: Face, words: str) -> None:
    await face.room.drop(words)


async def _context(face: Face, words: str) -> None:
    await face.room.context(words)


async def _model(face: Face, words: str) -> None:
    await face.model(words)


async def _doctor(face: Face, _words: str) -> None:
    await face.examine()


async def _theme(face: Face, words: str) -> None:
    await face.setting.theme(words)


async def _settings(face: Face, words: str) -> None:
    await face.setting.settings(words)


async def _tools(face: Face, words: str) -> None:
    await face.tooling.tools(words)


async def _approve(face: Face, words: str) -> None:
    await face.tooling.approve(words)


async def _library(face: Face, words: str) -> None:
    await face.tooling.library(words)


async def _patch(face: Face, _words: str) -> None:
    await face.tooling.patch()


async def _undo(face: Face, _words: str) -> None:
    await face.tooling.undo()


async def _resume(face: Face, words: str) -> None:
    await face.history.resume(words)


async def _rename(face: Face, words: str) -> None:
    await face.history.rename(words)


Run = Callable[[Face, str], Awaitable[None]]
RUN: Mapping[str, Run] = {
    "help": _does("help"),
    "new": _does("new"),
    "resume": _resume,
    "rename": _rename,
    "effort": _effort,
    "answer": _does("answer_now"),
    "continue": _does("go_on"),
    "edit": _edit,
    "fork": _fork,
    "regen": _regen,
    "compare": _compare,
    "schema": _schema,
    "find": _find,
    "copy": _copy,
    "tools": _tools,
    "approve": _approve,
    "library": _library,
    "patch": _patch,
    "undo": _undo,
    "prompt": _prompt,
    "context": _context,
    "compact": _compact,
    "drop": _drop,
    "export": _export,
    "model": _model,
    "theme": _theme,
    "settings": _settings,
    "doctor": _doctor,
    "quit": _does("leave"),
}
"""What each command of the table does."""
_BARE = {"exit": "quit", "quit": "quit", ":q": "quit"}


def find(text: str) -> tuple[Run, str] | None:
    """What to run for the command that ``text`` is, and its words; None when it is a message.

    Raises UsageError for a slash followed by no known command.
    """
    if text in _BARE:
        text = f"/{_BARE[text]}"
    if not text.startswith("/"):
        return None
    name, _space, words = text[1:].partition(" ")
    for command in COMMANDS.values():
        if name in (command.name, *command.also):
            return RUN[command.name], words.strip()
    shown = clean_line(name)[:40]
    hint = _("{key} lists them; a space before the slash sends it as text.")
    raise UsageError(
        _("There is no command '/{name}'.").format(name=shown), hint.format(key=key_name("help"))
    )
