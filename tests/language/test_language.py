"""The interface speaks the languages it offers."""

from __future__ import annotations

import os
import string
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from chat_tui.language import Language, _, choose, ngettext, pgettext
from chat_tui.store.titles import title_of_fork
from tests.language.catalogs import LANGUAGES, place, read, texts, untranslated, updated, written

if TYPE_CHECKING:
    from babel.messages.catalog import Message


@pytest.fixture(autouse=True)
def english_again(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a test chose is gone after it."""
    monkeypatch.setenv("LANGUAGE", "en")
    yield
    choose(Language.EN)


def forms(message: Message) -> list[str]:
    told = message.string or ""
    return list(told) if isinstance(told, tuple | list) else [told]


def places(text: str) -> set[str]:
    """The names of what is filled in."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_text_is_translated_and_compiled(name: str) -> None:
    catalog = updated(name, texts())
    assert [message.id for message in untranslated(catalog)] == []
    po, mo = written(catalog)
    assert place(name).read_bytes() == po, "run python -m tests.language.catalogs"
    assert place(name).with_suffix(".mo").read_bytes() == mo


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_translation_fills_the_same_places(name: str) -> None:
    for message in read(name):
        if not message.id:
            continue
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        wanted = set().union(*(places(one) for one in ids))
        for form in forms(message):
            assert places(form) <= wanted, message.id
            assert places(ids[-1]) - {"n"} <= places(form), message.id


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_translation_keeps_the_shape_of_its_text(name: str) -> None:
    """A text is put before or after others: the spaces at its ends and its lines count."""
    for message in read(name):
        if not message.id:
            continue
        text = message.id if isinstance(message.id, str) else message.id[-1]
        for form in forms(message):
            assert form.count("\n") == text.count("\n"), text
            assert (form[:1].isspace(), form[-1:].isspace()) == (
                text[:1].isspace(),
                text[-1:].isspace(),
            ), text


def test_the_locale_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LANGUAGE")
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    choose()
    assert _("quit at once") != "quit at once"
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    choose()
    assert _("quit at once") == "quit at once"


def test_an_unknown_language_is_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "tlh")
    choose()
    assert _("quit at once") == "quit at once"
    assert ngettext("{n} file", "{n} files", 2) == "{n} files"


def test_a_setting_goes_before_the_locale_and_reaches_child_processes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LANGUAGE", "es")
    choose(Language.RU)
    russian = _("quit at once")
    assert any("а" <= letter <= "я" for letter in russian)
    assert os.environ["LANGUAGE"] == "ru"


def test_a_word_with_two_meanings_has_two_translations_where_a_language_needs_them() -> None:
    choose(Language.FR)
    assert _("fork") == "bifurquer"
    assert title_of_fork("Thé") == "Thé (bifurcation)"
    assert pgettext("turn", "edit") != _("edit")
    choose(Language.EN)
    assert pgettext("turn", "edit") == _("edit") == "edit"
