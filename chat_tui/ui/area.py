"""A text area whose edits come in their order, and can be taken back without harm.

Knows where Textual's area looks too early or acts too late; must not know what is written or where.
"""

from __future__ import annotations

from collections.abc import Callable

from textual.events import Key
from textual.widgets import TextArea
from textual.widgets.text_area import Selection


class Area(TextArea):
    """A text area of several lines."""

    def on_resize(self) -> None:
        """Draw the lines as they are broken now; Textual does where their number is another."""
        self.refresh()

    async def _on_key(self, event: Key) -> None:
        """Do here what a key is bound to here.

        Textual does it once the key has gone up to the app: letters that were typed behind it,
        faster than that takes, would overtake it.
        """
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if not binding.priority and await self.app.run_action(binding.action, self):
                event.stop()
                event.prevent_default()
                return

    def undo(self) -> None:
        """Take the last edit back."""
        self._stepped(super().undo)

    def redo(self) -> None:
        """Make the edit that was taken back again."""
        self._stepped(super().redo)

    def _stepped(self, step: Callable[[], None]) -> None:
        """Go a step through the edits with the cursor at the beginning, which every text has.

        Textual looks at the cursor's line while the text is already another: where it has fewer
        lines, the app would end.
        """
        here, text = self.selection, self.text
        self.selection = Selection()
        step()
        if self.text == text:
            self.selection = here
