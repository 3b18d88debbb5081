"""A text area in which labels stand for what is long: pastes and attached files.

Knows labels and where they stand; must not know keys, files or what becomes of the text.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from textual.message import Message

from chat_tui.language import _
from chat_tui.ui.area import Area
from chat_tui.ui.composer.counting import CountWanted
from chat_tui.ui.composer.placeholders import Placeholders, is_long
from chat_tui.ui.keys import key_name
from chat_tui.untrusted import clean

LONG = 100_000
"""Characters that are never laid out: that would stall."""


class LabelledArea(Area):
    """A text area whose text is longer than it looks."""

    class Said(Message):
        """Something is to be told."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.labels = Placeholders()

    @property
    def whole_text(self) -> str:
        """The text with what the labels stand for."""
        return self.labels.whole(self.text)

    @property
    def before(self) -> str:
        """The text up to the cursor."""
        return self.get_text_range((0, 0), self.cursor_location)

    def put(self, text: str) -> None:
        """Replace the text and go to its end."""
        self.clear_all()
        self.insert_bounded(self.labels.labelled(text))

    def put_before(self, text: str) -> None:
        """Give ``text`` back to the user without losing what they are writing."""
        rest = self.text
        self.text = ""
        self.insert_bounded(self.labels.labelled(text))
        if rest:
            self.replace(f"\n{rest}", *self.selection, maintain_selection_offset=False)

    def clear_all(self) -> None:
        """Empty, with no labels."""
        self.text = ""
        self.labels.clear()

    def insert_bounded(self, text: str, *, pasted: bool = False) -> None:
        """Insert; a label stands for what is very long, or long and ``pasted``."""
        text = clean(text)
        if len(text) > LONG or (pasted and is_long(text)):
            text = self.labels.paste(text)
        self.replace(text, *self.selection, maintain_selection_offset=False)
        for begin, end in self.labels.found(text):
            self._count(text[begin:end])

    def replace_before(self, begin: int, text: str) -> None:
        """Put ``text`` in the place of what stands from ``begin`` to the cursor."""
        self.replace(
            text, self._location(begin), self.cursor_location, maintain_selection_offset=False
        )

    def action_delete_left(self) -> None:
        """Delete a character, or the label that ends here."""
        end = len(self.before)
        spans = self.labels.found(self.text) if self.selection.is_empty else []
        for span in spans:
            if span[1] == end:
                self.replace_span(span, "")
                return
        super().action_delete_left()

    def action_expand(self) -> None:
        """Have what was pasted stand here itself."""
        text = self.text
        span = self.labels.at(text, len(self.before))
        kept = span and self.labels.kept(text[slice(*span)])
        if span is None or kept is None:
            self.post_message(self.Said(_("Nothing long was pasted here.")))
        elif len(kept.text) > LONG:
            said = _("It is too long for here; {key} opens it.").format(key=key_name("editor"))
            self.post_message(self.Said(said))
        else:
            self.replace_span(span, clean(kept.text))

    def _count(self, label: str) -> None:
        """Have the tokens of what a label stands for counted."""
        kept = self.labels.kept(label)
        if kept is not None and not kept.is_counted:
            self.post_message(CountWanted(kept.text, partial(self._counted, label)))

    def _counted(self, label: str, tokens: int) -> None:
        """The tokens are known: the label tells them."""
        counted = self.labels.counted(label, tokens)
        at = self.text.find(label)
        if at >= 0:
            self.replace_span((at, at + len(label)), counted)

    def replace_span(self, span: tuple[int, int], text: str) -> None:
        """Put ``text`` in the place of what stands from one offset to another."""
        self.replace(text, *map(self._location, span))

    def _location(self, offset: int) -> tuple[int, int]:
        """The row and column of an offset into the text."""
        before = self.text[:offset]
        return before.count("\n"), offset - before.rfind("\n") - 1
