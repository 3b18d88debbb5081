"""Which folders are opened to code, what stays closed in them, and what is left afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat_tui.errors import ToolError
from chat_tui.sandbox.base import MASKED, Limits, check_workspace, repositories
from chat_tui.sandbox.bubblewrap import arguments
from chat_tui.sandbox.placeholders import Placeholders
from chat_tui.sandbox.seatbelt import profile


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "people" / "me"
    (folder / ".config" / "chat-tui").mkdir(parents=True)
    (folder / "project" / "sub").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(folder))
    return folder


def test_a_projects_folder_is_opened(home: Path) -> None:
    assert check_workspace(home / "project" / "sub" / "..") == home / "project"


@pytest.mark.parametrize(
    "name", ["me", ".", "/", "me/.config", "me/.config/chat-tui", "me/project/file", "me/nothing"]
)
def test_what_would_open_too_much_is_refused(home: Path, name: str) -> None:
    (home / "project" / "file").write_text("")
    with pytest.raises(ToolError):
        check_workspace(home.parent / name, [home / ".config" / "chat-tui"])


def test_a_way_round_by_a_link_is_refused(home: Path) -> None:
    (home / "project" / "way").symlink_to(home)
    with pytest.raises(ToolError):
        check_workspace(home / "project" / "way")
    (home / "project" / ".git").symlink_to(home / "project" / "sub")
    with pytest.raises(ToolError, match="symbolic link"):
        check_workspace(home / "project")


def test_what_lies_inside_is_closed_over_what_holds_it(tmp_path: Path) -> None:
    for name in (".git", ".venv", "src"):
        (tmp_path / name).mkdir()
    words = arguments(
        ["/usr/bin/python3"], tmp_path, Limits(), [tmp_path / ".venv", tmp_path.parent]
    )
    binds = [
        (words[at], words[at + 1])
        for at, word in enumerate(words)
        if word in ("--bind", "--ro-bind") and words[at + 1].startswith(str(tmp_path.parent))
    ]
    assert binds[:2] == [("--ro-bind", str(tmp_path.parent)), ("--bind", str(tmp_path))]
    assert set(binds[2:]) == {
        ("--ro-bind", str(tmp_path / ".git")),
        ("--ro-bind", str(tmp_path / ".venv")),
    }


def test_the_workspace_is_read_only_where_the_interpreter_is_all_of_it(tmp_path: Path) -> None:
    words = arguments(["/usr/bin/python3"], tmp_path, Limits(), [tmp_path])
    binds = [words[at] for at, word in enumerate(words) if word == str(tmp_path)]
    assert words[: len(words)].index(binds[0]) > 0
    last = max(at for at, w in enumerate(words) if w == "--ro-bind" and words[at + 1] == binds[0])
    first = words.index("--bind")
    assert first < last


def test_placeholders_come_and_go(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("mine")
    held = Placeholders(tmp_path, MASKED)
    assert tmp_path / ".git" not in held.paths
    assert all(path.is_dir() for path in held.paths)
    held.close()
    held.close()
    assert [path.name for path in tmp_path.iterdir()] == [".git"]


def test_a_placeholder_stays_while_another_sandbox_needs_it(tmp_path: Path) -> None:
    first, second = Placeholders(tmp_path, [".git"]), Placeholders(tmp_path, [".git"])
    first.close()
    assert (tmp_path / ".git").is_dir()
    second.close()
    assert not (tmp_path / ".git").exists()


def test_a_placeholder_that_was_filled_stays(tmp_path: Path) -> None:
    held = Placeholders(tmp_path, [".git"])
    (tmp_path / ".git" / "config").write_text("by git init, meanwhile")
    held.close()
    assert (tmp_path / ".git" / "config").exists()


def test_one_that_a_killed_program_left_is_tidied_up(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    Placeholders(tmp_path, [".git"]).close()
    assert not (tmp_path / ".git").exists()


def test_the_rules_for_macos_deny_by_default_and_quote_names(tmp_path: Path) -> None:
    rules = profile(tmp_path / 'a"b\\c', tmp_path / "t", [tmp_path / "venv"])
    assert rules.startswith("(version 1)\n(deny default)")
    assert 'a\\"b\\\\c' in rules
    assert rules.index("(allow file-read* file-write*") < rules.index("(deny file-write*")
    assert rules.count("(") == rules.count(")")


def test_repositories_inside_are_found_and_links_are_not_followed(tmp_path: Path) -> None:
    workspace = tmp_path / "work"
    for name in ("one/.git/hooks", "deep/er/two/.git", ".git/modules/x/.git", "a/b/c/d/e/.git"):
        (workspace / name).mkdir(parents=True)
    (workspace / "sub").mkdir()
    (workspace / "sub" / ".git").write_text("gitdir: ../.git/modules/x")
    (workspace / "link").symlink_to(tmp_path)
    (tmp_path / "other" / ".git").mkdir(parents=True)
    found = repositories(workspace)
    assert {str(path.relative_to(workspace)) for path in found} == {
        "one/.git", "deep/er/two/.git", "sub/.git",
    }  # fmt: skip
    words = arguments(["/usr/bin/python3"], workspace, Limits(), [])
    closed = [words[at + 1] for at, word in enumerate(words) if word == "--ro-bind"]
    assert {str(path) for path in found} <= set(closed)


def test_looking_for_repositories_ends(tmp_path: Path) -> None:
    for number in range(2100):
        (tmp_path / f"{number:04}").mkdir()
    (tmp_path / "0001" / ".git").mkdir()
    assert len(repositories(tmp_path)) <= 1
    assert repositories(tmp_path / "nothing") == ()
