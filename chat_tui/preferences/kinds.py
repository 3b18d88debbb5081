"""Kinds of values: from what somebody typed to what stands in the file, or why not.

Knows texts and plain values; must not know which settings there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from chat_tui.errors import UsageError
from chat_tui.home import at_home
from chat_tui.language import N_, _, number, ungrouped
from chat_tui.untrusted import clean

Value = str | int | float | bool | list[str]
LONGEST = 20_000
"""Characters of one value."""


class Kind:
    """Any text on one line."""

    choices: Sequence[str] = ()
    """All that it can be; empty where there is too much."""
    says = N_("text")
    """What it can be."""

    def described(self, say: Callable[[str], str]) -> str:
        """What it can be, in the words that ``say`` has for a text."""
        return say(self.says)

    @property
    def hint(self) -> str:
        """What it can be, in English: for programs."""
        return self.described(str)

    @property
    def words(self) -> str:
        """What it can be, for people."""
        return self.described(_)

    @property
    def rule(self) -> str:
        """The same as a sentence."""
        return _("It is {what}.").format(what=self.words)

    def read(self, text: str) -> Value:
        """What is written to the file. Raises UsageError that says what it can be."""
        if text != clean(text) or len(text) > LONGEST or "\n" in text:
            raise UsageError(_("It has characters that a setting cannot have."), self.rule)
        return text

    def show(self, value: object) -> str:
        """A value of the file in the words that ``read`` takes."""
        return str(value)


class Words(Kind):
    """Text of any number of lines."""

    def read(self, text: str) -> Value:
        """As it is."""
        if text != clean(text) or len(text) > LONGEST:
            raise UsageError(_("It has characters that a setting cannot have."))
        return text


@dataclass(frozen=True)
class OneOf(Kind):
    """One of a few words."""

    choices: Sequence[str]

    def described(self, say: Callable[[str], str]) -> str:
        """All of them, as they are typed."""
        del say
        return ", ".join(self.choices)

    def read(self, text: str) -> Value:
        """The word itself."""
        if text not in self.choices:
            hint = _("It can be {words}.").format(words=self.words)
            raise UsageError(_none_of_them(text), hint)
        return text


@dataclass(frozen=True)
class Count(Kind):
    """A whole number."""

    least: int = 1
    most: int = 100_000_000

    def described(self, say: Callable[[str], str]) -> str:
        """Between which."""
        return say(N_("a whole number from {least:,}")).format(least=self.least)

    def read(self, text: str) -> Value:
        """The number; ``8,192`` and ``8_192`` are the same as ``8192``."""
        digits = ungrouped(text)
        if not re.fullmatch(r"[0-9]{1,12}", digits):
            raise UsageError(_no_number(text), self.rule)
        if not self.least <= int(digits) <= self.most:
            raise UsageError(_out_of_range(number(int(digits))), self.rule)
        return int(digits)


@dataclass(frozen=True)
class Number(Kind):
    """A number that may have a fraction."""

    least: float
    most: float

    def described(self, say: Callable[[str], str]) -> str:
        """Between which."""
        text = say(N_("a number from {least:g} to {most:g}"))
        return text.format(least=self.least, most=self.most)

    def read(self, text: str) -> Value:
        """The number."""
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text.strip()):
            raise UsageError(_no_number(text), self.rule)
        value = float(text)
        if not self.least <= value <= self.most:
            raise UsageError(_out_of_range(f"{value:g}"), self.rule)
        return value

    def show(self, value: object) -> str:
        """Without a fraction that says nothing."""
        return f"{value:g}" if isinstance(value, int | float) else str(value)


class File(Kind):
    """A file that is there."""

    says = N_("the path of a file")

    def read(self, text: str) -> Value:
        """As it was typed, ``~`` included."""
        text = str(super().read(text)).strip()
        if not at_home(text).is_file():
            problem = _("There is no file '{name}'.").format(name=clean(text)[:200])
            raise UsageError(problem, self.rule)
        return text


class Address(Kind):
    """An address of the web."""

    says = N_("an address such as http://127.0.0.1:8080")

    def read(self, text: str) -> Value:
        """As it was typed."""
        text = str(super().read(text)).strip()
        try:
            parts = urlsplit(text)
            good = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            good = False
        if not good:
            problem = _("'{text}' is no address.").format(text=clean(text)[:80])
            raise UsageError(problem, self.rule)
        return text


class Secret(Kind):
    """Text that is never shown."""

    says = N_("text; it is not shown")

    def show(self, value: object) -> str:
        """Only whether there is one."""
        return N_("set, not shown") if value else ""


@dataclass(frozen=True)
class Some(Kind):
    """Any of a few words, or none of them."""

    of: Sequence[str]

    def described(self, say: Callable[[str], str]) -> str:
        """All of them."""
        text = say(N_("any of {words}, with commas between; none for none"))
        return text.format(words=", ".join(self.of))

    def read(self, text: str) -> Value:
        """A list of them."""
        names = [name.strip() for name in text.split(",") if name.strip()]
        if names == ["none"]:
            return []
        for name in names:
            if name not in self.of:
                raise UsageError(_none_of_them(name), self.rule)
        return list(dict.fromkeys(names))

    def show(self, value: object) -> str:
        """With commas between."""
        return ", ".join(map(str, value)) or "none" if isinstance(value, list | tuple) else ""


class Folders(Kind):
    """Folders that are there."""

    says = N_("folders, with commas between")

    def read(self, text: str) -> Value:
        """A list of paths as they were typed."""
        names = [name.strip() for name in str(super().read(text)).split(",") if name.strip()]
        for name in names:
            if not at_home(name).is_dir():
                problem = _("There is no folder '{name}'.").format(name=clean(name)[:200])
                raise UsageError(problem, self.rule)
        return names

    def show(self, value: object) -> str:
        """With commas between."""
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else ""


def _none_of_them(text: str) -> str:
    return _("'{text}' is none of them.").format(text=clean(text)[:40])


def _no_number(text: str) -> str:
    return _("'{text}' is no number.").format(text=clean(text)[:40])


def _out_of_range(number: str) -> str:
    return _("{number} is out of range.").format(number=number)
