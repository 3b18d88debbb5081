"""Wide tables moved by keys: the last one in sight, while nothing is being written.

Knows the transcript, its chunks and fields to write in; must not know how a table is set.
"""

from __future__ import annotations

from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, TextArea

from chat_tui.ui.widgets.chunk import Chunk
from chat_tui.ui.widgets.transcript import Transcript


def wide_table(transcript: Widget) -> tuple[Chunk, int] | None:
    """The last table in sight that can be moved, by a line of it; None where there is none."""
    view = transcript.region
    for chunk in reversed(list(transcript.query(Chunk))):
        seen = chunk.region.intersection(view)
        if seen:
            top = seen.y - chunk.region.y
            if found := chunk.tables(top, top + seen.height):
                return chunk, found[-1]
    return None


class Sideways(Screen[None]):
    """A screen whose keys move such a table; in a field with text they mark some of it."""

    def action_columns_back(self) -> None:
        """The columns before."""
        self._move(-1)

    def action_columns_on(self) -> None:
        """The columns behind."""
        self._move(1)

    def _move(self, step: int) -> None:
        field = self.focused
        if isinstance(field, Input | TextArea) and (
            field.value if isinstance(field, Input) else field.text
        ):
            (field.action_cursor_left if step < 0 else field.action_cursor_right)(True)
        elif found := wide_table(self.query_one(Transcript)):
            chunk, line = found
            chunk.move_table(line, step)
