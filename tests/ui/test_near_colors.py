"""Themes on a terminal of 256 colours: their grounds stay theirs, their text can be read."""

from __future__ import annotations

import pytest
from rich.color import Color as RichColor
from rich.style import Style
from textual.color import Color

from chat_tui.ui.contrast import contrast
from chat_tui.ui.near_colors import near, number, palette
from chat_tui.ui.roles import TEXT_ROLES, grounds
from chat_tui.ui.themes import ANSI, Wardrobe
from tests.ui.test_themes import HIGH, NAMES, colors_in


def test_every_colour_of_the_palette_is_its_own_nearest() -> None:
    for at in range(16, 256):
        assert palette(number(palette(at))) == palette(at)


def test_a_dark_ground_with_a_tint_is_a_dark_grey() -> None:
    grounds = [palette(number(Color.parse(one))) for one in ("#15181c", "#242a32", "#2e3440")]
    assert [one.hex for one in grounds] == ["#1C1C1C", "#262626", "#3A3A3A"]


@pytest.mark.parametrize("name", ["chat-dark", "chat-light"])
def test_the_grounds_of_our_own_themes_stay_apart(name: str) -> None:
    colors = colors_in(Wardrobe().take(name))
    found = {number(Color.parse(colors[one])) for one in ("background", "surface", "panel")}
    assert len(found) == len(("background", "surface", "panel"))


def test_the_terminals_own_colours_stay() -> None:
    for style in (
        Style(color="red", bgcolor="default"),
        Style(bold=True),
        Style(color="color(99)"),
    ):
        assert near(style) == style


@pytest.mark.parametrize("name", sorted(set(NAMES) - {ANSI}))
def test_what_can_be_read_in_a_theme_can_be_read_there(name: str) -> None:
    theme = Wardrobe().take(name)
    shown = {**theme.to_color_system().generate(), **theme.variables}
    for role in ("foreground", "muted", *TEXT_ROLES):
        text = shown[role if role == "foreground" else f"text-{role}"]
        for ground in grounds(colors_in(theme), role if role in TEXT_ROLES else ""):
            style = near(Style(color=text, bgcolor=ground.hex))
            on = [palette(each.number or 0) for each in (style.color, style.bgcolor) if each]
            # On one ground of a warning even white has no more than 6.7.
            assert contrast(*on) >= (6.7 if name in HIGH else 4.5), (role, ground.hex)


def test_the_shades_of_a_picture_are_not_pushed_apart() -> None:
    style = near(Style(color="#808080", bgcolor="#7c7c7c"))
    assert style.color == style.bgcolor == RichColor.from_ansi(244)


def test_a_number_is_what_goes_to_the_terminal() -> None:
    style = near(Style(color="#9aa2ad", bgcolor="#242a32", italic=True))
    assert style.italic
    assert style.bgcolor == RichColor.from_ansi(235)
    assert "48;5;235" in style.render("x")
