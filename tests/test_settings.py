"""A settings file is obeyed or refused with its line; what is remembered never stops a start."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat_tui.conversation import Effort
from chat_tui.errors import SettingsError
from chat_tui.memory import Memory
from chat_tui.servers import Server
from chat_tui.settings import (
    ReasoningView,
    Settings,
    ToolMode,
    load_settings,
    with_remembered,
)


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "none.toml") == Settings()


def test_values_are_read(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        'model = "/models/gpt-oss.gguf"\neffort = "high"\nreasoning = "shown"\n'
        "temperature = 1\ncontext = 8192\n",
    )
    assert load_settings(path) == Settings(
        model=Path("/models/gpt-oss.gguf"),
        effort=Effort.HIGH,
        reasoning=ReasoningView.SHOWN,
        temperature=1.0,
        context=8192,
    )


def test_tools_stand_in_a_table(tmp_path: Path) -> None:
    path = write(tmp_path, '[tools]\nmode = "read only"\nenabled = ["browser", "python"]\n')
    settings = load_settings(path)
    assert settings.tool_mode is ToolMode.READ_ONLY
    assert settings.tools == ("browser", "python")


@pytest.mark.parametrize(
    "line", ['mode = "yolo"', 'enabled = ["rm"]', 'enabled = "python"', "always = true"]
)
def test_what_is_wrong_about_tools_is_named_with_its_line(tmp_path: Path, line: str) -> None:
    with pytest.raises(SettingsError, match="line 2"):
        load_settings(write(tmp_path, f"[tools]\n{line}\n"))


def test_servers_stand_in_a_table_each(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        '[mcp.files]\ncommand = "npx"\nargs = ["-y", "server"]\ncwd = "/srv"\n'
        'env = {LEVEL = "2"}\ninherit = ["TOKEN"]\n[mcp.time]\ncommand = "uvx"\n',
    )
    files, other = load_settings(path).servers
    assert files == Server(
        "files", "npx", ("-y", "server"), {"LEVEL": "2"}, ("TOKEN",), Path("/srv")
    )
    assert (other.title, other.command_line, other.cwd) == ("mcp.time", "uvx", None)
    assert files.sha256 != other.sha256


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[mcp]\nfiles = 3\n", "line 1: 'mcp' should hold a table"),
        ('\n[mcp."a b"]\ncommand = "x"\n', "cannot be the name"),
        ('[mcp.a]\ncommand = "x"\n[mcp.b]\nargs = []\n', "line 3: 'mcp.b.command'"),
        ('[mcp.a]\ncommand = "x"\nargs = "y"\n', "'mcp.a.args' should be a list"),
        ('[mcp.a]\ncommand = "x"\nenv = {A = 1}\n', "'mcp.a.env' should be a table"),
        ('[mcp.a]\ncommand = "x"\ninherit = ["A=1"]\n', "'mcp.a.inherit' should be"),
        ('[mcp.a]\ncommand = "x"\ncwd = "here"\n', "'mcp.a.cwd' should be a whole path"),
        ('[mcp.a]\ncomand = "x"\n', "'mcp.a.comand' is unknown"),
        ('[mcp.a]\ncommand = "x\\u0000"\n', "no command can have"),
    ],
)
def test_a_mistake_about_a_server_is_told(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(SettingsError, match=expected):
        load_settings(write(tmp_path, text))


def test_budgets_stand_in_a_table_of_the_reasoning(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        'effort = "low"\n[reasoning]\nview = "hidden"\n'
        "[reasoning.budget]\nlow = 500\nhigh = 9000\n",
    )
    assert load_settings(path) == Settings(
        effort=Effort.LOW,
        reasoning=ReasoningView.HIDDEN,
        budgets={Effort.LOW: 500, Effort.HIGH: 9000},
    )
    dotted = load_settings(write(tmp_path, "reasoning.budget.medium = 7\n"))
    assert dotted == Settings(budgets={Effort.MEDIUM: 7})


@pytest.mark.parametrize("value", ["0", "-5"])
def test_a_budget_of_nothing_is_told_with_what_is_the_least(tmp_path: Path, value: str) -> None:
    path = write(tmp_path, f"[reasoning.budget]\nlow = 3\nhigh = {value}\n")
    with pytest.raises(
        SettingsError, match=f"line 3: 'reasoning.budget.high' is {value}"
    ) as caught:
        load_settings(path)
    assert "cannot skip reasoning" in caught.value.hint


def test_where_the_model_goes_can_be_set(tmp_path: Path) -> None:
    path = write(tmp_path, 'gpu_layers = 20\ncpu_experts = 12\nflash_attention = "off"\n')
    found = load_settings(path)
    assert (found.gpu_layers, found.cpu_experts) == (20, 12)
    assert found.flash_attention.wish is False
    assert Settings().flash_attention.wish is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[reasoning.budget]\nhuge = 3\n", "line 2: 'reasoning.budget.huge' is no effort"),
        ('[reasoning.budget]\nlow = "3"\n', "line 2: 'reasoning.budget.low' should be a whole"),
        ("[reasoning]\nbudget = 3\n", "line 2: unknown setting 'reasoning.budget'"),
        ("[reasoning]\ndepth = 3\n", "line 2: unknown setting 'reasoning.depth'"),
        ('[reasoning]\nview = "upside down"\n', "'reasoning' is 'upside down'"),
        ("budgets = 3\n", "line 1: unknown setting 'budgets'"),
        ('# first\nefort = "high"\n', "line 2: unknown setting 'efort'"),
        ('\n\neffort = "extreme"\n', "line 3: 'effort' is 'extreme'"),
        ("context = true\n", "line 1: 'context' should be a whole number"),
        ("theme = 3\n", "line 1: 'theme' should be text"),
        ('flash_attention = "maybe"\n', "line 1: 'flash_attention' is 'maybe'"),
        ('cpu_experts = "all"\n', "line 1: 'cpu_experts' should be a whole number"),
        ("[engines]\nx = 1\n", "line 1: unknown setting 'engines'"),
        ("effort = \n", "is not valid TOML"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(SettingsError, match=expected):
        load_settings(write(tmp_path, text))


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(path)


def test_what_is_remembered_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "state" / "remembered.json"
    Memory(path).remember("effort", "high")
    assert Memory(path).values == {"effort": "high"}
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damage", ["", "[1, 2]", "{", '{"effort": 3}', "\x00"])
def test_a_damaged_memory_is_an_empty_one(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "remembered.json"
    path.write_text(damage, encoding="utf-8")
    assert Memory(path).values == {}


def test_a_memory_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    memory = Memory(tmp_path / "file" / "remembered.json")
    memory.remember("effort", "low")
    assert memory.values == {"effort": "low"}


def test_remembered_choices_win_where_they_still_exist() -> None:
    remembered = {"effort": "low", "reasoning": "sideways", "theme": "chat-light"}
    assert with_remembered(Settings(), remembered) == Settings(
        effort=Effort.LOW, theme="chat-light"
    )
