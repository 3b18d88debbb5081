"""The first paint: it looks like the chat, and what is pressed before that is there is not lost."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.events import Key, Paste

from chat_tui.conversation import Effort
from chat_tui.errors import StoreError
from chat_tui.ui.app import ChatApp
from chat_tui.ui.front import Front, Look, typed
from chat_tui.ui.furniture import Furniture
from tests.ui.screen import Stage, harmony

LETTERS = st.sampled_from([Key(one, one) for one in "abcß界 "])
ANYTHING = LETTERS | st.sampled_from([
    Key("backspace", "\x7f"), Key("enter", "\r"), Key("up", None), Paste("pasted")
])  # fmt: skip


class Doorstep(Stage):
    """A start whose chat comes when it is told to."""

    def __init__(
        self,
        *answers: str,
        trouble: Exception | None = None,
        look: Look = Look(effort=Effort.HIGH),  # noqa: B008 - it is frozen
    ) -> None:
        super().__init__(*answers, effort=Effort.HIGH)
        self.asked, self.comes = threading.Event(), threading.Event()

        def bring() -> Furniture:
            self.asked.set()
            assert self.comes.wait(20)
            if trouble is not None:
                raise trouble
            return Furniture(self.chat)

        self.app = ChatApp(Front(bring, look))

    async def open(self) -> None:
        """Have the chat come."""
        self.comes.set()
        await self.until(lambda: not isinstance(self.app.screen, Front))
        await self.until(lambda: self.app.chat_screen.pane.is_up)


@pytest.mark.parametrize("size", [(100, 30), (40, 12), (32, 20)])
def test_it_looks_like_the_chat_that_comes(size: tuple[int, int]) -> None:
    stage = Doorstep()

    async def scenario(_: Stage) -> None:
        await stage.until(stage.asked.is_set)
        before = stage.lines
        await stage.open()
        await stage.until(lambda: stage.engine.model)
        await stage.rests()
        after = stage.lines
        # The header then names the model, the status line counts.
        assert [*before[1:-1]] == [*after[1:-1]]

    stage.play(scenario, size=size)


def test_what_is_typed_is_in_sight_at_once_and_then_in_the_composer() -> None:
    stage = Doorstep()

    async def scenario(_: Stage) -> None:
        await stage.pilot.press(*"helpo", "backspace", "backspace", *"lo")
        await stage.shows("│ hello", "loading 0 %")
        await stage.open()
        await stage.until(lambda: stage.written == "hello")
        await stage.pilot.press("!")
        await stage.until(lambda: stage.written == "hello!")

    stage.play(scenario)


def test_all_that_is_pressed_reaches_the_chat_in_its_order() -> None:
    stage = Doorstep(harmony("Here it is."))

    async def scenario(_: Stage) -> None:
        stage.burst("first ")
        stage.app.post_message(Paste("of\x1b[2J all"))
        await stage.pilot.press("enter")
        stage.burst("second")
        await stage.pilot.press("ctrl+t")
        await stage.open()
        await stage.shows("first of all", "Here it is", "ready")
        assert stage.written == "second"
        assert stage.chat.effort is Effort.LOW

    stage.play(scenario)


@given(st.lists(LETTERS), st.lists(ANYTHING))
def test_only_what_is_simply_written_is_shown(letters: list[Key], rest: list[Key | Paste]) -> None:
    written = "".join(str(key.character) for key in letters)
    assert typed(letters) == written
    assert typed([*letters, Key("enter", "\r"), *rest]) == written
    assert typed([*letters, Paste("x"), *rest]) == written
    assert typed([*letters, Key("backspace", "\x7f")]) == written[:-1]


def test_why_there_is_no_chat_is_told_to_whoever_runs_the_app() -> None:
    trouble = StoreError("The conversation is gone.", "chat-tui list shows those that are there.")

    stage = Doorstep(trouble=trouble)

    async def scenario(_: Stage) -> None:
        stage.comes.set()
        await stage.until(lambda: stage.app.trouble is trouble)

    stage.play(scenario)


def test_one_can_leave_before_the_chat_is_there() -> None:
    stage = Doorstep()

    async def scenario(_: Stage) -> None:
        await stage.until(stage.asked.is_set)
        await stage.pilot.press("ctrl+q")
        await stage.until(lambda: not stage.app.is_running)

    threading.Timer(1.0, stage.comes.set).start()  # the app waits for its threads
    stage.play(scenario)
    assert stage.app.return_code == 0


def test_what_a_person_has_to_know_at_once_is_in_the_first_paint() -> None:
    look = Look(host="models.example", tools="ask", unasked=True, private=True)
    stage = Doorstep(look=look)

    async def scenario(_: Stage) -> None:
        await stage.shows("models.example", "YOLO", "not kept", "goes there", "Nothing is kept")
        stage.comes.set()

    stage.play(scenario)


def test_keys_that_come_before_and_after_its_field_is_there_are_kept() -> None:
    stage = Doorstep()

    async def scenario(_: Stage) -> None:
        front = stage.app.screen
        assert isinstance(front, Front)
        await front.query("*").remove()
        await stage.pilot.press("h", "i")
        await stage.open()
        await stage.until(lambda: stage.written == "hi")

    stage.play(scenario)
