"""The settings on the screen: found, explained, changed in the file, and obeyed at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat_tui.conversation import Effort
from chat_tui.errors import UsageError
from chat_tui.preferences.file import SettingsFile, Snapshot
from chat_tui.preferences.table import PREFERENCES, matching
from chat_tui.settings import Settings
from chat_tui.ui.settings.rows import details, listed, row
from tests.ui.screen import Stage


def test_it_is_found_changed_and_obeyed(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('# mine\ntheme = "nord"\n')

    async def scenario(stage: Stage) -> None:
        press = stage.pilot.press
        await stage.send("/settings")
        await stage.shows("Settings ·", "Answers", "  effort ", "How much the model reasons,")
        await press("enter")
        await stage.shows("effort: high.")
        assert stage.chat.effort is Effort.HIGH
        path.write_text(path.read_text() + "# added meanwhile\n")

        await press(*"temper")
        await stage.shows("a number from 0 to 10")
        await stage.hides("Screen")
        await press("enter", *"11", "enter")
        await stage.shows("11 is out of range.")
        await press("backspace", "backspace", *"0.5", "enter")
        await stage.shows("temperature: 0.5.")
        assert stage.chat.options.sampling.temperature == 0.5

        await press("escape", *"theme")
        await stage.shows("• theme", "nord")
        await press("escape", *"effort", "f8")
        await stage.shows("effort: medium.")
        assert stage.chat.effort is Effort.MEDIUM
        text = '# mine\ntheme = "nord"\n# added meanwhile\ntemperature = 0.5\n'
        assert path.read_text() == text

        await press("escape", "escape")
        await stage.shows("ready")

    Stage(settings=SettingsFile(path)).play(scenario, size=(80, 24))


def test_a_file_with_a_mistake_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text("efort = 1\n")

    async def scenario(stage: Stage) -> None:
        await stage.send("/settings")
        await stage.shows("line 1: unknown", "'efort'")

    Stage(settings=SettingsFile(path)).play(scenario)


def test_a_theme_is_seen_while_it_is_chosen_and_kept_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    themes = tmp_path / "themes"
    themes.mkdir()

    async def scenario(stage: Stage) -> None:
        press, app = stage.pilot.press, stage.app
        (themes / "mine.toml").write_text("\n[colors]\nprimary = 'no'\n")
        await stage.send("/theme")
        await stage.shows("● chat-dark", "high-contrast-light", "line 3:")
        await press("down", "down")
        await stage.until(lambda: app.theme == "catppuccin-latte")
        assert app.screen_stack[0].styles.background.hex == "#EFF1F5"
        await press("escape")
        await stage.until(lambda: app.theme == "chat-dark")
        assert not path.exists()

        (themes / "mine.toml").write_text("[colors]\nprimary = '#123456'\n")
        await stage.send("/theme")
        await stage.shows("  mine")
        await press("down", "enter")
        await stage.shows("The theme is ansi.")
        assert app.theme == "ansi"
        await stage.send("/theme mine")
        await stage.shows("The theme is mine.")
        assert path.read_text() == 'theme = "mine"\n'
        await stage.send("/theme nope")
        await stage.shows("There is no theme 'nope'.")

    Stage(settings=SettingsFile(path), themes=themes).play(scenario)


def test_a_long_text_is_written_in_the_users_editor_and_never_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, given = tmp_path / "settings.toml", []
    answers = ["Be brief.\nSay please.", "\x1b[31m red", UsageError("nano ended with 1."), "Short."]

    def editor(text: str, _suspended: object) -> str:
        given.append(text)
        match answers.pop(0):
            case str(written):
                return written
            case error:
                raise error

    monkeypatch.setattr("chat_tui.ui.settings.screen.write_in_editor", editor)

    async def scenario(stage: Stage) -> None:
        press = stage.pilot.press
        await stage.send("/settings effort")
        await stage.shows("How much the model reasons,")
        await press("ctrl+g")
        await stage.shows("Enter changes it.")
        await press("escape", *"instruc", "ctrl+g")
        await stage.shows("instructions: Be brief.")
        assert stage.chat.instructions == "Be brief.\nSay please."
        await press("enter")
        await stage.shows("It has several lines: Ctrl+G opens it in your editor.")
        await press("ctrl+g")
        await stage.shows("It has characters that a setting cannot have.")
        await press("ctrl+g")
        await stage.shows("nano ended with 1.")
        await press("ctrl+g")
        await stage.shows("instructions: Short.")
        refused = "\x1b[31m red"
        assert given == ["", "Be brief.\nSay please.", refused, refused]
        await press("enter")
        await stage.until(lambda: stage.app.focused and stage.app.focused.id == "value")
        await press(*" Yes", "ctrl+g")
        await stage.shows("instructions: Short and long.")
        assert "long.." not in stage.text

    answers.append("Short and long.")
    Stage(settings=SettingsFile(path)).play(scenario)
    assert given[-1] == "Short. Yes"
    assert 'instructions = "Short and long."' in path.read_text()


@pytest.mark.parametrize("width", [36, 76])
def test_a_row_fits_and_what_is_set_is_marked(width: int) -> None:
    snapshot = Snapshot(Settings(), {"instructions": "Say \x1b[31mplease " * 20})
    for one in matching(""):
        content = row(one, snapshot, width)
        assert content.cell_length <= width
        assert content.plain.startswith("• " if one.name == "instructions" else "  ")
        assert "\x1b" not in content.plain
        text = details(one, snapshot, one.kind.choices).plain
        assert one.does in text
        assert "In use now: x" in details(one, snapshot, [], "x").plain
        assert "Default: " in text
        assert one.restart is ("next start" in text)


@pytest.mark.parametrize("width", [24, 36])
def test_names_that_begin_alike_differ_where_it_is_narrow(width: int) -> None:
    snapshot = Snapshot(Settings(), {})
    names = {row(one, snapshot, width).plain.split()[0] for one in matching("budget")}
    assert len(names) == len(matching("budget")) > 1


def test_groups_stand_above_what_belongs_to_them() -> None:
    found = list(listed(list(PREFERENCES.values())))
    assert found[0] == "Answers"
    assert [one for one in found if isinstance(one, str)] == ["Answers", "Model", "Tools", "Screen"]


def test_where_it_is_narrow_the_keys_take_a_second_line(tmp_path: Path) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.shows("ready")
        await stage.send("/settings")
        await stage.shows("Enter change · F8 default · Esc close")

    Stage(settings=SettingsFile(tmp_path / "settings.toml")).play(scenario, size=(40, 20))
