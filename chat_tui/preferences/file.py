"""The settings file, changed as its owner would: one value, everything else as it was.

Knows TOML and the table of settings; must not know a face. The file is read again before each
change, the change is tried before it is written, and the new file takes the old one's place in one
step.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chat_tui.errors import SettingsError, UsageError
from chat_tui.language import _
from chat_tui.preferences.kinds import Secret
from chat_tui.preferences.table import PREFERENCES, preference
from chat_tui.preferences.writing import real_file, write_settings
from chat_tui.settings import Settings, parse_settings


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the file said when it was read."""

    settings: Settings
    values: Mapping[str, object]
    """Those of the table that it sets, by name."""

    def shown(self, name: str) -> str:
        """A setting in words, those of its default where the file says nothing."""
        one = preference(name)
        if name not in self.values:
            return one.usual
        shown = one.kind.show(self.values[name])
        return _(shown) if isinstance(one.kind, Secret) else shown

    def text(self, name: str) -> str:
        """What the file says of a setting, in words; empty where it says nothing."""
        return self.shown(name) if name in self.values else ""


class SettingsFile:
    """The file at ``path``, which need not exist.

    ``forget`` is told the name of what was set: what the program remembered of it by itself does
    not go before the file any more. ``choices`` tells what some settings can be, beyond the table.
    """

    def __init__(
        self,
        path: Path,
        forget: Callable[[str], None] = lambda _name: None,
        choices: Mapping[str, Callable[[], Sequence[str]]] | None = None,
    ) -> None:
        self.path = path
        self._forget = forget
        self._choices = choices or {}

    def read(self) -> Snapshot:
        """What it says now. Raises SettingsError."""
        return self._snapshot(self._text())

    def begin(self, text: str) -> None:
        """Make the file, with ``text`` in it, where there is none. Raises SettingsError."""
        if not real_file(self.path).exists():
            write_settings(self.path, text)

    def choices(self, name: str) -> Sequence[str]:
        """All that a setting can be; empty where that is too much."""
        found = self._choices.get(name)
        return found() if found else preference(name).kind.choices

    def set(self, name: str, text: str) -> Snapshot:
        """Set one. Raises UsageError with what is wrong about ``text``, SettingsError."""
        one = preference(name)
        few = self._choices.get(one.name)
        if few and text not in few():
            one.kind.read(text)
            problem = _("There is no {setting} '{text}'.").format(setting=one.name, text=text[:40])
            raise UsageError(problem, _("There are: {names}.").format(names=", ".join(few())))
        value = one.kind.read(text)
        return self._change(one.name, lambda table: _put(table, one.path, value))

    def unset(self, name: str) -> Snapshot:
        """Let the default hold again. Raises UsageError, SettingsError."""
        one = preference(name)
        return self._change(one.name, lambda table: _take(table, one.path))

    def _change(self, name: str, change: Callable[[MutableMapping[str, Any]], None]) -> Snapshot:
        # Loaded when something is changed: that takes as long as all the settings do.
        import tomlkit  # noqa: PLC0415
        from tomlkit.exceptions import TOMLKitError  # noqa: PLC0415

        before = self._text()
        self._snapshot(before)  # what is wrong already is told as such
        wanted = deepcopy(tomllib.loads(before))
        change(wanted)
        try:
            document = tomlkit.parse(before)
            change(document)
            after = _ended_alike(tomlkit.dumps(document), before)
            good = tomllib.loads(after) == wanted
        except (TOMLKitError, tomllib.TOMLDecodeError, TypeError, ValueError, KeyError):
            good = False
        if not good:
            problem = _("'{name}' cannot be changed in the file as it is.").format(name=name)
            hint = _("Edit it yourself: {path}").format(path=self.path)
            raise SettingsError(problem, hint)
        found = self._snapshot(after)
        if after != before:
            write_settings(self.path, after)
        self._forget(name)
        return found

    def _snapshot(self, text: str) -> Snapshot:
        settings = parse_settings(text, self.path)
        table = tomllib.loads(text)
        values = {name: _at(table, one.path) for name, one in PREFERENCES.items()}
        return Snapshot(settings, {name: v for name, v in values.items() if v is not None})

    def _text(self) -> str:
        try:
            with real_file(self.path).open(encoding="utf-8", newline="") as file:
                return file.read()
        except FileNotFoundError:
            return ""
        except (OSError, UnicodeDecodeError) as error:
            problem = _("{path} cannot be read: {error}.").format(path=self.path, error=error)
            raise SettingsError(problem) from error


def _ended_alike(after: str, before: str) -> str:
    """``after`` with the line ends that ``before`` has."""
    if "\r\n" not in before:
        return after
    return after.replace("\r\n", "\n").replace("\n", "\r\n")


def _at(table: Mapping[str, Any], path: tuple[str, ...]) -> object:
    """The value at ``path``; None where there is none."""
    found: Any = table
    for step, key in enumerate(path):
        if path == _VIEW and step == 1 and isinstance(found, str):
            return found
        if not isinstance(found, Mapping) or key not in found:
            return None
        found = found[key]
    return found


_VIEW = ("reasoning", "view")
"""It may stand as the text ``reasoning`` where the table of that name would be."""


def _put(table: MutableMapping[str, Any], path: tuple[str, ...], value: object) -> None:
    if path == _VIEW and not isinstance(table.get("reasoning"), MutableMapping):
        table["reasoning"] = value
        return
    if path[0] == "reasoning" and isinstance(table.get("reasoning"), str):
        # Taken out and put in anew: tables stand behind everything that is none.
        view = str(table.pop("reasoning"))
        table["reasoning"] = {"view": view}
    for key in path[:-1]:
        if key not in table:
            table[key] = {}
        table = table[key]
    table[path[-1]] = value


def _take(table: MutableMapping[str, Any], path: tuple[str, ...]) -> None:
    """Remove what is there; tables that hold nothing any more go too."""
    if path == _VIEW and isinstance(table.get("reasoning"), str):
        del table["reasoning"]
        return
    first, *rest = path
    if first not in table:
        return
    if rest:
        _take(table[first], tuple(rest))
        if not table[first]:
            del table[first]
    else:
        del table[first]
