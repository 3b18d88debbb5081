"""What stands in the composer when the program is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat_tui.ui import chat_screen
from chat_tui.ui.composer.recall import Recall
from tests.ui.kept import KeptStage
from tests.ui.screen import Stage, harmony


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine two keys may be seconds apart, and old questions come at once."""
    monkeypatch.setattr(chat_screen, "TWICE_SECONDS", 60.0)
    monkeypatch.setattr(chat_screen, "OFFER_SECONDS", 0.01)


def test_ctrl_c_twice_keeps_it_for_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "kept" / "conversations.db"

    async def leaves(stage: Stage) -> None:
        await stage.ask("The question", shows="Yes.")
        await stage.write("half a thought")
        await stage.pilot.press("ctrl+c")
        await stage.shows("Ctrl+C again quits. Next time, Up brings back what you wrote.")
        await stage.pilot.press("ctrl+c")
        await stage.until(lambda: stage.app.return_code == 0)

    async def comes_back(stage: Stage) -> None:
        earlier = stage.app.query_one("Composer").earlier  # type: ignore[attr-defined]
        await stage.until(lambda: not earlier.is_empty)
        assert stage.written == ""
        await stage.pilot.press("up")
        await stage.until(lambda: stage.written == "half a thought")
        await stage.pilot.press("up")
        await stage.until(lambda: stage.written == "The question")

    with KeptStage(path, harmony("Yes.")) as stage:
        stage.play(leaves)
    with KeptStage(path) as stage:
        stage.play(comes_back)


def test_without_a_place_to_keep_it_nothing_is_promised() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.write("half a thought")
        await stage.pilot.press("ctrl+c")
        await stage.shows("Ctrl+C again quits.")
        assert "Next time" not in stage.text

    Stage().play(scenario)


def test_who_walks_back_has_the_draft_behind_the_old_text() -> None:
    recall = Recall()
    recall.remember("old")
    assert recall.unsent("new") == "new"
    assert recall.walk(-1, "new") == "old"
    assert recall.unsent("old") == "new"
    assert recall.unsent("old, changed") == "old, changed"
