"""A setting is changed as its owner would do it: that value alone, or not at all."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.conversation import Effort
from chat_tui.errors import SettingsError, UsageError
from chat_tui.preferences.file import SettingsFile
from chat_tui.preferences.kinds import Address
from chat_tui.preferences.table import PREFERENCES
from chat_tui.settings import ReasoningView, Settings

OWN = """\
# mine
effort = "low"  # quick
theme = "chat-light"

[tools]
# asked first
mode = "ask"

[mcp.files]
command = "npx"
"""


def file_with(tmp_path: Path, text: str) -> SettingsFile:
    path = tmp_path / "settings.toml"
    path.write_bytes(text.encode())
    return SettingsFile(path)


def test_comments_and_order_stay(tmp_path: Path) -> None:
    file = file_with(tmp_path, OWN)
    file.set("effort", "high")
    file.set("tools.mode", "read only")
    file.set("temperature", "0.5")
    text = file.path.read_text()
    expected = OWN.replace('"low"', '"high"').replace('"ask"', '"read only"')
    assert text == expected.replace("\n\n[tools]", "\ntemperature = 0.5\n\n[tools]")


def test_a_file_that_is_not_there_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "new" / "settings.toml")
    assert file.read().settings == Settings()
    assert file.set("effort", "high").settings.effort is Effort.HIGH
    assert file.path.read_text() == 'effort = "high"\n'
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert [path.name for path in file.path.parent.iterdir()] == ["settings.toml"]


def test_rights_links_and_line_ends_stay(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_bytes(b'effort = "low"\r\ntheme = "nord"\r\n')
    real.chmod(0o644)
    link = tmp_path / "settings.toml"
    link.symlink_to(real)
    SettingsFile(link).set("reasoning.budget.low", "500")
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o644
    assert real.read_bytes().count(b"\r\n") == real.read_bytes().count(b"\n") == 5


def test_what_changed_on_the_disk_meanwhile_is_kept(tmp_path: Path) -> None:
    file = file_with(tmp_path, 'effort = "low"\n')
    file.read()
    file.path.write_text('# mended\neffort = "low"\ncontext = 4096\n')
    snapshot = file.set("effort", "high")
    assert file.path.read_text() == '# mended\neffort = "high"\ncontext = 4096\n'
    assert snapshot.settings.context == 4096


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("effort", "most", "low, medium, high"),
        ("temperature", "11", "from 0 to 10"),
        ("temperature", "warm", "from 0 to 10"),
        ("context", "0", "from 1"),
        ("context", "1e9", "from 1"),
        ("reasoning.budget.low", "-1", "from 1"),
        ("model", "/no/such.gguf", "no file"),
        ("models.folders", "/no/such", "no folder"),
        ("models.mirror", "ftp://x", "http"),
        ("search_server", "localhost", "http"),
        ("tools.enabled", "rm", "any of"),
        ("theme", "a\x1b[2Jb", "characters"),
        ("instructions", "a\u202eb", "characters"),
        ("instructions", "a" * 20_001, "characters"),
    ],
)
def test_what_cannot_be_is_refused_with_why_and_not_written(
    tmp_path: Path, name: str, text: str, why: str
) -> None:
    file = file_with(tmp_path, OWN)
    with pytest.raises(UsageError) as caught:
        file.set(name, text)
    assert why in str(caught.value)
    assert file.path.read_text() == OWN


def test_a_file_with_a_mistake_is_told_of_and_not_written(tmp_path: Path) -> None:
    file = file_with(tmp_path, 'efort = "low"\n')
    with pytest.raises(SettingsError, match="line 1: unknown setting 'efort'"):
        file.set("effort", "high")
    assert file.path.read_text() == 'efort = "low"\n'


@pytest.mark.parametrize(
    ("before", "view", "after"),
    [
        ("", "shown", 'reasoning = "shown"\n'),
        ('reasoning = "folded"\n', "shown", 'reasoning = "shown"\n'),
        (
            "[reasoning.budget]\nlow = 5\n",
            "shown",
            '[reasoning]\nview = "shown"\n\n[reasoning.budget]\nlow = 5\n',
        ),
    ],
)
def test_the_view_of_the_reasoning_stands_where_it_stood(
    tmp_path: Path, before: str, view: str, after: str
) -> None:
    file = file_with(tmp_path, before)
    file.set("reasoning.view", view)
    assert file.path.read_text() == after


def test_a_budget_makes_a_table_of_the_view(tmp_path: Path) -> None:
    file = file_with(tmp_path, 'reasoning = "shown"\ntheme = "nord"\n')
    found = file.set("reasoning.budget.high", "9,000").settings
    assert found.reasoning is ReasoningView.SHOWN
    assert found.budgets == {Effort.HIGH: 9000}
    assert file.unset("reasoning.budget.high").settings.budgets == {}
    assert file.unset("reasoning.view").settings == Settings(theme="nord")
    assert file.path.read_text().rstrip() == 'theme = "nord"'


def test_what_was_remembered_does_not_go_before_what_was_set(tmp_path: Path) -> None:
    forgotten: list[str] = []
    file = SettingsFile(tmp_path / "settings.toml", forgotten.append)
    file.set("effort", "high")
    file.unset("theme")
    assert forgotten == ["effort", "theme"]


def test_what_can_be_chosen_may_be_known_elsewhere(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "s.toml", choices={"theme": lambda: ["chat-dark", "nord"]})
    assert list(file.choices("theme")) == ["chat-dark", "nord"]
    with pytest.raises(UsageError, match="There is no theme 'nrod'"):
        file.set("theme", "nrod")
    assert file.set("theme", "nord").settings.theme == "nord"


GOOD = {
    "model": "{here}/a.gguf",
    "models.folders": "{here}",
    "models.mirror": "https://example.org",
    "search_server": "http://127.0.0.1:8888",
    "tools.enabled": "browser, python",
    "theme": "nord",
    "instructions": 'Say "please".\nAnd \\ back.',
    "temperature": "0.25",
}


def good(name: str, here: Path) -> str:
    kind = PREFERENCES[name].kind
    usual = "http://127.0.0.1:8080" if isinstance(kind, Address) else "17"
    return kind.choices[-1] if kind.choices else GOOD.get(name, usual).format(here=here)


@given(names=st.lists(st.sampled_from(sorted(PREFERENCES)), max_size=4), start=st.integers(0, 3))
@settings(max_examples=10, deadline=None)
def test_any_row_of_changes_gives_what_was_asked_for_and_back(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], start: int
) -> None:
    here = tmp_path_factory.mktemp("settings")
    (here / "a.gguf").touch()
    before = ["", OWN, "[reasoning.budget]\nlow = 5\n", '[[tools.allow]]\ntool = "python"\n'][start]
    file = file_with(here, before)
    for name in names:
        snapshot = file.set(name, good(name, here))
        assert snapshot.values[name] == PREFERENCES[name].kind.read(good(name, here))
        assert file.read() == snapshot
    for name in names:
        assert name not in file.unset(name).values
