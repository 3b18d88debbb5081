"""A few letters find what is meant, and only files that one may want to attach are offered."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from chat_tui.ui.composer import workspace
from chat_tui.ui.composer.fuzzy import best, score
from chat_tui.ui.composer.workspace import entries_of, files_of

PATHS = ["README.md", "chat_tui/ui/chat_screen.py", "chat_tui/session/chat.py", "tests/test_cli.py"]


@pytest.mark.parametrize(
    ("letters", "first"),
    [
        ("chat.py", "chat_tui/session/chat.py"),
        ("cscr", "chat_tui/ui/chat_screen.py"),
        ("read", "README.md"),
        ("READ", "README.md"),
        ("cli", "tests/test_cli.py"),
        ("ses/cha", "chat_tui/session/chat.py"),
    ],
)
def test_the_best_comes_first(letters: str, first: str) -> None:
    assert best(letters, PATHS, str, 5)[0] == first


def test_what_does_not_fit_is_not_found() -> None:
    assert score("xyz", "README.md") is None
    assert best("zq", PATHS, str, 5) == []
    assert best("", PATHS, str, 2) == PATHS[:2]


def test_letters_that_fit_in_many_ways_take_no_longer() -> None:
    assert score("a" * 40, "ba" * 5_000) is not None
    assert score("a" * 40 + "c", "ba" * 5_000) is None


def plant(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")


def test_hidden_ignored_and_binary_files_are_left_out(tmp_path: Path) -> None:
    plant(tmp_path, "b.py", "a/c.md", ".env", ".git2/x", "node_modules/m.js", "p.png", "a\x1b.txt")
    assert files_of(tmp_path) == ["b.py", "a/c.md"]
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    plant(tmp_path, ".gitignore", "secret.txt", "ä ö.txt")
    (tmp_path / ".gitignore").write_text("secret.txt\n")
    assert files_of(tmp_path) == ["b.py", "ä ö.txt", "a/c.md"]
    assert files_of(tmp_path / "a") == ["c.md"]


def test_git_runs_no_program_of_a_strangers_folder(tmp_path: Path) -> None:
    plant(tmp_path, "a.txt")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    hook = tmp_path / "hook"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o700)
    config = ["git", "-C", str(tmp_path), "config", "core.fsmonitor", str(hook)]
    subprocess.run(config, check=True)
    assert files_of(tmp_path) == ["a.txt", "hook"]
    assert not (tmp_path / "ran").exists()


def test_a_large_folder_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workspace, "MOST", 5)
    plant(tmp_path, *(f"d{n}/f{n}.txt" for n in range(20)))
    assert len(files_of(tmp_path)) == 5


def test_the_entries_of_a_folder(tmp_path: Path) -> None:
    plant(tmp_path, "b.txt", "a/c.md", ".hidden")
    assert entries_of(tmp_path) == ["a/", "b.txt"]
    assert entries_of(tmp_path / "gone") == []
