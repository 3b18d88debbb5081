"""Keys as the user wants them: the table ``[keys]`` of the settings, laid over the table of keys.

Knows the ids and names of keys and what terminals can tell apart; must not know widgets. What is
wrong is told with its line and left out, so that a slip in one line never keeps the program from
starting.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from chat_tui.errors import SettingsError
from chat_tui.keys import KEYS, Key, Where
from chat_tui.language import N_, _
from chat_tui.untrusted import clean_line

_MODIFIERS = {"ctrl": "Ctrl", "control": "Ctrl", "alt": "Alt", "option": "Alt", "shift": "Shift"}
_NAMED = {
    "escape": "Esc",
    "enter": "Enter",
    "tab": "Tab",
    "space": N_("Space"),
    "backspace": "Backspace",
    "delete": N_("Delete"),
    "insert": "Insert",
    "home": N_("Home"),
    "end": N_("End"),
    "pageup": N_("Page Up"),
    "pagedown": N_("Page Down"),
    "up": N_("Up"),
    "down": N_("Down"),
    "left": N_("Left"),
    "right": N_("Right"),
    "slash": "/",
    **{f"f{number}": f"F{number}" for number in range(1, 25)},
}
_ALSO = {
    "esc": "escape",
    "return": "enter",
    "pgup": "pageup",
    "pgdn": "pagedown",
    "del": "delete",
    "/": "slash",
}
_SIGNS = {
    "\\": "backslash",
    "]": "right_square_bracket",
    "^": "circumflex_accent",
    "_": "underscore",
    "@": "at",
}
"""What can be held down with Ctrl beside letters, and how Textual calls it."""
_SAME = {"i": "Tab", "m": "Enter", "[": "Esc", "h": "Backspace"}
"""With Ctrl, what most terminals send for it."""
_WRITING = {"space", "backspace", "delete", "left", "right", "home", "end", "slash"}
"""Keys that whoever writes needs."""
_WITHIN = frozenset({
    Where.COMPOSER, Where.THOUGHT, Where.FIND, Where.CARD, Where.ROOM, Where.MESSAGE,
})  # fmt: skip
"""Places on the chat's own screen: its keys work there too."""
_EVERYWHERE = frozenset({"interrupt", "help", "leave"})
_DENIES = ("deny", "enter")
_PAIRS = frozenset({"history"})
"""What takes two keys: one for back and one for on."""


@dataclass(frozen=True, slots=True)
class BoundKeys:
    """All keys as they are bound, and what was wrong with how the user wants them."""

    table: Mapping[str, Key] = field(default_factory=lambda: KEYS)
    problems: tuple[SettingsError, ...] = ()

    @property
    def changed(self) -> Mapping[str, tuple[str, ...]]:
        """The keys that are others than usual, by id."""
        return {id_: key.keys for id_, key in self.table.items() if key.keys != KEYS[id_].keys}


def bound_keys(table: object, where: Callable[[str], str]) -> BoundKeys:
    """The keys with those of ``table``, each a name or a list of names, by id.

    ``where`` tells in which file and line an id stands; empty: the table itself.
    """
    if not isinstance(table, Mapping):
        problem = _("'keys' should be a table.")
        hint = _('Write [keys], and below it lines such as "effort" = "ctrl+e".')
        return BoundKeys(problems=(SettingsError(f"{where('')}: {problem}", hint),))
    problems: list[SettingsError] = []
    wanted: dict[str, tuple[str, ...]] = {}
    for id_, value in table.items():
        try:
            wanted[id_] = _wanted(id_, value)
        except SettingsError as error:
            problems.append(SettingsError(f"{where(id_)}: {error.message}", error.hint))
    while clash := _clash(wanted):
        id_, other, key = clash
        del wanted[id_]
        problem = _("'{id}' and '{other}' would both be {key}.").format(
            id=id_, other=other, key=spelled(key)
        )
        hint = _("'{id}' stays {key}.").format(id=id_, key=_(KEYS[id_].shown))
        problems.append(SettingsError(f"{where(id_)}: {problem}", hint))
    return BoundKeys(_laid_over(wanted), tuple(problems))


def read_key(name: str) -> str:
    """Textual's name for a key that a person wrote, such as ``Ctrl+E``. Raises SettingsError."""
    *modifiers, last = [part.strip() for part in re.split(r"\+(?=.)", name.strip())]
    held = [_MODIFIERS.get(one.lower(), "").lower() for one in modifiers]
    base = last.lower().replace(" ", "") if len(last) > 1 else last
    base = _ALSO.get(base, base)
    if not base or "" in held or len(set(held)) < len(held):
        raise _unreadable(name)
    if "ctrl" in held and base.lower() in _SAME and len(held) == 1:
        problem = _("Terminals send the same for {key} as for {other}.").format(
            key=spelled(f"ctrl+{base.lower()}"), other=_SAME[base.lower()]
        )
        raise SettingsError(problem, _("Take another key."))
    if base in _NAMED:
        return "+".join((*sorted(held), base))
    if len(base) != 1 or not base.isprintable() or clean_line(base) != base:
        raise _unreadable(name)
    if not held:
        return base
    if "shift" in held:
        problem = _("Most terminals do not tell Shift with '{letter}' from the letter alone.")
        hint = _("Take Ctrl or Alt with a letter, or a key such as F6.")
        raise SettingsError(problem.format(letter=base), hint)
    if base in _SIGNS and held == ["ctrl"]:
        return f"ctrl+{_SIGNS[base]}"
    if not (base.isascii() and base.isalnum()):
        raise _unreadable(name)
    return "+".join((*sorted(held), base.lower()))


def spelled(key: str) -> str:
    """A key as people read it: ``Ctrl+E`` for ``ctrl+e``."""
    *modifiers, base = key.split("+") if len(key) > 1 else [key]
    names = {name: sign for sign, name in _SIGNS.items()}
    shown = _(_NAMED.get(base, "")) or names.get(base, base)
    shown = shown.upper() if modifiers and len(shown) == 1 else shown
    return "+".join((*(_MODIFIERS[one] for one in sorted(modifiers, key=_order)), shown))


def _order(modifier: str) -> int:
    return ("ctrl", "alt", "shift").index(modifier)


def _wanted(id_: str, value: object) -> tuple[str, ...]:
    """The keys that are wanted for an id. Raises SettingsError."""
    if id_ not in KEYS:
        near = get_close_matches(id_, KEYS, 3, 0.5) or list(KEYS)
        problem = _("There is no key '{name}'.").format(name=id_[:40])
        raise SettingsError(problem, _("There is: {names}.").format(names=", ".join(near)))
    listed: list[object] = value if isinstance(value, list) else [value]
    names = [name for name in listed if isinstance(name, str)]
    if not names or len(names) < len(listed):
        problem = _("'{id}' should be a key, or a list of keys.").format(id=id_)
        raise SettingsError(problem, _('Such as "ctrl+e".'))
    keys = tuple(dict.fromkeys(read_key(name) for name in names))
    if id_ in _PAIRS and len(keys) != 2:
        problem = _("'{id}' takes two keys.").format(id=id_)
        raise SettingsError(problem, _('Such as ["up", "down"]: back and on.'))
    where = KEYS[id_].where
    if where is Where.CARD and any(len(key) > 1 and (id_, key) != _DENIES for key in keys):
        # Enter and what else one presses without reading must never allow a call.
        problem = _("'{id}' takes a letter or a digit.").format(id=id_)
        raise SettingsError(problem, _("Enter denies in any case."))
    if where in (Where.CHAT, Where.COMPOSER):
        for key in keys:
            if len(key) == 1 or key in _WRITING:
                problem = _("{key} alone is needed for writing.").format(key=spelled(key))
                hint = _("Take it with Ctrl or Alt, or a key such as F6.")
                raise SettingsError(problem, hint)
    return keys


def _clash(wanted: Mapping[str, tuple[str, ...]]) -> tuple[str, str, str] | None:
    """A wanted id that has a key in common with another id, that id, and the key."""
    table = _laid_over(wanted)
    for id_ in reversed(list(wanted)):
        for other, key in table.items():
            if other != id_ and _meet(id_, other):
                common = [one for one in table[id_].keys if one in key.keys]
                if common and not (common == ["escape"] and key.where is not KEYS[id_].where):
                    return id_, other, common[0]
    return None


def _meet(one: str, other: str) -> bool:
    """Whether two keys work at one place."""
    if one in _EVERYWHERE or other in _EVERYWHERE:
        return True
    places = {KEYS[one].where, KEYS[other].where}
    return len(places) == 1 or (Where.CHAT in places and bool(places & _WITHIN))


def _laid_over(wanted: Mapping[str, tuple[str, ...]]) -> Mapping[str, Key]:
    def key(id_: str, usual: Key) -> Key:
        keys = wanted.get(id_, usual.keys)
        if keys == usual.keys:
            return usual
        return replace(usual, keys=keys, shown=", ".join(map(spelled, keys)))

    return {id_: key(id_, usual) for id_, usual in KEYS.items()}


def _unreadable(name: str) -> SettingsError:
    hint = _("Such as ctrl+e, alt+x, f6, or y for a card's choice.")
    return SettingsError(_("'{name}' is no key.").format(name=name[:40]), hint)
