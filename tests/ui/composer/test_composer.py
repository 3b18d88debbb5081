"""Writing with help: completion, attached files, long pastes, copying, and keys bound otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.events import Key, Paste

from chat_tui.key_settings import bound_keys
from chat_tui.ui.app import ChatApp
from chat_tui.ui.composer.choices import Choices
from chat_tui.ui.furniture import Furniture
from chat_tui.ui.widgets.asked import UserMessage
from chat_tui.ui.widgets.composer import Composer
from tests.ui.kept import KeptStage
from tests.ui.screen import Gate, Stage, harmony

ANSWER = harmony("Paris:\n\n```python\nprint('é')\n```\n\nand\n\n```\ntwo\n```")


def offered(stage: Stage) -> list[str]:
    """What stands in the list, line by line, without what it does."""
    return [one.shown.split()[0] for one in stage.app.query_one(Choices).all]


def test_commands_complete_as_they_are_typed() -> None:
    async def scenario(stage: Stage) -> None:
        press = stage.pilot.press
        await press("/", "e", "f")
        await stage.shows("how much the model reasons")
        assert offered(stage)[0] == "/effort"
        await press("tab")
        assert stage.written == "/effort "
        assert offered(stage) == ["low", "medium", "high"]
        await press("down", "down", "enter")
        await stage.until(lambda: stage.remembered.get("effort") == "high")
        assert stage.written == ""
        await press(*"/hel", "escape")
        await stage.hides("keys and commands")
        assert stage.written == "/hel"
        await press("p", "enter")
        await stage.shows("While writing (you are here)")
        await press("escape", *"/dctr", "enter")
        assert stage.written == "/doctor"
        assert not stage.engine.prompts

    Stage(ANSWER).play(scenario)


def test_a_file_is_completed_attached_sent_and_shown_as_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.md").write_text("one\ntwo\n")
    (tmp_path / "other.txt").write_text("x")
    sent = "Sum up notes.md now\n\nFile: notes.md\n```md\none\ntwo\n```"

    async def scenario(stage: Stage) -> None:
        press = stage.pilot.press
        await press(*"Sum up @nts")
        await stage.until(lambda: offered(stage) == ["notes.md"])
        await press("tab")
        await stage.shows("[notes.md · ", " tok]")
        await stage.ask("now", "Paris")
        assert stage.engine.prompts[0].messages[-1].content == sent
        await stage.shows("▸ notes.md · 2 lines · 2 tok")
        assert "File:" not in stage.text
        await stage.pilot.click(UserMessage, offset=(4, 1))
        await stage.until(lambda: "Esc closes this" in stage.text and "two" in stage.text)
        await press("escape")
        stage.app.query_one(Composer).focus()
        await press("tab", "enter")
        await stage.until(lambda: "Esc closes this" in stage.text and "two" in stage.text)
        await press("escape")
        stage.app.query_one(Composer).focus()
        await press("up")
        await stage.until(lambda: stage.written.startswith("Sum up [notes.md"))
        await press("enter")
        await stage.until(lambda: len(stage.engine.prompts) == 2)
        assert stage.engine.prompts[1].messages[-1].content == sent

    Stage(ANSWER).play(scenario)


def test_a_file_whose_name_is_written_out_is_attached_and_what_names_none_is_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("print(1)\n")
    (tmp_path / "blob.bin").write_bytes(b"\0\1")

    async def scenario(stage: Stage) -> None:
        await stage.pilot.press(*"Is @src/a.py, as @ann says, right?")
        await stage.until(lambda: " tok], as @ann says, right?" in stage.written)
        assert stage.written.startswith("Is [src/a.py · ")
        await stage.ask("", "Paris")
        sent = stage.engine.prompts[0].messages[-1].content
        assert sent.startswith("Is src/a.py, as @ann says, right?\n\nFile: src/a.py\n```py")
        await stage.pilot.press(*"@blob.bin ")
        await stage.shows("blob.bin is not text. Only text can be attached.")
        assert stage.written == "@blob.bin "

    Stage(ANSWER).play(scenario)


def test_the_path_of_a_command_is_completed_as_in_a_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "forms").mkdir()
    (tmp_path / "forms" / "city.json").write_text('{"type": "string"}')
    (tmp_path / "notes.md").write_text("x")

    async def scenario(stage: Stage) -> None:
        await stage.pilot.press(*"/schema f")
        await stage.until(lambda: offered(stage) == ["forms/"])
        await stage.pilot.press("tab")
        await stage.until(lambda: offered(stage) == ["forms/city.json"])
        assert stage.written == "/schema forms/"
        await stage.pilot.press("tab")
        assert stage.written == "/schema forms/city.json"
        await stage.pilot.press("enter")
        await stage.shows("JSON of the form 'city'")
        await stage.pilot.press(*"/schema fo")
        await stage.until(lambda: offered(stage) == ["forms/"])
        await stage.pilot.press("enter")
        await stage.shows("The schema fo cannot be read")

    Stage(ANSWER).play(scenario)


def test_a_tilde_that_is_nobodys_offers_nothing() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.pilot.press(*"@~nobody-of-that-name/a ")
        await stage.pilot.pause(0.1)
        assert stage.written == "@~nobody-of-that-name/a "
        await stage.pilot.press("ctrl+u", *"/export ~nobody-of-that-name/x", "enter")
        await stage.shows("Nothing has been said yet.")

    Stage(ANSWER).play(scenario)


def test_a_dropped_file_is_attached_and_what_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a b.txt").write_text("text")
    (tmp_path / "p.png").write_bytes(b"\x89PNG\0")

    async def scenario(stage: Stage) -> None:
        composer = stage.app.query_one(Composer)
        composer.post_message(Paste(f"'{tmp_path}/a b.txt'"))
        await stage.until(lambda: stage.written.startswith("["))
        composer.clear_all()
        composer.post_message(Paste(f"{tmp_path}/p.png"))
        await stage.shows("is not UTF-8 text.")
        assert stage.written == f"{tmp_path}/p.png"
        composer.clear_all()
        composer.post_message(Paste("/no such thing"))
        await stage.until(lambda: stage.written == "/no such thing")

    Stage(ANSWER).play(scenario)


def test_a_long_paste_is_a_label_that_opens_and_is_sent_whole() -> None:
    long = "\n".join(f"line {number}" for number in range(12))

    async def scenario(stage: Stage) -> None:
        composer, press = stage.app.query_one(Composer), stage.pilot.press
        composer.post_message(Paste(long))
        await stage.shows("[pasted 12 lines · 21 tok]")
        await press("a", "backspace", "backspace")
        assert stage.written == ""
        composer.post_message(Paste(long))
        await stage.shows("[pasted 12 lines")
        await press("f9")
        assert stage.written == long
        composer.clear_all()
        composer.post_message(Paste("short"))
        await stage.until(lambda: stage.written == "short")
        composer.post_message(Paste(long))
        await stage.ask("", "Paris")
        assert stage.engine.prompts[0].messages[-1].content == f"short{long}"

    Stage(ANSWER).play(scenario)


def test_what_was_pasted_is_a_label_again_when_its_message_comes_back() -> None:
    gate = Gate(0, 2)

    async def scenario(stage: Stage) -> None:
        def is_short() -> bool:
            return stage.written.startswith("[pasted 12 lines") and stage.written.endswith("] why")

        composer = stage.app.query_one(Composer)
        await stage.send("first")
        await stage.until(gate.reached.is_set)
        composer.insert_bounded("\n".join("abcdefghijkl"), pasted=True)
        await stage.pilot.press(*" why", "enter")
        await stage.shows("Queued: a")
        await stage.pilot.press("up")
        await stage.until(is_short)
        gate.opened.set()
        await stage.shows("ready")
        await stage.shows(" tok] why")
        await stage.pilot.press("enter")
        await stage.until(lambda: len(stage.engine.prompts) == 2)
        assert stage.engine.prompts[1].messages[-1].content == "\n".join("abcdefghijkl") + " why"
        await stage.shows("ready")
        await stage.pilot.press("up")
        await stage.until(is_short)

    Stage(ANSWER, hook=gate).play(scenario)


def test_what_stood_there_before_the_editor_can_be_had_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "chat_tui.ui.widgets.composer.write_in_editor", lambda text, _suspend: f"{text} and more"
    )

    async def scenario(stage: Stage) -> None:
        await stage.write("draft")
        await stage.pilot.press("ctrl+g")
        assert stage.written == "draft and more"
        await stage.pilot.press("ctrl+z")
        assert stage.written == "draft"

    Stage(ANSWER).play(scenario)


def test_an_editor_that_cannot_be_had_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "no-such-editor")

    async def scenario(stage: Stage) -> None:
        await stage.write("my text")
        await stage.pilot.press("ctrl+g")
        await stage.shows("$VISUAL is no-such-editor, which is not there.")
        assert stage.written == "my text"

    Stage(ANSWER).play(scenario)


def test_answers_code_and_messages_are_copied_exactly() -> None:
    async def scenario(stage: Stage) -> None:
        press = stage.pilot.press
        await stage.send("/copy")
        await stage.shows("There is no answer yet.")
        stage.app.query_one(Composer).clear_all()
        await stage.ask("Capital?", "Paris")
        for words, copied, said in (
            ("/copy 1", "print('é')", "Copied code 1 of 2: 10 characters."),
            ("/copy message", "Capital?", "Copied your message: 8 characters."),
        ):
            await stage.send(words)
            await stage.shows(said)
            assert stage.app.clipboard == copied
        await stage.send("/copy 3")
        await stage.shows("There is no block 3.", "2 blocks")
        stage.app.query_one(Composer).clear_all()
        await press("ctrl+y")
        await stage.shows("Copied the last answer: ")
        assert stage.app.clipboard.startswith("Paris:\n\n```python\n")
        label = next(y for y, line in enumerate(stage.lines) if line.strip() == "python")
        await stage.pilot.click(offset=(5, label))
        await stage.shows("Copied python: 10 characters.")
        await press("alt+up", "c")
        await stage.shows("Copied the message: 8 characters.")

    Stage(ANSWER).play(scenario)


def test_keys_are_those_of_the_settings_and_shown_as_they_are() -> None:
    table = {"effort": "ctrl+e", "send": "ctrl+s", "answer now": "f6", "leave": "f10", "x": "y"}
    keys = bound_keys(table, "line {}".format)

    async def scenario(stage: Stage) -> None:
        press = stage.pilot.press
        await stage.shows("Ctrl+E how much it reasons", "Ctrl+S sends", "line x: There is no key")
        await press("ctrl+t", "ctrl+q")
        assert stage.remembered == {}
        await press("ctrl+e")
        assert stage.remembered == {"effort": "high"}
        await stage.write("Capital?")
        await press("ctrl+s")
        await stage.shows("Paris")
        await press("f1")
        await stage.shows("While writing (you are here)", "Ctrl+S ")
        await press("f1", "f10")
        await stage.until(lambda: stage.app.return_code == 0)

    stage = Stage(ANSWER)
    stage.app = ChatApp(Furniture(stage.chat, remember=stage.remembered.__setitem__), keys=keys)
    stage.play(scenario)


def test_help_begins_with_the_keys_of_where_one_is(tmp_path: Path) -> None:
    async def scenario(stage: Stage) -> None:
        press = stage.pilot.press
        await stage.ask("Capital?", "Paris")
        await press("alt+up", "f1")
        await stage.shows("With a message chosen (you are here)")
        await press("escape", "escape", "ctrl+b", "f1")
        await stage.shows("In the list of conversations (you are here)")
        await press("f1")
        await stage.hides("you are here")

    KeptStage(tmp_path / "kept.db", ANSWER).play(scenario)


def test_what_was_asked_before_a_restart_is_walked(tmp_path: Path) -> None:
    async def first(stage: Stage) -> None:
        await stage.ask("Earlier?", "Paris")

    async def again(stage: Stage) -> None:
        await stage.until(lambda: not stage.app.query_one(Composer).earlier.is_empty)
        await stage.write("draft")
        await stage.pilot.press("up")
        assert stage.written == "Earlier?"
        await stage.pilot.press("down")
        assert stage.written == "draft"

    KeptStage(tmp_path / "kept.db", ANSWER).play(first)
    KeptStage(tmp_path / "kept.db", ANSWER).play(again)


@pytest.mark.parametrize("width", [20, 60])
def test_edits_are_taken_back_and_made_again_whatever_their_lines(width: int) -> None:
    twelve = "\n".join(f"line {number} of a paste" for number in range(12))

    async def scenario(stage: Stage) -> None:
        composer = stage.app.query_one(Composer)
        composer.insert_bounded(twelve, pasted=True)
        await stage.shows("tok]")
        composer.action_expand()
        await stage.pilot.press(*" and")
        composer.select_all()
        await stage.pilot.press("x")
        for _ in range(2):
            written = []
            while not written or written[-1] != stage.written:
                written.append(stage.written)
                await stage.pilot.press("ctrl+z")
            assert written[:3] == ["x", f"{twelve} and", twelve]
            assert written[-1] == ""
            for _step in written:
                composer.action_redo()
                await stage.pilot.pause()
            assert stage.written == "x"
            assert composer.before == "x"

    Stage(ANSWER).play(scenario, size=(width, 24))


def test_keys_that_come_at_once_are_done_in_their_order() -> None:
    async def scenario(stage: Stage) -> None:
        stage.burst("hello")
        stage.app.post_message(Key("enter", "\r"))
        stage.burst("then")
        for _ in range(2):
            stage.app.post_message(Key("backspace", "\x7f"))
        stage.burst("is")
        await stage.shows("hello", "Here it is", "ready")
        await stage.until(lambda: stage.written == "this")

    Stage(harmony("Here it is.")).play(scenario)
