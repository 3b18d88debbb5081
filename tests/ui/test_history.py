"""The list of kept conversations: what is in it, what its keys do, and what becomes of the chat."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.events import Key
from textual.widgets import Input

from chat_tui.conversation import Effort
from chat_tui.keys import KEYS, Where
from chat_tui.store.store import Store
from chat_tui.ui.history.screen import HistoryScreen
from tests.ui.kept import KeptStage, answer, call, thought
from tests.ui.screen import Stage, harmony
from tests.ui.test_table import bound_by, keys_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "conversations.db"


@pytest.fixture
def kept(path: Path) -> Iterator[KeptStage]:
    with KeptStage(path, harmony("Anew."), harmony("And more.")) as stage:
        yield stage


def test_what_the_list_binds_is_what_the_table_says() -> None:
    assert bound_by(HistoryScreen) == keys_of(Where.LIST)
    assert {key.where for key in KEYS.values()} >= {Where.LIST}


def test_a_conversation_is_opened_with_its_level_and_gone_on_with(kept: KeptStage) -> None:
    kept.add("The newer one")
    old = kept.add("Capital of France?", answer("Paris."), days=1, effort=Effort.HIGH)

    async def scenario(stage: Stage) -> None:
        await stage.ask("The present one", "Anew.")
        left = kept.shelf.present
        await kept.list("Capital of France?")
        assert "Today" in stage.text
        assert "Yesterday" in stage.text
        assert "open here" in stage.text
        await stage.pilot.press("down", "down", "enter")
        await stage.shows("Paris.")
        assert stage.lines[0].strip().startswith("Capital of France?")
        assert "The present one" not in stage.text
        assert stage.chat.effort is Effort.HIGH
        assert stage.chat.context_used == 321
        assert kept.shelf.present == old
        other = Store(kept.store.path)
        other.resume(str(left))  # it is free for others
        other.close()
        await stage.ask("And Germany?", "And more.")
        asked = [message.content for message in stage.engine.prompts[-1].messages]
        assert asked == ["Capital of France?", "Paris.", "And Germany?"]
        assert len(kept.store.load(old).conversation.messages) == 4

    kept.play(scenario)


def test_every_key_that_moves(kept: KeptStage) -> None:
    for number in range(50):
        kept.add(f"Question {number}", days=number / 10)

    async def scenario(stage: Stage) -> None:
        await kept.list("Question 0")
        press = stage.pilot.press
        assert kept.chosen == "Question 0"
        await press("up")
        assert kept.chosen == "Question 0"
        await press("down", "down", "up")
        assert kept.chosen == "Question 1"
        await press("pagedown")
        below = int(kept.chosen.split()[1])
        assert 10 < below < 30
        assert kept.chosen in stage.text
        await press("pageup")
        assert int(kept.chosen.split()[1]) < below
        await press("ctrl+end")
        assert kept.chosen == "Question 49"
        await stage.shows("Question 49")
        await press("ctrl+home")
        assert kept.chosen == "Question 0"
        await stage.shows("Question 0")
        await press("escape")
        await kept.leaves_the_list()

    kept.play(scenario)


def test_a_click_chooses_and_a_second_one_opens(kept: KeptStage) -> None:
    kept.add("First")
    kept.add("Second", answer("The answer."), days=0.001)

    async def scenario(stage: Stage) -> None:
        await kept.list("Second")
        at = next(y for y, line in enumerate(stage.lines) if "Second" in line)
        await stage.pilot.click(offset=(10, at))
        assert kept.chosen == "Second"
        await stage.pilot.click(offset=(10, at))
        await stage.shows("The answer.")

    kept.play(scenario)


@pytest.mark.parametrize(
    ("words", "part", "place"),
    [
        ("最高", "question", "世界上最高的山"),
        ("МОСКВЕ", "answer", "в Москве минус"),
        ("print(x", "call", "def show(x): print(x)"),
        ("hidden thought", "reasoning", "a hidden thought"),
    ],
)
def test_a_search_finds_every_script_and_shows_the_place(
    kept: KeptStage, words: str, part: str, place: str
) -> None:
    kept.add("世界上最高的山是什么?", answer("珠穆朗玛峰"))
    kept.add("Погода?", answer("Сегодня в Москве минус семь."))
    kept.add("Show it", thought("This is a hidden thought."), call("def show(x): print(x)"))

    async def scenario(stage: Stage) -> None:
        await kept.list("3")
        await kept.search(words)
        await stage.shows("1 found")
        line = next(line for line in stage.lines if f"{part}: " in line)
        assert place in line
        await stage.pilot.press("enter")
        await kept.leaves_the_list()

    kept.play(scenario)


def test_only_the_newest_words_count_and_none_give_the_whole_list(kept: KeptStage) -> None:
    kept.add("A river")
    kept.add("A mountain")

    async def scenario(stage: Stage) -> None:
        await kept.list("A river")
        stage.burst("river")
        for _ in range(5):
            stage.burst("")
        await stage.shows("1 found", "A river")
        await stage.hides("A mountain")
        await kept.search("xyz")
        await stage.shows("Nothing was found")
        await stage.pilot.press("ctrl+u")
        await stage.shows("Conversations · 2", "A river", "A mountain")

    kept.play(scenario)


def test_keys_that_come_at_once_are_taken_in_their_order(kept: KeptStage) -> None:
    kept.add("A river", answer("It runs."))
    kept.add("A mountain", answer("It stands."))

    async def scenario(stage: Stage) -> None:
        enter = Key("enter", "\r")
        await kept.list("A river")
        assert kept.chosen == "A mountain"
        await stage.pilot.press("f2")
        stage.burst(" of snow")
        stage.app.post_message(enter)
        await stage.until(lambda: "A mountain of snow" in kept.titles)
        stage.burst("river")
        stage.app.post_message(enter)
        await stage.shows("It runs.")

    kept.play(scenario)


def test_a_title_is_written_in_its_place(kept: KeptStage) -> None:
    kept.add("The first")
    kept.add("The second", days=0.01)

    async def scenario(stage: Stage) -> None:
        await kept.list("The first")
        press = stage.pilot.press
        await press("down", "f2", "!", "delete", "escape")
        assert kept.titles == ["The first", "The second"]
        await press("f2", "!", "enter")
        await stage.until(lambda: kept.titles == ["The first", "The second!"])
        await stage.shows("The second!")
        assert kept.chosen == "The second!"
        field = stage.app.screen.query_one("#retitle", Input)
        await press("f2", "ctrl+u", "enter")
        await stage.shows("Which title?")
        assert not field.display
        assert kept.titles == ["The first", "The second!"]

    kept.play(scenario)


def test_the_present_conversation_gets_a_title_by_command_and_in_the_list(kept: KeptStage) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.send("/rename Too early")
        await stage.shows("Nothing has been said yet.")
        await stage.pilot.press("ctrl+u")
        stage.app.query_one("Composer").clear()  # type: ignore[attr-defined]
        await stage.ask("Hello?", "Anew.")
        await stage.send("/rename By command")
        await stage.shows("By command")
        assert kept.titles == ["By command"]
        await kept.list("open here")
        await stage.until(lambda: kept.chosen == "By command")
        await stage.pilot.press("f2", "2", "enter")
        await stage.until(lambda: kept.titles == ["By command2"])
        await stage.pilot.press("escape")
        await kept.leaves_the_list()
        await stage.until(lambda: stage.lines[0].strip().startswith("By command2"))

    kept.play(scenario)


def test_a_pinned_one_goes_to_the_top_and_back(kept: KeptStage) -> None:
    kept.add("The newer")
    kept.add("The older", days=2)

    async def scenario(stage: Stage) -> None:
        await kept.list("The older")
        await stage.pilot.press("down", "f4")
        await stage.shows("Pinned", "On top: The older")
        assert kept.titles == ["The older", "The newer"]
        assert kept.chosen == "The older"
        await stage.pilot.press("f4")
        await stage.hides("Pinned")
        assert kept.titles == ["The newer", "The older"]

    kept.play(scenario)


def test_what_is_deleted_can_be_brought_back_with_all_that_was_said(kept: KeptStage) -> None:
    kept.add("One")
    two = kept.add("Two", answer("Its answer."), days=0.01)
    kept.add("Three", days=0.02)

    async def scenario(stage: Stage) -> None:
        await kept.list("Three")
        press = stage.pilot.press
        await press("down", "delete")
        await stage.shows("Deleted: Two · Ctrl+Z brings it back.", "Conversations · 2")
        assert kept.chosen == "Three"
        await press("f8")
        await stage.shows("Deleted: Three")
        assert kept.titles == ["One"]
        await press("ctrl+z")
        await stage.shows("Back again: Three")
        await press("escape")
        await kept.leaves_the_list()
        await kept.list("Three")  # the list was left; what was deleted is remembered
        await press("ctrl+z")
        await stage.shows("Back again: Two")
        assert kept.titles == ["One", "Two", "Three"]
        assert kept.store.load(two).conversation.messages[1].content == "Its answer."
        await press("ctrl+z")
        await stage.shows("Nothing was deleted here.")

    kept.play(scenario)


def test_the_delete_key_still_deletes_in_the_search_line(kept: KeptStage) -> None:
    kept.add("One")

    async def scenario(stage: Stage) -> None:
        await kept.list("One")
        await kept.search("xOne")
        await stage.shows("Nothing was found")
        await stage.pilot.press("home", "delete")
        await stage.shows("1 found")
        assert kept.titles == ["One"]

    kept.play(scenario)


def test_deleting_the_present_conversation_begins_a_fresh_one(kept: KeptStage) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Hello?", "Anew.")
        await kept.list("open here")
        await stage.pilot.press("f8")
        await stage.shows("Deleted: Hello?")
        await stage.pilot.press("escape")
        await stage.shows("New conversation")
        assert stage.chat.conversation.messages == ()
        await stage.ask("Again?", "And more.")
        assert kept.titles == ["Again?"]
        await kept.list("Again?")
        await stage.pilot.press("ctrl+z")
        await stage.shows("Back again: Hello?")
        assert sorted(kept.titles) == ["Again?", "Hello?"]

    kept.play(scenario)


def test_a_hostile_title_is_shown_as_text_and_does_nothing(kept: KeptStage) -> None:
    kept.add("x", answer("[red]y[/]\x1b[31m"), title="[bold]evil\x1b]0;t\x07 \u202e[/]\n<b>")

    async def scenario(stage: Stage) -> None:
        await kept.list("[bold]evil [/] <b>")
        await kept.search("[red]")
        await stage.shows("answer: [red]y[/]")
        await stage.pilot.press("f4")
        await stage.shows("On top: [bold]evil [/] <b>")
        await stage.pilot.press("f8")
        await stage.shows("Deleted: [bold]evil [/] <b>")
        assert not any(character in stage.text for character in "\x1b\x07\u202e")
        await stage.shows("Nothing was found")
        await stage.pilot.press("ctrl+z")
        await stage.shows("Back again: [bold]evil [/] <b>", "answer: [red]y[/]")
        await stage.pilot.press("enter")
        await kept.leaves_the_list()
        await stage.shows("[bold]evil [/] <b>")

    kept.play(scenario)


@pytest.mark.parametrize("size", [(40, 12), (20, 6), (80, 24)])
def test_the_list_fits_a_small_screen(kept: KeptStage, size: tuple[int, int]) -> None:
    for number in range(20):
        kept.add(f"Question number {number}", days=number)

    async def scenario(stage: Stage) -> None:
        await kept.list("Question")
        await stage.pilot.press("ctrl+end")
        await stage.until(lambda: kept.chosen == "Question number 19")
        assert any(line.lstrip().startswith("▸ Question") for line in stage.lines)
        assert all(len(line) <= size[0] for line in stage.lines)

    kept.play(scenario, size=size)
