"""Kinds of values: from what somebody typed to what stands in the file, or why not.

Knows texts and plain values; must not know which settings there are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from chat_tui.errors import UsageError
from chat_tui.untrusted import clean

Value = str | int | float | bool | list[str]
LONGEST = 20_000
"""Characters of one value."""


class Kind:
    """Any text on one line."""

    choices: Sequence[str] = ()
    """All that it can be; empty where there is too much."""
    hint = "text"

    def read(self, text: str) -> Value:
        """What is written to the file. Raises UsageError that says what it can be."""
        if text != clean(text) or len(text) > LONGEST or "\n" in text:
            raise UsageError("It has characters that a setting cannot have.", f"It is {self.hint}.")
        return text

    def show(self, value: object) -> str:
        """A value of the file in the words that ``read`` takes."""
        return str(value)


class Words(Kind):
    """Text of any number of lines."""

    hint = "text"

    def read(self, text: str) -> Value:
        """As it is."""
        if text != clean(text) or len(text) > LONGEST:
            raise UsageError("It has characters that a setting cannot have.")
        return text


@dataclass(frozen=True)
class OneOf(Kind):
    """One of a few words."""

    choices: Sequence[str]

    @property
    def hint(self) -> str:  # type: ignore[override]
        """All of them."""
        return ", ".join(self.choices)

    def read(self, text: str) -> Value:
        """The word itself."""
        if text not in self.choices:
            raise UsageError(f"'{clean(text)[:40]}' is none of them.", f"It can be {self.hint}.")
        return text


@dataclass(frozen=True)
class Count(Kind):
    """A whole number."""

    least: int = 1
    most: int = 100_000_000

    @property
    def hint(self) -> str:  # type: ignore[override]
        """Between which."""
        return f"a whole number from {self.least:,}"

    def read(self, text: str) -> Value:
        """The number; ``8,192`` and ``8_192`` are the same as ``8192``."""
        digits = text.replace(",", "").replace("_", "").strip()
        if not re.fullmatch(r"[0-9]{1,12}", digits):
            raise UsageError(f"'{clean(text)[:40]}' is no number.", f"It is {self.hint}.")
        if not self.least <= int(digits) <= self.most:
            raise UsageError(f"{int(digits):,} is out of range.", f"It is {self.hint}.")
        return int(digits)


@dataclass(frozen=True)
class Number(Kind):
    """A number that may have a fraction."""

    least: float
    most: float

    @property
    def hint(self) -> str:  # type: ignore[override]
        """Between which."""
        return f"a number from {self.least:g} to {self.most:g}"

    def read(self, text: str) -> Value:
        """The number."""
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text.strip()):
            raise UsageError(f"'{clean(text)[:40]}' is no number.", f"It is {self.hint}.")
        value = float(text)
        if not self.least <= value <= self.most:
            raise UsageError(f"{value:g} is out of range.", f"It is {self.hint}.")
        return value

    def show(self, value: object) -> str:
        """Without a fraction that says nothing."""
        return f"{value:g}" if isinstance(value, int | float) else str(value)


class File(Kind):
    """A file that is there."""

    hint = "the path of a file"

    def read(self, text: str) -> Value:
        """As it was typed, ``~`` included."""
        text = str(super().read(text)).strip()
        if not Path(text).expanduser().is_file():
            raise UsageError(f"There is no file '{clean(text)[:200]}'.", f"It is {self.hint}.")
        return text


class Address(Kind):
    """An address of the web."""

    hint = "an address such as http://127.0.0.1:8080"

    def read(self, text: str) -> Value:
        """As it was typed."""
        text = str(super().read(text)).strip()
        try:
            parts = urlsplit(text)
            good = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            good = False
        if not good:
            raise UsageError(f"'{clean(text)[:80]}' is no address.", f"It is {self.hint}.")
        return text


class Secret(Kind):
    """Text that is never shown."""

    hint = "text; it is not shown"

    def show(self, value: object) -> str:
        """Only whether there is one."""
        return "set, not shown" if value else ""


@dataclass(frozen=True)
class Some(Kind):
    """Any of a few words, or none of them."""

    of: Sequence[str]

    @property
    def hint(self) -> str:  # type: ignore[override]
        """All of them."""
        return f"any of {', '.join(self.of)}, with commas between; none for none"

    def read(self, text: str) -> Value:
        """A list of them."""
        names = [name.strip() for name in text.split(",") if name.strip()]
        if names == ["none"]:
            return []
        for name in names:
            if name not in self.of:
                raise UsageError(f"'{clean(name)[:40]}' is none of them.", f"It is {self.hint}.")
        return list(dict.fromkeys(names))

    def show(self, value: object) -> str:
        """With commas between."""
        return ", ".join(map(str, value)) or "none" if isinstance(value, list | tuple) else ""


class Folders(Kind):
    """Folders that are there."""

    hint = "folders, with commas between"

    def read(self, text: str) -> Value:
        """A list of paths as they were typed."""
        names = [name.strip() for name in str(super().read(text)).split(",") if name.strip()]
        for name in names:
            if not Path(name).expanduser().is_dir():
                raise UsageError(
                    f"There is no folder '{clean(name)[:200]}'.", f"It is {self.hint}."
                )
        return names

    def show(self, value: object) -> str:
        """With commas between."""
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else ""
