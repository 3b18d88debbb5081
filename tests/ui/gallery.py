"""Every widget that shows foreign text, hung with hostile ones, in a running app.

``python -m tests.ui.gallery FIRST LAST`` is a child on a terminal: it shows the payloads of these
numbers, tells after each lot what should be on the screen, and what it found wrong itself.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

from rich.cells import split_graphemes
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Static

from chat_tui.conversation import Message, Role
from chat_tui.errors import ChatError
from chat_tui.sandbox.base import BUBBLEWRAP
from chat_tui.session.gate import Request
from chat_tui.settings import ReasoningView
from chat_tui.store import html
from chat_tui.store.values import Hit, Part, Summary
from chat_tui.supply import Model, Stock
from chat_tui.tools.base import CallView, Risk
from chat_tui.tools.citations import Citation, Reference, Shown
from chat_tui.ui.history import rows
from chat_tui.ui.inquiry import Inquiry
from chat_tui.ui.models import rows as model_rows
from chat_tui.ui.pane import ChatPane
from chat_tui.ui.widgets.approval import ApprovalCard
from chat_tui.ui.widgets.asked import UserMessage
from chat_tui.ui.widgets.call import CallCard
from chat_tui.ui.widgets.cards import DiffCard, ErrorCard, Notice
from chat_tui.ui.widgets.document import Document
from chat_tui.ui.widgets.notes import Notes
from chat_tui.ui.widgets.reasoning import Reasoning
from chat_tui.ui.widgets.searchable import SearchableText
from chat_tui.untrusted import clean
from tests.ui.payloads import cut, payload
from tests.ui.screen import Stage, harmony

SIZE = (100, 120)
LOT = 5
TAGS = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "h4", "h5", "h6", "p"}
TAGS |= {"div", "span", "details", "summary", "pre", "code", "blockquote", "ul", "ol", "li", "a"}
TAGS |= {"table", "thead", "tbody", "tr", "th", "td", "em", "strong", "s", "br", "hr", "article"}
TAGS |= {"section", "header", "footer", "main", "small", "time", "i", "b"}
FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2028\u2029\u2060-\u206f\ufeff"
    "\U000e0000-\U000e0fff\ud800-\udfff]"
)


def _card(text: str) -> ApprovalCard:
    view = CallView(text, text, Risk.RUNS, "python", f"--- a\n+++ b\n@@\n-{text}\n+{text}", (text,))
    call = Message(Role.ASSISTANT, text, channel="commentary", recipient=f"python.{text}")
    return ApprovalCard(Inquiry(Request(call, view, BUBBLEWRAP, None)), lambda _: view)


def _notes(text: str) -> Notes:
    page = Shown(1, text, f"https://{text}", 1, (text,))
    return Notes((Reference(Citation(0, 1, 1, 1, 1), page, (text,)),))


def _rows(text: str) -> Iterator[Widget]:
    hit = Hit("1", text, 0.0, Part.ANSWER, 1, text, ((0, 1),))
    entry = rows.Entry(Summary("1", text, 0.0, 0.0, model=text), "today", text, hits=(hit,))
    for line in rows.lines(entry, 90):
        yield Static(line)
    model = Model(text, Path(text), 1, text, text, note=text, problem=text)
    stock = Stock((model,), (), None, (), 1)
    yield Static(model_rows.row(model, None, "", 90))
    yield Static(model_rows.details(model, stock, None, 90))


def _thought() -> Reasoning:
    return Reasoning("medium", ReasoningView.SHOWN, 0.0)


async def hang(pilot: Pilot[int], number: int) -> list[tuple[Widget, str]]:
    """Show one payload everywhere; the widgets that show it as it is, and what they should."""
    text, transcript = payload(number), pilot.app.query_one(ChatPane).transcript
    pieces = cut(text, number)
    document, code, thought, call = Document(), Document(), _thought(), CallCard(text)
    plain: list[Widget] = [Notice(text), ErrorCard(ChatError(text, text)), UserMessage(text)]
    for widget in (
        *plain,
        document,
        code,
        thought,
        call,
        _card(text),
        _notes(text),
        DiffCard(text),
    ):
        await transcript.note(widget)
    for widget in _rows(text):
        await transcript.note(widget)
    for piece in pieces:
        await document.feed(piece)
        thought.feed(piece, 1, 0.0)
        call.feed(piece)
    call.start(text, 0.0)
    for piece in pieces:
        call.output(piece, 0.0)
    await pilot.pause()
    await document.finish(text)
    fence = "`" * 3000
    await code.finish(f"{fence}\n{text}\n{fence}")
    thought.finish(text)
    call.result(text, 0.0, files=())
    call.action_thought()
    pane = pilot.app.query_one(ChatPane)
    pane.header.title = pane.header.model = pane.header.device = text
    pane.say(text)
    pane.composer.clear()
    pane.composer.insert(text[:200])
    return [(plain[0], text), (thought.query_one(".body", SearchableText), text.strip("\n"))]


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


def lines_of(pilot: Pilot[int]) -> list[str]:
    """What the terminal should show."""
    strips = pilot.app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


def faults(pilot: Pilot[int], shown: Sequence[tuple[Widget, str]]) -> Iterator[str]:
    """What is wrong on the screen."""
    for strip in pilot.app.screen._compositor.render_strips():
        for text, style, _ in strip:
            if found := FORBIDDEN.search(text):
                yield f"{found[0]!a} is on the screen"
            if style is not None and (style.link or "@click" in style.meta):
                yield f"{text!a} acts"
    lines = lines_of(pilot)
    place = pilot.app.query_one(ChatPane).transcript.scrollable_content_region
    for widget, text in shown:
        region = widget.content_region
        if not region or not place.contains_region(region):
            continue
        cropped = [_crop(line, region.x, region.right) for line in lines[region.y : region.bottom]]
        if _letters("".join(cropped)) != _letters(clean(text)):
            yield f"{type(widget).__name__} shows {cropped!a} for {text!a}"


def _crop(line: str, left: int, right: int) -> str:
    return "".join(cells(line)[left:right])


def cells(line: str) -> list[str]:
    """A line cell by cell; behind a wide character stands an empty one."""
    found: list[str] = []
    for start, end, width in split_graphemes(line)[0]:
        found += [line[start:end], *[""] * (width - 1)][: max(width, 1)]
    return found


def _letters(text: str) -> str:
    return "".join(text.split())


async def tour(pilot: Pilot[int], numbers: Sequence[int]) -> list[str]:
    """Hang a lot of payloads; what is wrong with them."""
    await pilot.app.query_one(ChatPane).transcript.clear()
    shown = [pair for number in numbers for pair in await hang(pilot, number)]
    found: list[str] = []
    transcript = pilot.app.query_one(ChatPane).transcript
    for part in range(4):
        transcript.scroll_to(y=transcript.max_scroll_y * part // 3, animate=False)
        for _ in range(2):
            await pilot.pause(0.02)
        found += faults(pilot, shown)
    for number in numbers:
        found += wrong_page(page(number))
    return found


def main() -> None:
    """Be the child: tell on standard input's other end, file by file."""
    first, last, folder = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    stage = Stage(harmony("Yes."), reasoning=ReasoningView.SHOWN)

    async def go(pilot: Pilot[int]) -> None:
        await pilot.pause(0.3)
        for begin in range(first, last, LOT):
            found = await tour(pilot, range(begin, min(begin + LOT, last)))
            told = {"wrong": found, "lines": lines_of(pilot), "next": begin + LOT}
            (folder / "new").write_text(json.dumps(told))
            (folder / "new").rename(folder / "told")
            while (folder / "told").exists():  # until the parent has compared
                await asyncio.sleep(0.01)
        stage.app.exit(0)

    stage.app.run(auto_pilot=go)


if __name__ == "__main__":
    main()
