"""Completion while one writes: commands, their words, and files.

Knows what is offered and where it is shown; must not know what a command does or what becomes of a
file. Files are listed and compared in a thread; everything else is quick.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from chat_tui.home import at_home
from chat_tui.keys import Where
from chat_tui.ui.composer import offers
from chat_tui.ui.composer.choices import Choices
from chat_tui.ui.composer.offers import Choice, Kind, Wanted
from chat_tui.ui.composer.workspace import entries_of, files_of
from chat_tui.ui.keys import bound, presses

FRESH_SECONDS = 10.0
"""So long a list of files is taken for what there is."""
_ELSEWHERE = ("/", "~", "./", "../")

Arguments = Callable[[str], Iterable[tuple[str, str]]]
"""The words that may follow a command, with what they are; none leaves those of its usage."""


class Field(Protocol):
    """Where one writes."""

    @property
    def before(self) -> str:
        """The text up to the cursor."""

    def replace_before(self, begin: int, text: str) -> None:
        """Put ``text`` in the place of what stands from ``begin`` to the cursor."""

    def attach(self, path: Path, name: str, begin: int) -> None:
        """Attach a file, its label from ``begin`` to the cursor."""

    def attach_named(self, letters: str) -> None:
        """Attach the file that ``@letters`` names before the cursor, if there is one."""

    def look(self, work: Coroutine[None, None, None]) -> None:
        """Run ``work`` beside everything else; an earlier look is given up."""


class Completion:
    """What is offered to one field, in ``choices``."""

    def __init__(self, field: Field, choices: Choices, folder: Callable[[], Path]) -> None:
        self._field = field
        self.choices = choices
        self._folder = folder
        self.arguments: Arguments = lambda _command: ()
        self._wanted: Wanted | None = None
        self._refused: Wanted | None = None
        """What nothing is offered for, because the list was closed."""
        self._shown_for: Wanted | None = None
        """What the files that are shown were found for."""
        self._files: Sequence[str] = ()
        self._listed_at = float("-inf")

    def update(self) -> None:
        """The text or the cursor is another: offer what fits."""
        now = offers.wanted(self._field.before)
        if now == self._wanted:
            return
        self._wanted = now
        refused = self._refused
        if now is None or (refused and (now.kind, now.begin) != (refused.kind, refused.begin)):
            self._refused = refused = None
        if now is None or refused is not None:
            self.choices.show(())
        elif now.kind is Kind.FILE:
            self._field.look(self._find(now))
        elif now.kind is Kind.PATH:
            self._field.look(self._find_paths(now))
        elif now.kind is Kind.COMMAND:
            self.choices.show(offers.commands(now.letters))
        else:
            self.choices.show(offers.arguments(now, self.arguments(now.command)))

    def again(self) -> None:
        """There may be more to offer now."""
        self._wanted = None
        self.update()

    def close(self) -> None:
        """Offer nothing, for what is written now."""
        self._refused = self._wanted
        self.choices.show(())

    def press(self, key: str) -> bool:
        """Take a key; False where it is for the field. Enter is, where the line is whole."""
        self.update()
        self._narrow()
        choice, wanted = self.choices.chosen, self._wanted
        if key == "space" and wanted and wanted.kind is Kind.FILE and self._refused is None:
            self._field.attach_named(wanted.letters)
        if choice is None or wanted is None:
            return False
        match presses(key, Where.CHOICES):
            case "choice above":
                self.choices.move(-1)
            case "choice below":
                self.choices.move(1)
            case "close choices":
                self.close()
            case "take choice" if key in bound("send").keys:
                return self._enter(wanted, choice)
            case "take choice":
                self.take()
            case _:
                return False
        return True

    def take(self) -> None:
        """Put the choice in the place of the letters."""
        choice, wanted = self.choices.chosen, self._wanted
        if choice is None or wanted is None:
            return
        self.choices.show(())
        self._wanted = None
        if wanted.kind is Kind.FILE and choice.is_whole:
            path = choice.text.removeprefix("@")
            self._field.attach(self._folder() / at_home(path), path, wanted.begin)
            return
        self._field.replace_before(wanted.begin, choice.text)
        if choice.is_whole:
            self._wanted = self._refused = offers.wanted(self._field.before)

    def _enter(self, wanted: Wanted, choice: Choice) -> bool:
        """Enter was pressed: True where it chose, False where the line is to be sent."""
        chosen = self.choices.was_moved
        if wanted.kind is Kind.PATH:
            # As in a shell: what is written is meant, also where a longer name would fit.
            if chosen:
                self.take()
            return chosen
        if wanted.kind is Kind.FILE:
            if wanted.letters or chosen:
                self.take()
                return True
            return False
        if not chosen and (
            offers.is_written(wanted, choice)
            or (wanted.kind is Kind.ARGUMENT and not wanted.letters)
        ):
            return False
        meant = offers.is_meant(wanted, choice, chosen=chosen)
        self.take()
        return not (meant and choice.is_whole)

    def _narrow(self) -> None:
        """Where files are still being looked for, leave those that fit of what is shown."""
        wanted = self._wanted
        if wanted is not None and wanted.kind is Kind.FILE and wanted != self._shown_for:
            self._shown_for = wanted
            paths = [one.text.removeprefix("@") for one in self.choices.all]
            self.choices.show(offers.files(wanted.letters, paths))

    async def _find(self, wanted: Wanted) -> None:
        """Offer files that fit, once they are listed."""
        letters, folder = wanted.letters, self._folder()
        if letters.startswith(_ELSEWHERE):
            head = letters[: letters.rfind("/") + 1]
            at = folder / at_home(head or letters)
            names = await asyncio.to_thread(entries_of, at)
            paths: Sequence[str] = [f"{head}{name}" for name in names] if head else [f"{letters}/"]
        else:
            if time.monotonic() - self._listed_at > FRESH_SECONDS:
                self._files = await asyncio.to_thread(files_of, folder)
                self._listed_at = time.monotonic()
            paths = self._files
        found = await asyncio.to_thread(offers.files, letters, paths)
        if self._wanted == wanted and self._refused is None:
            self._shown_for = wanted
            self.choices.show(found)

    async def _find_paths(self, wanted: Wanted) -> None:
        """Offer what is in the folder that is written so far."""
        head = wanted.letters[: wanted.letters.rfind("/") + 1]
        folder = self._folder() / at_home(head)
        names = await asyncio.to_thread(entries_of, folder, only_text=False)
        if self._wanted == wanted and self._refused is None:
            self.choices.show(offers.paths(wanted, names))
