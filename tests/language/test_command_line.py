"""The command line is understood in every language, and argparse's own words are of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo

from chat_tui import language
from chat_tui.columns import columns
from chat_tui.command_line import parser
from chat_tui.errors import UsageError
from chat_tui.language import DOMAIN, Language, _, choose
from chat_tui.plain.repl import HELP, help_text
from tests.language.catalogs import LANGUAGES, empty, read, texts

LOUD = re.compile(r"(\{[^{}]*\}|%\(\w+\)[srd]|%[srd])|([^{}%]+)")


@pytest.fixture(autouse=True)
def english_again(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a test chose is gone after it."""
    monkeypatch.setenv("LANGUAGE", "en")
    yield
    monkeypatch.undo()
    choose(Language.EN)


def loud(text: str) -> str:
    """In capitals, but for what is filled in."""
    return LOUD.sub(lambda found: found[1] or found[2].upper(), text)


@pytest.fixture(scope="module")
def capitals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a language that is English in capitals."""
    catalog = empty("fr")
    for message in texts():
        if message.id:
            many = isinstance(message.id, tuple | list)
            forms = tuple(map(loud, message.id)) if many else loud(str(message.id))
            catalog.add(message.id, forms)
    file = BytesIO()
    write_mo(file, catalog)
    folder = tmp_path_factory.mktemp("locale")
    place = folder / "fr" / "LC_MESSAGES"
    place.mkdir(parents=True)
    (place / f"{DOMAIN}.mo").write_bytes(file.getvalue())
    return folder


@pytest.fixture
def in_capitals(capitals: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That language is the chosen one."""
    monkeypatch.setattr(language, "LOCALE", capitals)
    choose(Language.FR)


@pytest.mark.usefixtures("in_capitals")
def test_help_is_in_the_chosen_language_with_argparse_s_own_words() -> None:
    text = parser().format_help()
    for said in ("USAGE: chat-tui", "OPTIONS:", "SHOW THIS HELP MESSAGE", "HOW MUCH THE MODEL"):
        assert said in text


@pytest.mark.usefixtures("in_capitals")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--effort", "huge"], "ARGUMENT --effort: INVALID CHOICE: 'huge'"),
        (["--context", "x"], "INVALID POSITIVE WHOLE NUMBER VALUE: 'x'"),
        (["--seed"], "EXPECTED ONE ARGUMENT"),
        (["models"], "THE FOLLOWING ARGUMENTS ARE REQUIRED"),
        (["ask", "--continue", "--private"], "NOT ALLOWED WITH ARGUMENT"),
        (["list", "--nonsense"], "UNRECOGNIZED ARGUMENTS: --nonsense"),
    ],
)
def test_complaints_are_in_the_chosen_language(words: list[str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parser().parse_args(words)
    assert said in caught.value.message
    assert "--HELP" in caught.value.hint


@pytest.mark.parametrize("name", LANGUAGES)
def test_what_argparse_fills_in_stays_as_it_is(name: str) -> None:
    """It fills by per cent signs: another one would end the program."""
    places = re.compile(r"%(?:\(\w+\))?[srd]")
    for message in read(name):
        if isinstance(message.id, str) and message.string and places.search(message.id):
            assert sorted(places.findall(str(message.string))) == sorted(places.findall(message.id))


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_command_has_help_in_every_language(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    choose(Language(name))
    for words in (["ask"], ["models", "pull"], ["compare"], []):
        with pytest.raises(SystemExit):
            parser().parse_args([*words, "--help"])
        assert "chat-tui" in capsys.readouterr().out


@pytest.mark.parametrize("name", LANGUAGES)
def test_what_follows_an_option_or_a_command_is_in_every_language(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    choose(Language(name))
    with pytest.raises(SystemExit):
        parser().parse_args(["ask", "--help"])
    told = capsys.readouterr().out
    listed = help_text()
    for english in ("--schema FILE", "--model MODEL", "--engine-model NAME"):
        assert english.split()[0] in told
        assert english not in told
    for english in ("/schema FILE", "/settings [WORDS]", "/export [FILE]"):
        assert english.split()[0] in listed
        assert english not in listed
    lines = zip(listed.splitlines(), HELP, strict=False)
    assert len({columns(line[: line.rindex(_(does))]) for line, (_words, does) in lines}) == 1
