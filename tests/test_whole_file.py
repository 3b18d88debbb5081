"""Small files are there whole, or as they were."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from chat_tui.errors import ToolError
from chat_tui.tools.approved import Approvals, ToolFile
from chat_tui.whole_file import write_whole


def test_it_is_written_with_its_folder_and_keeps_the_rights_that_it_had(tmp_path: Path) -> None:
    path = tmp_path / "new" / "one.json"
    write_whole(path, "a\r\n")
    assert path.read_bytes() == b"a\r\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    write_whole(path, "b")
    assert path.read_text() == "b"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(path.parent.iterdir()) == [path]


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    write_whole(path, "before")
    with pytest.raises(ValueError, match="surrogates"):
        write_whole(path, "\udc80")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("text", ["[1]", "7", "{"])
def test_approvals_that_make_no_sense_are_told_of(text: str, tmp_path: Path) -> None:
    path = tmp_path / "approved.json"
    path.write_text(text)
    with pytest.raises(ToolError, match="cannot be read"):
        Approvals(path)


def test_approvals_that_cannot_be_written_are_told_of(tmp_path: Path) -> None:
    approvals = Approvals(tmp_path / "new" / "approved.json")
    (tmp_path / "new").touch()
    with pytest.raises(ToolError, match="cannot be written"):
        approvals.approve(ToolFile(tmp_path / "a.py", ""), [])
