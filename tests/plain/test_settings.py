"""``chat-tui settings`` for scripts: what it prints is what ``set`` takes."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from chat_tui.command_line import parser
from chat_tui.conversation import Effort
from chat_tui.engine.scripted import ScriptedEngine
from chat_tui.errors import ChatError, SettingsError, UsageError
from chat_tui.plain.extras import extra_command
from chat_tui.plain.settings import settings_command
from chat_tui.preferences.file import SettingsFile
from chat_tui.preferences.table import PREFERENCES
from chat_tui.session.chat import Chat


@pytest.fixture
def file(tmp_path: Path) -> SettingsFile:
    return SettingsFile(tmp_path / "settings.toml")


def run(file: SettingsFile, *words: str, editor: str = "true") -> str:
    out = io.StringIO()
    parsed = parser().parse_args(["settings", *words])
    assert settings_command(file, parsed, out, {"EDITOR": editor}) == 0
    return out.getvalue().strip()


def test_a_value_is_set_got_and_taken_back(file: SettingsFile) -> None:
    assert run(file, "get", "effort") == "medium"
    assert run(file, "set", "effort", "high") == "effort: high"
    assert run(file, "get", "effort") == "high"
    assert run(file, "unset", "effort") == "effort: medium"
    assert run(file, "get", "context") == ""
    assert run(file, "path") == str(file.path)


def test_the_list_names_all_with_their_defaults(file: SettingsFile) -> None:
    run(file, "set", "tools.enabled", "browser,python")
    text = run(file)
    assert all(f"  {name} = " in text for name in PREFERENCES)
    assert "tools.enabled = browser, python\n" in text
    assert "context = the most that fits (default)" in text
    assert run(file, "list", "gpu").startswith("Model\n  gpu_layers")
    found = json.loads(run(file, "list", "enabled", "--json"))
    assert [one["value"] for one in found] == [["browser", "python"]]


@pytest.mark.parametrize("words", [("set", "effort", "most"), ("get", "efort"), ("set", "x", "1")])
def test_what_cannot_be_is_an_error(file: SettingsFile, words: tuple[str, ...]) -> None:
    with pytest.raises(ChatError):
        run(file, *words)
    assert not file.path.exists()


def test_the_editor_gets_the_file_and_a_slip_is_told(file: SettingsFile) -> None:
    assert run(file, "edit") == "The settings are good."
    assert "# effort: How much" in file.path.read_text()
    with pytest.raises(SettingsError, match="unknown setting 'efort'"):
        run(file, "edit", editor="""sh -c 'echo efort=1 >> "$0"'""")
    with pytest.raises(UsageError, match="cannot be started"):
        run(file, "edit", editor="/no/such/editor")
    with pytest.raises(UsageError, match="ended with 1"):
        run(file, "edit", editor="false")


def test_line_by_line_a_change_holds_at_once_where_it_can(file: SettingsFile) -> None:
    chat = Chat(ScriptedEngine([]))
    text = extra_command(chat, file, "settings", "effort = high")
    assert text == "effort: high."
    assert chat.effort is Effort.HIGH
    assert extra_command(chat, file, "settings", "effort =") == "effort: medium."
    assert chat.effort is Effort.MEDIUM
    text = extra_command(chat, file, "settings", "context=4096")
    assert text == "context: 4096. From the next start on."
    assert "  context = 4096\n" in extra_command(chat, file, "settings", "context tokens")
    with pytest.raises(UsageError):
        extra_command(chat, None, "settings", "")


def test_a_key_is_never_shown(file: SettingsFile) -> None:
    shown = run(file, "set", "engine_key", "sk-1234")
    shown += run(file, "get", "engine_key") + run(file) + run(file, "list", "--json")
    assert "sk-1234" not in shown
    assert 'engine_key = "sk-1234"' in file.path.read_text()
