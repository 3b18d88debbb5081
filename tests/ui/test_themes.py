"""Themes come from files; a damaged one is told of and costs nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat_tui.errors import SettingsError
from chat_tui.ui.themes import DEFAULT, folders, load_themes, read_theme
from tests.ui.screen import Stage, harmony


def test_the_themes_that_come_along_are_whole() -> None:
    themes = load_themes(folders(None))
    assert {DEFAULT, "chat-light", "high-contrast"} <= set(themes.found)
    assert not themes.problems
    assert not themes.found["chat-light"].dark


def test_a_theme_of_the_user_wins_over_ours(tmp_path: Path) -> None:
    (tmp_path / f"{DEFAULT}.toml").write_text('[colors]\nprimary = "#123456"\n')
    assert load_themes(folders(tmp_path)).found[DEFAULT].primary == "#123456"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("colors", "cannot be read"),
        ("[colors]\nprimary = '#12345'\n", "no color"),
        ("[colors]\nprimry = '#123456'\n", "unknown color 'primry'"),
        ("[colors]\naccent = '#123456'\n", "'primary' is missing"),
        ("[colours]\n", "unknown key 'colours'"),
        ("dark = 1\n[colors]\nprimary = '#123456'\n", "'dark' should be"),
        ("colors = 3\n", "should be a table of texts"),
        ("[colors]\nprimary = 3\n", "should be a table of texts"),
    ],
)
def test_a_damaged_theme_says_what_is_wrong(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        read_theme(path)
    assert problem in caught.value.message
    assert str(path) in caught.value.message


def test_the_chat_starts_with_a_damaged_theme_and_with_an_unknown_one(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("colours = {}\n")

    async def scenario(stage: Stage) -> None:
        await stage.shows("Known are: dark, colors, variables.", "There is no theme 'gone'.")
        assert stage.app.theme == DEFAULT
        await stage.ask("Hello?", "Hello!")

    Stage(harmony("Hello!"), theme="gone", themes=tmp_path).play(scenario)


@pytest.mark.parametrize("theme", sorted(load_themes(folders(None)).found))
def test_text_can_be_read_in_every_theme(theme: str) -> None:
    """Every cell with text has a contrast of at least 3, the AA level for large text."""

    async def scenario(stage: Stage) -> None:
        await stage.ask("Hello?", "Hello!")
        for strip in stage.app.screen._compositor.render_strips():
            for text, style, _ in strip:
                if not text.strip(" ─│╭╮╰╯▌") or style is None or style.reverse:
                    continue
                if "Ask anything" in text or "sk anything" in text:
                    continue
                assert _contrast(style.color, style.bgcolor) >= 3, (text, style)

    Stage(harmony("Hello! `code` [x](https://a.b)", reasoning="hm"), theme=theme).play(scenario)


def _contrast(one: object, other: object) -> float:
    def luminance(color: object) -> float:
        parts = [
            part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4
            for part in color.get_truecolor()  # type: ignore[attr-defined]
        ]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
