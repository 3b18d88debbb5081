"""Going back: versions of a message, editing, forking, answering anew, by keys and by clicks."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from textual.events import Key

from chat_tui.conversation import FINAL, Message, Role, user
from chat_tui.errors import EngineError
from chat_tui.keys import KEYS, Where
from chat_tui.session.chat import Chat
from chat_tui.session.keeping import Keeper
from chat_tui.session.shelf import Shelf
from chat_tui.store.store import Store
from chat_tui.ui.app import ChatApp
from chat_tui.ui.furniture import Furniture
from chat_tui.ui.widgets.chooser import Chooser
from chat_tui.ui.widgets.composer import Composer
from chat_tui.ui.widgets.reasoning import Reasoning
from tests.ui.screen import Gate, Stage, harmony

ANSWERS = [harmony(f"answer {name}") for name in ("one", "two", "three", "four")]


def said(stage: Stage) -> list[str]:
    """What the model saw last."""
    return [message.content for message in stage.engine.prompts[-1].messages]


async def two_questions(stage: Stage) -> None:
    await stage.ask("First?", "answer one")
    await stage.ask("Second?", "answer two")


def test_the_chooser_binds_what_the_table_says() -> None:
    bound = {name for one in Chooser.__dict__["BINDINGS"] for name in one.key.split(",")}
    shown = {name for key in KEYS.values() if key.where is Where.MESSAGE for name in key.keys}
    assert bound == shown


@pytest.mark.parametrize("back", ["alt+left", "click", "arrows"])
def test_the_versions_of_an_answer_are_walked(back: str) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Question?", "answer one")
        assert "‹" not in stage.text
        await stage.pilot.press("ctrl+r")
        await stage.shows("answer two", "‹ 2/2 ›", "ready")
        if back == "click":
            await stage.pilot.click("Foot Siblings", offset=(0, 0))
        elif back == "arrows":
            await stage.pilot.press("alt+up", "alt+down", "left")
        else:
            await stage.pilot.press("alt+left")
        await stage.shows("answer one", "‹ 1/2 ›")
        assert "answer two" not in stage.text
        if back == "click":
            await stage.pilot.click("Foot Siblings", offset=(6, 0))
        else:
            await stage.pilot.press("alt+right")
        await stage.shows("answer two", "‹ 2/2 ›")
        await stage.pilot.press("escape", "alt+left")
        await stage.shows("answer one")
        await stage.ask("More?", "answer three")
        assert said(stage) == ["Question?", "answer one", "More?"]

    Stage(*ANSWERS).play(scenario)


def test_where_there_is_no_other_version_it_says_so() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.pilot.press("alt+left")
        await stage.shows("There is no other version")
        await stage.pilot.press("alt+up")
        await stage.shows("Nothing has been said yet.")

    Stage(*ANSWERS).play(scenario)


@pytest.mark.parametrize("how", ["escape", "alt+up", "/edit 1"])
def test_a_question_is_edited_and_the_old_one_stays_as_a_version(how: str) -> None:
    async def scenario(stage: Stage) -> None:
        await two_questions(stage)
        if how.startswith("/"):
            await stage.send("/edit 1")
        else:
            await stage.write("my draft")
            await stage.pilot.press(*[how] * (2 if how == "escape" else 1))
            await stage.shows("Question 2 of 2", "e, Enter")
            await stage.pilot.press("up", "up", "e")
        await stage.shows("Editing question 1")
        assert stage.written == "First?"
        await stage.write(" Really")
        await stage.pilot.press("enter")
        await stage.shows("First? Really", "answer three", "‹ 2/2 ›", "ready")
        assert said(stage) == ["First? Really"]
        assert "Second?" not in stage.text
        assert "Editing" not in stage.text
        if not how.startswith("/"):
            assert stage.written == "my draft"
        if how == "alt+up":
            await stage.pilot.click("TurnView > Siblings", offset=(0, 0))
        else:
            await stage.pilot.press("alt+left")
        await stage.shows("answer one", "Second?", "answer two", "‹ 1/2 ›")
        assert "Really" not in stage.text

    Stage(*ANSWERS).play(scenario)


def test_escape_gives_editing_up_and_the_draft_is_back() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("First?", "answer one")
        await stage.write("my draft")
        await stage.pilot.press("escape", "escape", "enter")
        await stage.shows("Editing question 1")
        assert stage.written == "First?"
        for key in ("alt+up", "alt+left"):
            await stage.pilot.press(key)
            await stage.shows("A question is being edited.")
        await stage.pilot.press("escape")
        await stage.hides("Editing")
        assert stage.written == "my draft"
        await stage.pilot.press("ctrl+j")
        assert len(stage.engine.prompts) == 1

    Stage(*ANSWERS).play(scenario)


def test_one_escape_says_what_a_second_does_and_writing_closes_the_choice() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("First?", "answer one")
        await stage.pilot.press("escape")
        await stage.shows("Esc again goes to an earlier message.")
        await stage.pilot.press("escape")
        await stage.shows("Question 1 of 1")
        await stage.pilot.press("x")
        await stage.hides("Question 1 of 1")
        assert stage.written == "x"
        assert not stage.app.query(".-question, .-answer")

    Stage(*ANSWERS).play(scenario)


def test_who_writes_after_copying_a_message_presses_no_key_of_it() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Hello?", "One.")
        await stage.pilot.press("alt+up")
        await stage.shows("Question 1 of 1")
        await stage.pilot.press("c")
        await stage.shows("Copied the message: 6 characters.")
        await stage.hides("Question 1 of 1")
        await stage.pilot.press(*"There")
        await stage.until(lambda: stage.written == "There")

    Stage(harmony("One.")).play(scenario)


def test_what_is_written_in_one_go_goes_to_the_composer_whole() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Hello?", "One.")
        await stage.pilot.press("alt+up")
        await stage.shows("Question 1 of 1")
        stage.burst("There are more")
        await stage.until(lambda: stage.written == "There are more")
        stage.app.screen.query_one(Reasoning).focus()
        await stage.until(lambda: isinstance(stage.app.focused, Reasoning))
        for letter in "! x":
            stage.app.post_message(Key({" ": "space"}.get(letter, letter), letter))
        await stage.until(lambda: stage.written == "There are more! x")
        await stage.shows("▸ Thought")

    Stage(harmony("One.", "I think.")).play(scenario)


def test_an_answer_in_the_middle_is_made_anew_and_what_followed_stays_in_its_branch() -> None:
    async def scenario(stage: Stage) -> None:
        await two_questions(stage)
        await stage.pilot.press("alt+up", "up")
        await stage.shows("Answer 1 of 2")
        await stage.pilot.press("r")
        await stage.shows("answer three", "‹ 2/2 ›", "ready")
        assert said(stage) == ["First?"]
        assert "Second?" not in stage.text
        await stage.pilot.press("alt+left")
        await stage.shows("answer one", "Second?", "answer two")

    Stage(*ANSWERS).play(scenario)


def test_far_up_in_a_long_conversation_a_question_is_edited_and_all_is_walked_back_to() -> None:
    stage = Stage(*ANSWERS)
    turns = 16
    for number in range(turns):
        text = " ".join([f"Question{number}?"] * 30)
        answer = Message(Role.ASSISTANT, f"reply{number}", channel=FINAL)
        stage.chat.conversation = stage.chat.conversation.add(user(text), answer)

    async def scenario(stage: Stage) -> None:
        await stage.shows("reply15")
        await stage.send("/edit 3")
        await stage.shows("Editing question 3")
        stage.app.query_one(Composer).text = ""
        await stage.ask("Other?", "answer one")
        assert said(stage)[-2:] == ["reply1", "Other?"]
        await stage.shows("reply1", "Other?", "‹ 2/2 ›")
        assert "Question2?" not in stage.text
        await stage.pilot.press("alt+left")
        await stage.shows("Question2?", "‹ 1/2 ›", "reply2")
        await stage.pilot.press("pageup")
        await stage.shows("Question1?")
        for _ in range(8):
            await stage.pilot.press("pagedown")
        await stage.shows("reply15")
        await stage.pilot.press("alt+up", "up", "up")
        await stage.shows("Question 15 of 16")

    stage.play(scenario)


def test_nothing_is_lost_where_nothing_came_of_an_answer_anew_or_an_edit() -> None:
    def hook(generation: int, token: int) -> None:
        if (generation, token) == (2, 0):
            raise EngineError("The model has lost its voice.")

    async def scenario(stage: Stage) -> None:
        await two_questions(stage)
        await stage.pilot.press("alt+up", "up", "r")
        await stage.shows("lost its voice", "answer one", "Second?", "answer two", "ready")
        await stage.ask("Third?", "answer four")
        assert said(stage)[2:] == ["Second?", "answer two", "Third?"]

    Stage(*ANSWERS, hook=hook).play(scenario)


def test_an_edit_that_had_not_begun_is_given_back_with_all_that_it_replaced() -> None:
    gate = Gate(1, 3)

    async def scenario(stage: Stage) -> None:
        await stage.ask("First?", "answer one")
        await stage.send("Second?")
        await stage.shows("answer")
        await stage.pilot.press("escape")
        await stage.pilot.press("alt+up")
        await stage.shows("The stopped answer is still ending.")
        gate.opened.set()
        await stage.hides("The stopped answer is still ending.")
        await stage.until(lambda: len(stage.chat.conversation.messages) == 4)

    Stage(*ANSWERS, hook=gate).play(scenario)


def test_while_an_answer_comes_nothing_is_chosen() -> None:
    gate = Gate(0, 3)

    async def scenario(stage: Stage) -> None:
        await stage.send("First?")
        await stage.until(gate.reached.is_set)
        for key in ("alt+up", "alt+left"):
            await stage.pilot.press(key)
            await stage.shows("An answer is on its way.")
        gate.opened.set()
        await stage.shows("answer one", "ready")

    Stage(*ANSWERS, hook=gate).play(scenario)


@pytest.mark.parametrize("words", ["/edit x", "/edit 9", "/fork 9", "/fork -1"])
def test_numbers_that_are_none_are_told_of(words: str) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("First?", "answer one")
        await stage.send(words)
        await stage.shows("no question 9" if "9" in words else "is no number")
        assert stage.written == words

    Stage(*ANSWERS).play(scenario)


def test_without_a_store_a_fork_is_refused() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("First?", "answer one")
        await stage.pilot.press("alt+up", "f")
        await stage.shows("a fork would lose this conversation")
        await stage.shows("answer one")

    Stage(*ANSWERS).play(scenario)


class Kept(Stage):
    """A stage whose conversation is kept; it goes on with ``resume``."""

    def __init__(self, store: Store, *answers: str, resume: str | None = None) -> None:
        super().__init__(*answers)
        self.shelf = Shelf(Keeper(store))
        self.chat = Chat(self.engine, seams=self.shelf.seams())
        self.shelf.serve(self.chat)
        if resume:
            self.shelf.open(resume)
        self.app = ChatApp(Furniture(self.chat, remember=self.remembered.__setitem__))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "conversations.db"


def test_a_fork_goes_on_in_a_conversation_of_its_own(path: Path) -> None:
    async def scenario(stage: Stage) -> None:
        assert isinstance(stage, Kept)
        await two_questions(stage)
        old = stage.shelf.present
        await stage.pilot.press("alt+up", "up", "f")
        await stage.shows("This is a fork.", "First? (fork)", "answer one")
        assert "Second?" not in stage.text
        await stage.ask("Other?", "answer three")
        assert said(stage) == ["First?", "answer one", "Other?"]
        titles = {one.id: one.title for one in stage.shelf.store.list_conversations()}
        assert sorted(titles.values()) == ["First?", "First? (fork)"]
        assert old is not None
        assert len(stage.shelf.store.load(old).conversation.nodes) == 4

    with closing(Store(path)) as store:
        Kept(store, *ANSWERS).play(scenario)


def test_the_branch_and_its_siblings_are_there_after_a_restart(path: Path) -> None:
    async def before(stage: Stage) -> None:
        await two_questions(stage)
        await stage.send("/edit 1")
        await stage.shows("Editing question 1")
        await stage.pilot.press("ctrl+u")
        await stage.ask("Uno?", "answer three")
        await stage.pilot.press("alt+left")
        await stage.shows("answer two", "‹ 1/2 ›")

    async def after(stage: Stage) -> None:
        await stage.shows("First?", "answer two", "‹ 1/2 ›")
        await stage.pilot.press("alt+right")
        await stage.shows("Uno?", "answer three", "‹ 2/2 ›")
        await stage.pilot.press("alt+left")
        await stage.shows("First?", "answer one", "Second?", "answer two")

    with closing(Store(path)) as store:
        stage = Kept(store, *ANSWERS)
        stage.play(before)
        conversation = stage.shelf.present
    with closing(Store(path)) as store:
        Kept(store, *ANSWERS, resume=conversation).play(after)


def test_hostile_text_is_edited_and_walked_as_text() -> None:
    hostile = "[@click=app.quit]x[/] \\[bold"

    async def scenario(stage: Stage) -> None:
        await stage.ask(hostile, "answer one")
        await stage.pilot.press("alt+up", "e")
        await stage.shows("Editing question 1")
        assert stage.written == hostile
        await stage.pilot.press("enter")
        await stage.shows("answer two", "‹ 2/2 ›", hostile)
        await stage.pilot.press("alt+left")
        await stage.shows("answer one", hostile)

    Stage(*ANSWERS).play(scenario)


def test_the_choice_fits_a_small_screen() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("First?", "answer one")
        await stage.pilot.press("ctrl+r")
        await stage.shows("answer two", "‹ 2/2 ›", "ready")
        await stage.pilot.press("alt+up", "down")
        await stage.shows("Answer 1 of 1", "‹ 2/2 ›", "answer two", "Esc")

    Stage(*ANSWERS).play(scenario, size=(40, 24))
