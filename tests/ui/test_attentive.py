"""Whoever writes comes first: when what grows is drawn, and when garbage is looked for."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.events import Event, Key
from textual.pilot import Pilot
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import TextArea

from chat_tui.ui import attentive
from chat_tui.ui.attentive import (
    LATEST,
    PATIENCE,
    QUIET,
    SWEEP,
    TYPING,
    AttentiveScreen,
    sweeps_in,
    when,
)
from chat_tui.ui.widgets.document import Document
from chat_tui.ui.widgets.window import Gap, Window

TIMES = st.floats(min_value=0, max_value=1000)


class Desk(AttentiveScreen):
    CSS = "TextArea { height: 4; }"

    def compose(self) -> ComposeResult:
        yield Document()
        yield Gap(Window())
        yield TextArea()


class Page(App[None]):
    def get_default_screen(self) -> Screen[None]:
        return Desk()

    async def on_event(self, event: Event) -> None:
        if isinstance(event, Key) and not event.is_forwarded:
            self.desk.attend()
        await super().on_event(event)

    @property
    def text(self) -> str:
        return "\n".join(strip.text for strip in self.screen._compositor.render_strips())

    @property
    def desk(self) -> Desk:
        assert isinstance(self.screen, Desk)
        return self.screen


def is_waiting(app: Page) -> bool:
    """Whether a key is still to be drawn."""
    return app.desk._is_pressed


def play(scenario: Callable[[Page, Pilot[None]], Awaitable[None]]) -> None:
    async def run() -> None:
        app = Page()
        async with app.run_test(size=(40, 12)) as pilot:
            app.screen.query_one(TextArea).focus()
            await pilot.pause()
            await scenario(app, pilot)

    asyncio.run(run())


def test_what_grows_is_drawn_when_it_is_due_and_later_only_while_somebody_types() -> None:
    assert when(due=5.0, pressed=0.0, now=4.0) == 5.0
    assert when(due=5.0, pressed=0.0, now=6.0) == 6.0
    assert when(due=5.0, pressed=4.99, now=5.0) == 5.0 + PATIENCE
    assert when(due=5.0, pressed=4.8, now=5.0) == 4.8 + TYPING
    assert when(due=5.0, pressed=5.2, now=5.0 + PATIENCE) == 5.0 + PATIENCE


@given(TIMES, TIMES, TIMES)
def test_what_grows_never_waits_for_long(due: float, pressed: float, now: float) -> None:
    at = when(due, pressed, now)
    assert at >= max(due, now)
    assert at <= max(due + PATIENCE, now)


@given(TIMES, TIMES, TIMES)
def test_garbage_is_looked_for_when_nobody_writes_but_not_too_late(
    swept: float, pressed: float, now: float
) -> None:
    at = now + sweeps_in(swept, pressed, now)
    assert at >= min(now, swept + SWEEP)
    if at > now:
        assert at <= swept + LATEST + 1e-6
    elif now < swept + LATEST:
        assert now >= swept + SWEEP
        assert now >= pressed + QUIET


def test_garbage_is_looked_for_as_before_once_the_screen_is_gone() -> None:
    before = gc.get_threshold()

    async def scenario(_app: Page, _pilot: Pilot[None]) -> None:
        assert gc.get_threshold()[2] == attentive.SELDOM

    play(scenario)
    assert gc.get_threshold() == before


def test_a_key_is_drawn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(app: Page, _pilot: Pilot[None]) -> None:
        # With Textual's own clock at a standstill nothing else would draw it.
        monkeypatch.setattr(Timer, "resume", lambda _timer: None)
        shown: list[object] = []
        monkeypatch.setattr(app, "_display", lambda *words: shown.append(words))
        app.post_message(Key("a", "a"))
        while not shown:
            await asyncio.sleep(0.01)
        assert app.screen.query_one(TextArea).text == "a"

    play(scenario)


def test_what_grows_is_drawn_behind_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attentive, "TYPING", 1000.0)
    monkeypatch.setattr(attentive, "PATIENCE", 1000.0)

    async def scenario(app: Page, pilot: Pilot[None]) -> None:
        document = app.screen.query_one(Document)
        await document.feed("first")
        await pilot.pause()
        assert "first" in app.text
        app.desk.attend()
        await document.feed(" and second")
        await pilot.pause(0.2)
        assert "second" not in app.text
        await pilot.press("a")
        while "second" not in app.text:
            await pilot.pause(0.01)
        await document.feed(" and third")
        await document.finish("first and second and third")
        assert [block for block in document.blocks if "third" in str(block)]

    play(scenario)


def test_a_key_that_was_not_taken_in_yet_is_still_to_be_drawn() -> None:
    async def scenario(app: Page, _pilot: Pilot[None]) -> None:
        area = app.screen.query_one(TextArea)
        app.desk.attend()
        area.post_message(Key("a", "a"))
        app.screen._on_timer_update()  # something else is drawn first
        assert is_waiting(app)
        while is_waiting(app):
            await asyncio.sleep(0.01)
        assert area.text == "a"

    play(scenario)


def test_a_height_that_changes_twice_before_it_is_told_of_is_the_last_one() -> None:
    async def scenario(app: Page, pilot: Pilot[None]) -> None:
        gap = app.screen.query_one(Gap)
        gap.set_rows(2)
        app.screen._clear_arrangement_cache()  # as if something else had told that it is higher
        app.screen._refresh_layout()
        gap.set_rows(3)
        await pilot.pause()
        assert gap.size.height == 3

    play(scenario)
