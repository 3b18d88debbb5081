"""Themes from TOML files, one file a theme; its name is the file's name.

Knows the format and where themes lie; must not know the app. A damaged theme is a problem to be
told of with its line, never a reason not to start.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from textual.color import Color, ColorParseError
from textual.theme import Theme

from chat_tui.errors import SettingsError
from chat_tui.language import _
from chat_tui.settings import line_of
from chat_tui.ui.roles import CONTRAST, ansi_variables, variables, whole
from chat_tui.untrusted import clean_line

DEFAULT = "chat-dark"
ANSI = "ansi"
"""The theme of the terminal's own sixteen colours."""
LARGEST = 64_000
"""Bytes of a file that can be a theme."""
COLORS = (
    "primary",
    "secondary",
    "accent",
    "foreground",
    "muted",
    "background",
    "surface",
    "panel",
    "success",
    "warning",
    "error",
)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}")
_STYLES = {
    "none",
    "bold",
    "b",
    "italic",
    "i",
    "underline",
    "u",
    "reverse",
    "r",
    "strike",
    "s",
    "dim",
}
_KEYS = ("dark", "ansi", "contrast", "colors", "variables")


def folders(user: Path | None) -> tuple[Path, ...]:
    """Where themes are looked for; a later folder wins.

    In the wheel they lie in the package; in an editable install beside it, in the repository.
    """
    package = Path(__file__).resolve().parent.parent
    packaged = package / "themes"
    own = packaged if packaged.is_dir() else package.parent / "themes"
    return (own,) if user is None else (own, user)


class Wardrobe:
    """The themes there are: ours are read when one is wanted, the user's whenever it looks.

    A theme of the user wins over ours of that name, if it can be used.
    """

    def __init__(self, user: Path | None = None) -> None:
        self._folders = folders(user)
        self._paths: dict[str, Path] = {}
        self.problems: tuple[SettingsError, ...] = ()
        """What could not be used when it last looked."""
        self.look()

    def look(self) -> None:
        """See what lies there now."""
        own, *users = self._folders
        problems: list[SettingsError] = []
        self._paths = {path.stem: path for path in _files(own, problems)}
        for folder in users:
            for path in _files(folder, problems):
                try:
                    read_theme(path)
                except SettingsError as error:
                    problems.append(error)
                else:
                    self._paths[path.stem] = path
        self.problems = tuple(problems)

    @property
    def names(self) -> tuple[str, ...]:
        """All that can be chosen, the usual one first."""
        return tuple(sorted(self._paths, key=lambda name: (name != DEFAULT, name)))

    def take(self, name: str) -> Theme:
        """One of them. Raises SettingsError."""
        if name not in self._paths:
            raise SettingsError(_("There is no theme '{name}'.").format(name=clean_line(name)))
        return read_theme(self._paths[name])


def _files(folder: Path, problems: list[SettingsError]) -> list[Path]:
    try:
        return sorted(folder.glob("*.toml"))
    except OSError as error:
        problem = _("Themes in {folder} cannot be listed: {error}.")
        problems.append(SettingsError(problem.format(folder=folder, error=error)))
        return []


def read_theme(path: Path) -> Theme:
    """One theme. Raises SettingsError that names the file and, within it, the line."""
    if not _NAME.fullmatch(path.stem):
        hint = _("A letter, then letters, digits, - and _, 40 at most.")
        problem = _("The theme {path} has a name that none can have.")
        raise SettingsError(problem.format(path=path), hint)
    try:
        if path.stat().st_size > LARGEST:
            problem = _("The theme {path} cannot be read: it is too large.")
            raise SettingsError(problem.format(path=path))
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problem = _("The theme {path} cannot be read: {error}.")
        raise SettingsError(problem.format(path=path, error=error)) from error
    return _Reader(path, text, table).theme()


@dataclass(frozen=True, slots=True)
class _Reader:
    """One file that is TOML."""

    path: Path
    text: str
    table: dict[str, object]

    def theme(self) -> Theme:
        """What it describes. Raises SettingsError."""
        for key in self.table:
            if key not in _KEYS:
                problem = _("unknown key '{key}'.").format(key=key)
                self._wrong(key, problem, _known(_KEYS))
        ansi, dark = self._switch("ansi", False), self._switch("dark", True)
        wanted = self._contrast()
        colors = self._texts("colors")
        for name, color in colors.items():
            self._check(name, color, ansi)
        own = self._variables()
        if "primary" not in colors:
            self._wrong("colors", _("the color 'primary' is missing."))
        if ansi:
            own = {**ansi_variables(colors), **own}
        else:
            colors = whole(colors, dark)
            own = {**variables(colors, wanted), **own}
        return Theme(
            name=self.path.stem,
            primary=colors["primary"],
            secondary=colors.get("secondary"),
            accent=colors.get("accent"),
            foreground=own.get("foreground", colors.get("foreground")),
            background=colors.get("background"),
            surface=colors.get("surface"),
            panel=colors.get("panel"),
            success=colors.get("success"),
            warning=colors.get("warning"),
            error=colors.get("error"),
            dark=dark,
            ansi=ansi,
            variables=own,
        )

    def _wrong(self, key: str, problem: str, hint: str = "", table: str = "") -> NoReturn:
        line = line_of(key, self.text, table)
        where = _("{path}, line {line}: {problem}")
        raise SettingsError(where.format(path=self.path, line=line, problem=problem), hint)

    def _switch(self, key: str, default: bool) -> bool:
        value = self.table.get(key, default)
        if not isinstance(value, bool):
            self._wrong(key, _("'{key}' should be true or false.").format(key=key))
        return value

    def _contrast(self) -> float:
        value = self.table.get("contrast", CONTRAST)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= 21:
            self._wrong("contrast", _("'contrast' should be a number from 1 to 21."))
        return float(value)

    def _check(self, name: str, color: str, ansi: bool) -> None:
        if name not in COLORS:
            problem = _("unknown color '{name}'.").format(name=name)
            self._wrong(name, problem, _known(COLORS), "colors")
        try:
            parsed = Color.parse(color)
        except ColorParseError:
            problem = _("'{name}' is {color!r}, which is no color.").format(name=name, color=color)
            self._wrong(name, problem, _("Write it as #rrggbb."), "colors")
        if ansi is not (parsed.ansi is not None):
            hint = _("With ansi = true all are names such as ansi_cyan; without it none is.")
            problem = _("'{name}' is {color!r}, of the other kind.").format(name=name, color=color)
            self._wrong(name, problem, hint, "colors")
        if parsed.a < 1 and not ansi:
            problem = _("'{name}' is {color!r}, which lets something shine through.")
            problem = problem.format(name=name, color=color)
            self._wrong(name, problem, _("Write it as #rrggbb."), "colors")

    def _variables(self) -> dict[str, str]:
        """Only those that style sheets have, and only values that they can take."""
        found = self._texts("variables")
        known = Theme("known", "#000000").to_color_system().generate() if found else {}
        for name, value in found.items():
            if name not in known:
                problem = _("unknown variable '{name}'.").format(name=name)
                self._wrong(name, problem, "", "variables")
            if not (_is_style(value) if name.endswith("-style") else _is_color(value)):
                problem = _("'{name}' cannot be {value!r}.").format(name=name, value=value)
                self._wrong(name, problem, "", "variables")
        return found

    def _texts(self, key: str) -> dict[str, str]:
        values = self.table.get(key, {})
        if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
            self._wrong(key, _("'{key}' should be a table of texts.").format(key=key))
        return values


def _known(names: Iterable[str]) -> str:
    return _("Known are: {names}.").format(names=", ".join(names))


def _is_style(value: str) -> bool:
    return bool(value.split()) and all(word in {*_STYLES, "not"} for word in value.split())


def _is_color(value: str) -> bool:
    color, _space, part = value.partition(" ")
    if part and not re.fullmatch(r"\d{1,3}%", part):
        return False
    try:
        return color == "auto" or bool(Color.parse(color))
    except ColorParseError:
        return False
