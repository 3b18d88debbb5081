"""Going to another conversation from the list, and what is said when nothing can be kept."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_tui.conversation import Message, user
from chat_tui.errors import StoreError
from chat_tui.events import Loaded, LoadProgress
from chat_tui.store.store import Store
from chat_tui.ui.history.banner import Banner
from chat_tui.ui.history.screen import HistoryScreen
from tests.ui.kept import KeptStage, answer, call, thought
from tests.ui.screen import PATIENCE, Gate, Stage, harmony

HOLDER = """
import sys
from pathlib import Path
from chat_tui.store.store import Store
store = Store(Path(sys.argv[1]))
store.resume(sys.argv[2])
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "conversations.db"


@pytest.fixture
def kept(path: Path) -> Iterator[KeptStage]:
    with KeptStage(path, harmony("Anew."), harmony("And more.")) as stage:
        yield stage


def test_opening_while_an_answer_streams_stops_it_and_keeps_what_came(path: Path) -> None:
    gate = Gate(0, 6)
    with KeptStage(path, harmony("One two three four five six."), hook=gate) as kept:
        old = kept.add("An old one", answer("Its answer."), days=1)

        async def scenario(stage: Stage) -> None:
            await stage.send("Count!")
            await stage.shows("One")
            streaming = str(kept.shelf.present)
            await kept.list("An old one")
            await stage.pilot.press("down", "enter")
            await kept.leaves_the_list()
            await stage.send("Too early")
            await stage.shows("Another conversation is being opened.")
            gate.opened.set()
            await stage.shows("Its answer.")
            assert kept.shelf.present == old
            last = kept.store.load(streaming).conversation.messages[-1]
            assert last.interrupted
            assert last.content.startswith("One")
            assert stage.written == "Too early"

        kept.play(scenario)


def test_one_that_another_process_has_open_is_marked_and_opened_as_a_copy(kept: KeptStage) -> None:
    held = kept.add("Open there", answer("Its answer."))
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(kept.store.path), held],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"

    async def scenario(stage: Stage) -> None:
        await kept.list("open elsewhere")
        await stage.pilot.press("f8")
        await stage.shows("This conversation is open in another chat-tui.")
        assert kept.titles == ["Open there"]
        await stage.pilot.press("enter")
        await stage.shows("Enter again opens a copy of it here.")
        assert isinstance(stage.app.screen, HistoryScreen)
        await stage.pilot.press("enter")
        await stage.shows("Its answer.", "Open there (copy)")
        await stage.ask("More?", "Anew.")
        assert len(kept.store.load(held).conversation.messages) == 2
        await stage.send(f"/resume {held}")
        await stage.shows("This conversation is open in another chat-tui.")
        assert stage.lines[0].strip().startswith("Open there (copy)")  # the present one goes on

    try:
        kept.play(scenario)
    finally:
        holder.communicate()


def test_resume_takes_an_id_or_words(kept: KeptStage) -> None:
    one = kept.add("A river", answer("It flows."))
    kept.add("A mountain", answer("It stands."))

    async def scenario(stage: Stage) -> None:
        await stage.send("/resume mountain")
        await stage.shows("1 found", "A mountain")
        await stage.pilot.press("escape")
        await kept.leaves_the_list()
        await stage.send(f"/resume {one[:8]}")
        await stage.shows("It flows.")
        assert kept.shelf.present == one

    kept.play(scenario)


def test_without_a_store_the_list_says_so() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.pilot.press("ctrl+b")
        await stage.shows("Nothing is kept here.")
        assert not isinstance(stage.app.screen, HistoryScreen)

    Stage().play(scenario)


def test_a_full_disk_is_said_as_long_as_it_is_full(kept: KeptStage) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Hello?", "Anew.")
        connection = kept.store._writer._connection
        assert connection is not None
        connection.execute("PRAGMA max_page_count = 1")  # no less than there are
        await stage.ask("word " * 4000, "And more.")
        await stage.shows("Not saved: The disk is full")
        connection.execute("PRAGMA max_page_count = 1000000")
        await stage.hides("Not saved")
        name = str(kept.shelf.present)
        await stage.until(lambda: len(kept.store.load(name).conversation.messages) == 4)

    kept.play(scenario)


def test_a_conversation_that_was_taken_away_is_told_until_another_one_goes_on(
    kept: KeptStage,
) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Hello?", "Anew.")
        name = str(kept.shelf.present)
        kept.store.delete(name)
        other = Store(kept.store.path)
        other.resume(name)
        await stage.ask("Still there?", "And more.")
        await stage.shows("Not saved: This conversation is open in another chat-tui.")
        other.close()
        await stage.pilot.press("ctrl+n")
        await stage.hides("Not saved")

    kept.play(scenario)


def test_a_store_that_could_not_be_opened_is_told() -> None:
    stage = Stage()
    banner = Banner(None, StoreError("The conversations cannot be kept: [b]no[/] room."))
    stage.app.chat_screen._banner = banner

    async def scenario(stage: Stage) -> None:
        await stage.shows("Not saved: The conversations cannot be kept: [b]no[/] room.")

    stage.play(scenario)


def test_an_opened_conversation_is_read_ahead(kept: KeptStage) -> None:
    kept.add("Capital of France?", answer("Paris."))

    async def scenario(stage: Stage) -> None:
        await stage.shows("ready")
        await kept.list("Capital")
        await stage.pilot.press("enter")
        await stage.shows("Paris.")
        await stage.until(
            lambda: any(
                prompt.messages[:1] == (user("Capital of France?"),)
                for prompt, _ in stage.engine.primed
            )
        )

    kept.play(scenario)


def test_opening_does_not_wait_for_the_model(path: Path) -> None:
    with KeptStage(path, harmony("Anew.")) as kept:
        kept.add("Capital of France?", answer("Paris."))
        load, loaded = kept.engine.load, threading.Event()

        def slowly() -> Iterator[LoadProgress | Loaded]:
            assert loaded.wait(PATIENCE)
            yield from load()

        kept.engine.load = slowly  # type: ignore[method-assign]

        async def scenario(stage: Stage) -> None:
            await stage.send("Too early?")
            await kept.list("Capital")
            await stage.pilot.press("enter")
            await stage.shows("Paris.")
            assert stage.written == "Too early?"
            loaded.set()
            await stage.pilot.press("enter")
            await stage.shows("Anew.")
            asked = [message.content for message in stage.engine.prompts[0].messages]
            assert asked == ["Capital of France?", "Paris.", "Too early?"]

        kept.play(scenario)


def test_an_opened_answer_says_how_it_was_made_and_so_does_another_version(path: Path) -> None:
    with KeptStage(path, harmony("Anew.", "Let me see."), harmony("Again.")) as kept:
        kept.add("Capital of France?", thought("Hm."), answer("Paris."))

        async def scenario(stage: Stage) -> None:
            await kept.list("Capital")
            await stage.pilot.press("enter")
            await stage.shows("Paris.", "20.0 tok/s · 3 s")
            await stage.ask("More?", "Anew.")
            await stage.pilot.press("ctrl+r")
            await stage.shows("Again.", "‹ 2/2 ›", "ready")
            await stage.pilot.press("alt+left")
            await stage.shows("Anew.", "‹ 1/2 ›", "Thought for < 1 s")
            assert stage.text.count("tok/s") == 2

        kept.play(scenario)


def test_a_turn_that_was_stopped_says_so_when_it_is_opened_again(path: Path) -> None:
    gate = Gate(0, 6)
    with KeptStage(path, harmony("One two three four five six."), hook=gate) as kept:

        async def scenario(stage: Stage) -> None:
            await stage.send("Count!")
            await stage.shows("One")
            await stage.pilot.press("escape")
            gate.opened.set()
            await stage.shows("F2 goes on")
            await stage.pilot.press("ctrl+n")
            await stage.hides("One")
            await kept.list("Count")
            await stage.pilot.press("enter")
            await stage.shows("stopped · medium", "F2 goes on")

        kept.play(scenario)


def long(words: str, at: int) -> list[Message]:
    """Many turns; one of them has these words in its thought, and none has them twice."""
    said = []
    for number in range(40):
        text = f"Hm, {words}." if number == at else "Hm."
        said += [user(f"Question {number}"), thought(text), answer(f"Answer {number}. " * 9)]
    return said[1:]


def test_a_conversation_opens_where_a_search_found_something(kept: KeptStage) -> None:
    kept.add("Question 0", *long("an *otter* maybe", 7), title="Long")
    kept.add("Code?", call("print('heron')"), answer("Done."), title="Short")

    async def scenario(stage: Stage) -> None:
        await kept.list("Long")
        await kept.search("otter")
        await stage.shows("1 found", "reasoning: Hm, an *otter* maybe.")
        await stage.pilot.press("enter")
        await stage.shows("Find", "1 of 1", "Hm, an *otter* maybe.", "Question 7")
        await kept.list("Long")
        await kept.search("heron")
        await stage.shows("1 found", "call: print('heron')")
        await stage.pilot.press("enter")
        await stage.shows("Code?", "▾ python", "heron")
        await kept.list("Long")
        await kept.search("question 3")
        await stage.shows("1 found", "question: Question 38")
        await stage.pilot.press("down", "down", "enter")
        await stage.shows("Question 37", "Answer 37", "of 11")

    kept.play(scenario)


def test_a_place_in_another_version_and_in_the_present_conversation_is_gone_to(
    path: Path,
) -> None:
    with KeptStage(path, harmony("A heron."), harmony("An otter.")) as kept:

        async def scenario(stage: Stage) -> None:
            await stage.ask("Which?", "A heron.")
            await stage.pilot.press("ctrl+r")
            await stage.shows("An otter.", "ready")
            await kept.list("Which?")
            await kept.search("heron")
            await stage.shows("answer: A heron.")
            await stage.pilot.press("enter")
            await stage.shows("‹ 1/2 ›", "A heron.", "1 of 1")

        kept.play(scenario)
