"""Keys, commands and clicks: each does what the help says, whatever has the focus."""

from __future__ import annotations

import pytest
from textual._xterm_parser import XTermParser
from textual.events import Key
from textual.widgets import OptionList

from chat_tui.conversation import Effort
from chat_tui.events import ModelInfo
from chat_tui.keys import COMMANDS, KEYS, Where
from chat_tui.settings import ReasoningView
from chat_tui.ui.keys import teach_alt_enter
from chat_tui.ui.widgets.document import Document
from chat_tui.ui.widgets.reasoning import CAUTION, Reasoning
from tests.ui.screen import Gate, Stage, harmony

ANSWER = harmony("Paris is the **capital**.", reasoning="France, so Paris.")


@pytest.mark.parametrize("key", ["shift+enter", "alt+enter", "ctrl+j"])
def test_new_line_keys_do_not_send(key: str) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.pilot.press("a", key, "b")
        assert stage.written == "a\nb"
        await stage.pilot.press("enter")
        await stage.shows("capital")
        assert stage.engine.prompts[0].messages[0].content == "a\nb"

    Stage(ANSWER).play(scenario)


@pytest.mark.parametrize(
    "sent", ["\x1b\r", "\x1b[13;2u", "\x1b[13;3u", "\x1b[27;2;13~", "\x1b[27;3;13~", "\n"]
)
def test_what_terminals_send_for_a_new_line_is_understood(sent: str) -> None:
    teach_alt_enter()
    parser = XTermParser()
    keys = [event.key for event in parser.feed(sent) if isinstance(event, Key)]
    assert len(keys) == 1
    assert keys[0] in KEYS["new line"].keys


def test_the_composer_grows_to_ten_lines() -> None:
    async def scenario(stage: Stage) -> None:
        composer = stage.app.query_one("Composer")
        heights = [composer.content_size.height]
        for number in range(12):
            await stage.pilot.press("x", "ctrl+j")
            await stage.until(lambda: composer.content_size.height >= min(number + 2, 10))  # noqa: B023
            heights.append(composer.content_size.height)
        assert heights[0] == 1
        assert heights[3] == 4
        assert heights[-1] == 10

    Stage(ANSWER).play(scenario)


def test_nothing_but_blanks_is_not_sent() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.send("  \n ")
        await stage.pilot.pause(0.1)
        assert not stage.engine.prompts

    Stage(ANSWER).play(scenario)


def test_up_and_down_walk_what_was_sent_and_keep_the_draft() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("first", "capital")
        await stage.ask("second", "capital")
        await stage.write("draft")
        await stage.pilot.press("up")
        assert stage.written == "second"
        await stage.pilot.press("up", "up")
        assert stage.written == "first"
        await stage.pilot.press("down", "down")
        assert stage.written == "draft"

    Stage(ANSWER).play(scenario)


def test_a_very_long_paste_is_sent_whole_and_shown_short() -> None:
    async def scenario(stage: Stage) -> None:
        composer = stage.app.query_one("Composer")
        composer.insert_bounded("word " * 200_000)  # type: ignore[attr-defined]
        await stage.shows("[pasted 1,000,000 characters")
        await stage.ask("And so on.", "capital")
        assert len(stage.engine.prompts[0].messages[0].content) > 1_000_000
        assert "more characters" in stage.text

    Stage(ANSWER, model=ModelInfo("m.gguf", "m", 1, 2_000_000, 2_000_000, "CPU")).play(scenario)


def test_ctrl_o_goes_round_folded_shown_hidden_and_is_remembered() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Capital?", "Paris is")
        await stage.pilot.press("ctrl+o")
        await stage.shows("France, so Paris.", "▾ Thought")
        assert stage.remembered["reasoning"] == "shown"
        await stage.pilot.press("ctrl+o")
        await stage.hides("Thought for", "France, so Paris.")
        await stage.pilot.press("ctrl+o")
        await stage.shows("▸ Thought for")
        assert stage.remembered["reasoning"] == "folded"

    Stage(ANSWER).play(scenario)


def test_reasoning_that_stays_shown_says_it_once_however_fast_it_comes() -> None:
    async def scenario(stage: Stage) -> None:
        for question in ("First?", "Second?", "Third?"):
            await stage.ask(question, "Paris is")
        await stage.until(lambda: stage.text.count("▾ Thought") == 3)
        assert stage.text.count(CAUTION) == 1

    Stage(ANSWER, reasoning=ReasoningView.SHOWN).play(scenario, size=(100, 50))


def test_the_first_look_at_reasoning_says_what_it_is() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("First?", "Paris is")
        await stage.ask("Second?", "Second?")
        await stage.until(lambda: stage.text.count("▸ Thought") == 2)
        assert CAUTION not in stage.text
        await stage.pilot.press("ctrl+o")
        await stage.until(lambda: stage.text.count("▾ Thought") == 2)
        await stage.shows(CAUTION)
        assert stage.text.count(CAUTION) == 1
        await stage.pilot.press("ctrl+o", "ctrl+o", "ctrl+o")
        await stage.shows("France, so Paris.")
        assert CAUTION not in stage.text

    Stage(ANSWER).play(scenario)


def test_hidden_reasoning_leaves_no_trace() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("First?", "Paris is")
        assert "Thought" not in stage.text
        assert "France, so" not in stage.text

    Stage(ANSWER, reasoning=ReasoningView.HIDDEN).play(scenario)


@pytest.mark.parametrize("how", ["click", "enter", "space"])
def test_one_thought_is_opened_by_hand_and_stays_open(how: str) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Capital?", "Paris is")
        if how == "click":
            await stage.shows("tok/s · <")  # below the answer: nothing moves any more
            await stage.pilot.click("Reasoning .heading")
        else:
            stage.app.query_one(Reasoning).focus()
            await stage.pilot.press(how)
        await stage.shows("France, so Paris.")
        await stage.pilot.press("ctrl+o", "ctrl+o", "ctrl+o")
        await stage.shows("Reasoning is folded.", "France, so Paris.")

    Stage(ANSWER).play(scenario)


def test_writing_goes_to_the_composer_wherever_the_focus_is() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Capital?", "Paris is")
        stage.app.query_one(Reasoning).focus()
        await stage.pilot.press("h", "i")
        assert stage.written == "hi"

    Stage(ANSWER).play(scenario)


def test_ctrl_y_copies_the_last_answer_as_it_was_written() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.pilot.press("ctrl+y")
        await stage.shows("There is no answer yet.")
        await stage.ask("Capital?", "Paris is")
        await stage.write("draft")
        await stage.pilot.press("ctrl+y")
        assert stage.app.clipboard == "Paris is the **capital**."
        assert stage.written == "draft"

    Stage(ANSWER).play(scenario)


def test_ctrl_c_copies_a_selection() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Capital?", "Paris is")
        await stage.write("some words")
        await stage.pilot.press("f7", "ctrl+c")
        assert stage.app.clipboard == "some words"
        assert stage.app.is_running

    Stage(ANSWER).play(scenario)


def test_ctrl_c_copies_what_was_selected_with_the_mouse() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Capital?", "Paris is")
        await stage.pilot.mouse_down("Document Chunk", offset=(0, 0))
        await stage.pilot.hover("Document Chunk", offset=(5, 0))
        await stage.pilot.mouse_up("Document Chunk", offset=(5, 0))
        await stage.pilot.press("ctrl+c")
        assert stage.app.clipboard.startswith("Paris")
        assert "capital" not in stage.app.clipboard

    Stage(ANSWER).play(scenario)


def test_ctrl_c_stops_and_twice_quits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat_tui.ui.chat_screen.TWICE_SECONDS", 60.0)  # on a busy machine too
    gate = Gate(0, 5)

    async def scenario(stage: Stage) -> None:
        await stage.send("Count.")
        await stage.shows("one two")
        await stage.pilot.press("ctrl+c")
        await stage.shows("stopped", "Ctrl+C again quits.")
        gate.opened.set()
        await stage.pilot.press("ctrl+c")
        await stage.until(lambda: stage.app.return_code == 0)

    Stage(harmony("one two three"), hook=gate).play(scenario)


@pytest.mark.parametrize("words", ["/quit", "/exit", "exit", "quit", ":q"])
def test_words_that_leave(words: str) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.send(words)
        await stage.until(lambda: stage.app.return_code == 0)
        assert not stage.engine.prompts

    Stage(ANSWER).play(scenario)


def test_ctrl_d_leaves_only_from_an_empty_composer() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.write("ab")
        await stage.pilot.press("home", "ctrl+d")
        assert stage.written == "b"
        await stage.pilot.press("ctrl+d", "ctrl+d")
        await stage.until(lambda: stage.app.return_code == 0)

    Stage(ANSWER).play(scenario)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("/fly me", "There is no command '/fly'."),
        ("/effort maximal", "It can be low, medium, high."),
        ("/effort off", "gpt-oss cannot switch reasoning off."),
        ("/theme nope", "There is no theme 'nope'."),
        ("/etc/passwd what is it?", "a space before the slash sends it as text."),
    ],
)
def test_a_wrong_command_is_told_of_and_never_sent(words: str, answer: str) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.send(words)
        await stage.shows(answer)
        assert stage.written == words
        assert not stage.engine.prompts

    Stage(ANSWER).play(scenario)


def test_a_slash_after_a_space_is_text() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask(" /etc is what?", "Paris is")
        assert len(stage.engine.prompts) == 1

    Stage(ANSWER).play(scenario)


def test_a_theme_is_chosen_and_remembered() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.send("/theme chat-light")
        await stage.until(lambda: stage.app.theme == "chat-light")
        await stage.until(lambda: stage.remembered.get("theme") == "chat-light")

    Stage(ANSWER).play(scenario)


def test_f1_shows_every_key_and_command_and_keys_do_nothing_behind_it() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.pilot.press("f1")
        await stage.shows("/effort low|medium|high", *(key.shown for key in KEYS.values()))
        await stage.pilot.press("ctrl+t", "ctrl+o", "ctrl+n", "x")
        assert stage.remembered == {}
        await stage.pilot.press("escape")
        await stage.shows("Ask anything")

    Stage(ANSWER).play(scenario, size=(80, 160))


def test_ctrl_c_twice_quits_with_the_help_in_front() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.pilot.press("f1")
        await stage.shows("Esc closes this")
        await stage.pilot.press("ctrl+c", "ctrl+c")
        await stage.until(lambda: stage.app.return_code == 0)

    Stage(ANSWER).play(scenario)


def test_finding_begins_from_the_palette_too() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Capital?", "Paris is")
        await stage.pilot.press("ctrl+p")
        await stage.until(lambda: stage.app.screen.query(OptionList))
        await stage.pilot.press(*"find text")
        await stage.shows("Find text in this conversation")
        await stage.pilot.pause(0.3)
        await stage.pilot.press("enter")
        await stage.hides("Find text in")
        await stage.pilot.press(*"paris")
        await stage.shows("1 of 2")
        assert stage.written == ""

    Stage(ANSWER).play(scenario)


def test_the_palette_offers_our_commands_alone() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.pilot.press("ctrl+p")
        await stage.until(lambda: stage.app.screen.query(OptionList))
        options = stage.app.screen.query_one(OptionList)
        offered = [key.does for id_, key in KEYS.items() if key.where is Where.CHAT]
        offered.remove(KEYS["palette"].does)
        bare = [one for one in COMMANDS.values() if not one.key and not one.needs_words]
        count = len(offered) + len(Effort) + len(bare)
        await stage.until(lambda: options.option_count >= count)  # they come in parts
        shown = "\n".join(str(option.prompt) for option in options.options)
        for title in (*offered, "effort: high", "the model in use", "other colours"):
            assert title in shown.lower()
        assert options.option_count == count
        assert "Screenshot" not in shown

    Stage(ANSWER).play(scenario)


def test_paging_works_while_writing() -> None:
    long = "\n\n".join(f"paragraph {number}" for number in range(100))

    async def scenario(stage: Stage) -> None:
        await stage.ask("Write.", "paragraph 99")
        assert stage.app.query_one(Document)
        await stage.pilot.press("pageup")
        await stage.hides("paragraph 99")
        await stage.pilot.press("pagedown")
        await stage.shows("paragraph 99")

    Stage(harmony(long)).play(scenario)
