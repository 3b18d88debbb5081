"""The rules that the user has put into the settings file, and the file they stand in.

Knows rules and TOML; must not know calls or a face. Only what the user does writes the file: a rule
that they chose to keep is added behind everything else, and taken out again as it was written.
What they wrote themselves is never touched.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path

from chat_tui.errors import SettingsError
from chat_tui.language import _
from chat_tui.preferences.writing import real_file, write_settings
from chat_tui.session.approval import Rule, Ruling, from_table, to_table
from chat_tui.settings import Settings, parse_settings


def rules_of(settings: Settings, path: Path) -> tuple[Rule, ...]:
    """The rules among the settings, which stand in ``path``. Raises SettingsError."""
    found = []
    for table in settings.tool_rules:
        try:
            found.append(from_table(table))
        except SettingsError as error:
            raise SettingsError(f"{path}, [tools]: {error.message}", error.hint) from error
    return tuple(dict.fromkeys(found))


class Standing:
    """The rules of every conversation."""

    def __init__(self, path: Path | None = None, rules: Sequence[Rule] = ()) -> None:
        """``path`` is the settings file, which need not exist; None keeps nothing."""
        self._path = path
        self._rules = tuple(rules)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """What is settled, as the file was read and changed here."""
        return self._rules

    def keep(self, rule: Rule) -> None:
        """Add a rule that allows, for good. Raises SettingsError."""
        if rule.verdict is not Ruling.ALLOW:
            raise SettingsError(_("Only what allows something can be kept."))
        if rule in self._rules:
            raise SettingsError(_("That stands in the settings already."))
        path, text = self._read()
        _write(path, f"{text}{_block(rule)}", rule, there=True)
        self._rules = (*self._rules, rule)

    def drop(self, rule: Rule) -> bool:
        """Take a rule out; False where it stands in the file in other words than ours.

        It does not hold any more in either case, as long as the program runs. Raises
        SettingsError where the file cannot be written.
        """
        if rule not in self._rules:
            return True
        self._rules = tuple(each for each in self._rules if each != rule)
        path, text = self._read()
        if _block(rule) not in text:
            return False
        _write(path, text.replace(_block(rule), "", 1), rule, there=False)
        return True

    def _read(self) -> tuple[Path, str]:
        if self._path is None:
            raise SettingsError(_("There is no settings file to keep it in."))
        path = real_file(self._path)
        try:
            return path, path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return path, ""
        except (OSError, UnicodeDecodeError) as error:
            unread = _("{path} cannot be read: {error}.").format(path=path, error=error)
            raise SettingsError(unread) from error


def _block(rule: Rule) -> str:
    """The rule as it stands in the file."""
    table = {name: text for name, text in to_table(rule).items() if name != "verdict"}
    lines = [f"{name} = {_quoted(text)}" for name, text in table.items()]
    return "\n".join(("", "[[tools.allow]]", *lines, ""))


def _quoted(text: str) -> str:
    """A TOML string; JSON's are the same, but for one character that it leaves alone."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _write(path: Path, text: str, rule: Rule, *, there: bool) -> None:
    """Put ``text`` into the file if it says of ``rule`` what it should. Raises SettingsError."""
    try:
        tables = tomllib.loads(text).get("tools", {}).get("allow", [])
        held = rule in [from_table({**one, "verdict": "allow"}) for one in tables]
    except (tomllib.TOMLDecodeError, AttributeError, TypeError):
        held = not there
    if held is not there:
        if there:
            failed = _("The rule cannot be added to {path} by itself.")
        else:
            failed = _("The rule cannot be taken out of {path} by itself.")
        raise SettingsError(failed.format(path=path), _("Edit the file:") + _block(rule))
    parse_settings(text, path)  # never a file that the program would not read
    write_settings(path, text)
