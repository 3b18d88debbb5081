"""What was being written at the end is there again at the next start."""

from __future__ import annotations

from pathlib import Path

from chat_tui.session.draft import Draft

TEXT = "A draft\nof two lines: é 漢 \u202e"


def test_the_next_start_has_it_however_often_nothing_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "data" / "draft.txt"
    assert Draft(path).read() == ""
    Draft(path).leave(TEXT, asked=True)
    assert path.stat().st_mode & 0o777 == 0o600
    for _ in range(2):
        draft = Draft(path)
        assert draft.read() == TEXT
        draft.leave("  \n", asked=False)


def test_it_is_gone_once_something_was_asked(tmp_path: Path) -> None:
    path = tmp_path / "draft.txt"
    Draft(path).leave(TEXT, asked=False)
    draft = Draft(path)
    draft.read()
    draft.leave("", asked=True)
    assert not path.exists()


def test_that_of_another_window_stays(tmp_path: Path) -> None:
    path = tmp_path / "draft.txt"
    draft = Draft(path)
    draft.read()
    Draft(path).leave(TEXT, asked=False)
    draft.leave("", asked=True)
    assert Draft(path).read() == TEXT


def test_a_file_that_cannot_be_used_costs_only_the_draft(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    nowhere = Draft(tmp_path / "file" / "draft.txt")
    assert nowhere.read() == ""
    nowhere.leave(TEXT, asked=True)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    assert Draft(tmp_path / "binary").read() == ""
