"""A tilde that is nobody's: a file that is not there, wherever a path is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat_tui.attachments import NoSuchFile, read_file
from chat_tui.errors import ChatError, InputError
from chat_tui.grammar.load import load_schema
from chat_tui.home import at_home
from chat_tui.session import export
from chat_tui.settings import load_settings

NOBODY = "~nobody-of-that-name/file"


def test_only_the_tilde_of_somebody_becomes_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("USERPROFILE", "/home/me")
    assert at_home("~/a") == Path("/home/me/a")
    assert at_home(Path("~")) == Path("/home/me")
    assert at_home("a/~") == Path("a/~")
    assert at_home(NOBODY) == Path(NOBODY)


def test_whoever_takes_a_path_says_that_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(NoSuchFile):
        read_file(Path(NOBODY))
    with pytest.raises(ChatError):
        load_schema(Path(NOBODY))
    with pytest.raises(InputError, match="cannot be written"):
        export.write("text", NOBODY, "name")
    settings = tmp_path / "settings.toml"
    settings.write_text(f'model = "{NOBODY}"\n[models]\nfolders = ["{NOBODY}"]\n')
    assert load_settings(settings).model == Path(NOBODY)
