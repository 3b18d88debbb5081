"""What a theme's colours become on the screen: text that can be read on every ground there is.

Knows colours and Textual's names for their roles; must not know files or widgets. A palette's own
colours stay as they are where they are frames and bars; as text they are made lighter or darker
where they have to be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.color import Color

from chat_tui.ui.contrast import contrast, readable

CONTRAST = 4.5
"""Of text with its ground, in themes that do not ask for more."""
SEEN = 3.0
"""Of frames and bars with the ground they stand on."""
TEXT_ROLES = ("primary", "secondary", "accent", "success", "warning", "error")
"""Colours that are also text, as ``text-primary`` and so on."""
_DARK = {"foreground": "#e0e0e0", "background": "#121212", "surface": "#1e1e1e"}
_LIGHT = {"foreground": "#202020", "background": "#fafafa", "surface": "#f0f0f0"}
_TINTS = (
    ("background", "primary", 0.25),
    ("background", "accent", 0.25),
    ("surface", "accent", 0.2),
    ("background", "warning", 0.25),
    ("background", "error", 0.08),
)
"""What is chosen, warns or failed: a ground, the colour that lies on it in part, and how much."""
_TRACKS = ("scrollbar-background", "scrollbar-background-hover", "scrollbar-background-active")
_CHOSEN = 1
"""So many of them have coloured text on them too, each colour beside that its own."""


def whole(colors: Mapping[str, str], dark: bool) -> dict[str, str]:
    """``colors`` with all that a theme may leave out; ``primary`` it may not."""
    usual = _DARK if dark else _LIGHT
    primary = colors["primary"]
    usual = {**dict.fromkeys(TEXT_ROLES, primary), **usual}
    surface = colors.get("surface", usual["surface"])
    panel = Color.parse(surface).blend(Color.parse(primary), 0.1, 1.0).hex
    muted = colors.get("foreground", usual["foreground"])
    return {**usual, "panel": panel, "muted": muted, **colors}


def grounds(colors: Mapping[str, str], role: str = "") -> list[Color]:
    """Every colour that plain text stands on, or text of that role; ``colors`` are whole."""
    tints = [one for at, one in enumerate(_TINTS) if not role or at < _CHOSEN or one[1] == role]
    return _flat(colors) + [
        Color.parse(colors[ground]).blend(Color.parse(colors[color]), part, 1.0)
        for ground, color, part in tints
    ]


def _flat(colors: Mapping[str, str]) -> list[Color]:
    """The grounds without a tint."""
    return [Color.parse(colors[name]) for name in ("background", "surface", "panel")]


def _bar(grounds: Sequence[Color], muted: Color) -> Color:
    """Between the ground and what is ``muted``, as near to the ground as is still seen."""
    steps = (grounds[0].blend(muted, part / 20, 1.0) for part in range(1, 20))
    return next(
        (step for step in steps if all(contrast(step, ground) >= SEEN for ground in grounds[:2])),
        muted,
    )


def variables(colors: Mapping[str, str], wanted: float) -> dict[str, str]:
    """The variables of the style sheets that are text or stand below it, of whole ``colors``."""

    def text(name: str, role: str = "") -> str:
        return readable(Color.parse(colors[name]), grounds(colors, role), wanted).hex

    def drawn(name: str) -> str:
        return readable(Color.parse(colors[name]), _flat(colors), SEEN).hex

    background, primary = Color.parse(colors["background"]), Color.parse(colors["primary"])
    chosen = background.blend(primary, 0.25, 1.0).hex
    foreground, muted = text("foreground"), text("muted")
    on_primary = readable(background, [primary], wanted).hex
    return {
        **{f"text-{role}": text(role, role) for role in TEXT_ROLES},
        "foreground": foreground,
        "text-muted": muted,
        "text-disabled": muted,
        "block-cursor-background": primary.hex,
        "block-cursor-foreground": on_primary,
        "input-selection-background": chosen,
        "input-selection-foreground": foreground,
        "screen-selection-background": chosen,
        "screen-selection-foreground": foreground,
        "link-background-hover": primary.hex,
        "link-color-hover": on_primary,
        "footer-key-foreground": text("accent", "accent"),
        "border": drawn("primary"),
        "border-blurred": drawn("secondary"),
        "scrollbar": _bar(_flat(colors), Color.parse(muted)).hex,
        "scrollbar-hover": muted,
        "scrollbar-active": drawn("primary"),
        **dict.fromkeys(_TRACKS, "transparent"),
    }


def ansi_variables(colors: Mapping[str, str]) -> dict[str, str]:
    """The same for a theme of the terminal's own colours: its own text on its own ground."""
    primary = colors["primary"]
    own = (
        *("text-muted", "text-disabled", "foreground-disabled", "surface-active"),
        *("ansi-background", "ansi-foreground", "screen-selection-foreground"),
        *_TRACKS,
    )
    colored = (
        *("scrollbar", "scrollbar-hover", "scrollbar-active", "border", "border-blurred"),
        *("block-cursor-background", "input-selection-background", "screen-selection-background"),
    )
    return {**dict.fromkeys(own, "ansi_default"), **dict.fromkeys(colored, primary)}
