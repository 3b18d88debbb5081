"""Themes come from files; a damaged one is told of and costs nothing else; all can be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.theme import Theme

from chat_tui.conversation import Effort
from chat_tui.errors import SettingsError
from chat_tui.ui.console_glyphs import ConsoleGlyphs, lacks_glyphs
from chat_tui.ui.contrast import contrast, readable
from chat_tui.ui.few_colors import Colors, colors_of, plain
from chat_tui.ui.roles import SEEN, TEXT_ROLES, grounds
from chat_tui.ui.themes import ANSI, DEFAULT, Wardrobe, read_theme
from tests.ui.screen import Stage, harmony

NAMES = Wardrobe().names
HIGH = tuple(name for name in NAMES if name.startswith("high-contrast"))


def test_the_themes_that_come_along_are_whole() -> None:
    assert {DEFAULT, "chat-light", "nord", "dracula", "gruvbox", ANSI, *HIGH} <= set(NAMES)
    assert NAMES[0] == DEFAULT
    assert len(NAMES) >= 8
    assert len(HIGH) == 2
    assert not Wardrobe().problems
    assert {Wardrobe().take(name).dark for name in HIGH} == {True, False}


def test_a_theme_of_the_user_wins_over_ours(tmp_path: Path) -> None:
    path = tmp_path / f"{DEFAULT}.toml"
    path.write_text('[colors]\nprimary = "#123456"\n')
    wardrobe = Wardrobe(tmp_path)
    assert wardrobe.take(DEFAULT).primary == "#123456"
    path.write_text('[colors]\nprimary = "#12345"\n')
    wardrobe.look()
    assert wardrobe.take(DEFAULT).primary != "#123456"
    assert "line 2" in wardrobe.problems[0].message


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("dark = true\ncolors = @\n", "at line 2, column 10"),
        ("\n[colors]\nprimary = '#12345'\n", "line 3: 'primary' is '#12345', which is no color"),
        ("[colors]\nprimry = '#123456'\n", "line 2: unknown color 'primry'"),
        ("\n[colors]\naccent = '#123456'\n", "line 2: the color 'primary' is missing"),
        ("[colors]\nprimary = '#12345678'\n", "line 2: 'primary' is '#12345678', which lets"),
        ("[colors]\nprimary = 'ansi_red'\n", "line 2: 'primary' is 'ansi_red', of the other kind"),
        ("ansi = true\n[colors]\nprimary = 'red'\n", "line 3: 'primary' is 'red', of the other"),
        ("\n[colours]\n", "line 2: unknown key 'colours'"),
        ("dark = 1\n[colors]\nprimary = '#123456'\n", "line 1: 'dark' should be"),
        ("contrast = 0.5\n", "line 1: 'contrast' should be"),
        ("colors = 3\n", "line 1: 'colors' should be a table of texts"),
        ("[colors]\nprimary = 3\n", "line 1: 'colors' should be a table of texts"),
        ("[variables]\ntext-muted = 'x y'\n", "line 2: 'text-muted' cannot be 'x y'"),
        ("[variables]\nlink-style = 'red'\n", "line 2: 'link-style' cannot be 'red'"),
        ("[variables]\ntextmuted = 'red'\n", "line 2: unknown variable 'textmuted'"),
    ],
)
def test_a_damaged_theme_says_what_is_wrong_and_where(
    tmp_path: Path, text: str, problem: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        read_theme(path)
    assert problem in caught.value.message
    assert str(path) in caught.value.message


def test_a_theme_that_is_no_text_or_has_a_hostile_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    (tmp_path / "large.toml").write_text("#" * 70_000)
    (tmp_path / "a b\x1b[2J.toml").write_text("[colors]\nprimary = '#123456'\n")
    (tmp_path / "folder.toml").mkdir()
    wardrobe = Wardrobe(tmp_path)
    assert wardrobe.names == NAMES
    assert len(wardrobe.problems) == 4


def test_the_chat_starts_with_a_damaged_theme_and_with_an_unknown_one(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("colours = {}\n")

    async def scenario(stage: Stage) -> None:
        await stage.shows("Known are: dark, ansi, contrast,", "There is no theme 'gone'.")
        assert stage.app.theme == DEFAULT
        await stage.ask("Hello?", "Hello!")

    Stage(harmony("Hello!"), theme="gone", themes=tmp_path).play(scenario)


@pytest.mark.parametrize("name", sorted(set(NAMES) - {ANSI}))
def test_every_role_can_be_read_on_every_ground_it_stands_on(name: str) -> None:
    """4.5 is the WCAG's level AA, 7 its level AAA."""
    wanted = 7 if name in HIGH else 4.5
    theme = Wardrobe().take(name)
    shown = {**theme.to_color_system().generate(), **theme.variables}
    plain_text = grounds(colors_in(theme))
    for role in ("foreground", "text-muted", "text-disabled"):
        assert worst(shown[role], plain_text) >= wanted, role
    for role in TEXT_ROLES:
        assert worst(shown[f"text-{role}"], grounds(colors_in(theme), role)) >= wanted, role
    for text, ground in (
        ("block-cursor-foreground", "block-cursor-background"),
        ("input-selection-foreground", "input-selection-background"),
        ("screen-selection-foreground", "screen-selection-background"),
        ("link-color-hover", "link-background-hover"),
        ("background", "text-error"),
        ("background", "text-warning"),
        ("background", "text-accent"),
    ):
        assert worst(shown[text], [Color.parse(shown[ground])]) >= wanted, ground
    for bar in ("border", "border-blurred", "scrollbar", "scrollbar-hover", "scrollbar-active"):
        assert worst(shown[bar], plain_text[:2]) >= SEEN, bar


def colors_in(theme: Theme) -> dict[str, str]:
    names = ("background", "surface", "panel", "foreground", *TEXT_ROLES)
    return {name: getattr(theme, name) for name in names}


def worst(color: str, below: list[Color]) -> float:
    return min(contrast(Color.parse(color), ground) for ground in below)


@pytest.mark.parametrize("theme", ["chat-light", "solarized-dark", "high-contrast"])
def test_what_is_drawn_can_be_read(theme: str) -> None:
    """Every cell with text: the roles are those that widgets really use."""
    wanted = 7 if theme in HIGH else 4.5

    async def scenario(stage: Stage) -> None:
        await stage.ask("Hello?", "Hello!")
        await stage.send("/effort most")
        await stage.shows("There is no effort")
        for strip in stage.app.screen._compositor.render_strips():
            for text, style, _ in strip:
                if not text.strip(" ·─│╭╮╰╯▌▎") or style is None or style.reverse:
                    continue
                on = [Color.from_rich_color(one) for one in (style.color, style.bgcolor)]
                assert contrast(*on) >= wanted, (text, style)

    Stage(harmony("Hello! `code` [x](https://a.b)", reasoning="hm"), theme=theme).play(scenario)


def test_a_color_is_changed_only_where_it_cannot_be_read() -> None:
    black, white = Color.parse("#000000"), Color.parse("#ffffff")
    red = Color.parse("#ff0000")
    assert contrast(black, white) == pytest.approx(21)
    assert contrast(red, red) == 1
    assert readable(red, [black], 4.5) == red
    assert readable(red, [white], 4.5) != red
    assert contrast(readable(red, [white], 7), white) >= 7
    assert readable(red, [black, white], 7) in (black, white)


@pytest.mark.parametrize(
    ("environment", "system", "colors"),
    [
        ({"TERM": "xterm-256color"}, "256", Colors.MANY),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "truecolor", Colors.MANY),
        ({"TERM": "xterm"}, "standard", Colors.SIXTEEN),
        ({"TERM": "linux"}, "standard", Colors.SIXTEEN),
        ({"TERM": "screen"}, "standard", Colors.SIXTEEN),
        ({"TERM": "vt100"}, "standard", Colors.NONE),
        ({"TERM": "vt220-8bit"}, "standard", Colors.NONE),
        ({"TERM": "linux-m"}, "standard", Colors.NONE),
        ({"TERM": "xterm-mono"}, "standard", Colors.NONE),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "256", Colors.NONE),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, "256", Colors.MANY),
    ],
)
def test_what_a_terminal_shows_is_known(
    environment: dict[str, str], system: str, colors: Colors
) -> None:
    assert colors_of(environment, system) is colors


def test_a_coloured_ground_becomes_reverse() -> None:
    chosen = Style(color="default", bgcolor="cyan", bold=True)
    assert plain(chosen, colors=True) == Style(
        color="cyan", bgcolor="default", bold=True, reverse=True
    )
    assert plain(chosen, colors=False) == Style(
        color="default", bgcolor="default", bold=True, reverse=True
    )
    assert not plain(Style(color="red", bgcolor="default"), colors=True).reverse


def test_the_console_of_linux_gets_characters_that_its_fonts_have() -> None:
    drawn = ConsoleGlyphs().apply([Segment("╭ ▸ “a…” ● ╯ 日本"), Segment("ok")], Color(0, 0, 0))
    assert [segment.text for segment in drawn] == ['┌ ► "a." • ┘ 日本', "ok"]
    assert lacks_glyphs({"TERM": "linux"})
    assert not lacks_glyphs({"TERM": "xterm"})
    assert not lacks_glyphs({})


@pytest.mark.parametrize("name", ["NO_COLOR", "TERM"])
def test_without_colours_none_is_drawn_and_the_choice_is_still_seen(name: str) -> None:
    environment = {"TERM": "xterm-256color", name: "vt100"}

    async def scenario(stage: Stage) -> None:
        await stage.ask("Hello?", "Hello!")
        app = stage.app
        shown = [
            (text, style)
            for strip in app.screen._compositor.render_strips()
            for text, style, _ in strip.apply_filter(app.get_line_filters()[-2], Color(0, 0, 0))
            if style
        ]
        styles = [style for _, style in shown]
        assert all(one.color is None or one.color.is_default for one in styles)
        assert all(one.bgcolor is None or one.bgcolor.is_default for one in styles)
        assert any(one.reverse for one in styles)  # the cursor
        levels = {
            text.strip(): bool(one.reverse) for text, one in shown if text.strip() in list(Effort)
        }
        assert levels == {"low": False, "medium": True, "high": False}
        await stage.send("/theme nord")
        await stage.shows("No colours are shown here.")

    Stage(harmony("Hello!"), environment=environment).play(scenario)
