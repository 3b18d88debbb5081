"""One table of what can be pressed and what can be typed after a slash.

Knows names and words only; must not know widgets or what anything does. The screen binds exactly
what stands here; the help, the palette and the embedded model's answers about the program are
made from it, so that none of them can promise a key that does nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType


class Where(Enum):
    """What has to have the focus for a key to work."""

    CHAT = auto()
    """Anything, while no other screen is in front."""
    COMPOSER = auto()
    CHOICES = auto()
    """The composer, while it offers commands or files."""
    THOUGHT = auto()
    FIND = auto()
    CARD = auto()
    """The card that asks whether a call may run."""
    ROOM = auto()
    """The card that says that the context is full."""
    MESSAGE = auto()
    """A message that was chosen."""
    LIST = auto()
    """The list of conversations."""
    MODELS = auto()
    """The list of models."""
    COMPARE = auto()
    """The levels side by side."""
    PROMPT = auto()
    """What the model would see next."""
    SETTINGS = auto()
    """The list of settings."""
    THEMES = auto()
    """The list of themes."""


@dataclass(frozen=True, slots=True)
class Key:
    """What one key does; ``keys`` are Textual's names for it, any of them will do."""

    keys: tuple[str, ...]
    shown: str
    does: str
    where: Where = Where.CHAT


@dataclass(frozen=True, slots=True)
class Command:
    """One command; ``usage`` is what follows its name, in brackets where it may be left out."""

    name: str
    usage: str
    does: str
    also: tuple[str, ...] = ()
    """Other names of the same."""
    key: str = ""
    """The id in ``KEYS`` of the key that does the same; empty where there is none."""

    @property
    def shown(self) -> str:
        """As it is typed: ``/effort``."""
        return f"/{self.name}"

    @property
    def needs_words(self) -> bool:
        """Whether it says nothing without what follows it."""
        return bool(self.usage) and not self.usage.startswith("[")


KEYS: Mapping[str, Key] = MappingProxyType({
    "send": Key(("enter",), "Enter", "send", Where.COMPOSER),
    "new line": Key(
        # The two with a return are what xterm's modifyOtherKeys becomes.
        ("shift+enter", "shift+\r", "alt+enter", "\r", "ctrl+j"),
        "Shift+Enter, Alt+Enter, Ctrl+J", "new line", Where.COMPOSER,
    ),
    "history": Key(
        ("up", "down"), "Up, Down", "earlier messages; the queued one", Where.COMPOSER
    ),
    "editor": Key(("ctrl+g",), "Ctrl+G", "write in your editor ($EDITOR)", Where.COMPOSER),
    "expand": Key(("f9",), "F9", "open what was pasted", Where.COMPOSER),
    "take choice": Key(("tab", "enter"), "Tab, Enter", "take what is offered", Where.CHOICES),
    "choice above": Key(("up",), "Up", "the one above", Where.CHOICES),
    "choice below": Key(("down",), "Down", "the one below", Where.CHOICES),
    "close choices": Key(("escape",), "Esc", "offer nothing", Where.CHOICES),
    "stop": Key(("escape",), "Esc", "stop the answer and keep what came"),
    "interrupt": Key(("ctrl+c",), "Ctrl+C", "copy selection or stop; twice quits"),
    "answer now": Key(("ctrl+s",), "Ctrl+S", "end the reasoning and answer now"),
    "lower effort": Key(("ctrl+l",), "Ctrl+L", "stop and ask again with less effort"),
    "go on": Key(("f2",), "F2", "go on: a cut answer, circling reasoning"),
    "regenerate": Key(("ctrl+r",), "Ctrl+R", "answer the last question anew"),
    "effort": Key(("ctrl+t",), "Ctrl+T", "effort: low, medium, high"),
    "reasoning": Key(("ctrl+o",), "Ctrl+O", "reasoning: folded, shown, hidden"),
    "thought": Key(
        ("enter", "space"), "Tab, then Enter or Space", "open or fold a thought or a call",
        Where.THOUGHT,
    ),
    "earlier": Key(("alt+up",), "Alt+Up, Esc Esc", "go back: edit, fork, answer anew"),
    "later": Key(("alt+down",), "Alt+Down", "choose a later message"),
    "older": Key(("alt+left",), "Alt+Left", "the version before of a message"),
    "newer": Key(("alt+right",), "Alt+Right", "the next version of a message"),
    "edit message": Key(("e", "enter"), "e, Enter", "edit", Where.MESSAGE),
    "answer anew": Key(("r",), "r", "answer anew", Where.MESSAGE),
    "fork": Key(("f",), "f", "fork", Where.MESSAGE),
    "copy message": Key(("c",), "c", "copy", Where.MESSAGE),
    "message above": Key(("up",), "Up", "the message above", Where.MESSAGE),
    "message below": Key(("down",), "Down", "the message below", Where.MESSAGE),
    "version left": Key(("left",), "Left", "the version before", Where.MESSAGE),
    "version right": Key(("right",), "Right", "the next version", Where.MESSAGE),
    "back": Key(("escape",), "Esc", "back to writing", Where.MESSAGE),
    "copy": Key(("ctrl+y",), "Ctrl+Y", "copy the last answer"),
    "find": Key(("ctrl+f",), "Ctrl+F", "find text in this conversation"),
    "next hit": Key(("enter", "down"), "Enter, Down", "the next place found", Where.FIND),
    "previous hit": Key(
        ("shift+enter", "up"), "Shift+Enter, Up", "the place found before", Where.FIND
    ),
    "close find": Key(("escape",), "Esc", "close the find bar", Where.FIND),
    "tools": Key(("shift+tab",), "Shift+Tab", "tools: ask, read only, off"),
    "card": Key(("f3",), "F3", "go to the call that waits for you"),
    "once": Key(("y",), "y", "allow the call once", Where.CARD),
    "always": Key(("a",), "a", "allow it in this conversation", Where.CARD),
    "change": Key(("e",), "e", "edit the arguments first", Where.CARD),
    "deny": Key(("n", "enter"), "n, Enter", "deny the call", Where.CARD),
    "why": Key(("r",), "r", "deny it and say why", Where.CARD),
    "halt": Key(("s",), "s", "stop the answer", Where.CARD),
    "compact": Key(("c",), "c", "have the earlier part summarised", Where.ROOM),
    "drop": Key(("d",), "d", "leave out the oldest questions", Where.ROOM),
    "larger": Key(("l",), "l", "load the model with a larger context", Where.ROOM),
    "afresh": Key(("f",), "f", "go on in a fresh conversation", Where.ROOM),
    "not now": Key(("escape",), "Esc", "choose nothing now", Where.ROOM),
    "new": Key(("ctrl+n",), "Ctrl+N", "new conversation"),
    "conversations": Key(("ctrl+b",), "Ctrl+B", "conversations: open, search, rename, delete"),
    "open": Key(("enter",), "Enter", "open it", Where.LIST),
    "one up": Key(("up",), "Up", "the one above", Where.LIST),
    "one down": Key(("down",), "Down", "the one below", Where.LIST),
    "window up": Key(("pageup",), "Page Up", "a page back", Where.LIST),
    "window down": Key(("pagedown",), "Page Down", "a page on", Where.LIST),
    "first": Key(("ctrl+home",), "Ctrl+Home", "the first", Where.LIST),
    "last": Key(("ctrl+end",), "Ctrl+End", "the last", Where.LIST),
    "rename": Key(("f2",), "F2", "rename it", Where.LIST),
    "pin": Key(("f4",), "F4", "keep it on top, or no longer", Where.LIST),
    "remove": Key(("f8", "delete"), "F8, Delete", "delete it", Where.LIST),
    "bring back": Key(("ctrl+z",), "Ctrl+Z", "bring back what was deleted", Where.LIST),
    "close list": Key(("escape",), "Esc", "close the list", Where.LIST),
    "use model": Key(("enter",), "Enter", "use it, or download it", Where.MODELS),
    "model above": Key(("up",), "Up", "the one above", Where.MODELS),
    "model below": Key(("down",), "Down", "the one below", Where.MODELS),
    "download": Key(("d",), "d", "download it", Where.MODELS),
    "cancel download": Key(("x",), "x", "stop the download; what came is kept", Where.MODELS),
    "close models": Key(("escape",), "Esc", "close the list", Where.MODELS),
    "keep chosen": Key(("enter",), "Enter", "go on with the chosen answer", Where.COMPARE),
    "keep first": Key(("1",), "1", "go on with the first answer", Where.COMPARE),
    "keep second": Key(("2",), "2", "go on with the second answer", Where.COMPARE),
    "keep third": Key(("3",), "3", "go on with the third answer", Where.COMPARE),
    "column left": Key(("left", "shift+tab"), "Left", "the level before", Where.COMPARE),
    "column right": Key(("right", "tab"), "Right", "the next level", Where.COMPARE),
    "thoughts": Key(("space", "ctrl+o"), "Space", "open or fold the reasoning", Where.COMPARE),
    "compared up": Key(("up",), "Up", "scroll up", Where.COMPARE),
    "compared down": Key(("down",), "Down", "scroll down", Where.COMPARE),
    "compared page up": Key(("pageup",), "Page Up", "a page back", Where.COMPARE),
    "compared page down": Key(("pagedown",), "Page Down", "a page on", Where.COMPARE),
    "compared first": Key(("home",), "Home", "to its beginning", Where.COMPARE),
    "compared last": Key(("end",), "End", "to its end", Where.COMPARE),
    "end compare": Key(("escape",), "Esc", "stop what runs, else close", Where.COMPARE),
    "change setting": Key(("enter",), "Enter", "change it; write what was typed", Where.SETTINGS),
    "reset setting": Key(("f8",), "F8", "let its default hold again", Where.SETTINGS),
    "setting above": Key(("up",), "Up", "the one above", Where.SETTINGS),
    "setting below": Key(("down",), "Down", "the one below", Where.SETTINGS),
    "settings page up": Key(("pageup",), "Page Up", "a page back", Where.SETTINGS),
    "settings page down": Key(("pagedown",), "Page Down", "a page on", Where.SETTINGS),
    "close settings": Key(("escape",), "Esc", "close the settings", Where.SETTINGS),
    "keep theme": Key(("enter",), "Enter", "keep this theme", Where.THEMES),
    "theme above": Key(("up",), "Up", "the one above", Where.THEMES),
    "theme below": Key(("down",), "Down", "the one below", Where.THEMES),
    "close themes": Key(("escape",), "Esc", "the colours as they were", Where.THEMES),
    "boundaries": Key(("t",), "t", "show where tokens end", Where.PROMPT),
    "look for": Key(("slash", "ctrl+f"), "/, Ctrl+F", "find text", Where.PROMPT),
    "next place": Key(("n",), "n", "the next place found", Where.PROMPT),
    "previous place": Key(("p",), "p", "the place found before", Where.PROMPT),
    "part before": Key(("left",), "Left", "the message before", Where.PROMPT),
    "part after": Key(("right",), "Right", "the next message", Where.PROMPT),
    "copy prompt": Key(("c", "ctrl+y"), "c", "copy all of it", Where.PROMPT),
    "save prompt": Key(("s",), "s", "write all of it to a file", Where.PROMPT),
    "close prompt": Key(("escape",), "Esc", "close it", Where.PROMPT),
    "page up": Key(("pageup",), "Page Up", "scroll up"),
    "page down": Key(("pagedown",), "Page Down", "scroll down"),
    "help": Key(("f1",), "F1", "this help"),
    "palette": Key(("ctrl+p",), "Ctrl+P", "the palette: all that can be done"),
    "quit": Key(("ctrl+d",), "Ctrl+D", "quit, on an empty line", Where.COMPOSER),
    "leave": Key(("ctrl+q",), "Ctrl+Q", "quit at once"),
})  # fmt: skip
"""What each key does, by the id of the action, in the order of the help."""

COMMANDS: Mapping[str, Command] = MappingProxyType({
    command.name: command
    for command in (
        Command("help", "", "keys and commands", key="help"),
        Command("new", "", "a new conversation", key="new"),
        Command(
            "resume", "[WORDS|ID]", "another conversation; search them all", key="conversations"
        ),
        Command("rename", "TITLE", "another title for this conversation"),
        Command("effort", "low|medium|high", "how much the model reasons", ("think",), "effort"),
        Command("answer", "", "end the reasoning and answer now", key="answer now"),
        Command("continue", "", "go on with an answer that was cut off", key="go on"),
        Command("edit", "[N]", "put the last question, or the Nth, in other words"),
        Command("fork", "[N]", "another conversation with all this, or up to the Nth answer"),
        Command("regen", "[low|medium|high]", "answer the last question anew", key="regenerate"),
        Command("compare", "[QUESTION]", "low, medium and high side by side; keep one"),
        Command("schema", "FILE|off", "the JSON form of the next answers"),
        Command("find", "[WORDS]", "find text in this conversation", key="find"),
        Command(
            "copy", "[N|message]", "copy the last answer, its Nth code, or your message", key="copy"
        ),
        Command("tools", "[NAME on|off]", "which tools there are; switch one"),
        Command("approve", "[revoke|keep N]", "what is allowed; take it back, or keep it for good"),
        Command("library", "[add|remove PATH|search WORDS]", "the files that the model may search"),
        Command("patch", "", "the last edit that a tool made"),
        Command("undo", "", "take the last edit back"),
        Command("prompt", "[QUESTION]", "exactly what the model would see next"),
        Command("context", "[larger|fork]", "what fills the context; get more of it"),
        Command("compact", "[undo]", "have the model summarise the earlier part"),
        Command("drop", "[N|undo]", "let the model not see the oldest questions"),
        Command("export", "[FILE] [reasoning]", "write the conversation as Markdown"),
        Command("model", "[NAME|PATH]", "the model in use; use or download another"),
        Command("theme", "[NAME]", "other colours, seen while you choose"),
        Command("settings", "[WORDS]", "all settings: find, change, explained"),
        Command("doctor", "", "what is wrong here, and what would be faster"),
        Command("quit", "", "leave (also exit, :q)", ("exit",), "leave"),
    )
})  # fmt: skip
"""What can be typed after a slash, by name, in the order of the help."""
