"""A scrolling place in which the reader stays where they are, whatever happens above.

Knows arrangements and windows; must not know what is shown. Who builds what is near the reader
does that in ``look``.
"""

from __future__ import annotations

from textual.containers import VerticalScroll
from textual.geometry import Size
from textual.layout import DockArrangeResult
from textual.widget import Widget

from chat_tui.ui.widgets.place import Hold, hold, line_of
from chat_tui.ui.widgets.tall import map_coarsely


class Steady(VerticalScroll, can_focus=False):
    """Follows the end while it is at the end, and holds a line of a widget otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self._arranged = DockArrangeResult([], set(), self.styles.margin)
        self._hold: Hold | None = None
        """What stays where it is when heights above it change."""
        self._moves = False
        """Whether the next arrangement is another and tells where the reader is."""
        self._looks = False

    async def look(self) -> None:
        """Have built what the reader is near to; called after they moved, or anything did."""

    def arranged_anew(self, arranged: DockArrangeResult) -> None:
        """All stands elsewhere; nothing may be built here."""

    def show_line(self, widget: Widget, line: int) -> None:
        """Have a line of a widget, however deep, on the screen; one that is there stays."""
        path = [widget]
        while isinstance(parent := path[0].parent, Widget) and parent is not self:
            path.insert(0, parent)
        height = self.scrollable_content_region.height
        y = None if self._moves else line_of(self._arranged, Hold(tuple(path), line))
        if y is None:
            self._hold_on(Hold(tuple(path), line - height // 3))
        elif not 0 <= y - round(self.scroll_y) < height:
            self.scroll_to(y=y - height // 3, animate=False, immediate=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The reader has scrolled: that is the place to keep, and none of before.

        They have seen how all stands in the last arrangement, also where there will be another.
        """
        super().watch_scroll_y(old_value, new_value)
        # What is built before the frame makes Textual take the new places for those on the screen.
        self.refresh()
        self._hold = hold(self._arranged, round(new_value))
        self._look_soon()

    def arrange(self, size: Size, optimal: bool = False) -> DockArrangeResult:
        """Where all stands; with the reader's place where it was."""
        arranged = super().arrange(size, optimal)
        if arranged is not self._arranged:
            map_coarsely(arranged)
            self._arranged = arranged
            self._moves = False
            self.arranged_anew(arranged)
            self._keep_place(size.height)
            self._look_soon()
        return arranged

    def _size_updated(
        self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True
    ) -> bool:
        """Take in where it stands; what is in it may grow without all being arranged once more."""
        layout = layout and size != self._size
        changed = super()._size_updated(size, virtual_size, container_size, layout)
        if changed and (bar := self._vertical_scrollbar) is not None:
            # It stands in what is drawn anew now, and need not ask to be drawn once more.
            bar._repaint_required = False  # noqa: SLF001
        return changed

    def _keep_place(self, height: int) -> None:
        if self.is_anchored and not self._anchor_released:
            self._hold = None
            return
        y = line_of(self._arranged, self._hold) if self._hold else None
        if y is None:
            self._hold = hold(self._arranged, round(self.scroll_y))
            return
        y = max(0, min(y, self._arranged.total_region.bottom - height))
        if y != round(self.scroll_y):
            # As Textual follows the end: what is arranged is drawn from there at once.
            self.set_reactive(Widget.scroll_y, y)
            self.set_reactive(Widget.scroll_target_y, y)
            vars(self.vertical_scrollbar)["_reactive_position"] = y

    def _hold_on(self, place: Hold) -> None:
        """Go where ``place`` will be when all is arranged anew."""
        self.release_anchor()
        self._hold = place
        self._moves = True
        self.refresh(layout=True)

    def _look_soon(self) -> None:
        if not self._looks and self.is_attached:
            self._looks = True
            self.call_later(self._look)

    async def _look(self) -> None:
        self._looks = False
        if self.is_attached:
            await self.look()

    def _hold_within(self) -> None:
        """Keep what stands at the place within an item that has been built since."""
        if self._hold is not None and self._hold.item is not None:
            y = line_of(self._arranged, self._hold)
            self._hold = None if y is None else hold(self._arranged, y)
