"""What is known of a terminal without asking it: an answer that does not come would hang.

Knows environment variables and two switches of tmux; must not know Textual.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from shutil import get_terminal_size
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chat_tui.doctor.facts import Terminal


_SECONDS = 1.0
_TELLING = {
    "KITTY_WINDOW_ID": "kitty",
    "GHOSTTY_RESOURCES_DIR": "ghostty",
    "WEZTERM_PANE": "wezterm",
    "ALACRITTY_WINDOW_ID": "alacritty",
    "KONSOLE_VERSION": "konsole",
    "WT_SESSION": "windows terminal",
    "VTE_VERSION": "vte",
}
"""Variables that a terminal sets, and which terminal that is."""
_PROGRAMS = {
    "iTerm.app": "iterm2",
    "Apple_Terminal": "terminal.app",
    "vscode": "vscode",
    "WezTerm": "wezterm",
    "ghostty": "ghostty",
    "kitty": "kitty",
}
_TERMS = {
    "xterm-kitty": "kitty",
    "xterm-ghostty": "ghostty",
    "alacritty": "alacritty",
    "foot": "foot",
    "foot-extra": "foot",
    "wezterm": "wezterm",
    "linux": "linux console",
}


def program(environment: Mapping[str, str]) -> str:
    """Which terminal it is; empty where nothing tells. Inside tmux that can be an earlier one."""
    if found := _TERMS.get(environment.get("TERM", "")):
        return found
    if found := _PROGRAMS.get(environment.get("TERM_PROGRAM", "")):
        return found
    return next((name for key, name in _TELLING.items() if environment.get(key)), "")


def multiplexer(environment: Mapping[str, str]) -> str:
    """``tmux``, ``screen`` or nothing."""
    if environment.get("TMUX"):
        return "tmux"
    return "screen" if environment.get("STY") else ""


def look(environment: Mapping[str, str]) -> Terminal:
    """All of it; takes a second at most."""
    around = multiplexer(environment)
    size = get_terminal_size()
    from chat_tui.doctor.facts import Terminal  # noqa: PLC0415 - the chat only wants names

    return Terminal(
        size.columns,
        size.lines,
        interactive=all(_is_terminal(number) for number in (0, 1)),
        term=environment.get("TERM", ""),
        colorterm=environment.get("COLORTERM", ""),
        program=program(environment),
        no_color=bool(environment.get("NO_COLOR")),
        encoding=getattr(sys.__stdout__, "encoding", "") or "",
        multiplexer=around,
        remote=bool(environment.get("SSH_CONNECTION") or environment.get("SSH_TTY")),
        clipboard_switch=_tmux("set-clipboard") if around == "tmux" else "",
        keys_switch=_tmux("extended-keys") if around == "tmux" else "",
    )


def _is_terminal(number: int) -> bool:
    try:
        return os.isatty(number)
    except OSError:
        return False


def _tmux(option: str) -> str:
    """A switch of the tmux server that this runs in; empty where it does not say."""
    try:
        told = subprocess.run(
            ["tmux", "show-options", "-sv", option],
            capture_output=True,
            check=True,
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return told.stdout.decode("utf-8", "replace").strip()
