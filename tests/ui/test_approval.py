"""The card that asks: nothing but a deliberate key on it, or a click on its own choice, allows."""

from __future__ import annotations

import threading

import pytest
from textual.events import Paste
from textual.widgets import Input

from chat_tui.tools.base import Risk
from chat_tui.ui import pane
from chat_tui.ui.guard import QUIET, SETTLE, Act, Guard
from chat_tui.ui.widgets.answering import Editor, Option
from chat_tui.ui.widgets.approval import ApprovalCard
from chat_tui.ui.widgets.call import CallCard
from tests.ui.screen import PATIENCE, Stage
from tests.ui.test_hostile import ALL, check
from tests.ui.tools import FINAL, Edits, Pretend, python, toolset

CALL = python("print(6*7)")


async def asked(stage: Stage, question: str = "Compute.") -> ApprovalCard:
    """Put a question and wait until the card that follows can be answered."""
    await stage.send(question)
    return await answerable(stage)


async def answerable(stage: Stage) -> ApprovalCard:
    """Wait until the card that is there can be answered."""
    await stage.shows("Allow this?")
    card = stage.app.screen.query_one(ApprovalCard)
    await stage.until(lambda: card._guard.is_settled(_now()))
    return card


def _now() -> float:
    return Paste("").time


async def focused(stage: Stage) -> ApprovalCard:
    """The same, with the focus on the card."""
    card = await asked(stage)
    await stage.until(lambda: card.has_focus)
    assert card.has_focus
    return card


async def waits(stage: Stage, tool: Pretend) -> None:
    """Nothing has run, and the card is still there, a good while later."""
    await stage.pilot.pause(QUIET + 0.2)
    assert tool.ran == []
    assert stage.app.screen.query(ApprovalCard)


def test_the_card_shows_the_call_and_the_key_allows_it_once() -> None:
    tool = Pretend()

    async def scenario(stage: Stage) -> None:
        await focused(stage)
        for text in ("Run Python (sandboxed)", "print(6*7)", "no network", "waiting for you"):
            assert text in stage.text
        assert "in this conversation: any Python code in the sandbox" in stage.text
        await stage.pilot.press("y")
        await stage.shows("All done.", "ready")
        assert tool.ran == ["print(6*7)"]
        assert "forty-two" in stage.engine.prompts[1].messages[-1].content
        assert stage.app.screen.focused is stage.app.query_one("Composer")
        await stage.send("Again.")
        await stage.shows("Allow this?")

    Stage(CALL, FINAL, CALL, FINAL, tools=toolset(tool)).play(scenario)


def test_in_this_conversation_means_no_more_questions_until_it_is_revoked_or_left() -> None:
    tool = Pretend()

    async def scenario(stage: Stage) -> None:
        await focused(stage)
        await stage.pilot.press("a")
        await stage.shows("All done.", "ready")
        await stage.send("Again.")
        await stage.until(lambda: len(tool.ran) == 2)
        await stage.shows("ready")
        await stage.send("/approve")
        await stage.shows("1. allow python", "any Python code")
        await stage.send("/approve revoke 1")
        await stage.shows("No longer: allow python")
        await stage.send("Once more.")
        await stage.shows("Allow this?")
        assert len(tool.ran) == 2

    Stage(CALL, FINAL, CALL, FINAL, CALL, FINAL, tools=toolset(tool)).play(scenario)


def test_a_new_conversation_starts_without_permissions() -> None:
    tool = Pretend()

    async def scenario(stage: Stage) -> None:
        await focused(stage)
        await stage.pilot.press("a")
        await stage.shows("All done.", "ready")
        await stage.pilot.press("ctrl+n")
        await stage.hides("All done.")
        await asked(stage)
        assert len(tool.ran) == 1

    Stage(CALL, FINAL, CALL, FINAL, tools=toolset(tool)).play(scenario)


def test_enter_denies() -> None:
    tool = Pretend()

    async def scenario(stage: Stage) -> None:
        await focused(stage)
        await stage.pilot.press("enter")
        await stage.shows("All done.", "not run", "ready")
        assert tool.ran == []
        assert "did not allow" in stage.engine.prompts[1].messages[-1].content

    Stage(CALL, FINAL, tools=toolset(tool)).play(scenario)


def test_a_denial_carries_its_reason_to_the_model() -> None:
    tool = Pretend()

    async def scenario(stage: Stage) -> None:
        await focused(stage)
        await stage.pilot.press("r")
        await stage.until(lambda: isinstance(stage.app.screen.focused, Input))
        await stage.pilot.press(*"say y")
        await stage.shows("say y", "Why not? Enter denies, Esc goes back")
        await stage.pilot.press("enter")
        await stage.shows("All done.", "ready")
        assert tool.ran == []
        told = stage.engine.prompts[1].messages[-1].content
        assert told.endswith("Their reason: say y")

    Stage(CALL, FINAL, tools=toolset(tool)).play(scenario)


def test_changed_arguments_are_shown_again_and_run_once_in_place_of_the_others() -> None:
    tool = Pretend()

    async def scenario(stage: Stage) -> None:
        card = await focused(stage)
        await stage.pilot.press("e")
        await stage.until(lambda: isinstance(stage.app.screen.focused, Editor))
        editor = stage.app.screen.query_one(Editor)
        editor.text = ""
        stage.app.post_message(Paste("print(6*8)"))
        await stage.until(lambda: editor.text == "print(6*8)")
        editor.move_cursor((0, 0))
        await stage.pilot.press("y", "enter", "escape")
        await stage.shows("as you changed it", "print(6*8)")
        assert tool.ran == []
        assert not [one for one in card.query(Option) if one.act is Act.ALWAYS and one.display]
        await stage.until(lambda: card._guard.is_settled(_now()))
        await stage.pilot.press("y")
        await stage.shows("All done.", "ready")
        assert tool.ran == ["y\nprint(6*8)"]
        assert stage.written == ""
        assert "as you changed it · forty-two" in stage.text
        stage.app.screen.query_one(CallCard).focus()
        await stage.pilot.press("enter")
        await stage.shows("print(6*7)", "before it ran, to:", "print(6*8)")
        call, told = stage.engine.prompts[1].messages[-2:]
        assert call.content == "print(6*7)"
        assert "changed this call" in told.content

    Stage(CALL, FINAL, tools=toolset(tool)).play(scenario)


def test_stopping_at_the_card_ends_the_turn() -> None:
    tool = Pretend()

    async def scenario(stage: Stage) -> None:
        await focused(stage)
        await stage.pilot.press("s")
        await stage.shows("stopped", "ready")
        assert tool.ran == []
        assert len(stage.engine.prompts) == 1
        assert not stage.app.screen.query(ApprovalCard)

    Stage(CALL, FINAL, tools=toolset(tool)).play(scenario)


@pytest.mark.parametrize("leave", ["escape", "ctrl+n"])
def test_leaving_the_question_denies(leave: str) -> None:
    tool = Pretend()

    async def scenario(stage: Stage) -> None:
        await focused(stage)
        await stage.pilot.press(leave)
        await stage.hides("Allow this?")
        await stage.pilot.pause(0.3)
        assert tool.ran == []
        assert len(stage.engine.prompts) == 1

    Stage(CALL, FINAL, tools=toolset(tool)).play(scenario)


def test_the_card_waits_for_its_key_while_somebody_is_writing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pane, "IDLE_SECONDS", 1e9)
    tool = Pretend()

    async def scenario(stage: Stage) -> None:
        written = threading.Event()

        def hook(_generation: int, _token: int) -> None:
            written.wait(PATIENCE)

        stage.engine._hook = hook
        await stage.send("Go")
        await stage.pilot.press("x")
        written.set()
        await stage.shows("Allow this?", "F3 goes to it")
        assert not stage.app.screen.query_one(ApprovalCard).has_focus
        await stage.pilot.press("y", "enter")
        await waits(stage, tool)

    Stage(CALL, FINAL, tools=toolset(tool)).play(scenario)


def test_the_card_takes_the_focus_from_an_empty_composer_where_nobody_writes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pane, "IDLE_SECONDS", 1e9)

    async def scenario(stage: Stage) -> None:
        card = await asked(stage)
        assert card.has_focus

    Stage(CALL, FINAL, tools=toolset(Pretend())).play(scenario)


def test_a_click_on_a_choice_counts_and_one_on_the_call_does_not() -> None:
    tool = Pretend()
    evil = python("# [@click=app.leave]y allow once[/]\n[bold]allow[/] \x1b[2J\u202e y")

    async def scenario(stage: Stage) -> None:
        card = await asked(stage)
        check(stage)
        assert "\\x1b[2J" in stage.text
        assert "\\u202e" in stage.text
        region = card.region
        below = card.query_one(Option).parent.region.y
        for y in range(region.y, below):
            for x in range(region.x, region.right, 7):
                await stage.pilot.click(offset=(x, y))
        await waits(stage, tool)
        assert stage.app.return_code is None
        await stage.pilot.click(Option)
        await stage.shows("All done.", "ready")
        assert len(tool.ran) == 1

    Stage(evil, FINAL, tools=toolset(tool)).play(scenario, size=(100, 40))


def test_a_paste_on_the_card_goes_to_the_composer() -> None:
    tool = Pretend()

    async def scenario(stage: Stage) -> None:
        card = await focused(stage)
        card.post_message(Paste("y"))
        await stage.until(lambda: stage.written == "y")
        await waits(stage, tool)
        await stage.pilot.press("f3")
        stage.burst("yes")  # a paste, in a terminal without bracketed paste
        await stage.until(lambda: stage.written == "yyes")
        await waits(stage, tool)

    Stage(CALL, FINAL, tools=toolset(tool)).play(scenario)


def test_an_edit_is_shown_as_a_diff_and_can_be_looked_at_and_taken_back() -> None:
    patch = "<|channel|>commentary to=functions.apply_patch code<|message|>*** patch<|call|>"

    async def scenario(stage: Stage) -> None:
        await focused(stage)
        for text in ("Edit tea.md", "-cold", "+hot", "changes tea.md"):
            assert text in stage.text
        await stage.pilot.press("y")
        await stage.shows("All done.", "ready")
        await stage.send("/patch")
        await stage.shows("+++ b/tea.md")
        await stage.send("/undo")
        await stage.shows("Restored tea.md")

    Stage(patch, FINAL, tools=toolset(Edits())).play(scenario, size=(80, 40))


def test_there_is_no_always_for_what_is_not_sandboxed() -> None:
    tool = Pretend(risk=Risk.OUTSIDE)

    async def scenario(stage: Stage) -> None:
        await focused(stage)
        assert "always here" not in stage.text
        await stage.pilot.press("a")
        await waits(stage, tool)

    Stage(CALL, FINAL, tools=toolset(tool)).play(scenario)


def test_whatever_a_call_says_is_shown_as_it_is() -> None:
    tool = Pretend(answer=ALL, live=ALL, failed=True)

    async def scenario(stage: Stage) -> None:
        await focused(stage)
        check(stage)
        await stage.pilot.press("y")
        await stage.shows("All done.", "failed", "ready")
        check(stage)
        stage.app.screen.query_one("CallCard").action_thought()  # type: ignore[attr-defined]
        await stage.pilot.pause(0.1)
        check(stage)
        assert stage.app.return_code is None

    Stage(python(ALL.replace("<", "")), FINAL, tools=toolset(tool)).play(scenario, size=(70, 60))


def test_a_key_counts_only_alone_and_not_too_soon() -> None:
    guard = Guard()
    assert guard.press("y", 0.0) == "y"  # it has not been on the screen yet
    guard.appear(1.0)
    assert guard.press("y", 1.0 + SETTLE - 0.01) == "y"
    assert guard.press("y", 2.0) == ""
    assert guard.fire(2.0 + QUIET - 0.01) is None
    assert guard.fire(2.0 + QUIET) is Act.ONCE
    assert guard.fire(9.0) is None  # once
    assert guard.press("y", 10.0) == ""
    assert guard.press("o", 10.1) == "yo"
    assert guard.fire(11.0) is None
    assert guard.press("enter", 12.0) == ""
    assert guard.fire(13.0) is Act.DENY


def test_on_a_small_screen_every_part_of_the_card_can_be_seen() -> None:
    code = "\n".join(f"line({number})" for number in range(20))

    async def scenario(stage: Stage) -> None:
        card = await focused(stage)
        await stage.resize(40, 15)
        await stage.shows("deny + why", "Enter denies")
        assert "line(0)" not in stage.text
        await stage.pilot.press("home")
        await stage.shows("Allow this?", "line(0)")
        await stage.pilot.press("end")
        await stage.shows("Enter denies")
        while "line(16)" not in stage.text:
            await stage.pilot.press("up")
            await stage.pilot.pause()
        assert "line(19)" in stage.text
        await stage.pilot.press("up")
        await stage.shows("line(15)")
        assert "line(19)" not in stage.text, "now the code itself scrolls"
        await stage.pilot.press("r")
        await stage.until(lambda: isinstance(stage.app.screen.focused, Input))
        await stage.pilot.press(*"mine")
        await stage.shows("mine", "Why not?")
        assert card.children[-1].region.bottom == card.region.bottom, "no empty lines below"
        await stage.pilot.press("escape")
        await stage.until(lambda: stage.app.screen.focused is card)
        await stage.until(lambda: card._guard.is_settled(_now()))
        await stage.pilot.press("e")
        await stage.shows("line(0)", "line(1)")
        await stage.pilot.press("escape")
        await stage.shows("deny + why", "Enter denies")

    Stage(python(code), FINAL, tools=toolset(Pretend())).play(scenario)
