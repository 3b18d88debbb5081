"""Where Tab and Esc lead, and what the frame says that keys do meanwhile."""

from __future__ import annotations

from textual.geometry import Offset

from chat_tui.ui.compare.screen import CompareScreen
from chat_tui.ui.widgets.approval import ApprovalCard
from chat_tui.ui.widgets.composer import Composer
from chat_tui.ui.widgets.reasoning import Reasoning
from tests.ui.screen import Gate, Stage, harmony
from tests.ui.test_approval import CALL
from tests.ui.tools import FINAL, Pretend, toolset

LONG = "\n\n".join(f"Line {number}." for number in range(40))


def test_tab_goes_to_what_is_in_sight_and_escape_back_to_writing() -> None:
    async def scenario(stage: Stage) -> None:
        composer = stage.app.query_one(Composer)
        await stage.ask("one", "Line 39.")
        await stage.pilot.press("tab")
        assert stage.app.focused is composer, "the thought is far above"
        await stage.ask("two", "Paris")
        await stage.rests()
        before = stage.text
        await stage.pilot.press("tab")
        last = list(stage.app.query(Reasoning))[-1]
        assert stage.app.focused is last
        await stage.shows("─ F1 help ─╯")
        assert stage.text.splitlines()[:20] == before.splitlines()[:20], "nothing moved"
        await stage.pilot.press("enter")
        await stage.shows("A capital.")
        await stage.pilot.press("escape")
        assert stage.app.focused is composer
        await stage.shows("Enter sends")
        assert "Esc again" not in stage.text

    Stage(harmony(LONG, "Many."), harmony("Paris", "A capital.")).play(scenario, size=(80, 24))


def test_tab_goes_to_a_call_that_waits_before_all_else() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.send("compute")
        await stage.until(lambda: stage.app.query(ApprovalCard))
        stage.app.query_one(Composer).focus()
        await stage.pilot.press("tab")
        assert isinstance(stage.app.focused, ApprovalCard)

    Stage(CALL, FINAL, tools=toolset(Pretend())).play(scenario)


def test_while_it_answers_the_frame_says_that_enter_queues() -> None:
    gate = Gate(0, 4)

    async def scenario(stage: Stage) -> None:
        await stage.send("first")
        await stage.until(gate.reached.is_set)
        await stage.shows("Enter queues · Esc stops · F1 help")
        gate.opened.set()
        await stage.shows("ready", "Enter sends · ")

    Stage(harmony("one two three four"), hook=gate).play(scenario)


def test_ctrl_c_on_another_screen_copies_there_or_says_there_that_it_quits() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.shows("ready")
        await stage.send("/compare Why?")
        await stage.until(lambda: stage.text.count(" done") == 3)
        screen = stage.app.screen
        assert isinstance(screen, CompareScreen)
        row = next(at for at, line in enumerate(stage.lines) if "Because." in line)
        await stage.pilot.mouse_down(offset=Offset(1, row))
        await stage.pilot.hover(offset=Offset(9, row))
        await stage.pilot.mouse_up(offset=Offset(9, row))
        await stage.pilot.press("ctrl+c")
        await stage.shows("Copied the selection: 8 characters.")
        assert stage.app.clipboard == "Because."
        await stage.pilot.press("ctrl+c")
        await stage.shows("Ctrl+C again quits.")
        assert stage.app.screen is screen

    Stage(harmony("Because.")).play(scenario)


def test_what_is_true_for_a_moment_is_said_for_a_moment() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("one", "Paris")
        await stage.pilot.press("escape")
        await stage.shows("Esc again goes to an earlier message.")
        await stage.hides("Esc again")

    Stage(harmony("Paris")).play(scenario)
