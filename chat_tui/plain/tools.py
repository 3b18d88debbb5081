"""Tools line by line: the question whether a call may run, and the commands about tools.

Knows requests, replies and two functions that read and write lines; must not know colours or
cursors. Only a typed ``y`` allows; an empty line, the end of the input and Ctrl+C do not.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress

from chat_tui.errors import UsageError
from chat_tui.language import _, ngettext
from chat_tui.session import permissions
from chat_tui.session.gate import Choice, Reply, Request
from chat_tui.session.toolset import Ask, Toolset
from chat_tui.settings import ToolMode
from chat_tui.tools.base import Stop
from chat_tui.untrusted import clean, visible

SHOWN = 1_000
"""Characters of a result that are read out."""


def asking(
    read: Callable[[str], str], say: Callable[[str], None], drain: Callable[[], None]
) -> Ask:
    """Asks with ``read`` and ``say``; whatever is not understood is asked again, then denied.

    ``drain`` forgets what was typed before the question was there.
    """

    def ask(request: Request, stop: Stop) -> Reply:
        say(_question(request))
        prompt = _("Allow? (y once, e edit first, n no, s stop) ")
        if request.rule is not None:
            prompt = _("Allow? (y once, a in this conversation, e edit first, n no, s stop) ")
        for _attempt in range(3):
            if stop.is_set():
                break
            drain()
            try:
                said = read(prompt).strip()
            except (EOFError, KeyboardInterrupt):
                break
            match said.lower():
                case "y" | "yes":
                    return Reply(Choice.ONCE)
                case "a" | "always" if request.rule is not None:
                    return Reply(Choice.CONVERSATION)
                case "e" | "edit":
                    if (text := _edited(read, say)) is not None:
                        return Reply(Choice.ONCE, edited=text)
                case "s" | "stop":
                    return Reply(Choice.STOP)
                case "n" | "no" | "":
                    return Reply(Choice.DENY, _reason(read))
                case _:
                    say(_("That is none of the answers. An empty line denies."))
        return Reply(Choice.DENY)

    return ask


def forget_typed() -> None:
    """Drop what waits on a terminal's input."""
    try:
        import termios  # noqa: PLC0415  there is none on Windows
    except ImportError:
        return
    with suppress(OSError, ValueError, termios.error):
        termios.tcflush(sys.stdin, termios.TCIFLUSH)


def _edited(read: Callable[[str], str], say: Callable[[str], None]) -> str | None:
    """The arguments in other words, which are shown and asked about anew; None keeps them."""
    say(
        _("Write it anew; a line with a single dot ends it. Nothing but the dot keeps it as it is.")
    )
    lines: list[str] = []
    try:
        while (line := read("")) != ".":
            lines.append(line)
    except (EOFError, KeyboardInterrupt):
        return None
    return clean("\n".join(lines)) if lines else None


def _reason(read: Callable[[str], str]) -> str:
    try:
        return clean(read(_("Why not? (for the model; may be empty) ")).strip())
    except (EOFError, KeyboardInterrupt):
        return ""


def _question(request: Request) -> str:
    view = request.view
    lines = [request.again] if request.again else []
    lines += [
        _("The model wants to: {title}").format(title=_line(view.title)),
        "",
        view.diff or view.body,
        "",
    ]
    if view.touches:
        lines.append(_("It touches: {touches}").format(touches=", ".join(view.touches)))
    lines.append(_("Sandbox: {label}").format(label=_(request.tier.label)))
    if request.rule is not None:
        rule = _line(_(view.rule)) or _("exactly this call again")
        lines.append(_("a would allow: {rule}").format(rule=rule))
    return visible("\n".join(lines))


def _line(text: str) -> str:
    return " ".join(text.split())


def summary(text: str) -> str:
    """A result in a length that can be listened to."""
    text = clean(text).strip("\n")
    if len(text) <= SHOWN:
        return text
    more = len(text) - SHOWN
    rest = ngettext("… {n:,} more character", "… {n:,} more characters", more).format(n=more)
    return f"{text[:SHOWN]}\n{rest}"


def untold(content: str, told: str) -> str:
    """What of a result was not told while it came."""
    content, told = content.strip("\n"), told.strip("\n")
    return content.removesuffix(told).rstrip("\n") if told else content


def tool_command(tools: Toolset | None, name: str, words: str) -> str:
    """Do ``/tools``, ``/approve`` or ``/undo``; what to say of it. Raises ChatError."""
    if tools is None:
        raise UsageError(_("There are no tools in this conversation."))
    words = words.strip()
    match name, words.split():
        case "undo", []:
            return clean(tools.undo())
        case "approve", []:
            return visible("\n".join(permissions.listed(tools)))
        case "approve", _:
            return visible(permissions.change(tools, words))
        case "tools", [tool, ("on" | "off") as state]:
            tools.switch(tool, state == "on")
            return _("{tool} is {state}.").format(tool=clean(tool), state=state)
        case "tools", []:
            lines = [_("Tools: {mode}.").format(mode=tools.mode)]
            for one in tools.states:
                why = f" ({one.problem})" if one.problem else ""
                lines.append(f"{one.name}: {'on' if one.on else 'off'}{why}")
            return "\n".join(map(clean, lines))
        case "tools", _ if words in list(ToolMode):
            tools.mode = ToolMode(words)
            return _("Tools: {mode}.").format(mode=tools.mode)
        case _:
            raise UsageError(
                _("/{name} does not know that.").format(name=name), _("/help lists what it takes.")
            )
