"""The user's editor and the clipboard: nothing is lost, and it is said what happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from chat_tui.errors import UsageError
from chat_tui.ui.clipboard import code_blocks, told, tool
from chat_tui.ui.composer.editor import editor, write_in_editor

EDITOR = {"EDITOR": "true --wait"}


@contextmanager
def lent() -> Iterator[None]:
    yield


def test_the_editor_is_visual_then_editor_then_a_usual_one() -> None:
    here = {"vim": "/bin/vim", "code": "/bin/code", "vi": "/bin/vi"}.get
    assert editor({"VISUAL": "code --wait", "EDITOR": "vim"}, here) == ["code", "--wait"]
    assert editor({"VISUAL": " ", "EDITOR": "vim"}, here) == ["vim"]
    assert editor({}, here) == ["vim"]
    for environment in ({"EDITOR": "gone"}, {"EDITOR": "'open"}):
        with pytest.raises(UsageError):
            editor(environment, here)
    with pytest.raises(UsageError, match="no editor"):
        editor({}, lambda _name: None)


def test_what_was_written_comes_back_and_the_file_is_gone() -> None:
    files: list[Path] = []

    def run(command: Sequence[str]) -> int:
        files.append(Path(command[-1]))
        assert files[0].stat().st_mode & 0o077 == 0
        assert files[0].read_text() == "before"
        files[0].write_text("after\n")
        return 0

    assert write_in_editor("before", lent, EDITOR, run) == "after"
    assert not files[0].exists()


def test_an_editor_that_fails_loses_nothing() -> None:
    files: list[Path] = []

    def fail(command: Sequence[str]) -> int:
        files.append(Path(command[-1]))
        files[0].write_text("nearly all of it")
        return 3

    with pytest.raises(UsageError, match="ended with 3") as told_:
        write_in_editor("before", lent, EDITOR, fail)
    assert str(files[0]) in told_.value.hint
    assert files[0].read_text() == "nearly all of it"
    files[0].unlink()

    def vanish(command: Sequence[str]) -> int:
        Path(command[-1]).unlink()
        return 0

    with pytest.raises(UsageError, match="without leaving a text"):
        write_in_editor("before", lent, EDITOR, vanish)

    def broken(_command: Sequence[str]) -> int:
        raise OSError("no such terminal")

    with pytest.raises(UsageError, match="no such terminal"):
        write_in_editor("before", lent, EDITOR, broken)


def test_the_systems_tool_is_one_that_is_there() -> None:
    def here(*names: str) -> Callable[[str], str | None]:
        return lambda name: name if name in names else None

    wayland = {"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}
    assert tool(wayland, "linux", here("wl-copy", "xclip")) == ("wl-copy",)
    found = tool(wayland, "linux", here("xsel"))
    assert found is not None
    assert found[0] == "xsel"
    assert tool({}, "linux", here("xclip")) is None
    assert tool({}, "darwin", here("pbcopy")) == ("pbcopy",)


def test_code_comes_exactly_as_it_was_written() -> None:
    answer = (
        "Do:\n\n```python\nif x:\n\ty = `1`\n```\n\n- a\n\n  ~~~\n  two\n  ~~~\n\nb\n\n    four\n"
    )
    assert code_blocks(answer) == ["if x:\n\ty = `1`", "two", "four"]
    assert code_blocks("```\n\x1b[2Jx\u202e\n```") == ["x"]
    assert code_blocks("none `here`") == []


def test_it_is_said_what_was_copied_and_how_large_it_is() -> None:
    assert told("a\nb", "code 1 of 2") == "Copied code 1 of 2: 3 characters, 2 lines."
    assert told("a" * 1_200, "the last answer") == "Copied the last answer: 1,200 characters."
