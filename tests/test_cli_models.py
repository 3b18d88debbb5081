"""``chat-tui models`` as a shell sees it, and what the choice does to the other commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.gguf_factory import shared_model
from tests.test_cli import refused, run


@pytest.fixture
def model(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = home / "Models" / "mine.gguf"
    path.parent.mkdir()
    path.hardlink_to(shared_model(tmp_path_factory.getbasetemp(), layers=1))
    return path


def test_the_choice_holds_until_it_is_forgotten(home: Path, model: Path) -> None:
    settings = home / "config" / "chat-tui" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'[models]\nfolders = ["{model.parent}"]\n')
    assert run("models", "use", "mine").returncode == 0
    listed = json.loads(run("models", "list", "--json").stdout)
    chosen = [one for one in listed["models"] if one["chosen"]]
    assert [(one["name"], one["path"]) for one in chosen] == [("mine", str(model))]
    model.unlink()
    refused(run("ask", "Hi"), "no longer there", "chat-tui models forget")
    forgotten = run("models", "forget")
    assert forgotten.returncode == 0
    assert str(model) in forgotten.stdout.decode()


@pytest.mark.usefixtures("home")
def test_wrong_words_are_told() -> None:
    refused(run("models"), "ACTION")
    refused(run("models", "use", "nonsense"), "no model nonsense", "embedded")


@pytest.mark.usefixtures("home")
def test_a_download_that_may_not_be_is_refused_in_words() -> None:
    result = run("models", "pull", "gpt-oss-20b", environment={"HF_HUB_OFFLINE": "1"})
    assert result.returncode == 2
    assert "HF_HUB_OFFLINE is set" in result.stderr.decode()
    assert "Traceback" not in result.stderr.decode()
