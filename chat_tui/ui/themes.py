"""Themes from TOML files, one file a theme; its name is the file's name.

Knows the format and where themes lie; must not know the app. A damaged theme is a problem to be
told of, never a reason not to start.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from textual.color import Color, ColorParseError
from textual.theme import Theme

from chat_tui.errors import SettingsError

DEFAULT = "chat-dark"
COLORS = (
    "primary",
    "secondary",
    "accent",
    "foreground",
    "background",
    "surface",
    "panel",
    "success",
    "warning",
    "error",
)


@dataclass(frozen=True, slots=True)
class Themes:
    """What was found, by name, and what could not be used."""

    found: dict[str, Theme]
    problems: tuple[SettingsError, ...] = ()


def folders(user: Path | None) -> tuple[Path, ...]:
    """Where themes are looked for; a later folder wins.

    In the wheel they lie in the package; in an editable install beside it, in the repository.
    """
    package = Path(__file__).resolve().parent.parent
    packaged = package / "themes"
    own = packaged if packaged.is_dir() else package.parent / "themes"
    return (own,) if user is None else (own, user)


def load_themes(where: Iterable[Path]) -> Themes:
    """Every theme in ``where``."""
    found: dict[str, Theme] = {}
    problems: list[SettingsError] = []
    for folder in where:
        for path in sorted(folder.glob("*.toml")):
            try:
                found[path.stem] = read_theme(path)
            except SettingsError as error:
                problems.append(error)
    return Themes(found, tuple(problems))


def read_theme(path: Path) -> Theme:
    """One theme. Raises SettingsError."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"The theme {path} cannot be read: {error}.") from error
    unknown = set(table) - {"dark", "colors", "variables"}
    if unknown:
        raise SettingsError(
            f"{path}: unknown key '{min(unknown)}'.", "Known are: dark, colors, variables."
        )
    dark = table.get("dark", True)
    if not isinstance(dark, bool):
        raise SettingsError(f"{path}: 'dark' should be true or false.")
    colors = _texts(path, table, "colors")
    for name, color in colors.items():
        if name not in COLORS:
            raise SettingsError(
                f"{path}: unknown color '{name}'.", f"Known are: {', '.join(COLORS)}."
            )
        try:
            Color.parse(color)
        except ColorParseError as error:
            raise SettingsError(
                f"{path}: '{name}' is {color!r}, which is no color.", "Write it as #rrggbb."
            ) from error
    if "primary" not in colors:
        raise SettingsError(f"{path}: the color 'primary' is missing.")
    variables = _texts(path, table, "variables")
    return Theme(
        name=path.stem,
        primary=colors["primary"],
        secondary=colors.get("secondary"),
        accent=colors.get("accent"),
        foreground=colors.get("foreground"),
        background=colors.get("background"),
        surface=colors.get("surface"),
        panel=colors.get("panel"),
        success=colors.get("success"),
        warning=colors.get("warning"),
        error=colors.get("error"),
        dark=dark,
        variables=variables,
    )


def _texts(path: Path, table: dict[str, object], key: str) -> dict[str, str]:
    values = table.get(key, {})
    if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
        raise SettingsError(f"{path}: '{key}' should be a table of texts.")
    return values
