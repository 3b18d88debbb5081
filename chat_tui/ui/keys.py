"""Keys that Textual does not know by itself.

Knows what terminals send; must not know what a key does. Terminals without the Kitty protocol
send Alt+Enter as ESC CR, of which Textual keeps the Enter alone; xterm's modifyOtherKeys sends
Shift+Enter and Alt+Enter as CSI 27;2;13~ and CSI 27;3;13~, which Textual calls ``shift+\\r`` and
``\\r``; a plain Enter is ``enter``.
"""

from __future__ import annotations

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.keys import Keys

NEW_LINE_KEYS = ("shift+enter", "shift+\r", "alt+enter", "\r", "ctrl+j")


def teach_alt_enter() -> None:
    """Let ESC CR arrive as Ctrl+J, the new-line key that every terminal has.

    The table is Textual's own and the same for every app in the process; doing it twice is safe.
    """
    if isinstance(ANSI_SEQUENCES_KEYS, dict):
        ANSI_SEQUENCES_KEYS.setdefault("\x1b\r", (Keys.ControlJ,))
