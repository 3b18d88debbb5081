"""Tools on the screen: what runs, what came of it, modes, and conversations of an earlier time."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from chat_tui.conversation import ANALYSIS, FINAL, Message, Role, user
from chat_tui.session.turn import answer
from chat_tui.settings import ToolMode
from chat_tui.tools.base import Attachment
from chat_tui.tools.library import Library
from chat_tui.ui.chat_screen import ChatScreen
from chat_tui.ui.furniture import Furniture
from chat_tui.ui.widgets.call import CallCard
from tests.ui.screen import Stage, harmony
from tests.ui.test_approval import CALL, focused
from tests.ui.tools import FINAL as DONE
from tests.ui.tools import Looks, Pretend, toolset


def test_live_output_and_time_show_while_it_runs_and_fold_afterwards() -> None:
    plot = Attachment("plot-1.png", "image/png", Path("/somewhere/plot-1.png"))
    tool = Pretend(live="step one\n", answer="forty-two\nand more", failed=True, files=(plot,))
    tool.hold.clear()

    async def scenario(stage: Stage) -> None:
        await focused(stage)
        await stage.pilot.press("y")
        await stage.shows("step one", "running python", "print(6*7)")
        tool.hold.set()
        await stage.shows("All done.", "▸ python · ran", "failed · forty-two", "ready")
        assert "plot-1.png: /somewhere/plot-1.png" in stage.text
        assert "and more" not in stage.text
        stage.app.screen.query_one(CallCard).focus()
        await stage.pilot.press("enter")
        await stage.shows("▾ python", "and more", "print(6*7)")

    Stage(CALL, DONE, tools=toolset(tool)).play(scenario)


def test_files_are_there_again_where_a_call_is_drawn_anew() -> None:
    plot = Attachment("plot-1.png", "image/png", Path("/somewhere/plot-1.png"))

    async def scenario(stage: Stage) -> None:
        await focused(stage)
        await stage.pilot.press("y")
        await stage.shows("All done.", "plot-1.png: /somewhere", "ready")
        await stage.pilot.press("ctrl+r")
        await stage.shows("Anew.", "‹ 2/2 ›", "ready")
        assert "plot-1.png" not in stage.text
        await stage.pilot.press("alt+left")
        await stage.shows("All done.", "‹ 1/2 ›", "plot-1.png: /somewhere")

    tools = toolset(Pretend(files=(plot,)))
    Stage(CALL, DONE, harmony("Anew."), tools=tools).play(scenario)


def test_of_code_that_failed_the_error_is_told_in_short() -> None:
    said = "6\nTraceback (most recent call last):\n  File x, line 1\nIndexError: too far\n"
    tool = Pretend(answer=said, failed=True)

    async def scenario(stage: Stage) -> None:
        await focused(stage)
        await stage.pilot.press("y")
        await stage.shows("failed · IndexError: too far", "ready")

    Stage(CALL, DONE, tools=toolset(tool)).play(scenario)


def test_escape_stops_what_runs() -> None:
    tool = Pretend()
    tool.hold.clear()

    async def scenario(stage: Stage) -> None:
        await focused(stage)
        await stage.pilot.press("y")
        await stage.shows("running python")
        await stage.pilot.press("escape")
        await stage.shows("stopped", "ready")
        assert len(stage.engine.prompts) == 1

    Stage(CALL, DONE, tools=toolset(tool)).play(scenario)


def test_the_mode_goes_round_and_is_in_sight() -> None:
    tools = toolset(Pretend())

    async def scenario(stage: Stage) -> None:
        await stage.shows("tools ask")
        await stage.pilot.press("shift+tab")
        await stage.shows("tools read only")
        await stage.send("Compute.")
        await stage.shows("All done.", "not run", "ready")
        await stage.pilot.press("shift+tab")
        await stage.shows("tools off")
        await stage.send("/tools ask")
        await stage.shows("tools ask")
        await stage.send("/tools python off")
        await stage.shows("python is off.")
        await stage.send("/tools")
        await stage.shows("python        off")
        assert tools.mode is ToolMode.ASK

    Stage(CALL, DONE, tools=tools).play(scenario, size=(40, 24))


def test_while_the_mode_is_off_no_tool_is_listed_as_on() -> None:
    tools = toolset(Pretend(), mode=ToolMode.OFF)

    async def scenario(stage: Stage) -> None:
        await stage.send("/tools")
        await stage.shows("python        off with all tools", "/tools ask or Shift+Tab changes")
        await stage.send("/tools python on")
        await stage.shows("python is on. While the mode is off")
        await stage.send("/tools ask")
        await stage.send("/tools")
        await stage.shows("Tools ask before they run.", "python        on")

    Stage(tools=tools).play(scenario)


def test_without_tools_their_keys_and_commands_say_so() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.pilot.press("shift+tab")
        await stage.shows("There are no tools")
        await stage.pilot.press("f3")
        await stage.shows("No call waits")
        await stage.send("/patch")
        await stage.shows("There are no tools")
        assert "the last edit that a tool made" not in stage.text
        await stage.pilot.press("backspace")
        await stage.shows("the last edit that a tool made")

    Stage(harmony("Hi.")).play(scenario)


def test_a_conversation_of_an_earlier_time_is_shown_with_its_calls() -> None:
    call = Message(Role.ASSISTANT, "print(6*7)", ANALYSIS, "python", "code")
    stage = Stage(harmony("Later."), tools=toolset(Pretend()))
    stage.chat.conversation = stage.chat.conversation.add(
        user("Compute."),
        Message(Role.ASSISTANT, "I compute.", ANALYSIS),
        call,
        answer(call, "42 it is"),
        Message(Role.ASSISTANT, "It is **42**.", FINAL),
    )

    async def scenario(stage: Stage) -> None:
        await stage.shows("Compute.", "▸ Thought", "▸ python · answered · 42 it is", "It is 42.")
        assert stage.lines[0].strip().startswith("Compute.")
        await stage.ask("And now?", "Later.")
        assert len(stage.engine.prompts[0].messages) == 6

    stage.play(scenario)


@pytest.mark.parametrize("width", [100, 40, 12])
def test_going_without_questions_is_never_out_of_sight(width: int) -> None:
    tool = Pretend()

    async def scenario(stage: Stage) -> None:
        assert "YOLO" in stage.text
        await stage.send("Compute.")
        await stage.until(lambda: tool.ran == ["print(6*7)"])
        assert "YOLO" in stage.text
        await stage.pilot.press("shift+tab")
        await stage.pilot.pause(0.05)
        assert "YOLO" in stage.text

    Stage(CALL, DONE, tools=toolset(tool, unasked=True)).play(scenario, size=(width, 24))


def test_keys_that_come_before_the_screen_is_there_do_nothing() -> None:
    stage = Stage(harmony("Hi."))
    screen = ChatScreen(Furniture(stage.chat), stage.app)
    assert [screen.check_action(name, ()) for name in ("tools", "stop", "new")] == [False] * 3
    assert screen.check_action("leave", ())

    async def scenario(stage: Stage) -> None:
        assert stage.app.screen.check_action("tools", ())

    stage.play(scenario)


def test_the_library_is_filled_listed_searched_and_emptied(tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "tea.md").write_text("Tea\n\nGreen tea[b] wants\x1b[2J 80 degrees.\n")

    async def scenario(stage: Stage) -> None:
        await stage.send("/library search green")
        await stage.shows("The library is empty.")
        assert "Nothing in the library" not in stage.text
        await stage.send(f"/library add {notes}")
        await stage.shows("Documents in the library: 1; 1 new", "The model can search them now")
        await stage.send("/library search green degrees")
        await stage.shows("tea.md:3", "Green tea[b] wants")
        await stage.send("/library search nothing[i]")
        await stage.shows("Nothing in the library says “nothing[i]”.")
        await stage.send("/library list")
        await stage.shows("1 documents. The model searches them")
        await stage.send("/library search")
        await stage.shows("That is not known.")
        await stage.pilot.press("ctrl+u")
        await stage.send(f"/library remove {notes}")
        await stage.shows("Documents in the library: 0; 0 new, 0 changed, 1 removed.")

    with closing(Library(tmp_path / "data")) as library:
        Stage("x", tools=toolset(Looks(""), library=library)).play(scenario, size=(96, 40))
