"""Thousands of hostile texts in every widget that shows foreign text.

What reaches the terminal is read as a terminal would: only what the app itself may write, and the
screen is what the app meant it to be. ``uv run pytest -m soak tests/ui/test_hostile_gallery.py``
shows 10,000 of them (HOSTILE=n another number) behind a real pseudo-terminal.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from textual.drivers.headless_driver import HeadlessDriver

from chat_tui.settings import ReasoningView
from chat_tui.ui.layout import lines
from chat_tui.ui.markdown_stream import Stream
from chat_tui.untrusted import Cleaner
from tests.ui.gallery import FORBIDDEN, SIZE, lines_of, page, tour, wrong_page
from tests.ui.payloads import cut, payload
from tests.ui.pty_app import PtyApp
from tests.ui.screen import Stage, harmony
from tests.ui.vt import VT

MANY = int(os.environ.get("HOSTILE", "10000"))
RUN = 200
"""Payloads that one child shows."""


def compare(vt: VT, shown: list[str]) -> None:
    assert vt.unknown == []
    assert vt.copied == []
    assert vt.lines == shown


def test_nothing_acts_and_what_is_seen_is_the_cleaned_text(monkeypatch: pytest.MonkeyPatch) -> None:
    vt = VT(*SIZE)
    monkeypatch.setattr(HeadlessDriver, "is_headless", property(lambda _: False))
    monkeypatch.setattr(HeadlessDriver, "write", lambda _, data: vt.feed(data.encode()))

    async def scenario(stage: Stage) -> None:
        assert await tour(stage.pilot, range(4)) == []
        compare(vt, lines_of(stage.pilot))
        assert stage.app.return_code is None

    Stage(harmony("Yes."), reasoning=ReasoningView.SHOWN).play(scenario, size=SIZE)


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_an_exported_page_holds_no_script_and_calls_nobody(first: int) -> None:
    for number in range(first, first + 20):
        assert wrong_page(page(number)) == []


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_an_answer_cut_anywhere_gives_clean_lines_that_fit(first: int) -> None:
    for number in range(first, first + 20):
        cleaner, stream = Cleaner(), Stream()
        for piece in cut(payload(number), number):
            settled, tail = stream.feed(cleaner.feed(piece))
            for line in (line for block in (*settled, *tail) for line in lines(block, 40)):
                assert not FORBIDDEN.search(line.plain)
                assert line.cell_length <= 40


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("first", range(0, MANY, RUN))
def test_behind_a_terminal_only_the_app_itself_writes(first: int, tmp_path: Path) -> None:
    last = min(first + RUN, MANY)
    command = [sys.executable, "-m", "tests.ui.gallery", str(first), str(last), str(tmp_path)]
    app, told = PtyApp(command, size=SIZE), tmp_path / "told"
    try:
        done = first
        while done < last:
            app.until(told.exists, patience=300)
            report = json.loads(told.read_text())
            app.rest(0.1)  # what was written before is still on its way
            assert report["wrong"] == []
            compare(app.vt, report["lines"])
            done = report["next"]
            told.unlink()
        while app.read(1.0):
            pass
        assert app.process.wait(10) == 0
        assert app.vt.unknown == []
    finally:
        app.close()


@pytest.mark.parametrize(
    "acts", ["\x1b]52;c;eA==\x07", "\x1b]0;t\x07", "\x1b[2J", "\x1bPq\x1b\\", "\x9b2J", "\x07"]
)
def test_the_reader_of_the_terminal_misses_nothing_however_it_is_cut(acts: str) -> None:
    vt = VT(20, 2)
    for byte in f"\x1b[1;1Hab{acts}é日".encode():
        vt.feed(bytes([byte]))
    assert vt.unknown


def test_the_reader_of_the_terminal_knows_what_the_app_writes() -> None:
    vt = VT(20, 2)
    start = "\x1b[?1049h\x1b[2;1H\x1b[0;1;38;2;1;2;3m"
    for byte in f"{start}e\u0301日\x1b[0m👩\u200d🚀!\x1b]22;text\x1b\\".encode():
        vt.feed(bytes([byte]))
    assert (vt.unknown, vt.lines) == ([], ["", "e\u0301日👩\u200d🚀!"])


def test_the_end_of_a_thought_is_shown_though_a_sequence_in_it_is_unfinished() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("Go.", "Yes.")
        await stage.shows("before", "after")

    Stage(harmony("Yes.", "before \x1b]50;after"), reasoning=ReasoningView.SHOWN).play(scenario)
