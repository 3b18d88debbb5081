"""A conversation as Markdown, and where it goes."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from chat_tui.conversation import ANALYSIS, COMMENTARY, FINAL, Effort, Message, Role, user
from chat_tui.engine.protocol import Cancel
from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.errors import InputError
from chat_tui.session.chat import Chat
from chat_tui.session.document import Form, document, form_of, whole
from chat_tui.session.export import default_name, markdown, write
from chat_tui.session.keeping import Keeper
from chat_tui.session.shelf import Shelf
from chat_tui.store.documents import from_document
from chat_tui.store.store import Store

DAY = date(2026, 1, 31)
SAID = (
    user("Capital of France?\nIn one word."),
    Message(Role.ASSISTANT, "That is easy.\nParis.", channel=ANALYSIS, effort=Effort.LOW),
    Message(Role.ASSISTANT, "Looking.", channel=COMMENTARY),
    Message(Role.ASSISTANT, "print('```')", channel=COMMENTARY, recipient="python"),
    Message(Role.TOOL, "Paris", channel=COMMENTARY, name="python"),
    Message(Role.ASSISTANT, "**Paris**", channel=FINAL, effort=Effort.LOW),
)


def test_all_that_was_said_is_written_and_reasoning_only_when_asked_for() -> None:
    text = markdown(SAID, started=DAY, model="gpt-oss-20b")
    assert text == (
        "# Capital of France?\n\n*gpt-oss-20b · 2026-01-31*\n\n"
        "## You\n\nCapital of France?\nIn one word.\n\n"
        "## Note\n\nLooking.\n\n"
        "## Call of python\n\n````\nprint('```')\n````\n\n"
        "## Result of python\n\n```\nParis\n```\n\n"
        "## Answer, low\n\n**Paris**\n"
    )
    whole = markdown(SAID, started=DAY, reasoning=True)
    assert "## Reasoning, low\n\n> That is easy.\n> Paris.\n" in whole


def test_what_acts_on_a_terminal_is_left_out() -> None:
    text = markdown((user("\x1b]0;owned\x07Hi"),), started=DAY, model="m\x1b[31m")
    assert "\x1b" not in text
    assert "\x07" not in text


def test_an_answer_that_broke_off_says_so() -> None:
    cut = Message(Role.ASSISTANT, "Par", channel=FINAL, interrupted=True)
    assert "## Answer (broke off)" in markdown((cut,), started=DAY)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Capital of France?", "2026-01-31-capital-of-france"),
        ("../../etc/passwd", "2026-01-31-etc-passwd"),
        ("??", "2026-01-31-conversation"),
        ("日本の首都", "2026-01-31-日本の首都"),
    ],
)
def test_the_name_comes_from_the_day_and_the_first_words(text: str, name: str) -> None:
    assert default_name(text, DAY) == name


def test_nothing_is_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert write("one", "", "name").name == "name.md"
    assert write("two", "", "name").name == "name-2.md"
    named = tmp_path / "mine.txt"
    assert write("three", str(named), "name") == named
    with pytest.raises(InputError, match="exists already"):
        write("four", str(named), "name")
    assert named.read_text() == "three"


@pytest.mark.parametrize("file", ["missing/folder/x.md", "/", "a\0b"])
def test_a_place_that_cannot_be_written_to_is_told_of(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError):
        write("text", file, "name")


@pytest.mark.parametrize(
    ("words", "form", "file"),
    [
        ("", "md", ""),
        ("json", "json", ""),
        ("html", "html", ""),
        ("talk.HTML", "html", "talk.HTML"),
        ("~/json/talk", "md", "~/json/talk"),
        ("my talk.json", "json", "my talk.json"),
    ],
)
def test_the_form_is_named_or_seen_from_the_files_end(words: str, form: str, file: str) -> None:
    assert form_of(words) == (Form(form), file)


def test_what_is_kept_beside_a_conversation_goes_into_its_json(tmp_path: Path) -> None:
    with closing(Store(tmp_path / "kept.db")) as store:
        shelf = Shelf(Keeper(store))
        chat = Chat(
            ScriptedEngine(["<|channel|>final<|message|>Hi!<|return|>"]), seams=shelf.seams()
        )
        shelf.serve(chat)
        shelf.begin()
        list(chat.ask("Hello?", Cancel()))
        shelf.rename("A talk")
        (found,) = from_document(
            json.loads(document(chat, whole(chat, shelf), Form.JSON, reasoning=False))
        )
        assert found == shelf.stored()
        assert found.facts[-1].usage is not None
        assert document(chat, whole(chat, shelf), Form.MARKDOWN, reasoning=False).startswith(
            "# A talk\n"
        )
        page = document(chat, whole(chat, None), Form.HTML, reasoning=False)
        assert "<h1>Hello?</h1>" in page
        shelf.keeper.close()
