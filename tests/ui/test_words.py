"""The commands that take words: a form for answers, export, the model; and what is read ahead."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chat_tui.conversation import Effort, Prompt
from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.events import ModelInfo, PromptCost
from chat_tui.store.documents import from_document
from tests.ui.screen import Stage, harmony

ANSWER = harmony("Paris is the **capital**.", reasoning="France, so Paris.")
SCHEMA = {"title": "City", "type": "object", "properties": {"name": {"type": "string"}}}


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    path = tmp_path / "city.json"
    path.write_text(json.dumps(SCHEMA))
    return path


def test_a_form_holds_for_the_next_answers_until_it_is_taken_away(schema: Path) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.send(f"/schema {schema}")
        await stage.shows("form City", "JSON of the form 'City'")
        await stage.ask("Which?", '  "name": "Paris",')
        assert stage.engine.prompts[0].response_format.name == "City"
        await stage.pilot.press("ctrl+y")
        assert stage.app.clipboard == '{"name":"Paris","old":true}'
        await stage.send("/schema off")
        await stage.hides("form City")
        await stage.ask("Which?", "plain {}")
        assert stage.engine.prompts[1].response_format is None

    Stage(harmony('{"name":"Paris","old":true}'), harmony("plain {}")).play(scenario)


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        (None, "cannot be read"),
        ("{", "is no JSON"),
        ('{"type": "strng"}', "no valid JSON Schema"),
    ],
)
def test_a_wrong_form_is_told_of_and_nothing_changes(
    content: str | None, answer: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.json"
    if content is not None:
        path.write_text(content)

    async def scenario(stage: Stage) -> None:
        await stage.send(f"/schema {path}")
        await stage.until(lambda: answer in " ".join(stage.text.split()))
        assert stage.written == f"/schema {path}"
        assert stage.chat.response_format is None

    Stage(ANSWER).play(scenario)


def test_the_conversation_is_written_where_it_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "my talk.md"

    async def scenario(stage: Stage) -> None:
        await stage.ask("Capital?", "Paris is")
        await stage.send(f"/export {path}")
        await stage.shows("Written to")
        assert "France, so Paris." not in path.read_text()
        await stage.send(f"/export {path}")
        await stage.until(lambda: "exists already" in " ".join(stage.text.split()))
        await stage.pilot.press("ctrl+u")
        await stage.send(f"/export {path}.2 reasoning")
        await stage.until(lambda: "Written to" in stage.text)
        assert "> France, so Paris." in Path(f"{path}.2").read_text()

    Stage(ANSWER).play(scenario)


def test_it_is_written_in_the_form_that_the_name_or_its_end_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async def scenario(stage: Stage) -> None:
        await stage.send("/export json")
        await stage.shows("Nothing has been said yet.")
        await stage.pilot.press("ctrl+u")
        await stage.ask("Capital?", "Paris is")
        await stage.write("/export ")
        await stage.shows("nothing is left out", "html reasoning", "md ")
        await stage.write("json")
        await stage.pilot.press("enter")
        await stage.shows("Written to")
        (document,) = tmp_path.glob("*-capital.json")
        (found,) = from_document(json.loads(document.read_text()))
        assert found.conversation == stage.chat.conversation
        await stage.send("/export page.html reasoning")
        await stage.until((tmp_path / "page.html").exists)
        await stage.shows("page.html")
        assert "France, so Paris." in (tmp_path / "page.html").read_text()

    Stage(ANSWER).play(scenario)


def test_the_model_is_shown_and_how_to_use_another() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.shows("ready", "scripted")
        await stage.send("/model")
        await stage.shows("12.1 GB", "131,072 tokens", "scripted.gguf", "chat-tui --model FILE")

    Stage(ANSWER).play(scenario)


def test_what_is_to_be_known_of_a_load_is_said_once() -> None:
    model = ModelInfo("m.gguf", "m", 1, 8192, 131_072, "CPU", note="Little memory: less context.")

    async def scenario(stage: Stage) -> None:
        await stage.shows("Little memory: less context.")
        await stage.ask("Capital?", "Paris is")
        assert stage.text.count("Little memory") == 1

    Stage(ANSWER, model=model).play(scenario)


class Slow(ScriptedEngine):
    """Reads a prompt ahead only when told to."""

    def __init__(self, *completions: str) -> None:
        super().__init__(completions)
        self.unread = 0

    def cost(self, prompt: Prompt) -> PromptCost:
        del prompt
        return PromptCost(5_000, 5_000 - self.unread)


def test_what_a_change_of_effort_costs_is_told_until_it_has_been_read_ahead() -> None:
    engine = Slow(ANSWER)

    async def scenario(stage: Stage) -> None:
        await stage.ask("Capital?", "Paris is")
        engine.unread = 3_412
        await stage.pilot.press("ctrl+t")
        await stage.shows("next question reads 3,412 tokens")
        await stage.until(lambda: engine.primed[-1][0].effort is Effort.HIGH)
        engine.unread = 0
        await stage.shows("ready")
        assert "next question" not in stage.text

    Stage(engine=engine).play(scenario)


def test_a_long_draft_is_read_while_it_is_written_and_a_short_one_is_not() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Capital?", "Paris is")
        await stage.write("short")
        composer = stage.app.query_one("Composer")
        composer.insert_bounded("word " * 4_000)  # type: ignore[attr-defined]
        await stage.until(lambda: len(stage.engine.primed[-1][1]) >= 20_000)
        assert {draft for _, draft in stage.engine.primed[:-1]} == {""}

    Stage(ANSWER).play(scenario)


@pytest.mark.parametrize(
    ("completion", "words"),
    [
        (harmony("late", reasoning="on and on " * 20), "still reasoning"),
        (harmony("on and on " * 20), "the answer ends"),
    ],
)
def test_a_context_that_fills_says_what_to_do_and_keeps_the_turn(
    completion: str, words: str
) -> None:
    model = ModelInfo("m.gguf", "m", 1, 160, 131_072, "CPU")

    async def scenario(stage: Stage) -> None:
        await stage.send("Go on.")
        await stage.shows("The context is full", words, "--context", "cut: the context is full")
        assert len(stage.chat.conversation.messages) == 2
        assert stage.chat.conversation.messages[1].content.startswith("on and on")

    Stage(completion, model=model, max_tokens=20).play(scenario)
