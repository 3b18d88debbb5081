"""From the table of keys to Textual's bindings, and keys that Textual does not know by itself.

Knows what terminals send; must not know what a key does. Terminals without the Kitty protocol
send Alt+Enter as ESC CR, of which Textual keeps the Enter alone; xterm's modifyOtherKeys sends
Shift+Enter and Alt+Enter as CSI 27;2;13~ and CSI 27;3;13~, which Textual calls ``shift+\\r`` and
``\\r``; a plain Enter is ``enter``.
"""

from __future__ import annotations

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.binding import Binding, BindingType
from textual.keys import Keys

from chat_tui.keys import KEYS, Where


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
        )
        for id_ in ids
    ]


def bind_all(where: Where) -> list[BindingType]:
    """``bind`` for every key that works there."""
    return bind(*(id_ for id_, key in KEYS.items() if key.where is where))


def action(id_: str) -> str:
    """The action of a key in the table: ``answer_now`` for ``answer now``."""
    return id_.replace(" ", "_")


def teach_alt_enter() -> None:
    """Let ESC CR arrive as Ctrl+J, the new-line key that every terminal has.

    The table is Textual's own and the same for every app in the process; doing it twice is safe.
    """
    if isinstance(ANSI_SEQUENCES_KEYS, dict):
        ANSI_SEQUENCES_KEYS.setdefault("\x1b\r", (Keys.ControlJ,))
