"""Files that go with a question are one text with it, and can be told apart again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.attachments import MAX_BYTES, Attachment, parted, read_file, with_files
from chat_tui.errors import InputError

TEXTS = st.text(alphabet="a`\n :F", max_size=40) | st.text(max_size=60)
NAMES = st.text(alphabet="abc./ `", min_size=1, max_size=12).map(lambda name: f"{name}x")
FILES = st.builds(Attachment, NAMES, TEXTS.map(lambda text: f"{text}\n"))


@settings(max_examples=150, deadline=None)
@given(question=TEXTS, files=st.lists(FILES, min_size=1, max_size=3))
def test_what_was_put_together_comes_apart(question: str, files: list[Attachment]) -> None:
    said, found = parted(with_files(question, files))
    assert found == tuple(files)
    assert said.strip() == question.strip()


@given(text=TEXTS)
def test_any_other_text_is_all_question_or_gives_back_the_same(text: str) -> None:
    question, files = parted(text)
    assert files or question == text


def test_the_model_sees_the_name_and_the_text() -> None:
    said = with_files("Sum up:", [Attachment("notes.md", "a ``` b")])
    assert said == "Sum up:\n\nFile: notes.md\n````md\na ``` b\n````"
    assert with_files("Alone", ()) == "Alone"


def test_a_fence_in_the_question_is_no_file() -> None:
    text = "What is this?\n\nFile: x\n```\nnot the end\n```\nmore```"
    assert parted(text) == (text, ())


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("big.log", b"x" * (MAX_BYTES + 1), "larger than 2 MiB"),
        ("picture.png", b"\x89PNG\r\n\x1a\n\0\0", "not UTF-8 text"),
        ("zeros", b"\0\0\0", "not text"),
    ],
)
def test_what_is_no_text_or_too_large_is_refused(
    tmp_path: Path, name: str, data: bytes, problem: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=problem):
        read_file(tmp_path / name, name)


def test_a_folder_and_what_is_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        read_file(tmp_path, "here")
    with pytest.raises(InputError, match="There is no file"):
        read_file(tmp_path / "gone")


def test_a_file_is_read_as_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfone\r\ntwo")
    file = read_file(tmp_path / "a.txt", "a.txt\x1b[2J")
    assert file == Attachment("a.txt", "one\r\ntwo")
    assert file.lines == 2
