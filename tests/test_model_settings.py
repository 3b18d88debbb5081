"""What the user may set about models, and the choice that the program remembers."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat_tui.errors import ModelFileError, SettingsError
from chat_tui.model_settings import ModelSettings, chosen_model, still_there
from chat_tui.settings import load_settings


def test_folders_and_a_mirror_can_be_set(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[models]\nfolders = ["~/gguf", "/big"]\nmirror = "https://mirror.example/"\n')
    models = load_settings(file).models
    assert models.folders == (Path.home() / "gguf", Path("/big"))
    assert models.mirror == "https://mirror.example"
    assert load_settings(tmp_path / "none.toml").models == ModelSettings()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("models = 3", "should be a table"),
        ("[models]\nfolder = []", "models.folder' is unknown"),
        ('[models]\nfolders = "one"', "list of paths"),
        ("[models]\nfolders = [3]", "list of paths"),
        ('[models]\nmirror = "mirror"', "https://"),
        ('[models]\nmirror = "file:///etc"', "https://"),
        ('[models]\nmirror = "http://[x"', "https://"),
        ("[models]\nmirror = 3", "https://"),
    ],
)
def test_what_cannot_be_is_told_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(f"# one line more\n{text}\n")
    with pytest.raises(SettingsError) as caught:
        load_settings(file)
    assert words in str(caught.value)
    assert "line 2" in str(caught.value)


def test_a_choice_that_is_gone_is_told_and_any_other_path_is_not_its_business(
    tmp_path: Path,
) -> None:
    gone = tmp_path / "gone.gguf"
    remembered = {"model": str(gone)}
    assert chosen_model(remembered) == gone
    assert chosen_model({"model": ""}) is None
    assert chosen_model({}) is None
    assert chosen_model({}, gone) == gone
    assert chosen_model({"model": "embedded"}, gone) is None
    with pytest.raises(ModelFileError, match="no longer there"):
        still_there(gone, remembered)
    assert still_there(gone, {}) == gone
    gone.touch()
    assert still_there(gone, remembered) == gone
