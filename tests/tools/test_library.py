"""The user's own files: taken in, kept in step, found and opened."""

from __future__ import annotations

import os
import random
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.conversation import ANALYSIS, Message, Role
from chat_tui.errors import ToolError
from chat_tui.tools.base import Context, Result
from chat_tui.tools.browser import Browser
from chat_tui.tools.library import Library
from chat_tui.tools.passages import folded, loose_query, passages, snippet, strict_queries, terms


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    return folder


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    one = Library(tmp_path / "data")
    yield one
    one.close()


def write(path: Path, text: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def found(library: Library, query: str) -> list[str]:
    return [hit.name for hit in library.search(query, 10)]


def test_a_note_is_found_quoted_and_opened_at_its_line(library: Library, files: Path) -> None:
    write(files / "tea.md", "# All about tea\n\n" + "filler\n" * 30 + "tea is a hot drink\n")
    write(files / "other.txt", "coffee\n")
    library.add(files)
    assert library.index().added == 2
    browser = Browser([library])
    context = Context(files, threading.Event())

    def ask(function: str, body: str) -> str:
        message = Message(
            Role.ASSISTANT, body, ANALYSIS, f"browser.{function}", content_type="code"
        )
        (result,) = browser.run(message, context)
        assert isinstance(result, Result)
        assert not result.failed
        return result.text

    page = ask("search", '{"query":"hot drink"}')
    assert page.split("\n")[-1] == "L2:   * 【0†tea.md†library】 tea is a hot drink"
    assert "**viewing lines [28 - 32] of 32**" in ask("open", '{"id":0}')
    assert ask("open", '{"id":"tea.md"}').startswith(f"[2] All about tea ({files}/tea.md)")


def test_only_what_changed_is_read_again(library: Library, files: Path) -> None:
    for name in "abc":
        write(files / f"{name}.txt", f"text {name}\n")
    library.add(files)
    library.index()
    assert library.index().unchanged == 3
    write(files / "a.txt", "changed alpha\n")
    (files / "b.txt").unlink()
    write(files / "d.txt", "new delta\n")
    os.utime(files / "c.txt", ns=(1, 1))
    report = library.index()
    assert (report.added, report.changed, report.removed, report.unchanged) == (1, 1, 1, 1)
    assert found(library, "alpha") == ["a.txt"]
    assert found(library, "delta") == ["d.txt"]
    assert set(found(library, "text")) == {"c.txt"}
    assert library.count() == 3


def test_a_search_notices_new_files_by_itself(library: Library, files: Path) -> None:
    library.add(write(files / "one.txt", "first\n"))
    library.add(files)
    assert library.roots() == (files,)
    assert found(library, "first") == ["one.txt"]


def test_what_was_chosen_no_longer_is_forgotten(library: Library, files: Path) -> None:
    write(files / "a" / "x.txt", "apple\n")
    write(files / "b" / "y.txt", "apple\n")
    library.add(files / "a")
    library.add(files / "b")
    assert set(found(library, "apple")) == {"x.txt", "y.txt"}
    library.remove(files / "a")
    assert found(library, "apple") == ["y.txt"]
    with pytest.raises(ToolError, match="is not in the library"):
        library.remove(files / "a")
    with pytest.raises(ToolError, match="no file or folder"):
        library.add(files / "none")


def test_a_drive_that_is_not_there_takes_nothing_along(library: Library, files: Path) -> None:
    write(files / "disk" / "x.txt", "apple\n")
    library.add(files / "disk")
    library.index()
    (files / "disk").rename(files / "gone")
    report = library.index()
    assert [(one.path, one.reason) for one in report.problems] == [
        (str(files / "disk"), "It is not there now.")
    ]
    assert found(library, "apple") == ["x.txt"]


def test_hidden_binary_huge_and_generated_files_are_left_out(
    library: Library, files: Path, tmp_path: Path
) -> None:
    write(files / ".env", "SECRET apple\n")
    write(files / ".git" / "config", "apple\n")
    write(files / "node_modules" / "x.js", "apple\n")
    write(files / "picture.png", "apple\n")
    write(files / "data", b"apple\0apple")
    write(files / "huge.log", b"apple\n" * 800_000)
    write(tmp_path / "outside" / "secret.txt", "apple\n")
    (files / "link").symlink_to(tmp_path / "outside")
    (files / "loop").symlink_to(files)
    (files / "file-link.txt").symlink_to(tmp_path / "outside" / "secret.txt")
    write(files / "good.txt", "apple\n")
    library.add(files)
    report = library.index()
    assert [one.path for one in report.problems] == [str(files / "huge.log")]
    assert found(library, "apple") == ["good.txt"]
    assert [one.path for one in library.index().problems] == [str(files / "huge.log")]
    with pytest.raises(ToolError, match="no document"):
        library.fetch("/etc/passwd")
    with pytest.raises(ToolError, match="no text of"):
        library.fetch(str(files / "huge.log"))


def test_an_unreadable_file_is_reported_and_the_rest_is_there(
    library: Library, files: Path
) -> None:
    write(files / "a.txt", "apple\n")
    os.mkfifo(files / "pipe.txt")
    write(files / "bad.pdf", b"%PDF-1.4 nothing")
    write(files / "bad.epub", b"PK nothing")
    write(files / "bad.docx", b"")
    os.close(os.open(os.fsencode(files) + b"/\xff.txt", os.O_CREAT | os.O_WRONLY))
    library.add(files)
    report = library.index()
    assert {Path(one.path).name: one.reason for one in report.problems} == {
        "bad.pdf": "The file is damaged.",
        "bad.epub": "The file is damaged.",
        "bad.docx": "The file is damaged.",
        "\udcff.txt": "Its name is no text.",
    }
    assert found(library, "apple") == ["a.txt"]


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Самовар греет воду для чая.\n", "самовар"),
        ("Самовар греет воду для чая.\n", "самовары"),
        ("我每天早上喝绿茶。\n", "绿茶"),
        ("我每天早上喝绿茶。\n", "茶"),
        ("毎朝コーヒーを飲みます\n", "コーヒー"),
        ("아침에 커피를 마신다\n", "커피"),
        ("def parse_arguments(text):\n", "parse_arguments"),
        ("def parse_arguments(text):\n", "arguments"),
        ("class HeaderGuard:\n", "headerguard"),
        ("Café crème\n", "cafe"),
        ("the dogs were running\n", "dog run"),
        ("x = a.b(c)[0] += 1\n", 'what is "a.b(c)"?'),
    ],
)
def test_any_script_is_found(library: Library, files: Path, text: str, query: str) -> None:
    write(files / "hit.txt", "something before\n" + text)
    write(files / "miss.txt", "nothing of the kind, 红酒, вино\n")
    library.add(files)
    (hit,) = [hit for hit in library.search(query, 10) if hit.name == "hit.txt"]
    assert hit.snippet == text.strip()
    assert hit.line == 1


def test_the_better_document_comes_first(library: Library, files: Path) -> None:
    write(files / "title.md", "# Green tea\n\nleaves in water\n")
    write(files / "often.txt", "tea here, green there\n" + "other words\n" * 50)
    write(files / "once.txt", "only tea\n" + "other words\n" * 50)
    library.add(files)
    assert found(library, "green tea") == ["title.md", "often.txt", "once.txt"]


def test_files_of_one_name_are_told_apart(library: Library, files: Path) -> None:
    write(files / "a" / "notes.md", "apple\n")
    write(files / "b" / "notes.md", "apple\n")
    library.add(files)
    assert set(found(library, "apple")) == {"a/notes.md", "b/notes.md"}
    with pytest.raises(ToolError, match="Several documents"):
        library.fetch("notes.md")
    assert library.fetch("b/notes.md").pieces == ("apple\n",)


@given(st.text(max_size=60))
def test_no_query_is_an_error(query: str) -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE words USING fts5 (body)")
    assert len(folded(query)) == len(query)
    for one in (*strict_queries(terms(query)), loose_query(terms(query)) or '""'):
        db.execute("SELECT rowid FROM words WHERE words MATCH ?", (one,)).fetchall()
    db.close()


@given(st.lists(st.sampled_from(["word ", "\n", "\n\n", "x" * 900, "茶"]), max_size=60))
def test_passages_joined_are_the_document(parts: list[str]) -> None:
    text = "".join(parts)
    found = list(passages(text))
    assert "".join(one.text for one in found) == text
    at = 0
    for one in found:
        assert one.line == text.count("\n", 0, at)
        assert len(one.text) <= 2000
        at += len(one.text)


@given(st.text("ab ", max_size=200), st.integers(0, 200))
def test_a_snippet_fits_and_is_in_the_line(line: str, at: int) -> None:
    cut = snippet(line, min(at, len(line)), 40)
    assert len(cut) <= 40
    assert cut in line


def test_a_damaged_index_is_made_anew(tmp_path: Path, files: Path) -> None:
    write(files / "a.txt", "apple\n" + "filler words\n" * 3000)
    first = Library(tmp_path / "data")
    first.add(files)
    first.index()
    first.close()
    database = tmp_path / "data" / "library.db"
    whole = database.read_bytes()
    rng = random.Random(3)
    damaged = [b"", b"not a database" * 400, whole[: len(whole) // 2]]
    for _ in range(5):
        data = bytearray(whole)
        for _ in range(40):
            begin = rng.randrange(len(data))
            data[begin : begin + 64] = rng.randbytes(64)[: len(data) - begin]
        damaged.append(bytes(data))
    for data in damaged:
        database.write_bytes(data)
        library = Library(tmp_path / "data")
        library.search("apple", 3)
        library.index()
        library.close()
        database.write_bytes(b"SQLite format 3\0" + bytes(4000))
        library = Library(tmp_path / "data")
        assert [hit.name for hit in library.search("apple", 3)] == ["a.txt"]
        library.close()


def test_the_index_and_the_choice_are_the_users_alone(
    library: Library, files: Path, tmp_path: Path
) -> None:
    library.add(write(files / "a.txt", "apple\n"))
    library.index()
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "data").iterdir()}
    assert {"library.db", "library.json"} <= modes.keys()
    assert set(modes.values()) == {0o600}
    (tmp_path / "data" / "library.json").write_text("{")
    with pytest.raises(ToolError, match="cannot be read"):
        library.roots()


def test_two_programs_may_index_at_once(tmp_path: Path, files: Path) -> None:
    for number in range(40):
        write(files / f"{number}.txt", f"apple {number}\n")
    both = [Library(tmp_path / "data"), Library(tmp_path / "data")]
    both[0].add(files)
    failures: list[Exception] = []

    def work(library: Library) -> None:
        try:
            library.index()
        except ToolError as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(library,)) for library in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert both[0].count() == both[1].count() == 40
    assert len(both[0].search("apple", 20)) == 20
    for library in both:
        library.close()


def test_indexing_can_be_stopped_and_goes_on_later(library: Library, files: Path) -> None:
    for number in range(10):
        write(files / f"{number}.txt", "apple\n")
    library.add(files)
    seen: list[int] = []
    report = library.index(seen.append, lambda: len(seen) >= 4)
    assert report.stopped
    assert report.added == 4
    assert library.index().added == 6


def test_words_that_are_everywhere_still_find_something(library: Library, files: Path) -> None:
    for number in range(400):
        write(files / f"{number}.txt", "report report\n" + ("summary\n" if number == 7 else ""))
    library.add(files)
    assert len(found(library, "report")) == 10
    assert found(library, "report summary")[0] == "7.txt"
