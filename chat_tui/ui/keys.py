"""From the table of keys to Textual's bindings, and keys that Textual does not know by itself.

Knows what terminals send; must not know what a key does. Terminals without the Kitty protocol
send Alt+Enter as ESC CR, of which Textual keeps the Enter alone; xterm's modifyOtherKeys sends
Shift+Enter and Alt+Enter as CSI 27;2;13~ and CSI 27;3;13~, which Textual calls ``shift+\\r`` and
``\\r``; a plain Enter is ``enter``. What the user binds otherwise is laid over all this by the
running app: ask ``bound`` or ``key_name`` for a key, never the table.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._context import active_app
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.keys import Keys

from chat_tui.doctor.terminal import multiplexer, program
from chat_tui.keys import KEYS, Key, Where
from chat_tui.language import _

_TELLS_SHIFT = {"kitty", "ghostty", "alacritty", "foot"}
"""Terminals that tell Shift+Enter from Enter as they come."""


def bind(*ids: str) -> list[BindingType]:
    """Bindings of the keys with these ids in the table to the actions named like them.

    They come before what the focused widget does with such a key by itself; only Esc does not,
    so that whatever is open in front may take it.
    """
    return [
        Binding(
            ",".join(KEYS[id_].keys),
            action(id_),
            KEYS[id_].does,
            show=False,
            priority=KEYS[id_].keys != ("escape",),
            id=id_,
        )
        for id_ in ids
    ]


def bind_all(where: Where) -> list[BindingType]:
    """``bind`` for every key that works there."""
    return bind(*(id_ for id_, key in KEYS.items() if key.where is where))


def action(id_: str) -> str:
    """The action of a key in the table: ``answer_now`` for ``answer now``."""
    return id_.replace(" ", "_")


def bound_table() -> Mapping[str, Key]:
    """All keys as the running app binds them; without one as they are by themselves."""
    table: Mapping[str, Key] = getattr(active_app.get(None), "key_table", KEYS)
    return table


def bound(id_: str) -> Key:
    """A key as the running app binds it."""
    return bound_table()[id_]


def key_name(id_: str) -> str:
    """A key as people read it, as it is bound: ``Ctrl+T``."""
    return _(bound(id_).shown)


def history_key() -> str:
    """The key that walks back in what was written, as it is bound."""
    return _(bound("history").shown.split(", ")[0])


def presses(key: str, where: Where) -> str:
    """The id of what this key does there; empty where it does nothing."""
    found = (id_ for id_, one in bound_table().items() if one.where is where and key in one.keys)
    return next(found, "")


def keymap(changed: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Textual's map of the keys that are others than usual."""
    return {id_: ",".join(keys) for id_, keys in changed.items()}


def place_of(node: DOMNode | None) -> Where:
    """Where one is with the focus on this node: of what is bound around it the nearest."""
    for at in node.ancestors_with_self if node is not None else ():
        if isinstance(where := getattr(at, "WHERE", None), Where):
            return where
        for _key, binding in at._bindings:  # noqa: SLF001 - there is no other way to ask
            if binding.id is not None and binding.id in KEYS:
                return KEYS[binding.id].where
    return Where.CHAT


def new_line_key(environment: Mapping[str, str] = os.environ) -> str:
    """A key that makes a new line in this terminal, as people read it; empty where none is bound.

    Shift+Enter where the terminal tells it from Enter without being asked, else one that every
    terminal sends.
    """
    keys = bound("new line").keys
    tells = program(environment) in _TELLS_SHIFT and not multiplexer(environment)
    names = {"ctrl+j": "Ctrl+J", "alt+enter": "Alt+Enter"}
    if tells or not any(key in keys for key in names):
        names = {"shift+enter": "Shift+Enter", **names}
    return next((name for key, name in names.items() if key in keys), key_name("new line"))


def teach_alt_enter() -> None:
    """Let ESC CR arrive as Ctrl+J, the new-line key that every terminal has.

    The table is Textual's own and the same for every app in the process; doing it twice is safe.
    """
    if isinstance(ANSI_SEQUENCES_KEYS, dict):
        ANSI_SEQUENCES_KEYS.setdefault("\x1b\r", (Keys.ControlJ,))
