"""What commands and keys about tools have done.

Knows the toolset and the pane; must not know how a command is spelled on the screen's table. Every
method may raise a ChatError. What takes a while runs in a thread.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from chat_tui.errors import UsageError
from chat_tui.language import N_, _, ngettext
from chat_tui.session import permissions
from chat_tui.session.chat import Chat
from chat_tui.session.offer import State
from chat_tui.session.toolset import Toolset
from chat_tui.settings import ToolMode
from chat_tui.ui.keys import key_name
from chat_tui.ui.pane import ChatPane
from chat_tui.ui.widgets.cards import DiffCard, Notice
from chat_tui.untrusted import clean_line

if TYPE_CHECKING:
    from chat_tui.tools.library import Library

_STEP = 50
"""Files between two words about how far the library is."""
_SHOWN = 5
"""Files that could not be read, of which the names are told."""
_HITS = 10
_WITH_MORE = ("add", "remove", "search")
"""What /library does only with a path or words behind it."""
_MEANS = {
    ToolMode.ASK: N_("Tools ask before they run."),
    ToolMode.READ_ONLY: N_("Tools only read: the browser runs without a question, the others not."),
    ToolMode.OFF: N_("Tools are off: the model is not told of any."),
}


class ToolDesk:
    """Everything about the tools of one chat."""

    def __init__(self, chat: Chat, pane: ChatPane) -> None:
        self._chat = chat
        self._pane = pane

    @property
    def _tools(self) -> Toolset:
        if self._chat.tools is None:
            problem = _("There are no tools in this conversation.")
            raise UsageError(problem, _("Start without --tools."))
        return self._chat.tools

    def next_mode(self) -> None:
        """Ask, read only, off."""
        self._choose(self._tools.mode.next())

    async def tools(self, words: str) -> None:
        """List the tools, switch one, or choose a mode."""
        tools = self._tools
        name, _space, state = words.partition(" ")
        if words in list(ToolMode):
            self._choose(ToolMode(words))
        elif state in ("on", "off"):
            await asyncio.to_thread(tools.switch, name, state == "on")
            self._pane.talk.retold()
            self._pane.say(_switched(name, state, tools.mode))
        elif words:
            raise UsageError(
                _("Which tool, on or off?"),
                _("Such as /tools python off; or /tools ask|read only|off."),
            )
        else:
            states = await asyncio.to_thread(lambda: tools.states)
            lines = [_(_MEANS[tools.mode]), *(_state(one, tools.mode) for one in states)]
            if tools.mode is ToolMode.OFF:
                lines.append(_how_on())
            lines.append(_("Code runs {where}.").format(where=_(tools.offer.tier.label)))
            await self._pane.transcript.note(Notice("\n".join(lines)))

    async def approve(self, words: str) -> None:
        """List what is allowed; take one of it back, or keep it for good."""
        tools = self._tools
        if words:
            self._pane.say(await asyncio.to_thread(permissions.change, tools, words))
        else:
            lines = await asyncio.to_thread(permissions.listed, tools)
            await self._pane.transcript.note(Notice("\n".join(lines)))

    async def patch(self) -> None:
        """Show the last edit."""
        diff = self._tools.last_diff
        if not diff:
            raise UsageError(_("No tool has edited a file yet."))
        await self._pane.transcript.note(DiffCard(diff))

    async def undo(self) -> None:
        """Take the last edit back."""
        done = await asyncio.to_thread(self._tools.undo)
        await self._pane.transcript.note(Notice(done))

    async def library(self, words: str) -> None:
        """Choose files and folders for the browser, list and search them, look for changes."""
        verb, _space, path = words.partition(" ")
        path = path.strip()
        if verb not in ("", "list", "index", *_WITH_MORE) or bool(path) is not (verb in _WITH_MORE):
            raise UsageError(
                _("That is not known."),
                _("/library add|remove PATH, search WORDS, list, or index."),
            )
        library = await asyncio.to_thread(lambda: self._tools.offer.library)
        if library is None:
            raise UsageError(_("The browser is not among the tools of this conversation."))
        if verb in ("", "list"):
            lines = await asyncio.to_thread(_listed, library)
            await self._pane.transcript.note(Notice("\n".join(lines)))
            return
        if verb == "search":
            lines = await asyncio.to_thread(_hits, library, path)
            await self._pane.transcript.note(Notice("\n".join(lines)))
            return
        if verb == "add":
            await asyncio.to_thread(library.add, Path(path))
        elif verb == "remove":
            await asyncio.to_thread(library.remove, Path(path))
        loop = asyncio.get_running_loop()

        def progress(count: int) -> None:
            if count % _STEP == 0:
                with suppress(RuntimeError):  # the screen has gone
                    said = ngettext("Library: {count:,} file…", "Library: {count:,} files…", count)
                    loop.call_soon_threadsafe(self._pane.say, said.format(count=count))

        report = await asyncio.to_thread(library.index, progress, lambda: self._pane.is_down)
        said = _(
            "Documents in the library: {documents:,}; {added:,} new, {changed:,} changed, "
            "{removed:,} removed."
        ).format(
            documents=report.documents,
            added=report.added,
            changed=report.changed,
            removed=report.removed,
        )
        if verb == "add" and report.documents:
            said += " " + _("The model can search them now, when you allow it.")
        self._pane.talk.retold()
        self._pane.say("")
        problems = [f"{one.path}: {one.reason}" for one in report.problems]
        lines = [said, *problems[:_SHOWN]]
        if (left := len(problems) - _SHOWN) > 0:
            more = ngettext("… and {count:,} more", "… and {count:,} more", left)
            lines.append(more.format(count=left))
        await self._pane.transcript.note(Notice("\n".join(lines)))

    def _choose(self, mode: ToolMode) -> None:
        self._tools.mode = mode
        self._pane.set_mode(mode)
        self._pane.say(_(_MEANS[mode]))


def _state(one: State, mode: ToolMode) -> str:
    """One tool of the list: whether it is on, and what keeps it from that."""
    told = "on" if one.on else "off"
    if one.on and mode is ToolMode.OFF:
        told = _("off with all tools")
    why = f" · {one.problem}" if one.problem else ""
    return f"{one.name.ljust(14)}{told}{why}"


def _switched(name: str, state: str, mode: ToolMode) -> str:
    """What to say of a tool that was switched."""
    said = _("{name} is {state}.").format(name=name, state=state)
    return f"{said} {_how_on()}" if state == "on" and mode is ToolMode.OFF else said


def _how_on() -> str:
    """What ends the mode in which no tool is told of."""
    return _("While the mode is off none is used: /tools ask or {key} changes it.").format(
        key=key_name("tools")
    )


def _listed(library: Library) -> list[str]:
    """The library's files and folders, for people."""
    roots = [str(root) for root in library.roots()]
    if not roots:
        return [_("The library is empty. /library add PATH takes files or a folder in.")]
    count = library.count()
    said = ngettext(
        "{count:,} documents. The model searches them with its browser.",
        "{count:,} documents. The model searches them with its browser.",
        count,
    )
    return [*roots, said.format(count=count)]


def _hits(library: Library, words: str) -> list[str]:
    """Where the words stand, the best places first, each with its path, line and text."""
    if not library.roots():
        return _listed(library)
    hits = library.search(words, _HITS)
    if not hits:
        nothing = _("Nothing in the library says “{words}”.")
        return [nothing.format(words=clean_line(words))]
    found = []
    for hit in hits:
        line = "" if hit.line is None else f":{hit.line + 1}"
        found.append(f"{clean_line(hit.address)}{line}\n  {clean_line(hit.snippet)}")
    return found
