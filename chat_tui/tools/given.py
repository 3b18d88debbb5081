"""The arguments of a call, read forgivingly: models write "3" for 3 and make names up.

Knows plain values; must not know the tool that takes them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from chat_tui.errors import ToolError


class Given:
    """A call's arguments, read forgivingly; what could not be used is said in a note."""

    def __init__(self, values: Mapping[str, Any], known: Collection[str]) -> None:
        self.values = dict(values)
        self._notes: list[str] = []
        unknown = [name for name in self.values if name not in known]
        if unknown:
            self.note(f"Ignored unknown arguments: {', '.join(unknown)[:200]}.")

    def get(self, name: str, default: str = "") -> str:
        """An argument as it can be shown."""
        value = self.values.get(name)
        return default if value is None else str(value)

    def note(self, text: str) -> None:
        """Tell the model of something that was passed over."""
        if text not in self._notes:
            self._notes.append(text)

    def notes(self) -> str:
        """All notes, to stand below a page."""
        return "".join(f"\n\n({note})" for note in self._notes)

    def text(self, name: str) -> str:
        """A text that must be there."""
        value = self.values.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or not value.strip():
            raise ToolError(f"`{name}` has to be a text that is not empty.")
        return value.strip()

    def integer(self, name: str, default: int) -> int:
        """A whole number, also where it is written as a text."""
        value = self.values.get(name)
        if value is None:
            return default
        number = _whole(value)
        if number is None:
            raise ToolError(f"`{name}` has to be a whole number, not `{str(value)[:80]}`.")
        return number

    def link(self, name: str) -> int | str:
        """A link's number, or an address."""
        value = self.values.get(name)
        if value is None:
            return -1
        number = _whole(value)
        if number is not None:
            return number
        if isinstance(value, str) and value.strip():
            return value.strip()
        raise ToolError(f"`{name}` has to be a link's number or an address.")

    def flag(self, name: str) -> bool:
        """Yes or no; no where it is not there."""
        return self.values.get(name) in (True, "true", 1)


def _whole(value: object) -> int | None:
    """``value`` as a whole number of a sensible size."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = int(value)
    except (ValueError, OverflowError):
        return None
    exact = isinstance(value, str) or number == value
    return number if exact and abs(number) < 1 << 31 else None
