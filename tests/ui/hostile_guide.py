"""Goes through a running app that is hung with hostile texts, and tells what stands where.

Knows Textual's screens and how they are painted; must not know which texts or widgets there are,
beyond what it is given to show, nor how the terminal is read.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from rich.segment import Segment
from textual.color import Color
from textual.containers import VerticalScroll
from textual.pilot import Pilot
from textual.screen import Screen
from textual.scroll_view import ScrollView
from textual.widget import Widget

from chat_tui.conversation import Effort, Message, Role
from chat_tui.errors import ChatError
from chat_tui.events import AnswerDelta, MessageCompleted, ReasoningDelta, TurnFailed
from chat_tui.ui.line_filter import ControlFilter
from chat_tui.ui.pane import ChatPane
from chat_tui.ui.widgets.find import FindBar
from tests.ui.hostile_chat import Exhibit, Hung
from tests.ui.hostile_fields import Fields, hung_in
from tests.ui.hostile_page import FORBIDDEN
from tests.ui.hostile_screens import View
from tests.ui.payloads import cut

BLOCK = 48
"""Payloads that a screen is opened with."""
FORWARD, ATTEMPTS = 2, 4
"""Lines that two looks have in common; looks for lines that moved away from under the others."""
FRAMES = 50
"""So often a screen is laid out anew because of what laying it out has brought about."""
LOOKS = 4
"""So many times one looks at what is enormous, and once at its beginning."""
Tell = Callable[[Mapping[str, Any]], Awaitable[None]]


class Watch(ControlFilter):
    """The last guard, with somebody who looks at what it lets through."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """What goes to the terminal."""
        safe = super().apply(segments, background)
        for text, style, control in safe:
            if not text.isascii() or not text.isprintable():
                self.wrong += (f"{found!a} is drawn" for found in FORBIDDEN.findall(text))
            if control or (style and (style.link or "@click" in style.meta)):
                self.wrong.append(f"{text!a} acts")
        return safe


class Still:
    """In place of a screen's timer: it is laid out and painted when it is looked at."""

    def pause(self) -> None:
        """It does not run."""

    def resume(self) -> None:
        """Nor does it then."""


async def at_once(work: Callable[..., Any], *parts: Any) -> Any:
    """In place of a thread."""
    return work(*parts)


@contextmanager
def still() -> Iterator[Callable[[Screen[Any]], None]]:
    """Nothing is painted but by the function that this gives: most frames nobody would look at."""
    paint = Screen._compositor_refresh

    def later(screen: Screen[Any]) -> None:
        screen._dirty_widgets.clear()

    with (
        patch.object(Screen, "_update_timer", Still()),
        patch.object(Screen, "_compositor_refresh", later),
        patch.object(asyncio, "to_thread", at_once),
    ):
        yield paint


async def quiet() -> None:
    """Until there is nothing to do but to wait for a time or a descriptor."""
    waiting: deque[object] = vars(asyncio.get_running_loop())["_ready"]
    for _ in range(2):
        await asyncio.sleep(0)
        while waiting or any(one.name == "aside" for one in threading.enumerate()):
            await asyncio.sleep(0 if waiting else 0.001)


class Guide:
    """Goes through an app and tells what stands where."""

    def __init__(
        self, pilot: Pilot[int], watch: Watch, tell: Tell, paint: Callable[[Screen[Any]], None]
    ) -> None:
        self._pilot = pilot
        self._paint = paint
        self._watch = watch
        self._tell = tell
        self.met: set[type[Widget]] = set()
        """The kinds of widgets that have been on the screen."""
        self.marked = 0
        """So often something was found in the transcript."""
        self.wrong: list[str] = []

    async def settle(self) -> None:
        """Until all that was done has its place, and what that brought about."""
        for _ in range(FRAMES):
            await quiet()
            screen = self._pilot.app.screen
            if not (
                screen._layout_required
                or screen._scroll_required
                or screen._repaint_required
                or screen._recompose_required
                or screen._dirty_widgets
                or screen._callbacks
            ):
                return
            screen._on_timer_update()
        self.wrong.append(f"{type(screen).__name__} never rests")

    async def paint(self) -> None:
        """All of that is on the terminal."""
        for _ in range(FRAMES):
            await self.settle()
            screen = self._pilot.app.screen
            if not screen._compositor._dirty_regions:
                return
            self._paint(screen)

    async def look(self, hung: Sequence[Hung], known: dict[Widget, set[int]]) -> None:
        """Tell where they stand now."""
        await self.paint()
        places = self._pilot.app.screen._compositor.visible_widgets
        found = []
        for number, one in enumerate(hung):
            if one.widget not in places:
                continue
            region, clip = places[one.widget]
            content = region.shrink(one.widget.styles.gutter)
            if isinstance(one.widget, ScrollView):
                content = content.crop_size(one.widget.scrollable_content_region.size)
            there = content.intersection(clip)
            if not there.height or there.width != content.width:
                continue
            first = there.y - content.y
            if isinstance(one.widget, ScrollView):
                first += one.widget.scroll_offset.y
            known.setdefault(one.widget, set()).update(range(first, first + there.height))
            found.append([number, first, there.x, there.y, there.width, there.height])
        await self._tell({"see": found, "wrong": self._wrong()})

    async def over(self, hung: Iterable[Hung]) -> None:
        """They are all looked at."""
        over = [
            [number, type(one.widget).__name__, one.how, one.wanted, _height(one.widget)]
            for number, one in enumerate(hung)
        ]
        await self._tell({"over": over, "wrong": self._wrong()})

    async def walk(self, hung: Sequence[Hung], scrolled: Sequence[Widget]) -> None:
        """Look at all of what is scrolled, from top to bottom."""
        known: dict[Widget, set[int]] = {}
        self.met.update(map(type, self._pilot.app.screen.walk_children(with_self=True)))
        y = 0
        while True:
            for place in scrolled:
                place.scroll_to(y=y, animate=False, immediate=True)
            await self.look(hung, known)
            if all(place.max_scroll_y <= y for place in scrolled):
                break
            y += min(place.scrollable_content_region.height for place in scrolled) - FORWARD
        for one in hung:
            for _ in range(ATTEMPTS):
                met = known.get(one.widget, set())
                missing = set(range(_height(one.widget))) - met
                if not missing or (met and one.how not in ("same", "holds")):
                    break
                for place in scrolled:
                    if place in one.widget.ancestors:
                        place.scroll_to_widget(one.widget, animate=False, immediate=True, top=True)
                for within in one.widget.ancestors:
                    if within in scrolled or not isinstance(within, Widget):
                        break
                    y = one.widget.virtual_region.y + min(missing)
                    within.scroll_to(y=y, animate=False, immediate=True)
                await self.look(hung, known)
        await self.over(hung)

    async def all(self) -> None:
        """Tell what the whole screen should be."""
        await self.paint()
        await self._tell({"all": lines_of(self._pilot), "wrong": self._wrong()})

    async def chat(self, numbers: Sequence[int]) -> None:
        """Show these payloads in the chat."""
        transcript = self._pilot.app.query_one(ChatPane).transcript
        exhibits = [Exhibit(number, transcript) for number in numbers]
        with self._pilot.app.batch_update():
            for one in exhibits:
                await one.begin()
            await asyncio.sleep(0.12)  # what is thought and put out is drawn now and then
        await self.settle()
        await self.walk([hung for one in exhibits for hung in one.coming()], [transcript])
        with self._pilot.app.batch_update():
            for one in exhibits:
                await one.finish()
            for one in exhibits:
                await one.dress()
            await asyncio.sleep(0.1)  # documents draw what comes when they have drawn what came
        await self.settle()
        hung = [hung for one in exhibits for hung in one.over()]
        bar = self._pilot.app.query_one(FindBar)
        if numbers[0] // len(numbers) % 2:  # else what is seen has no marks
            hung += await self._find(bar, exhibits[numbers[0] // 2 % len(exhibits)])
        await self.walk(hung, [transcript])
        await self.all()
        if bar.display:
            bar.action_close_find()
            await self.settle()
        await transcript.clear()

    async def _find(self, bar: FindBar, one: Exhibit) -> list[Hung]:
        """Have some of its words found and marked."""
        bar.open(one.words)
        while bar._seek is not None and not bar._seek.is_done:
            await asyncio.sleep(0.005)
        await self.settle()
        self.marked += bool(bar._seek and bar._seek.hits)
        return hung_in(bar, one.words)

    async def giant(self, text: str) -> None:
        """Show something enormous, and look at it here and there."""
        transcript = self._pilot.app.query_one(ChatPane).transcript
        turn = await transcript.begin(text, Effort.HIGH)
        for channel, delta in (("analysis", ReasoningDelta), ("final", AnswerDelta)):
            for piece in cut(text, len(text)):
                await turn.apply([delta(piece)], 0.0)
            await self.all()
            said = Message(Role.ASSISTANT, text, channel=channel)
            await turn.apply([MessageCompleted(said)], 0.0)
        await turn.apply([TurnFailed(ChatError(text[:5_000], text[:5_000]))], 0.0)
        for part in range(LOOKS + 1):
            transcript.scroll_to(
                y=transcript.max_scroll_y * part // LOOKS, animate=False, immediate=True
            )
            await self.all()
        await transcript.clear()

    async def fields(self, texts: Sequence[str]) -> None:
        """Show these texts in the small widgets, which stay."""
        app = self._pilot.app
        if not app.is_screen_installed("fields"):
            app.install_screen(Fields(min(BLOCK, len(texts))), "fields")
        await app.push_screen("fields")
        fields = app.screen
        assert isinstance(fields, Fields)
        fields.show(texts)
        await asyncio.sleep(0.1)
        await self.settle()
        await self.walk(fields.hung(), [fields.query_one(VerticalScroll)])
        await app.pop_screen()

    async def screen(self, view: View) -> None:
        """Open a screen, look at it, close it."""
        app = self._pilot.app
        await app.push_screen(view.screen)
        await self.settle()
        if view.begin is not None:
            with app.batch_update():
                await view.begin()
            await self.settle()
        scrolled = list(view.screen.query(view.scrolls)) if view.scrolls else []
        await self.walk(view.seen(), scrolled)
        for step in view.steps:
            if isinstance(later := step(), Awaitable):
                await later
            await self.settle()
            await self.walk(view.seen(), [])
        await app.pop_screen()
        await self.settle()

    def _wrong(self) -> list[str]:
        found, self._watch.wrong, self.wrong = self._watch.wrong + self.wrong, [], []
        return found


def _height(widget: Widget) -> int:
    if isinstance(widget, ScrollView):
        return widget.virtual_size.height
    return widget.content_size.height


def lines_of(pilot: Pilot[int]) -> list[str]:
    """What the terminal should show."""
    strips = pilot.app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]
