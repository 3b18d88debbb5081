"""Kept conversations as a shell sees them: listed, found, taken along, brought back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chat_tui.cli import main
from chat_tui.command_line import words_of
from chat_tui.conversation import user
from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.paths import user_paths
from chat_tui.plain.archive import LAST
from chat_tui.store.store import Store
from tests.store.sample import everything, said

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], home: Path) -> Run:
    """Run a command in a home of its own: exit code, standard output, standard error."""
    assert home

    def run_command(*words: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([str(word) for word in words])
        out, error = capsys.readouterr()
        assert "Traceback" not in error
        return code, out, error

    return run_command


@pytest.fixture
def kept(run: Run) -> str:
    """A store with a few conversations; the id of one."""
    assert run
    store = Store(user_paths().conversations)
    for seed in range(1, 4):
        store.insert(said(seed, 4))
    pen = store.create("\x1b]0;owned\x07A hostile\ntitle")
    pen.add(user("last of all"), None)
    store.insert(everything())
    store.close()
    return everything().id


@pytest.mark.usefixtures("kept")
def test_the_list_has_a_line_for_each(run: Run) -> None:
    code, out, error = run("list")
    assert (code, error) == (0, "")
    assert len(out.splitlines()) == 5
    assert "The weather" in out.splitlines()[0]  # it is pinned
    assert "A hostile title" in out.splitlines()[1]
    assert "\x1b" not in out
    code, out, error = run("list", "--limit", "2")
    assert len(out.splitlines()) == 2
    assert "3 more" in error
    assert len(json.loads(run("list", "--json")[1])) == 5


@pytest.mark.usefixtures("kept")
def test_a_search_shows_the_words_and_says_when_there_are_none(run: Run) -> None:
    code, out, _ = run("search", "MINUS")
    assert code == 0
    assert "answer: [Minus] seven." in out
    (hit,) = json.loads(run("search", "--json", "minus")[1])
    assert (hit["node"], hit["spans"]) == (4, [[0, 5]])
    code, out, error = run("search", "no", "such", "thing")
    assert (code, out, error) == (1, "", "Nothing was found.\n")


def test_an_export_comes_back_as_it_was(run: Run, kept: str, tmp_path: Path) -> None:
    file = tmp_path / "all.json"
    assert run("export", "--all", "--format", "json", "--output", file)[0] == 0
    before = [one for one in json.loads(run("list", "--json")[1]) if not one["deleted"]]
    code, out, _ = run("import", file)
    assert (code, out) == (0, "Imported 0 conversations; 5 were there already.\n")
    assert run("delete", "--now", *(one["id"] for one in before))[0] == 0
    assert run("list")[1] == ""
    assert run("import", file)[1] == "Imported 5 conversations.\n"
    assert json.loads(run("list", "--json")[1]) == before
    store = Store(user_paths().conversations)
    assert store.load(kept) == everything()
    store.close()


def test_documents_have_what_is_asked_for(run: Run, kept: str, tmp_path: Path) -> None:
    thought = "They ask for the weather."
    assert thought not in run("export", kept)[1]
    assert thought in run("export", kept, "--reasoning")[1]
    assert thought in run("export", kept, "--format", "json")[1]
    assert thought not in run("export", kept[:4], "--format", "json", "--no-reasoning")[1]
    assert "Moscow" not in run("export", kept, "--no-tools")[1]
    page = tmp_path / "page.html"
    code, out, error = run("export", kept, "--format", "html", "--output", page)
    assert (code, out) == (0, "")
    assert str(page) in error
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert "last of all" in run("export", "last")[1]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["export", "abcabc"], "No conversation begins with 'abcabc'"),
        (["export"], "Say which"),
        (["export", "--all"], "--format json"),
        (["export", "last", "--all", "--format", "json"], "Say which"),
        (["export", "last", "--output", "/nowhere/x.md"], "cannot be written"),
        (["import", "/nowhere.json"], "cannot be read"),
        (["import", "/etc/hostname"], "holds no conversations"),
        (["delete", "abcabc"], "No conversation begins"),
        (["delete", "last", "--restore", "--now"], "not allowed with"),
        (["list", "--limit", "-1"], "whole number"),
        (["search"], "WORD"),
        (["ask", "--resume", "abcabc", "Hi"], "No conversation begins"),
        (["ask", "--resume", "abc", "--continue", "Hi"], "not allowed with"),
    ],
)
@pytest.mark.usefixtures("kept")
def test_what_cannot_be_is_said_plainly(run: Run, words: list[str], expected: str) -> None:
    code, out, error = run(*words)
    assert (code, out) == (2, "")
    assert error.startswith("chat-tui: ")
    assert expected in error


def test_who_goes_on_without_saying_with_which_goes_on_with_the_last() -> None:
    assert words_of(["--resume"]).resume == LAST
    assert words_of(["--resume", "--effort", "low"]).resume == LAST
    assert words_of(["--resume", "abc"]).resume == "abc"
    assert words_of(["ask", "Hi", "--resume"]).resume == LAST
    assert words_of([]).resume is None


def test_nothing_is_there_at_first(run: Run) -> None:
    assert run("list") == (0, "", "")
    assert run("export", "last")[0] == 2
    assert run("ask", "--continue", "Hi")[0] == 2


def test_a_deleted_conversation_can_be_brought_back(run: Run, kept: str) -> None:
    out = run("delete", kept)[1]
    assert f"chat-tui delete --restore {kept}" in out
    assert kept not in run("list")[1]
    assert kept in run("list", "--deleted")[1]
    assert run("delete", "--restore", kept)[0] == 0
    assert kept in run("list")[1]


@pytest.mark.usefixtures("kept")
def test_a_damaged_file_is_rescued_and_said_so(run: Run) -> None:
    path = user_paths().conversations
    path.write_bytes(b"\0" * 4096 + path.read_bytes()[4096:])
    code, out, error = run("list")
    assert code == 0
    assert len(out.splitlines()) == 5
    assert "were rescued" in error
    assert run("list")[2] == ""


def test_questions_are_kept_and_gone_on_with_unless_private(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = "<|channel|>final<|message|>Hi!<|return|>"
    engine = "chat_tui.composition.Setup.engine"
    monkeypatch.setattr(engine, lambda _setup: ScriptedEngine([answer]))
    assert run("ask", "--private", "Hello")[:2] == (0, "Hi!\n")
    assert run("list")[1] == ""
    assert run("ask", "--effort", "high", "Hello there")[0] == 0
    assert run("ask", "--continue", "And now?")[0] == 0
    (one,) = json.loads(run("list", "--json")[1])
    assert one["title"] == "Hello there"
    store = Store(user_paths().conversations)
    stored = store.load(one["id"])
    store.close()
    assert [message.content for message in stored.conversation.messages] == [
        "Hello there",
        "Hi!",
        "And now?",
        "Hi!",
    ]
    assert stored.effort == "high"


def test_a_store_that_cannot_be_used_does_not_stop_an_answer(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = "<|channel|>final<|message|>Hi!<|return|>"
    engine = "chat_tui.composition.Setup.engine"
    monkeypatch.setattr(engine, lambda _setup: ScriptedEngine([answer]))
    path = user_paths().conversations
    path.mkdir(parents=True)
    code, out, error = run("ask", "Hello")
    assert (code, out) == (0, "Hi!\n")
    assert error.startswith("chat-tui: ")
    assert run("ask", "--continue", "Hello")[0] == 2
