"""Thousands of hostile texts in every widget that shows foreign text.

What reaches the terminal is read as a terminal would: only what the app itself may write, and each
widget shows its text, cleaned, and nothing else. ``uv run pytest -m soak -n 0
tests/ui/test_hostile_gallery.py`` shows 10,000 of them behind a real pseudo-terminal; HOSTILE=n is
another number, HOSTILE_FIRST=n where to begin.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import select
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from textual.drivers.headless_driver import HeadlessDriver
from textual.widget import Widget

from chat_tui import ui
from chat_tui.settings import ReasoningView
from chat_tui.ui.layout import lines
from chat_tui.ui.markdown_stream import Stream
from chat_tui.untrusted import Cleaner
from tests.ui.gallery import SIZE, tour
from tests.ui.hostile_page import FORBIDDEN, page, wrong_page
from tests.ui.hostile_reader import Reader, fits
from tests.ui.payloads import cut, payload
from tests.ui.pty_app import PtyApp
from tests.ui.screen import Stage, harmony
from tests.ui.vt import VT

MANY = int(os.environ.get("HOSTILE", "10000"))
FIRST = int(os.environ.get("HOSTILE_FIRST", "0"))
RUN = 288
"""Payloads that one child shows."""


OWN_WORDS = {"Choice", "Circles", "Picture", "RoomCard", "Stamp"}
"""Widgets that show nothing but what the app itself says, numbers, names of keys, and pixels.

Names of keys are of one visible character, or from the table: ``key_settings`` sees to that.
"""
BASES = {
    "Area",
    "AttentiveScreen",
    "Gap",
    "Growing",
    "LabelledArea",
    "ListScreen",
    "Sideways",
    "Steady",
    "Tall",
}
"""Widgets that are there as others only, or in place of such as are out of sight."""


def widgets() -> set[str]:
    """The kinds of widgets there are in the app."""
    for module in pkgutil.walk_packages(ui.__path__, "chat_tui.ui."):
        if module.name != "chat_tui.ui.terminal":  # which some systems do not have
            importlib.import_module(module.name)

    def below(kind: type[Widget]) -> Iterator[type[Widget]]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    return {one.__name__ for one in below(Widget) if one.__module__.startswith("chat_tui.ui.")}


def test_nothing_acts_and_what_is_seen_is_the_cleaned_text(monkeypatch: pytest.MonkeyPatch) -> None:
    size = (100, 60)
    vt = VT(*size)
    reader = Reader(vt)
    monkeypatch.setattr(HeadlessDriver, "is_headless", property(lambda _: False))
    monkeypatch.setattr(HeadlessDriver, "write", lambda _, data: vt.feed(data.encode()))

    async def tell(told: Mapping[str, Any]) -> None:
        reader.take(told)

    async def scenario(stage: Stage) -> None:
        met = await tour(stage, stage.pilot, range(1, 2), tell)  # in this one words are found
        assert reader.wrong == []
        assert widgets() - {one.__name__ for one in met} <= OWN_WORDS | BASES
        assert reader.compared > 60
        assert stage.app.return_code is None

    Stage(harmony("Yes."), reasoning=ReasoningView.SHOWN).play(scenario, size=size)


@pytest.mark.parametrize(
    ("how", "shown", "wanted", "good"),
    [
        ("same", "abc", ["abc"], True),
        ("same", "abcd", ["abc"], False),
        ("start", "ab", ["abc"], True),
        ("start", "bc", ["abc"], False),
        ("start", "", ["abc"], False),
        ("end", "bc", ["abc"], True),
        ("end", "ab", ["abc"], False),
        ("top", "abcd", ["abc"], True),
        ("top", "bcd", ["abc"], False),
        ("part", "b", ["abc"], True),
        ("part", "ac", ["abc"], False),
        ("holds", "1ab2cd", ["ab", "cd"], True),
        ("holds", "1cd2ab", ["ab", "cd"], False),
    ],
)
def test_what_is_not_shown_is_noticed(how: str, shown: str, wanted: list[str], good: bool) -> None:
    assert fits(shown, how, wanted) is good


def test_a_widget_of_which_a_line_was_never_seen_is_noticed() -> None:
    reader = Reader(VT(10, 3))
    reader.take({"see": [[0, 0, 0, 0, 10, 2]], "over": [[0, "Notice", "same", [""], 3]]})
    assert reader.wrong == ["Notice: line 2 of 3 was never seen"]


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


class Told:
    """What a child tells, line by line, each with the terminal as it is then."""

    def __init__(self, first: int, last: int, folder: Path) -> None:
        heard, self._go = os.pipe()
        self._said, said = os.pipe()
        numbers = [str(number) for number in (first, last, heard, said)]
        # It runs in an empty folder: what it offers of files is none of its payloads.
        self.app = PtyApp(
            [sys.executable, "-m", "tests.ui.gallery", *numbers],
            size=SIZE,
            counts=False,
            environment={"PYTHONPATH": str(Path(__file__).parents[2])},
            folder=folder,
            descriptors=(heard, said),
        )
        os.close(heard)
        os.close(said)

    def messages(self) -> Iterator[Mapping[str, Any]]:
        """One after the other, until the child has nothing more to tell."""
        text = b""
        while True:
            ready = select.select([self._said, self.app.fileno()], [], [], 600)[0]
            assert ready, "the child stands still"
            if self.app.fileno() in ready:
                self.app.read(0)
            if self._said not in ready:
                continue
            data = os.read(self._said, 1 << 18)
            if not data:
                return
            text += data
            if not text.endswith(b"\n"):
                continue
            told, text = json.loads(text), b""
            while self.app.bytes < told["written"]:  # what was written is still on its way
                assert self.app.read(60)
            yield told
            os.write(self._go, b"\n")

    def close(self) -> None:
        """Everything."""
        self.app.close()
        os.close(self._go)
        os.close(self._said)


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("first", range(FIRST, FIRST + MANY, RUN))
def test_behind_a_terminal_only_the_app_itself_writes(first: int, tmp_path: Path) -> None:
    last = min(first + RUN, FIRST + MANY)
    child, done, marked, wrong = Told(first, last, tmp_path), first, 0, []
    reader = Reader(child.app.vt)
    try:
        for told in child.messages():
            reader.take(told)
            wrong += [f"payloads from {done} on: {one}" for one in reader.wrong]
            reader.wrong.clear()
            done, marked = told.get("next", done), told.get("marked", marked)
        while child.app.read(1.0):
            pass
        print(f"payloads {first} to {done}: {reader.compared} texts compared, {marked} lots marked")
        for one in wrong:
            print(one)
        assert wrong == []
        assert done == last
        assert child.app.process.wait(10) == 0
        assert child.app.vt.unknown == []
    finally:
        child.close()


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
