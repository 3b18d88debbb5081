"""When the program itself is wrong: two lines for a person, all of it in a file."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from chat_tui.errors import ProgramError, UsageError
from chat_tui.fault import told
from chat_tui.plain.ask import exit_code
from chat_tui.ui.widgets.composer import Composer
from tests.ui.kept import KeptStage


def fault() -> Exception:
    try:
        raise IndexError("row \x1b[2J 7")
    except IndexError as error:
        return error


def test_a_fault_is_told_in_short_and_kept_in_full(tmp_path: Path) -> None:
    file = tmp_path / "log" / "fault.log"
    error = told(fault(), file)
    assert isinstance(error, ProgramError)
    assert exit_code(error) == 1
    assert "\x1b" not in str(error)
    assert "IndexError: row" in error.message
    assert str(file) in error.hint
    text = file.read_text(encoding="utf-8")
    assert "in fault" in text
    assert "IndexError" in text
    if sys.platform != "win32":
        assert file.stat().st_mode & 0o077 == 0


def test_where_it_cannot_be_kept_it_is_told_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("a file")
    error = told(fault(), tmp_path / "log" / "fault.log")
    assert isinstance(error, ProgramError)
    assert error.hint == ""


@pytest.mark.parametrize("trouble", [UsageError("Wrong."), KeyboardInterrupt(), SystemExit(3)])
def test_what_is_no_fault_stays_what_it_is(trouble: BaseException, tmp_path: Path) -> None:
    assert told(trouble, tmp_path / "fault.log") is trouble
    assert not (tmp_path / "fault.log").exists()


def test_the_app_ends_without_a_word_and_keeps_the_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def undo(_area: Composer) -> None:
        raise IndexError("no such row")

    monkeypatch.setattr(Composer, "undo", undo)
    with KeptStage(tmp_path / "kept.db") as stage:

        async def run() -> None:
            async with stage.app.run_test() as stage.pilot:
                await stage.shows("ready")
                await stage.write("half a question")
                await stage.pilot.press("ctrl+z")
                await stage.pilot.pause(0.2)

        with pytest.raises(IndexError):
            asyncio.run(run())
        assert isinstance(stage.app.trouble, IndexError)
        assert stage.app.return_code == 1
        assert stage.shelf.draft.read() == "half a question"
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
