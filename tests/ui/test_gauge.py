"""The status line shows what fills the context once it is more than half full."""

from __future__ import annotations

from dataclasses import replace

from chat_tui.engine.scripted import SCRIPTED
from tests.ui.screen import Stage, harmony


def test_the_bar_comes_when_half_is_full_and_goes_with_the_conversation() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Short?", "Yes.")
        assert "░" not in stage.text
        await stage.ask("Long? " + "word " * 200, "Yes.")
        await stage.shows("█", "░")
        await stage.send("/new")
        await stage.until(lambda: "░" not in stage.text)

    Stage(harmony("Yes."), model=replace(SCRIPTED, context=600)).play(scenario)
