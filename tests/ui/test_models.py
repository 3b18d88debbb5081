"""The list of models: what it shows, and going on with another one without a restart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from chat_tui.errors import LoadError
from chat_tui.keys import Where
from chat_tui.supply import Model
from chat_tui.ui.models.screen import ModelsScreen
from tests.ui.screen import Stage
from tests.ui.shop import LARGE, OTHER, THERE, TINY, ModelStage, ScriptedShop
from tests.ui.test_table import bound_by, keys_of


@pytest.fixture
def stage() -> ModelStage:
    return ModelStage(ScriptedShop(OTHER, LARGE, THERE, replace(TINY, note="tiny, for trying")))


def test_what_the_list_binds_is_what_the_table_says() -> None:
    assert bound_by(ModelsScreen) == keys_of(Where.MODELS)


def test_the_list_shows_all_and_everything_of_the_chosen_one(stage: ModelStage) -> None:
    async def scenario(_: Stage) -> None:
        await stage.shows("ready")
        await stage.opens("Models · 4", "30.0 GB of memory", "● embedded", "in use", "tiny, for")
        assert "40 GB are missing" in stage.text
        assert "to download" in stage.text
        await stage.choose("other")
        await stage.shows(
            "LM Studio",
            "/m/other.gguf",
            "13.0 GB needed, 30.0 GB and 8.0 GB on a GPU free",
            "20 layers on the GPU, the experts of 5 on the CPU",
            "65,536 tokens",
        )
        await stage.pilot.press("escape")
        await stage.shows("Ask anything")
        assert stage.chat.engine is stage.tiny

    stage.play(scenario)


@pytest.mark.parametrize("size", [(80, 24), (40, 16)])
def test_small_screens_and_hostile_names_keep_their_lines(size: tuple[int, int]) -> None:
    name = "a[red]b\x1b]0;t\x07\n/x" + "名" * 60
    bad = Model(
        name, Path("/m/[b]\x1b[2J.gguf"), 10**9, "[i]\x1b", "so\x1burce", problem="\x1b[5m!"
    )

    async def scenario(_: Stage) -> None:
        await stage.opens("embedded")
        await stage.choose(name)
        await stage.shows("a[red]b", "/m/[b]")
        assert "\x1b" not in stage.text
        assert all(len(line.rstrip()) <= size[0] for line in stage.lines)
        await stage.pilot.press("enter")
        await stage.shows("It cannot be used")
        await stage.choose("large")
        await stage.pilot.press("enter")
        await stage.shows("It does not fit now.", "freed.")

    stage = ModelStage(ScriptedShop(bad, TINY, LARGE))
    stage.play(scenario, size=size)


def test_another_model_answers_with_the_conversation_and_is_remembered(stage: ModelStage) -> None:
    other = stage.engines[Path("/m/other.gguf")]
    other.go.clear()

    async def scenario(_: Stage) -> None:
        await stage.ask("First?", "Tiny says.")
        await stage.opens("other")
        await stage.choose("other")
        await stage.pilot.press("enter")
        await stage.shows("Loading other: 13.0 GB needed", "loading 50 %", "Tiny says.")
        assert stage.tiny.closed
        other.go.set()
        await stage.shows("ready")
        await stage.until(lambda: "other · CPU" in stage.header)
        assert [m.content for m in other.primed[-1][0].messages] == ["First?", "Tiny says."]
        await stage.until(lambda: stage.shop.used == ["other"])
        await stage.ask("Second?", "other says.")
        asked = [message.content for message in other.prompts[-1].messages]
        assert asked == ["First?", "Tiny says.", "Second?"]

    stage.play(scenario)


def test_a_running_answer_is_stopped_and_kept(stage: ModelStage) -> None:
    async def scenario(_: Stage) -> None:
        await stage.send("First?")
        await stage.shows("Slow and")
        await stage.send("/model other")
        await stage.until(lambda: "other · CPU" in stage.header)
        await stage.shows("stopped", "Slow and")
        await stage.ask("Second?", "other says.")

    stage = ModelStage(stage.shop, "Slow and steady " * 400)
    stage.tiny._delay = 0.01
    stage.play(scenario)


def test_a_model_that_does_not_load_gives_way_to_the_old_one(stage: ModelStage) -> None:
    other = stage.engines[Path("/m/other.gguf")]
    other.broken = LoadError("The file is damaged.", "Download it again.")

    async def scenario(_: Stage) -> None:
        await stage.ask("First?", "Tiny says.")
        await stage.send("/model other")
        await stage.shows("The file is damaged.", "Download it again.", "embedded stays", "ready")
        await stage.until(lambda: stage.tiny.model is not None)
        assert "embedded · CPU" in stage.header
        assert stage.shop.used == []
        await stage.ask("Second?", "Second?")
        assert len(stage.tiny.prompts) == 2

    stage.play(scenario)


def test_escape_keeps_the_old_model_while_the_new_one_loads(stage: ModelStage) -> None:
    other = stage.engines[Path("/m/other.gguf")]
    other.go.clear()

    async def scenario(_: Stage) -> None:
        await stage.shows("ready", "embedded")
        await stage.send("/model other")
        await stage.shows("loading 50 %")
        await stage.pilot.press("escape")
        await stage.shows("embedded stays", "ready")
        await stage.until(lambda: stage.tiny.model is not None)
        assert (stage.chat.engine, stage.shop.used) == (stage.tiny, [])

    stage.play(scenario)


def test_a_question_that_is_put_while_it_loads_goes_to_the_new_model(stage: ModelStage) -> None:
    other = stage.engines[Path("/m/other.gguf")]
    other.go.clear()

    async def scenario(_: Stage) -> None:
        await stage.shows("ready", "embedded")
        await stage.send("/model other")
        await stage.shows("loading 50 %")
        await stage.send("Who?")
        other.go.set()
        await stage.shows("other says.", "ready")

    stage.play(scenario)


def test_what_does_not_fit_is_asked_about_once(stage: ModelStage) -> None:
    async def scenario(_: Stage) -> None:
        await stage.shows("ready", "embedded")
        await stage.send("/model large")
        await stage.until(lambda: isinstance(stage.app.screen, ModelsScreen))
        await stage.shows("no: 40 GB are missing.")
        await stage.pilot.press("enter")
        await stage.shows("It does not fit now", "Enter again tries it")
        await stage.pilot.press("enter")
        await stage.until(lambda: "large · CPU" in stage.header)

    stage.play(scenario)


def test_a_name_that_nothing_has_is_said_and_not_lost(stage: ModelStage) -> None:
    async def scenario(_: Stage) -> None:
        await stage.send("/model nothing")
        await stage.shows("There is no model nothing.")
        assert stage.written == "/model nothing"

    stage.play(scenario)


def test_a_click_chooses_and_a_second_one_uses(stage: ModelStage) -> None:
    async def scenario(_: Stage) -> None:
        await stage.opens("other")
        at = next(y for y, line in enumerate(stage.lines) if line.strip().startswith("other"))
        await stage.pilot.click(offset=(10, at))
        await stage.shows("/m/other.gguf")
        await stage.pilot.click(offset=(10, at))
        await stage.until(lambda: "other · CPU" in stage.header)

    stage.play(scenario)
