"""The screen put together: the same picture as Textual's, of fewer lines that are drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from textual._compositor import Compositor
from textual.app import App, ComposeResult
from textual.content import Content
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from chat_tui.ui.attentive import AttentiveScreen
from chat_tui.ui.compositor import LeanCompositor, runs
from chat_tui.ui.widgets.chunk import Chunk, differing
from chat_tui.ui.widgets.document import Document
from chat_tui.ui.widgets.steady import Steady
from tests.ui.test_markdown import DOCUMENT

SIZE = (44, 16)


class Lean(AttentiveScreen):
    CSS = """
    Lean { layers: below above; }
    #over { layer: above; width: 9; height: 3; offset: 30 2; background: $error; }
    #frame { height: 3; border: round $primary; }
    """

    def compose(self) -> ComposeResult:
        with Steady():
            yield Document()
        yield Static("composer", id="frame")
        yield Static("over all", id="over")


class Page(App[None]):
    def get_default_screen(self) -> Screen[None]:
        return Lean()

    @property
    def picture(self) -> list[Strip]:
        return self.screen._compositor.render_strips()

    @property
    def drawn_anew(self) -> list[Strip]:
        """As Textual puts it together, from lines of which none was drawn before."""
        for widget in self.screen.walk_children(Widget):
            widget._styles_cache.clear()
        compositor = self.screen._compositor
        chops = Compositor._render_chops(compositor, compositor.size.region, lambda _y: True)
        return [Strip.join(line.values()) for line in chops]


def play(scenario: Callable[[Page, Document], Awaitable[None]]) -> None:
    async def run() -> None:
        app = Page()
        async with app.run_test(size=SIZE) as pilot:
            app.screen.query_one(Steady).anchor()
            document = app.screen.query_one(Document)
            await pilot.pause()
            await scenario(app, document)

    asyncio.run(run())


async def grow(document: Document, text: str) -> None:
    """Have more of it drawn at once."""
    await document.feed(text)
    document._pace.draw()
    painted = asyncio.Event()
    document.call_after_refresh(painted.set)
    await painted.wait()


@pytest.mark.parametrize("step", [13, 61])
def test_what_grows_is_the_picture_that_textual_makes_of_it_anew(step: int) -> None:
    async def scenario(app: Page, document: Document) -> None:
        for at in range(0, len(DOCUMENT), step):
            await grow(document, DOCUMENT[at : at + step])
            assert app.picture == app.drawn_anew
        await document.finish(DOCUMENT)
        app.screen.query_one(Steady).scroll_to(y=3, animate=False, immediate=True)
        assert app.picture == app.drawn_anew

    play(scenario)


def test_a_word_more_draws_a_line_and_arranges_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    arranged: list[object] = []
    line, arrange = Chunk.render_line, LeanCompositor.reflow

    def draw(self: Chunk, y: int) -> Strip:
        drawn.append(y)
        return line(self, y)

    def note(self: LeanCompositor, *words: object) -> object:
        arranged.append(words)
        return arrange(self, *words)  # type: ignore[arg-type]

    async def scenario(app: Page, document: Document) -> None:
        await grow(document, "word " * 60)
        await asyncio.sleep(0.05)
        drawn.clear()
        arranged.clear()
        await grow(document, "more")
        assert len(drawn) == 1
        assert not arranged
        await grow(document, " and more" * 6)
        await asyncio.sleep(0.05)
        assert len(arranged) == 1
        assert len(drawn) < 5
        assert app.picture == app.drawn_anew

    monkeypatch.setattr(Chunk, "render_line", draw)
    monkeypatch.setattr(LeanCompositor, "reflow", note)
    play(scenario)


def test_lines_that_stay_the_same_are_not_drawn() -> None:
    old = [Content("a"), Content("b"), Content("c")]
    assert differing(old, [Content("a"), Content("b"), Content("x")], 0) == range(2, 3)
    assert differing(old, [*old, Content("d")], 1) == range(3, 4)
    assert differing(old, old[:1], 0) == range(1, 3)
    assert not differing(old, list(old), 0)
    assert differing(old, [Content("a"), Content("b").stylize("bold"), old[2]], 0) == range(1, 3)


def test_numbers_as_runs() -> None:
    assert list(runs([3, 4, 5, 8, 10, 11])) == [range(3, 6), range(8, 9), range(10, 12)]
    assert list(runs([])) == []
