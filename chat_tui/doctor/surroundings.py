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
from chat_tui.language import N_, _

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
_NAMES = {
    "settings": N_("settings"),
    "config": N_("config"),
    "data": N_("data"),
    "conversations": N_("conversations"),
    "conversations file": N_("conversations file"),
    "library": N_("library"),
    "state": N_("state"),
    "edits": N_("edits"),
    "cache": N_("cache"),
    "states": N_("states"),
    "log": N_("log"),
    "models": N_("models"),
}
"""What the folders are called; their ids have the English names."""
_FULL, _NEARLY_FULL = 50_000_000, 1_000_000_000


def sandbox(facts: Facts) -> Iterator[Finding]:
    """The walls round code that the model writes."""
    walls = facts.walls
    if facts.program.system == "Windows":
        yield ok(
            "sandbox", _("Windows has no sandbox for the model's Python, so it is not offered.")
        )
        return
    if isinstance(walls, Unknown):
        yield advice("sandbox", _("The sandbox could not be tried: {why}").format(why=walls.why))
        return
    text = f"{walls.tier}: {_(walls.label)}. {_(walls.note)}".strip()
    yield ok("sandbox", text) if walls.complete else advice("sandbox", text)
    for name, wrong, hint in walls.passed_over:
        mended = _mended(walls, facts.hardware) if name == "bubblewrap" else ""
        why = wrong if mended else f"{wrong} {hint}".strip()
        said = _("Not {name}: {why}").format(name=name, why=why)
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
        yield advice("terminal", _("The terminal could not be looked at: {why}").format(why=it.why))
        return
    if not it.interactive:
        text = _("Input or output is not a terminal now; what follows is what the variables tell.")
        yield ok("terminal.kind", text)
    names = [
        it.program or it.term or _("unknown"),
        it.multiplexer,
        _("by SSH") if it.remote else "",
    ]
    text = f"{it.columns} × {it.lines}: {', '.join(filter(None, names))}"
    if it.interactive and (it.columns < _FEW_COLUMNS or it.lines < _FEW_LINES):
        less = f"{_FEW_COLUMNS} × {_FEW_LINES}"
        yield advice(
            "terminal.size",
            _("{text}. Less than {less} is too little to read well.").format(text=text, less=less),
        )
    else:
        yield ok("terminal.size", text)
    yield _colours(it)
    yield _characters(it)
    yield _keys(it)
    yield _clipboard(it)


def _colours(it: Terminal) -> Finding:
    if it.term in ("", "dumb", "unknown"):
        text = _("TERM names no terminal that can be drawn on. Line by line it works:")
        return advice("terminal.colours", text, "chat-tui plain")
    if it.no_color:
        return ok("terminal.colours", _("NO_COLOR is set: shades of grey only."))
    if it.colorterm in ("truecolor", "24bit"):
        return ok("terminal.colours", _("16.7 million colours."))
    if it.program in _TRUE_COLOUR:
        text = _("{program} has 16.7 million colours, but COLORTERM does not say so:").format(
            program=it.program
        )
        return advice("terminal.colours", text, "export COLORTERM=truecolor")
    text = (
        _("256 colours. Where the terminal has more, COLORTERM=truecolor says so.")
        if "256" in it.term
        else _("8 or 16 colours. Where the terminal has more, COLORTERM=truecolor says so.")
    )
    return ok("terminal.colours", text)


def _characters(it: Terminal) -> Finding:
    if it.encoding.replace("-", "").lower() in ("utf8", "cp65001"):
        return ok("terminal.unicode", _("Unicode (UTF-8)."))
    text = _("The encoding is {encoding}: many characters become question marks.").format(
        encoding=it.encoding or _("unknown")
    )
    return advice("terminal.unicode", text, "export LANG=C.UTF-8")


def _keys(it: Terminal) -> Finding:
    if it.program in _KEYS and not it.multiplexer:
        text = _("Shift+Enter makes a new line; Alt+Enter and Ctrl+J make a new line too.")
    elif it.multiplexer == "tmux":
        text = _(
            "Alt+Enter and Ctrl+J make a new line. tmux's extended-keys is {switch}: it decides"
            " whether Shift+Enter can be told from Enter."
        ).format(switch=it.keys_switch or _("unknown"))
    else:
        text = _(
            "Alt+Enter and Ctrl+J make a new line; Shift+Enter does where the terminal tells it"
            " from Enter."
        )
    return ok("terminal.keys", text)


def _clipboard(it: Terminal) -> Finding:
    if it.multiplexer == "tmux" and it.clipboard_switch in ("external", "off"):
        text = _("tmux keeps copied text from the clipboard (set-clipboard {switch}):").format(
            switch=it.clipboard_switch
        )
        return advice("terminal.clipboard", text, "tmux set-option -s set-clipboard on")
    if it.multiplexer == "screen":
        text = _(
            "What is copied goes through the terminal (OSC 52), which screen does not pass on."
        )
        return advice("terminal.clipboard", text)
    if it.program in _NEVER_COPIES:
        text = _(
            "What is copied goes through the terminal (OSC 52), which {program} does not take."
            " Select with Shift and the mouse."
        ).format(program=it.program)
        return advice("terminal.clipboard", text)
    if it.program in _COPIES:
        text = _("What is copied goes through the terminal (OSC 52); {program} takes it.").format(
            program=it.program
        )
        return ok("terminal.clipboard", text)
    text = _(
        "What is copied goes through the terminal (OSC 52); whether this one takes it is its"
        " setting."
    )
    return ok("terminal.clipboard", text)


def folders(facts: Facts) -> Iterator[Finding]:
    """Where everything lies, and whether it can be written and by whom read."""
    if isinstance(facts.places, Unknown):
        yield advice(
            "folders", _("The folders could not be looked at: {why}").format(why=facts.places.why)
        )
    else:
        for place in facts.places:
            yield from _place(place)
    kept = facts.conversations
    if isinstance(kept, Unknown):
        yield problem(
            "folders.database", _("The conversations cannot be read: {why}").format(why=kept.why)
        )
    else:
        yield from _database(kept)


def _place(it: Place) -> Iterator[Finding]:
    id_ = f"folders.{it.name.replace(' ', '-')}"
    counted = size(it.size) if it.size else ""
    if counted and not it.whole:
        counted = _("more than {size}").format(size=counted)
    mode = _("mode {mode:03o}").format(mode=it.mode) if it.exists and it.mode else ""
    free = ""
    if it.free is not None and it.name in _DISKS:
        free = _("{size} free").format(size=size(it.free))
    there = "" if it.exists else _("not there yet")
    about = ", ".join(part for part in (there, counted, mode, free) if part)
    yield ok(id_, f"{_(_NAMES.get(it.name, it.name))}: {it.path} ({about})")
    path = shlex.quote(it.path)
    if not it.writable:
        yield problem(
            id_, _("Nothing can be written to {path}.").format(path=it.path), f"ls -ld {path}"
        )
    elif not it.owned:
        yield advice(
            id_, _("{path} belongs to another user.").format(path=it.path), f"ls -ld {path}"
        )
    elif it.private and it.mode & 0o077:
        yield advice(
            id_, _("Other users may read {path}:").format(path=it.path), f"chmod go= {path}"
        )
    elif it.mode & 0o022:
        yield advice(
            id_, _("Other users may write to {path}:").format(path=it.path), f"chmod go-w {path}"
        )
    if it.name in ("data", "state", "cache") and it.free is not None and it.free < _NEARLY_FULL:
        text = _("Only {free} are free on the disk of {path}.").format(
            free=size(it.free), path=it.path
        )
        yield problem(id_, text) if it.free < _FULL else advice(id_, text)


def _database(kept: Conversations) -> Iterator[Finding]:
    if not kept.sqlite:
        yield advice(
            "folders.database",
            _(
                "The file of the conversations is damaged. The next start puts it aside"
                " and rescues what can be read."
            ),
        )
    elif kept.version > kept.newest:
        yield problem(
            "folders.database",
            _(
                "The conversations were written by a newer chat-tui (version {version} of"
                " the file; this one knows {newest}). Install that one again."
            ).format(version=kept.version, newest=kept.newest),
        )


def tools(facts: Facts) -> Iterator[Finding]:
    """Own functions, MCP servers, the web."""
    it = facts.tooling
    if isinstance(it, Unknown):
        yield advice("tools", _("The tools could not be looked at: {why}").format(why=it.why))
        return
    for why in it.problems:
        yield problem("tools.unreadable", why)
    if it.mcp_missing:
        yield advice(
            "tools.mcp",
            _("MCP servers are set up, but cannot be used. {mcp_missing}").format(
                mcp_missing=it.mcp_missing
            ),
        )
    for kind, entries in ((_("own functions"), it.files), (_("MCP server"), it.servers)):
        for name, state in entries:
            if state == "approved":
                text = _("{kind}: {name}, approved.").format(kind=kind, name=name)
                yield ok("tools.approved", text)
            else:
                text = (
                    _("{kind}: {name} is changed and waits for your approval:")
                    if state == "changed"
                    else _("{kind}: {name} is new and waits for your approval:")
                ).format(kind=kind, name=name)
                yield advice("tools.waiting", text, f"chat-tui tools approve {shlex.quote(name)}")
    if not it.files and not it.servers:
        yield ok("tools.approved", _("No functions of your own and no MCP servers."))
    if it.engine:
        yield ok(
            "engine.server",
            _("The model runs at {engine}: what is said goes there.").format(engine=it.engine),
        )
    if it.search:
        text = _("Web search: through {search}, each search approved.").format(search=it.search)
    elif it.engine:
        text = _("Web search: none.")
    else:
        text = _("Web search: none: it stays offline.")
    yield ok("tools.web", text)
    if facts.program.system != "Windows":
        text = (
            _("The model's Python can draw plots: matplotlib is installed.")
            if it.plots
            else _(
                "The model's Python draws no plots: that takes matplotlib (uv pip install"
                " matplotlib)."
            )
        )
        yield ok("tools.plots", text)
