"""What was being written when the program was left: a file that the next start reads.

Knows one text and the file it is in; must not know where it is written. Losing it is no error:
whatever goes wrong with the file costs the draft alone.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from chat_tui.whole_file import write_whole


class Draft:
    """The draft in the file at ``path``. Two programs may use it: the one that leaves last wins."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found = ""

    def read(self) -> str:
        """What is kept; empty where nothing is."""
        self._found = self._text()
        return self._found

    def leave(self, text: str, *, asked: bool) -> None:
        """The program ends with ``text`` unsent.

        Without one the draft that was read here is kept on, unless something was ``asked`` since.
        """
        with suppress(OSError, ValueError):
            if text.strip():
                write_whole(self._path, text)
            elif asked and self._found and self._text() == self._found:
                self._path.unlink()

    def _text(self) -> str:
        try:
            return self._path.read_text(encoding="utf-8")
        except (OSError, ValueError):
            return ""
