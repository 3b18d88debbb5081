"""The library's command, as a person or a script uses it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_tui.errors import ToolError, UsageError
from chat_tui.plain.library import library_command
from chat_tui.tools.library import Library


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    one = Library(tmp_path / "data")
    yield one
    one.close()


def run(library: Library, action: str, *words: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = library_command(library, action, words, out, err)
    return code, out.getvalue(), err.getvalue()


def test_add_list_search_and_remove(library: Library, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / "tea.md").write_text("# Tea\n\ntea is a \x1b[2Jhot drink\n")
    (files / "bad.pdf").write_bytes(b"nothing")
    code, out, err = run(library, "add", str(files))
    assert (code, out) == (0, "")
    assert err == (
        f"{files}/bad.pdf: The file is damaged.\n"
        "1 document: 1 new, 0 changed, 0 removed, 0 as they were.\n"
    )
    assert run(library, "list") == (0, f"{files}\n", "1 document\n")
    code, out, _ = run(library, "search", "hot", "drink")
    assert code == 0
    assert out.endswith("tea.md:3: tea is a hot drink\n")
    assert run(library, "search", "coffee") == (1, "", "")
    assert "1 as they were" in run(library, "index")[2]
    assert "1 removed" in run(library, "remove", str(files))[2]


@pytest.mark.parametrize("words", [["add"], ["search"], ["list", "x"], ["index", "x"]])
def test_wrong_words_are_refused(library: Library, words: list[str]) -> None:
    with pytest.raises(UsageError):
        run(library, *words)


def test_what_is_not_there_cannot_be_added(library: Library, tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="no file or folder"):
        run(library, "add", str(tmp_path / "none"))
