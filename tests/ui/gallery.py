"""Every widget that shows foreign text, hung with hostile ones, in a running app.

``python -m tests.ui.gallery FIRST LAST IN OUT`` is a child on a terminal: it shows the payloads of
these numbers, and tells on the descriptor OUT, line by line, where what should be on the screen;
it goes on when something comes on IN.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from rich.segment import Segment
from textual.color import Color
from textual.containers import VerticalScroll
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Region
from textual.pilot import Pilot
from textual.scroll_view import ScrollView
from textual.widget import Widget

from chat_tui.conversation import Effort, Message, Role
from chat_tui.errors import ChatError
from chat_tui.events import AnswerDelta, MessageCompleted, ReasoningDelta, TurnFailed
from chat_tui.settings import ReasoningView
from chat_tui.ui.line_filter import ControlFilter
from chat_tui.ui.pane import ChatPane
from tests.ui.hostile_chat import Exhibit, Hung
from tests.ui.hostile_fields import Fields
from tests.ui.hostile_page import FORBIDDEN, page, wrong_page
from tests.ui.hostile_screens import View, views
from tests.ui.payloads import cut, giant, payload
from tests.ui.screen import Stage, harmony

SIZE = (100, 160)
LOT = 16
"""Payloads that stand in the transcript at a time."""
BLOCK = 48
"""Payloads that a screen is opened with."""
FORWARD, ATTEMPTS = 2, 4
"""Lines that two looks have in common; looks for lines that moved away from under the others."""
APART = 200
"""Of so many payloads one is enormous too."""
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


class Guide:
    """Goes through an app and tells what stands where."""

    def __init__(self, pilot: Pilot[int], watch: Watch, tell: Tell) -> None:
        self._pilot = pilot
        self._watch = watch
        self._tell = tell
        self.met: set[type[Widget]] = set()
        """The kinds of widgets that have been on the screen."""

    async def settle(self, looks: int = 3) -> None:
        """Until what was done has been painted."""
        for _ in range(looks):
            await asyncio.sleep(0.003)
            self._pilot.app.screen._on_timer_update()

    async def look(self, hung: Sequence[Hung], known: dict[Widget, set[int]]) -> None:
        """Tell where they stand now."""
        await self.settle()
        places = self._pilot.app.screen._compositor.visible_widgets
        found = []
        for number, one in enumerate(hung):
            region, clip = places.get(one.widget, (Region(), Region()))
            content = region.shrink(one.widget.styles.gutter) if region else region
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
                missing = set(range(_height(one.widget))) - known.get(one.widget, set())
                if one.how not in ("same", "holds") or not missing:
                    break
                for place in scrolled:
                    if place in one.widget.ancestors:
                        place.scroll_to_widget(one.widget, animate=False, immediate=True, top=True)
                await self.look(hung, known)
        await self.over(hung)

    async def all(self) -> None:
        """Tell what the whole screen should be."""
        await self.settle()
        await self._tell({"all": lines_of(self._pilot), "wrong": self._wrong()})

    async def chat(self, numbers: Sequence[int]) -> None:
        """Show these payloads in the chat."""
        transcript = self._pilot.app.query_one(ChatPane).transcript
        exhibits = [Exhibit(number, transcript) for number in numbers]
        with self._pilot.app.batch_update():
            for one in exhibits:
                await one.begin()
        await self.settle(6)
        await self.walk([hung for one in exhibits for hung in one.coming()], [transcript])
        with self._pilot.app.batch_update():
            for one in exhibits:
                await one.finish()
            for one in exhibits:
                await one.dress()
            await asyncio.sleep(0.1)  # documents draw what comes when they have drawn what came
        await self.settle(6)
        await self.walk([hung for one in exhibits for hung in one.over()], [transcript])
        await self.all()
        await transcript.clear()

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
            await self.settle(6)
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
        await self.settle(6)
        await self.walk(fields.hung(), [fields.query_one(VerticalScroll)])
        await app.pop_screen()

    async def screen(self, view: View) -> None:
        """Open a screen, look at it, close it."""
        app = self._pilot.app
        await app.push_screen(view.screen)
        await self.settle(4)
        if view.begin is not None:
            with app.batch_update():
                await view.begin()
            await self.settle(4)
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
        found, self._watch.wrong = self._watch.wrong, []
        return found


def _height(widget: Widget) -> int:
    if isinstance(widget, ScrollView):
        return widget.virtual_size.height
    return widget.content_size.height


def lines_of(pilot: Pilot[int]) -> list[str]:
    """What the terminal should show."""
    strips = pilot.app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


async def tour(
    stage: Stage,
    pilot: Pilot[int],
    numbers: Sequence[int],
    tell: Tell,
    giants: Iterable[int] = (),
) -> set[type[Widget]]:
    """Show these payloads everywhere, and ``giants`` in the chat; the kinds of widgets met."""
    watch = Watch()
    stage.app._control_filter = watch
    guide = Guide(pilot, watch, tell)
    for begin in range(0, len(numbers), BLOCK):
        block = numbers[begin : begin + BLOCK]
        for first in range(0, len(block), LOT):
            await guide.chat(block[first : first + LOT])
        texts = [payload(number) for number in block]
        await guide.fields(texts)
        for view in views(texts, block[0]):
            await guide.screen(view)
        pages = [wrong for number in block for wrong in wrong_page(page(number))]
        await tell({"wrong": pages, "next": block[-1] + 1})
    for number in giants:
        await guide.giant(giant(number))
    return guide.met


def main() -> None:
    """Be the child."""
    first, last, heard, said = map(int, sys.argv[1:])
    stage = Stage(harmony("Yes."), reasoning=ReasoningView.SHOWN)
    written = 0
    write = LinuxDriver.write

    def count(driver: LinuxDriver, data: str) -> None:
        nonlocal written
        # The terminal's line discipline makes two bytes of a newline.
        written += len(data.encode()) + data.count("\n")
        write(driver, data)

    async def tell(message: Mapping[str, Any]) -> None:
        told = json.dumps({"written": written, **message}).encode() + b"\n"
        while told:
            told = told[os.write(said, told) :]
        os.read(heard, 1)  # nothing changes meanwhile

    async def go(pilot: Pilot[Any]) -> None:
        await pilot.pause(0.3)
        giants = range(-(-first // APART), -(-last // APART))
        await tour(stage, pilot, range(first, last), tell, giants)
        stage.app.exit(0)

    setattr(LinuxDriver, "write", count)  # noqa: B010 - mypy takes no method
    gc.freeze()  # what is here stays, and need not be looked through again and again
    gc.set_threshold(100_000, 50, 1_000)
    stage.app.run(auto_pilot=go)


if __name__ == "__main__":
    main()
