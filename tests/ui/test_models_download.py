"""Downloads from the list of models, and the line that offers one at a first start."""

from __future__ import annotations

import pytest

from chat_tui.errors import ModelFileError
from chat_tui.ui.models.bar import OfferBar
from chat_tui.ui.models.screen import ModelsScreen
from tests.ui.screen import Stage
from tests.ui.shop import LARGE, OTHER, THERE, TINY, ModelStage, ScriptedShop, patient


@pytest.fixture
def stage() -> ModelStage:
    return ModelStage(ScriptedShop(OTHER, THERE, TINY))


async def begin(stage: ModelStage) -> None:
    """Open the list and download what can be downloaded."""
    await stage.shows("ready", "embedded")
    await stage.opens("to download")
    await stage.choose(THERE.name)
    await stage.pilot.press("d")
    await stage.shows(
        "Enter again downloads gpt-oss-20b: 12.0 GB, 500.0 GB of disk free", "13.0 GB needed"
    )
    assert not stage.shop.half.is_set()
    await stage.pilot.press("enter")
    await stage.shows("50 %", "6.0 GB of 12.0 GB", "50.0 MB/s", "2 min left")


def test_it_goes_on_while_one_chats_and_is_offered_when_it_is_there(stage: ModelStage) -> None:
    async def scenario(_: Stage) -> None:
        await begin(stage)
        await stage.pilot.press("escape")
        await stage.shows("↓ 50 % 50.0 MB/s 2 min")
        await stage.ask("Meanwhile?", "Tiny says.")
        stage.shop.go.set()
        await stage.shows("gpt-oss-20b is on this machine now", "/model gpt-oss-20b")
        await stage.hides("↓ 50 %")
        assert stage.chat.engine is stage.tiny
        await stage.pilot.click(OfferBar)
        await stage.until(lambda: "gpt-oss-20b · CPU" in stage.header)
        await stage.ask("And now?", "Real.")
        await stage.until(lambda: stage.shop.used == ["gpt-oss-20b"])
        assert not stage.app.query(OfferBar)

    stage.play(scenario, size=(100, 30))


def test_it_can_be_used_from_the_list_when_it_is_there(stage: ModelStage) -> None:
    async def scenario(_: Stage) -> None:
        await begin(stage)
        stage.shop.go.set()
        await stage.shows("is on this machine now. Enter uses it.", "/hub/it.gguf")
        await stage.pilot.press("enter")
        await stage.until(lambda: "gpt-oss-20b · CPU" in stage.header)

    stage.play(scenario)


def test_it_can_be_stopped_and_says_that_it_goes_on_from_there(stage: ModelStage) -> None:
    async def scenario(_: Stage) -> None:
        await begin(stage)
        await stage.pilot.press("d")
        await stage.shows("is being downloaded; x stops it", "x stops the download · Esc goes back")
        await stage.pilot.press("x")
        await stage.shows("goes on from there", "Enter downloads it · Esc goes back")
        await stage.hides("50 %")
        await stage.pilot.press("x")
        await stage.shows("Nothing is being downloaded.")
        await stage.pilot.press("escape")
        await stage.hides("↓")

    stage.play(scenario)


def test_one_that_fails_says_why(stage: ModelStage) -> None:
    stage.shop.broken = ModelFileError("The line is dead.", "Try again.")

    async def scenario(_: Stage) -> None:
        await begin(stage)
        stage.shop.go.set()
        await stage.shows("was not downloaded: The line is dead.")
        await stage.pilot.press("escape")
        await stage.shows("was not downloaded: The line is dead.")

    stage.play(scenario)


def test_a_disk_that_is_too_small_is_said_before() -> None:
    async def scenario(_: Stage) -> None:
        await stage.opens("to download")
        await stage.choose(THERE.name)
        await stage.pilot.press("d", "d")
        await stage.shows("needs 12.0 GB on the disk, 3.0 GB are free")
        assert not stage.shop.half.is_set()

    stage = ModelStage(ScriptedShop(THERE, TINY, disk=3_000_000_000))
    stage.play(scenario)


def test_going_elsewhere_takes_the_question_back(stage: ModelStage) -> None:
    async def scenario(_: Stage) -> None:
        await stage.opens("to download")
        await stage.choose(THERE.name)
        await stage.pilot.press("d")
        await stage.shows("Enter again downloads")
        await stage.pilot.press("up")
        await stage.hides("Enter again downloads")
        await stage.pilot.press("down", "d")
        await stage.shows("Enter again downloads")
        assert not stage.shop.half.is_set()

    stage.play(scenario)


def test_leaving_the_program_ends_a_download(stage: ModelStage) -> None:
    async def scenario(_: Stage) -> None:
        await begin(stage)
        assert patient(stage.shop.half)

    stage.play(scenario)
    download = stage.app.chat_screen.desk.models
    assert download is not None
    assert download.download is None or download.download.stopped


def test_a_first_start_offers_more_until_it_is_hidden_or_taken() -> None:
    line = "gpt-oss-20b[b] would\x1b fit this machine"

    async def hidden(stage: Stage) -> None:
        await stage.shows("gpt-oss-20b[b] would", "/model · Esc hides it", "ready")
        await stage.pilot.press("escape")
        await stage.hides("would fit")
        await stage.until(lambda: shop.hidden == {line})  # for good

    async def taken(stage: Stage) -> None:
        await stage.shows("Esc hides it", "ready")
        await stage.pilot.click(OfferBar)
        await stage.until(lambda: isinstance(stage.app.screen, ModelsScreen))
        await stage.pilot.press("escape")
        await stage.hides("Esc hides it")

    shop = ScriptedShop(OTHER, LARGE, TINY, line=line)
    ModelStage(shop).play(hidden)
    shop.hidden.clear()
    ModelStage(shop).play(taken)


def test_who_has_chosen_is_offered_nothing(stage: ModelStage) -> None:
    stage.shop.line, stage.shop.used = "more", ["other"]

    async def scenario(_: Stage) -> None:
        await stage.shows("ready")
        await stage.pilot.pause(0.8)
        assert not stage.app.query(OfferBar)

    stage.play(scenario)
