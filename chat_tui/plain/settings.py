"""``chat-tui settings``: list, get, set, unset, path, edit.

Knows the table of settings, their file and text streams; must not know what a setting does.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any, TextIO

from chat_tui.columns import wrapped
from chat_tui.errors import UsageError
from chat_tui.language import N_, _
from chat_tui.preferences.file import SettingsFile, Snapshot
from chat_tui.preferences.kinds import Secret
from chat_tui.preferences.table import ELSEWHERE, PREFERENCES, Preference, matching, preference
from chat_tui.untrusted import clean, clean_line

_ACTIONS = {
    "list": N_("all settings with their values; words choose some"),
    "get": N_("the value of one"),
    "set": N_("write one to the file; its comments and order stay"),
    "unset": N_("take one out of the file: its default holds again"),
    "path": N_("where the file lies"),
    "edit": N_("open the file in $VISUAL or $EDITOR, and check it afterwards"),
}


def add_settings(commands: argparse._SubParsersAction[Any], run: str) -> None:
    """Add the parser; it sets ``run``, and ``action`` to the name of what is to be done."""
    settings = commands.add_parser("settings", help=_("see and change what is set"))
    settings.set_defaults(run=run, action="list", words=[], json=False)
    actions = settings.add_subparsers(metavar=_("ACTION"), title=_("actions"))
    for name, marked in _ACTIONS.items():
        text = _(marked)
        parser = actions.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        parser.set_defaults(run=run, action=name)
        if name == "list":
            parser.add_argument("words", nargs="*", metavar=_("WORD"))
            parser.add_argument("--json", action="store_true", help=_("for programs"))
        if name in ("get", "set", "unset"):
            parser.add_argument("name", metavar=_("NAME"), help=_("as listed"))
        if name == "set":
            parser.add_argument("value", metavar=_("VALUE"), help=_("what it is to be"))


def settings_command(
    file: SettingsFile,
    words: argparse.Namespace,
    stdout: TextIO,
    environment: Mapping[str, str],
    width: int = 80,
) -> int:
    """Do what ``words.action`` says; an exit code. Raises ChatError."""
    match words.action:
        case "path":
            print(file.path, file=stdout)
        case "edit":
            _edit(file, stdout, environment)
        case "get":
            print(_got(file.read(), preference(words.name)), file=stdout)
        case "set" | "unset":
            one = preference(words.name)
            if words.action == "set":
                snapshot = file.set(one.name, words.value)
            else:
                snapshot = file.unset(one.name)
            print(f"{one.name}: {clean_line(snapshot.shown(one.name))}", file=stdout)
        case _:
            snapshot, chosen = file.read(), matching(" ".join(words.words))
            if words.json:
                print(json.dumps(_document(snapshot, chosen), indent=1), file=stdout)
            else:
                print("\n".join(listed(snapshot, chosen, width)), file=stdout)
    return 0


def _got(snapshot: Snapshot, one: Preference) -> str:
    """The value as ``set`` takes it; empty where the program chooses by itself."""
    if one.name in snapshot.values:
        return clean(snapshot.shown(one.name))
    try:
        one.kind.read(one.default)
    except UsageError:
        return ""
    return one.default if one.kind.hint != "text" else ""


def listed(snapshot: Snapshot, chosen: list[Preference], width: int = 80) -> Iterator[str]:
    """Lines about these settings, under the titles of their groups."""
    group, usual = "", _("default")
    if not chosen:
        yield _("No setting has all of these words.")
    for one in chosen:
        if one.group != group:
            yield f"\n{_(one.group)}" if group else _(one.group)
            group = one.group
        state = "" if one.name in snapshot.values else f" ({usual})"
        yield f"  {one.name} = {clean_line(snapshot.shown(one.name))}{state}"
        said = f"{_(one.does)} {_(one.more)}".strip()
        if one.restart:
            said += " " + _("From the next start on.")
        indent = " " * 6
        yield from wrapped(said, width, indent, indent)
    if len(chosen) == len(PREFERENCES):
        yield ""
        yield from wrapped(_(ELSEWHERE), width)


def _document(snapshot: Snapshot, chosen: list[Preference]) -> list[dict[str, object]]:
    return [
        {
            "name": one.name,
            "group": one.group,
            "does": one.does,
            "value": _value(snapshot, one),
            "default": one.default,
            "can_be": one.kind.hint,
            "restart": one.restart,
        }
        for one in chosen
    ]


def _value(snapshot: Snapshot, one: Preference) -> object:
    value = snapshot.values.get(one.name)
    return one.kind.show(value) if value and isinstance(one.kind, Secret) else value


def _edit(file: SettingsFile, stdout: TextIO, environment: Mapping[str, str]) -> None:
    """Raises SettingsError for what was written, UsageError where there is no editor."""
    editor = environment.get("VISUAL") or environment.get("EDITOR") or "vi"
    file.begin(_template())
    try:
        code = subprocess.run([*shlex.split(editor), os.fspath(file.path)], check=False).returncode
    except (OSError, ValueError) as error:
        hint = _("Set VISUAL or EDITOR, or open {path} yourself.").format(path=file.path)
        raise UsageError(
            _("The editor '{editor}' cannot be started.").format(editor=clean_line(editor)), hint
        ) from error
    if code:
        raise UsageError(
            _("The editor '{editor}' ended with {code}.").format(
                editor=clean_line(editor), code=code
            )
        )
    file.read()
    print(_("The settings are good."), file=stdout)


def _template() -> str:
    """What a new file says: everything there is, commented out."""
    head = _("chat-tui settings. Take the # from a line and write what it is to be.")
    lines = [f"# {head}"]
    group = ""
    for one in PREFERENCES.values():
        if one.group != group:
            group = one.group
            lines += ["", f"# -- {_(group)}"]
        lines.append(
            _("# {name}: {does} It is {what}; default: {default}.").format(
                name=one.name, does=_(one.does), what=one.kind.words, default=one.usual
            )
        )
    return "\n".join([*lines, ""])
