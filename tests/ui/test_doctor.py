"""/doctor: what is right and wrong with the installation, on a screen of its own."""

from __future__ import annotations

import threading

from chat_tui.ui.widgets.doctor import DoctorScreen
from tests.ui.screen import PATIENCE, Stage, harmony

ANSWER = harmony("Paris.")


def test_the_doctors_text_is_shown_as_it_is_and_closed_again() -> None:
    widths: list[int] = []

    def examine(width: int) -> str:
        widths.append(width)
        return "Engine\n  advice   [red]A card[/red]\x1b[2J is here\n" * 30 + "The end."

    async def scenario(stage: Stage) -> None:
        stage.app.examine = examine
        await stage.send("/doctor")
        await stage.until(lambda: isinstance(stage.app.screen, DoctorScreen))
        await stage.until(lambda: "[red]A card[/red] is here" in stage.text)
        assert "\x1b[2J" not in stage.text
        assert "The end." not in stage.text
        await stage.pilot.press("end")
        await stage.until(lambda: "The end." in stage.text)
        await stage.pilot.press("escape")
        await stage.until(lambda: not isinstance(stage.app.screen, DoctorScreen))
        assert stage.engine.prompts == []

    Stage(ANSWER).play(scenario)
    assert widths == [80]


def test_the_screen_stays_quick_while_the_doctor_looks() -> None:
    done = threading.Event()

    def examine(_width: int) -> str:
        assert done.wait(PATIENCE)
        return "All is well."

    async def scenario(stage: Stage) -> None:
        stage.app.examine = examine
        await stage.send("/doctor")
        await stage.until(lambda: "Looking" in stage.text)
        done.set()
        await stage.until(lambda: "All is well." in stage.text)

    Stage(ANSWER).play(scenario)
