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

from chat_tui.language import N_


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
    """As people read it; translated where it is shown, like what it does."""
    does: str
    where: Where = Where.CHAT


@dataclass(frozen=True, slots=True)
class Command:
    """One command; ``usage`` is what follows its name, in brackets where it may be left out.

    It and what the command does are translated where they are shown.
    """

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
    "send": Key(("enter",), "Enter", N_("send"), Where.COMPOSER),
    "new line": Key(
        # The two with a return are what xterm's modifyOtherKeys becomes.
        ("shift+enter", "shift+\r", "alt+enter", "\r", "ctrl+j"),
        "Shift+Enter, Alt+Enter, Ctrl+J", N_("new line"), Where.COMPOSER,
    ),
    "history": Key(
        ("up", "down"), N_("Up, Down"), N_("earlier messages; the queued one"), Where.COMPOSER
    ),
    "editor": Key(("ctrl+g",), "Ctrl+G", N_("write in your editor ($EDITOR)"), Where.COMPOSER),
    "expand": Key(("f9",), "F9", N_("open what was pasted"), Where.COMPOSER),
    "take choice": Key(("tab", "enter"), "Tab, Enter", N_("take what is offered"), Where.CHOICES),
    "choice above": Key(("up",), N_("Up"), N_("the one above"), Where.CHOICES),
    "choice below": Key(("down",), N_("Down"), N_("the one below"), Where.CHOICES),
    "close choices": Key(("escape",), "Esc", N_("offer nothing"), Where.CHOICES),
    "stop": Key(("escape",), "Esc", N_("stop the answer and keep what came")),
    "interrupt": Key(("ctrl+c",), "Ctrl+C", N_("copy selection or stop; twice quits")),
    "answer now": Key(("ctrl+s",), "Ctrl+S", N_("end the reasoning and answer now")),
    "lower effort": Key(("ctrl+l",), "Ctrl+L", N_("stop and ask again with less effort")),
    "go on": Key(("f2",), "F2", N_("go on: a cut answer, circling reasoning")),
    "regenerate": Key(("ctrl+r",), "Ctrl+R", N_("answer the last question anew")),
    "effort": Key(("ctrl+t",), "Ctrl+T", N_("effort: low, medium, high")),
    "reasoning": Key(("ctrl+o",), "Ctrl+O", N_("reasoning: folded, shown, hidden")),
    "thought": Key(
        ("enter", "space"), N_("Tab, then Enter or Space"), N_("open or fold a thought or a call"),
        Where.THOUGHT,
    ),
    "earlier": Key(("alt+up",), N_("Alt+Up, Esc Esc"), N_("go back: edit, fork, answer anew")),
    "later": Key(("alt+down",), N_("Alt+Down"), N_("choose a later message")),
    "older": Key(("alt+left",), N_("Alt+Left"), N_("the version before of a message")),
    "newer": Key(("alt+right",), N_("Alt+Right"), N_("the next version of a message")),
    "edit message": Key(("e", "enter"), "e, Enter", N_("edit"), Where.MESSAGE),
    "answer anew": Key(("r",), "r", N_("answer anew"), Where.MESSAGE),
    "fork": Key(("f",), "f", N_("fork"), Where.MESSAGE),
    "copy message": Key(("c",), "c", N_("copy"), Where.MESSAGE),
    "message above": Key(("up",), N_("Up"), N_("the message above"), Where.MESSAGE),
    "message below": Key(("down",), N_("Down"), N_("the message below"), Where.MESSAGE),
    "version left": Key(("left",), N_("Left"), N_("the version before"), Where.MESSAGE),
    "version right": Key(("right",), N_("Right"), N_("the next version"), Where.MESSAGE),
    "back": Key(("escape",), "Esc", N_("back to writing"), Where.MESSAGE),
    "columns back": Key(
        ("shift+left",), N_("Shift+Left"), N_("a wide table: the columns before")
    ),
    "columns on": Key(
        ("shift+right",), N_("Shift+Right"), N_("a wide table: the columns behind")
    ),
    "copy": Key(("ctrl+y",), "Ctrl+Y", N_("copy the last answer")),
    "find": Key(("ctrl+f",), "Ctrl+F", N_("find text in this conversation")),
    "next hit": Key(("enter", "down"), N_("Enter, Down"), N_("the next place found"), Where.FIND),
    "previous hit": Key(
        ("shift+enter", "up"), N_("Shift+Enter, Up"), N_("the place found before"), Where.FIND
    ),
    "close find": Key(("escape",), "Esc", N_("close the find bar"), Where.FIND),
    "tools": Key(("shift+tab",), "Shift+Tab", N_("tools: ask, read only, off")),
    "card": Key(("f3",), "F3", N_("go to the call that waits for you")),
    "once": Key(("y",), "y", N_("allow the call once"), Where.CARD),
    "always": Key(("a",), "a", N_("allow it in this conversation"), Where.CARD),
    "change": Key(("e",), "e", N_("edit the arguments first"), Where.CARD),
    "deny": Key(("n", "enter"), "n, Enter", N_("deny the call"), Where.CARD),
    "why": Key(("r",), "r", N_("deny it and say why"), Where.CARD),
    "halt": Key(("s",), "s", N_("stop the answer"), Where.CARD),
    "compact": Key(("c",), "c", N_("have the earlier part summarised"), Where.ROOM),
    "drop": Key(("d",), "d", N_("leave out the oldest questions"), Where.ROOM),
    "larger": Key(("l",), "l", N_("load the model with a larger context"), Where.ROOM),
    "afresh": Key(("f",), "f", N_("go on in a fresh conversation"), Where.ROOM),
    "not now": Key(("escape",), "Esc", N_("choose nothing now"), Where.ROOM),
    "new": Key(("ctrl+n",), "Ctrl+N", N_("new conversation")),
    "conversations": Key(("ctrl+b",), "Ctrl+B", N_("conversations: open, search, rename, delete")),
    "open": Key(("enter",), "Enter", N_("open it"), Where.LIST),
    "one up": Key(("up",), N_("Up"), N_("the one above"), Where.LIST),
    "one down": Key(("down",), N_("Down"), N_("the one below"), Where.LIST),
    "window up": Key(("pageup",), N_("Page Up"), N_("a page back"), Where.LIST),
    "window down": Key(("pagedown",), N_("Page Down"), N_("a page on"), Where.LIST),
    "first": Key(("ctrl+home",), N_("Ctrl+Home"), N_("the first"), Where.LIST),
    "last": Key(("ctrl+end",), N_("Ctrl+End"), N_("the last"), Where.LIST),
    "rename": Key(("f2",), "F2", N_("rename it"), Where.LIST),
    "pin": Key(("f4",), "F4", N_("keep it on top, or no longer"), Where.LIST),
    "remove": Key(("f8", "delete"), N_("F8, Delete"), N_("delete it"), Where.LIST),
    "bring back": Key(("ctrl+z",), "Ctrl+Z", N_("bring back what was deleted"), Where.LIST),
    "close list": Key(("escape",), "Esc", N_("close the list"), Where.LIST),
    "use model": Key(("enter",), "Enter", N_("use it, or download it"), Where.MODELS),
    "model above": Key(("up",), N_("Up"), N_("the one above"), Where.MODELS),
    "model below": Key(("down",), N_("Down"), N_("the one below"), Where.MODELS),
    "download": Key(("d",), "d", N_("download it"), Where.MODELS),
    "cancel download": Key(("x",), "x", N_("stop the download; what came is kept"), Where.MODELS),
    "close models": Key(("escape",), "Esc", N_("close the list"), Where.MODELS),
    "keep chosen": Key(("enter",), "Enter", N_("go on with the chosen answer"), Where.COMPARE),
    "keep first": Key(("1",), "1", N_("go on with the first answer"), Where.COMPARE),
    "keep second": Key(("2",), "2", N_("go on with the second answer"), Where.COMPARE),
    "keep third": Key(("3",), "3", N_("go on with the third answer"), Where.COMPARE),
    "column left": Key(("left", "shift+tab"), N_("Left"), N_("the level before"), Where.COMPARE),
    "column right": Key(("right", "tab"), N_("Right"), N_("the next level"), Where.COMPARE),
    "thoughts": Key(
        ("space", "ctrl+o"), N_("Space"), N_("open or fold the reasoning"), Where.COMPARE,
    ),
    "compared up": Key(("up",), N_("Up"), N_("scroll up"), Where.COMPARE),
    "compared down": Key(("down",), N_("Down"), N_("scroll down"), Where.COMPARE),
    "compared page up": Key(("pageup",), N_("Page Up"), N_("a page back"), Where.COMPARE),
    "compared page down": Key(("pagedown",), N_("Page Down"), N_("a page on"), Where.COMPARE),
    "compared first": Key(("home",), N_("Home"), N_("to its beginning"), Where.COMPARE),
    "compared last": Key(("end",), N_("End"), N_("to its end"), Where.COMPARE),
    "end compare": Key(("escape",), "Esc", N_("stop what runs, else close"), Where.COMPARE),
    "change setting": Key(
        ("enter",), "Enter", N_("change it; write what was typed"), Where.SETTINGS,
    ),
    "write setting": Key(
        ("ctrl+g",), "Ctrl+G", N_("write it in your editor ($EDITOR)"), Where.SETTINGS
    ),
    "reset setting": Key(("f8",), "F8", N_("let its default hold again"), Where.SETTINGS),
    "setting above": Key(("up",), N_("Up"), N_("the one above"), Where.SETTINGS),
    "setting below": Key(("down",), N_("Down"), N_("the one below"), Where.SETTINGS),
    "settings page up": Key(("pageup",), N_("Page Up"), N_("a page back"), Where.SETTINGS),
    "settings page down": Key(("pagedown",), N_("Page Down"), N_("a page on"), Where.SETTINGS),
    "close settings": Key(("escape",), "Esc", N_("close the settings"), Where.SETTINGS),
    "keep theme": Key(("enter",), "Enter", N_("keep this theme"), Where.THEMES),
    "theme above": Key(("up",), N_("Up"), N_("the one above"), Where.THEMES),
    "theme below": Key(("down",), N_("Down"), N_("the one below"), Where.THEMES),
    "close themes": Key(("escape",), "Esc", N_("the colours as they were"), Where.THEMES),
    "boundaries": Key(("t",), "t", N_("show where tokens end"), Where.PROMPT),
    "look for": Key(("slash", "ctrl+f"), "/, Ctrl+F", N_("find text"), Where.PROMPT),
    "next place": Key(("n",), "n", N_("the next place found"), Where.PROMPT),
    "previous place": Key(("p",), "p", N_("the place found before"), Where.PROMPT),
    "part before": Key(("left",), N_("Left"), N_("the message before"), Where.PROMPT),
    "part after": Key(("right",), N_("Right"), N_("the next message"), Where.PROMPT),
    "copy prompt": Key(("c", "ctrl+y"), "c", N_("copy all of it"), Where.PROMPT),
    "save prompt": Key(("s",), "s", N_("write all of it to a file"), Where.PROMPT),
    "close prompt": Key(("escape",), "Esc", N_("close it"), Where.PROMPT),
    "page up": Key(("pageup",), N_("Page Up"), N_("scroll up")),
    "page down": Key(("pagedown",), N_("Page Down"), N_("scroll down")),
    "help": Key(("f1",), "F1", N_("this help")),
    "palette": Key(("ctrl+p",), "Ctrl+P", N_("the palette: all that can be done")),
    "quit": Key(("ctrl+d",), "Ctrl+D", N_("quit, on an empty line"), Where.COMPOSER),
    "leave": Key(("ctrl+q",), "Ctrl+Q", N_("quit at once")),
})  # fmt: skip
"""What each key does, by the id of the action, in the order of the help."""

COMMANDS: Mapping[str, Command] = MappingProxyType({
    command.name: command
    for command in (
        Command("help", "", N_("keys and commands"), key="help"),
        Command("new", "", N_("a new conversation"), key="new"),
        Command(
            "resume", N_("[WORDS|ID]"), N_("another conversation; search them all"),
            key="conversations",
        ),
        Command("rename", N_("TITLE"), N_("another title for this conversation")),
        Command(
            "effort", "low|medium|high", N_("how much the model reasons"), ("think",), "effort",
        ),
        Command("answer", "", N_("end the reasoning and answer now"), key="answer now"),
        Command("continue", "", N_("go on with an answer that was cut off"), key="go on"),
        Command("edit", "[N]", N_("put the last question, or the Nth, in other words")),
        Command("fork", "[N]", N_("another conversation with all this, or up to the Nth answer")),
        Command(
            "regen", "[low|medium|high]", N_("answer the last question anew"), key="regenerate",
        ),
        Command("compare", N_("[QUESTION]"), N_("low, medium and high side by side; keep one")),
        Command("schema", N_("FILE|off"), N_("the JSON form of the next answers")),
        Command("find", N_("[WORDS]"), N_("find text in this conversation"), key="find"),
        Command(
            "copy", "[N|message]", N_("copy the last answer, its Nth code, or your message"),
            key="copy",
        ),
        Command("tools", N_("[NAME on|off]"), N_("which tools there are; switch one")),
        Command(
            "approve", "[revoke|keep N]", N_("what is allowed; take it back, or keep it for good"),
        ),
        Command(
            "library", N_("[add|remove PATH|search WORDS]"),
            N_("the files that the model may search"),
        ),
        Command("patch", "", N_("the last edit that a tool made")),
        Command("undo", "", N_("take the last edit back")),
        Command("prompt", N_("[QUESTION]"), N_("exactly what the model would see next")),
        Command("context", "[larger|fork]", N_("what fills the context; get more of it")),
        Command("compact", "[undo]", N_("have the model summarise the earlier part")),
        Command("drop", "[N|undo]", N_("let the model not see the oldest questions")),
        Command(
            "export", N_("[md|html|json|FILE] [reasoning]"), N_("write the conversation to a file"),
        ),
        Command("model", N_("[NAME|PATH]"), N_("the model in use; use or download another")),
        Command("theme", N_("[NAME]"), N_("other colours, seen while you choose")),
        Command("settings", N_("[WORDS]"), N_("all settings: find, change, explained")),
        Command("doctor", "", N_("what is wrong here, and what would be faster")),
        Command("quit", "", N_("leave (also exit, :q)"), ("exit",), "leave"),
    )
})  # fmt: skip
"""What can be typed after a slash, by name, in the order of the help."""
