"""The top line: what has to be seen of where the model is, however narrow the screen."""

from __future__ import annotations

import pytest

from chat_tui.ui.app import ChatApp
from chat_tui.ui.furniture import Furniture
from chat_tui.ui.widgets.header import top_line
from tests.ui.screen import Stage, harmony


def line(width: int, host: str = "", *, unasked: bool = False, private: bool = False) -> str:
    found = top_line(
        width,
        title="A long title of a long conversation",
        facts=("gpt-oss-20b", "llama.cpp server"),
        host=host,
        tools="ask",
        unasked=unasked,
        private=private,
    )
    assert found.cell_length <= width
    return found.plain


@pytest.mark.parametrize("width", [96, 80, 40, 30, 14])
def test_the_host_that_is_talked_to_is_never_out_of_sight(width: int) -> None:
    text = line(width, "models.example")
    assert "models.example" in text
    assert "offline" not in text


def test_the_other_facts_go_from_the_right() -> None:
    assert line(96).endswith("gpt-oss-20b · llama.cpp server · offline · tools ask")
    assert line(60).endswith("gpt-oss-20b · tools ask")
    assert line(96, "h.example").endswith("h.example · gpt-oss-20b · llama.cpp server · tools ask")
    assert line(40, "h.example").endswith("h.example")


def test_code_that_runs_unasked_stays_in_sight_beside_the_host() -> None:
    text = line(40, "10.0.0.7:8080", unasked=True)
    assert "10.0.0.7:8080" in text
    assert "YOLO" in text


@pytest.mark.parametrize("width", [96, 80, 40, 30, 14])
def test_that_nothing_is_kept_is_never_out_of_sight(width: int) -> None:
    assert "not kept" in line(width, private=True)
    assert "not kept" not in line(width)


def test_a_private_conversation_says_so_from_its_welcome_on() -> None:
    stage = Stage(harmony("Hello."))
    stage.app = ChatApp(Furniture(stage.chat, private=True))

    async def scenario(stage: Stage) -> None:
        await stage.shows("Nothing is kept here.")
        await stage.ask("Hi", shows="Hello.")
        assert "not kept" in stage.lines[0]

    stage.play(scenario, (60, 16))


def test_a_host_that_acts_on_the_terminal_is_cleaned() -> None:
    assert "\x1b" not in line(80, "evil\x1b[2J.example")


@pytest.mark.parametrize("width", [0, 1, 5, 12])
def test_hardly_any_room_is_no_error(width: int) -> None:
    for host in ("", "models.example"):
        line(width, host, unasked=bool(width % 2))
