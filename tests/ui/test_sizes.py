"""The screen at every size, and without colour."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len

from chat_tui.settings import ReasoningView
from tests.ui.screen import Stage, check_snapshot, harmony

ANSWER = harmony(
    "Paris is the **capital of France**.\n\n1. It lies on the Seine.\n2. It is old.\n\n"
    "| City | Since |\n|:--|--:|\n| Paris | 987 |\n\n```python\nprint('Paris')\n```\n",
    reasoning="The user asks for the capital of France. That is Paris.",
)


async def settled(stage: Stage) -> None:
    await stage.ask("Capital of France?", "print('Paris')")
    await stage.rests()


def stable(stage: Stage) -> list[str]:
    """The lines without what depends on the machine's speed."""
    lines = [re.sub(r" *[\d.,]+ tok/s", " N tok/s", line) for line in stage.lines]
    return [re.sub(r"(for|·|Thinking…) (?:< )?\d+ s\b", r"\1 T s", line) for line in lines]


@pytest.mark.parametrize("size", [(100, 30), (80, 24), (40, 24)])
def test_an_answer_looks_like_its_snapshot(size: tuple[int, int]) -> None:
    async def scenario(stage: Stage) -> None:
        await settled(stage)
        check_snapshot(f"answer-{size[0]}x{size[1]}", stable(stage))

    Stage(ANSWER).play(scenario, size=size)


def test_open_reasoning_looks_like_its_snapshot() -> None:
    async def scenario(stage: Stage) -> None:
        await settled(stage)
        check_snapshot("reasoning-80x24", stable(stage))

    Stage(ANSWER, reasoning=ReasoningView.SHOWN).play(scenario, size=(80, 24))


def row(stage: Stage, text: str) -> str:
    """The first line that has it; empty where none does."""
    return next((line for line in stage.lines if text in line), "")


def test_the_help_looks_like_its_snapshot() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.pilot.press("f1")
        await stage.shows("Esc closes this")
        check_snapshot("help-80x24", stage.lines)
        await stage.resize(40, 24)
        await stage.until(lambda: "write in your editor ($EDITOR)" not in row(stage, "Ctrl+G"))
        await stage.resize(80, 24)
        await stage.until(lambda: "write in your editor ($EDITOR)" in row(stage, "Ctrl+G"))
        await stage.pilot.press("end")
        await stage.shows("/quit")

    Stage(ANSWER).play(scenario, size=(80, 24))


@pytest.mark.parametrize("size", [(20, 5), (10, 3), (1, 1), (300, 100)])
def test_any_size_lives_and_lets_one_write(size: tuple[int, int]) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.send("Capital?")
        await stage.until(lambda: len(stage.chat.conversation.messages) == 3)
        await stage.pilot.press("ctrl+o")
        await stage.write("a\nb\nc\nd\ne\nmore")
        assert stage.written.endswith("more")
        assert all(cell_len(line) == size[0] for line in stage.lines)
        if size == (20, 5):
            await stage.shows("more", "medium")

    Stage(ANSWER).play(scenario, size=size)


def test_a_change_of_size_sets_the_text_anew() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Go.", "endmark")
        for width in (40, 120, 30):
            await stage.resize(width, 30)
            await stage.shows("endmark")
            assert all(cell_len(line) == width for line in stage.lines)

    Stage(harmony("word " * 60 + "endmark")).play(scenario)


def test_after_a_change_of_size_no_character_of_the_draft_is_out_of_sight() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.write("_" * 130)
        for width in (98, 97, 99):
            await stage.resize(width, 30)
            await stage.until(lambda: stage.text.count("_") == 130)

    Stage(harmony("Hi.")).play(scenario, size=(100, 30))


def test_wide_text_keeps_the_screen_straight() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("日本語 😀 שלום", "終わり")
        assert all(cell_len(line) == 80 for line in stage.lines)

    text = "日本語のテキスト" * 12 + " 👩‍👩‍👧 e\u0301 עברית\n\n終わり"
    Stage(harmony(text, reasoning=text)).play(scenario, size=(80, 24))
