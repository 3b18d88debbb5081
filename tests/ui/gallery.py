"""Every widget that shows foreign text, hung with hostile ones, in a running app.

``python -m tests.ui.gallery FIRST LAST IN OUT`` is a child on a terminal: it shows the payloads of
these numbers, and tells on the descriptor OUT, line by line, where what should be on the screen;
it goes on when something comes on IN.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date
from html.parser import HTMLParser
from typing import Any

from rich.segment import Segment
from textual.color import Color
from textual.containers import VerticalScroll
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Region
from textual.pilot import Pilot
from textual.scroll_view import ScrollView
from textual.widget import Widget

from chat_tui.conversation import Message, Role
from chat_tui.settings import ReasoningView
from chat_tui.store import html
from chat_tui.ui.line_filter import ControlFilter
from chat_tui.ui.pane import ChatPane
from tests.ui.hostile_chat import Exhibit, Hung
from tests.ui.hostile_fields import Fields
from tests.ui.hostile_screens import View, views
from tests.ui.payloads import payload
from tests.ui.screen import Stage, harmony

SIZE = (100, 120)
LOT = 8
"""Payloads that stand in the transcript at a time."""
BLOCK = 40
"""Payloads that a screen is opened with."""
TAGS = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "h4", "h5", "h6", "p"}
TAGS |= {"div", "span", "details", "summary", "pre", "code", "blockquote", "ul", "ol", "li", "a"}
TAGS |= {"table", "thead", "tbody", "tr", "th", "td", "em", "strong", "s", "br", "hr", "article"}
TAGS |= {"section", "header", "footer", "main", "small", "time", "i", "b"}
FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2028\u2029\u2060-\u206f\ufeff"
    "\U000e0000-\U000e0fff\ud800-\udfff]"
)
FORWARD, ATTEMPTS = 2, 4
"""Lines that two looks have in common; looks for lines that moved away from under the others."""
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


async def tour(stage: Stage, pilot: Pilot[int], numbers: Sequence[int], tell: Tell) -> None:
    """Show these payloads everywhere."""
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


def page(number: int) -> str:
    """The page that an export of it gives."""
    text = payload(number)
    said = [
        Message(Role.USER, text),
        Message(Role.ASSISTANT, text, channel="analysis"),
        Message(Role.ASSISTANT, text, channel="commentary", recipient=text),
        Message(Role.TOOL, text, name=text),
        Message(Role.ASSISTANT, text, channel="final"),
    ]
    return html.html(said, started=date(2026, 1, 1), title=text, model=text, reasoning=True)


class _Page(HTMLParser):
    """Notes what a page must not hold."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.wrong.append(f"<{tag}>")
        for name, value in attrs:
            web = str(value).startswith(("https://", "http://"))
            if name.startswith("on") or (name in ("href", "src") and not web):
                self.wrong.append(f"{tag} {name}={value}")


def wrong_page(shown: str) -> list[str]:
    """What an exported page must not hold and does."""
    parser = _Page()
    parser.feed(shown)
    parser.close()
    return parser.wrong + FORBIDDEN.findall(shown.replace("\n", "").replace("\t", ""))


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

    async def go(pilot: Pilot[int]) -> None:
        await pilot.pause(0.3)
        await tour(stage, pilot, range(first, last), tell)
        stage.app.exit(0)

    LinuxDriver.write = count  # type: ignore[method-assign]
    stage.app.run(auto_pilot=go)


if __name__ == "__main__":
    main()
