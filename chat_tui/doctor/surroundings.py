"""Judging what is around the model: sandbox, terminal, folders, tools.

Each function makes findings of facts and does nothing else. The switches of Linux and tmux are
those of their manuals.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from chat_tui.doctor.facts import (
    Conversations,
    Facts,
    Hardware,
    Place,
    Terminal,
    Unknown,
    Walls,
)
from chat_tui.doctor.findings import Finding, advice, ok, problem, size

_BUBBLEWRAP = {
    "debian": "sudo apt install bubblewrap",
    "fedora": "sudo dnf install bubblewrap",
    "arch": "sudo pacman -S bubblewrap",
    "suse": "sudo zypper install bubblewrap",
    "alpine": "sudo apk add bubblewrap",
}
_PROFILE = "bwrap-userns-restrict"
_UNLOCK = {
    "apparmor": (
        "sudo apt install apparmor-profiles && sudo install -m 0644"
        f" /usr/share/apparmor/extra-profiles/{_PROFILE} /etc/apparmor.d/"
        f" && sudo apparmor_parser -r /etc/apparmor.d/{_PROFILE}"
    ),
    "clone": "sudo sysctl -w kernel.unprivileged_userns_clone=1",
    "max": "sudo sysctl -w user.max_user_namespaces=15000",
}
"""What lets bubblewrap make its namespaces where a switch of Linux forbids them."""
_TRUE_COLOUR = {
    *("kitty", "ghostty", "wezterm", "alacritty", "foot", "iterm2", "konsole", "vte", "vscode"),
    "windows terminal",
}
_KEYS = {"kitty", "ghostty", "alacritty", "foot"}
"""Terminals that tell Shift+Enter from Enter as they come."""
_COPIES = {"kitty", "ghostty", "wezterm", "alacritty", "foot", "windows terminal", "vscode"}
_NEVER_COPIES = {"vte", "terminal.app", "linux console"}
_FEW_COLUMNS, _FEW_LINES = 40, 10
_DISKS = ("data", "cache", "models")
"""Of these it is told how much their disk still takes; the others lie on the same, mostly."""
_FULL, _NEARLY_FULL = 50_000_000, 1_000_000_000


def sandbox(facts: Facts) -> Iterator[Finding]:
    """The walls round code that the model writes."""
    walls = facts.walls
    if facts.program.system == "Windows":
        yield ok("sandbox", "Windows has no sandbox for the model's Python, so it is not offered.")
        return
    if isinstance(walls, Unknown):
        yield advice("sandbox", f"The sandbox could not be tried: {walls.why}")
        return
    text = f"{walls.tier}: {walls.label}. {walls.note}".strip()
    yield ok("sandbox", text) if walls.complete else advice("sandbox", text)
    for name, wrong, hint in walls.passed_over:
        mended = _mended(walls, facts.hardware) if name == "bubblewrap" else ""
        said = f"Not {name}: {wrong}" if mended else f"Not {name}: {wrong} {hint}".strip()
        yield advice("sandbox.passed-over", said, mended)


def _mended(walls: Walls, hardware: Hardware | Unknown) -> str:
    if isinstance(hardware, Unknown):
        return ""
    if not walls.installed:
        return _BUBBLEWRAP.get(hardware.distribution, "")
    return _UNLOCK.get(walls.restricted, "") if not hardware.container else ""


def terminal(facts: Facts) -> Iterator[Finding]:
    """Size, colours, characters, keys, clipboard."""
    it = facts.terminal
    if isinstance(it, Unknown):
        yield advice("terminal", f"The terminal could not be looked at: {it.why}")
        return
    if not it.interactive:
        text = "Input or output is not a terminal now; what follows is what the variables tell."
        yield ok("terminal.kind", text)
    names = [it.program or it.term or "unknown", it.multiplexer, "by SSH" if it.remote else ""]
    text = f"{it.columns} × {it.lines}: {', '.join(filter(None, names))}"
    if it.interactive and (it.columns < _FEW_COLUMNS or it.lines < _FEW_LINES):
        less = f"{_FEW_COLUMNS} × {_FEW_LINES}"
        yield advice("terminal.size", f"{text}. Less than {less} is too little to read well.")
    else:
        yield ok("terminal.size", text)
    yield _colours(it)
    yield _characters(it)
    yield _keys(it)
    yield _clipboard(it)


def _colours(it: Terminal) -> Finding:
    if it.term in ("", "dumb", "unknown"):
        text = "TERM names no terminal that can be drawn on. Line by line it works:"
        return advice("terminal.colours", text, "chat-tui plain")
    if it.no_color:
        return ok("terminal.colours", "NO_COLOR is set: shades of grey only.")
    if it.colorterm in ("truecolor", "24bit"):
        return ok("terminal.colours", "16.7 million colours.")
    if it.program in _TRUE_COLOUR:
        text = f"{it.program} has 16.7 million colours, but COLORTERM does not say so:"
        return advice("terminal.colours", text, "export COLORTERM=truecolor")
    count = "256" if "256" in it.term else "8 or 16"
    text = f"{count} colours. Where the terminal has more, COLORTERM=truecolor says so."
    return ok("terminal.colours", text)


def _characters(it: Terminal) -> Finding:
    if it.encoding.replace("-", "").lower() in ("utf8", "cp65001"):
        return ok("terminal.unicode", "Unicode (UTF-8).")
    text = f"The encoding is {it.encoding or 'unknown'}: many characters become question marks."
    return advice("terminal.unicode", text, "export LANG=C.UTF-8")


def _keys(it: Terminal) -> Finding:
    other = "Alt+Enter and Ctrl+J make a new line"
    if it.program in _KEYS and not it.multiplexer:
        return ok("terminal.keys", f"Shift+Enter makes a new line; {other} too.")
    if it.multiplexer == "tmux":
        return ok(
            "terminal.keys",
            f"{other}. tmux's extended-keys is {it.keys_switch or 'unknown'}: it decides whether"
            " Shift+Enter can be told from Enter.",
        )
    return ok("terminal.keys", f"{other}; Shift+Enter does where the terminal tells it from Enter.")


def _clipboard(it: Terminal) -> Finding:
    where = "What is copied goes through the terminal (OSC 52)"
    if it.multiplexer == "tmux" and it.clipboard_switch in ("external", "off"):
        text = f"tmux keeps copied text from the clipboard (set-clipboard {it.clipboard_switch}):"
        return advice("terminal.clipboard", text, "tmux set-option -s set-clipboard on")
    if it.multiplexer == "screen":
        return advice("terminal.clipboard", f"{where}, which screen does not pass on.")
    if it.program in _NEVER_COPIES:
        text = f"{where}, which {it.program} does not take. Select with Shift and the mouse."
        return advice("terminal.clipboard", text)
    if it.program in _COPIES:
        return ok("terminal.clipboard", f"{where}; {it.program} takes it.")
    return ok("terminal.clipboard", f"{where}; whether this one takes it is its setting.")


def folders(facts: Facts) -> Iterator[Finding]:
    """Where everything lies, and whether it can be written and by whom read."""
    if isinstance(facts.places, Unknown):
        yield advice("folders", f"The folders could not be looked at: {facts.places.why}")
    else:
        for place in facts.places:
            yield from _place(place)
    kept = facts.conversations
    if isinstance(kept, Unknown):
        yield problem("folders.database", f"The conversations cannot be read: {kept.why}")
    else:
        yield from _database(kept)


def _place(it: Place) -> Iterator[Finding]:
    id_ = f"folders.{it.name.replace(' ', '-')}"
    counted = f"{'' if it.whole else 'more than '}{size(it.size)}" if it.size else ""
    mode = f"mode {it.mode:03o}" if it.exists and it.mode else ""
    free = f"{size(it.free)} free" if it.free is not None and it.name in _DISKS else ""
    there = "" if it.exists else "not there yet"
    about = ", ".join(part for part in (there, counted, mode, free) if part)
    yield ok(id_, f"{it.name}: {it.path} ({about})")
    path = shlex.quote(it.path)
    if not it.writable:
        yield problem(id_, f"Nothing can be written to {it.path}.", f"ls -ld {path}")
    elif not it.owned:
        yield advice(id_, f"{it.path} belongs to another user.", f"ls -ld {path}")
    elif it.private and it.mode & 0o077:
        yield advice(id_, f"Other users may read {it.path}:", f"chmod go= {path}")
    elif it.mode & 0o022:
        yield advice(id_, f"Other users may write to {it.path}:", f"chmod go-w {path}")
    if it.name in ("data", "state", "cache") and it.free is not None and it.free < _NEARLY_FULL:
        text = f"Only {size(it.free)} are free on the disk of {it.path}."
        yield problem(id_, text) if it.free < _FULL else advice(id_, text)


def _database(kept: Conversations) -> Iterator[Finding]:
    if not kept.sqlite:
        yield advice(
            "folders.database",
            "The file of the conversations is damaged. The next start puts it aside and rescues"
            " what can be read.",
        )
    elif kept.version > kept.newest:
        yield problem(
            "folders.database",
            f"The conversations were written by a newer chat-tui (version {kept.version} of the"
            f" file; this one knows {kept.newest}). Install that one again.",
        )


def tools(facts: Facts) -> Iterator[Finding]:
    """Own functions, MCP servers, the web."""
    it = facts.tooling
    if isinstance(it, Unknown):
        yield advice("tools", f"The tools could not be looked at: {it.why}")
        return
    for why in it.problems:
        yield problem("tools.unreadable", why)
    if it.mcp_missing:
        yield advice("tools.mcp", f"MCP servers are set up, but cannot be used. {it.mcp_missing}")
    for kind, entries in (("own functions", it.files), ("MCP server", it.servers)):
        for name, state in entries:
            if state == "approved":
                yield ok("tools.approved", f"{kind}: {name}, approved.")
            else:
                text = f"{kind}: {name} is {state} and waits for your approval:"
                yield advice("tools.waiting", text, f"chat-tui tools approve {shlex.quote(name)}")
    if not it.files and not it.servers:
        yield ok("tools.approved", "No functions of your own and no MCP servers.")
    if it.engine:
        yield ok("engine.server", f"The model runs at {it.engine}: what is said goes there.")
    none = "none" if it.engine else "none: it stays offline"
    web = f"through {it.search}, each search approved" if it.search else none
    yield ok("tools.web", f"Web search: {web}.")
    if facts.program.system != "Windows":
        how = (
            "can draw plots: matplotlib is installed."
            if it.plots
            else ("draws no plots: that takes matplotlib (uv pip install matplotlib).")
        )
        yield ok("tools.plots", f"The model's Python {how}")
