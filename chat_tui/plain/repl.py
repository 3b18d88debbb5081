"""A conversation line by line: for screen readers, dumb terminals and slow connections.

Knows a chat and two text streams; must not know colours, cursors or widgets. Every change of who
speaks is a line of its own, so that nothing depends on layout.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from chat_tui.columns import columns, padded
from chat_tui.conversation import Effort
from chat_tui.engine.protocol import Cancel
from chat_tui.errors import ChatError
from chat_tui.events import (
    AnswerDelta,
    Loaded,
    MessageCompleted,
    PreambleDelta,
    PromptProgress,
    ReasoningCircles,
    ReasoningDelta,
    Resumed,
    StopReason,
    ToolFinished,
    ToolProgressed,
    ToolStarted,
    TurnEnded,
    TurnEvent,
    TurnFailed,
)
from chat_tui.grammar.load import load_schema
from chat_tui.language import N_, _, ngettext
from chat_tui.plain import branches
from chat_tui.plain.ask import describe, describe_note
from chat_tui.plain.closer import COMMANDS as CLOSER
from chat_tui.plain.closer import HELP as CLOSER_HELP
from chat_tui.plain.closer import closer_command
from chat_tui.plain.endings import ran_out
from chat_tui.plain.extras import COMMANDS as EXTRAS
from chat_tui.plain.extras import HELP as EXTRAS_HELP
from chat_tui.plain.extras import extra_command
from chat_tui.plain.interrupts import cancel_on_interrupt
from chat_tui.plain.others import COMMANDS as OTHERS
from chat_tui.plain.others import HELP as OTHERS_HELP
from chat_tui.plain.others import Others
from chat_tui.plain.room import COMMANDS as ROOM
from chat_tui.plain.room import HELP as ROOM_HELP
from chat_tui.plain.room import room_command, warning
from chat_tui.plain.tools import asking, summary, tool_command, untold
from chat_tui.preferences.file import SettingsFile
from chat_tui.session.chat import Chat
from chat_tui.session.document import document, form_of, whole
from chat_tui.session.export import default_name, write
from chat_tui.session.permissions import YOLO
from chat_tui.session.shelf import Shelf
from chat_tui.untrusted import Cleaner, clean_line

HELP = (
    ("/effort low|medium|high", N_("how much the model reasons, from the next question on")),
    ("/reasoning", N_("show or hide the reasoning")),
    ("/regen [low|medium|high]", N_("answer the last question anew")),
    *branches.HELP,
    ("/continue", N_("go on with an answer that was cut off")),
    ("/schema " + N_("FILE|off"), N_("the JSON form of the next answers")),
    ("/tools " + N_("[MODE|NAME on|off]"), N_("the tools; ask, read only or off; switch one")),
    ("/approve [revoke|keep N]", N_("what is allowed; take it back, or keep it for good")),
    ("/undo", N_("take the last edit of a tool back")),
    *ROOM_HELP,
    *CLOSER_HELP,
    *EXTRAS_HELP,
    ("/model", N_("the model in use")),
    ("/export " + N_("[FILE]"), N_("write the conversation to a file: .md, .html or .json")),
    ("/new", N_("a new conversation")),
    *OTHERS_HELP,
    ("/help", N_("this list")),
    ("/quit", N_("leave (also Ctrl+D)")),
)
"""The commands, and what each does."""
_STOPPING = N_("Ctrl+C stops an answer. Ctrl+\\ ends the reasoning and lets the answer begin.")


def help_text() -> str:
    """What ``/help`` says."""
    parted = [words.partition(" ") for words, _does in HELP]
    typed = [f"{name} {_(usage)}" for name, _blank, usage in parted]
    width = max(map(columns, typed)) + 1
    rows = [padded(one, width) + _(does) for one, (_words, does) in zip(typed, HELP, strict=True)]
    return "\n".join([*rows, _(_STOPPING)])


@dataclass
class Repl:
    """One conversation with ``chat``; ``read`` gives the next line or raises EOFError."""

    chat: Chat
    read: Callable[[str], str]
    out: TextIO
    show_reasoning: bool = False
    drain: Callable[[], None] = lambda: None
    """Forgets what was typed but not yet read."""
    aside: TextIO = field(default_factory=lambda: sys.stderr)
    """Where what is no part of the conversation is told."""
    settings: SettingsFile | None = None
    """The file that settings are written to."""
    private: bool = False
    """Whether the user wants that nothing is kept."""
    shelf: Shelf | None = None
    """The conversations that are kept."""
    _noted: str = ""

    def __post_init__(self) -> None:
        self._others = Others(self.shelf)

    def run(self) -> int:
        """Talk until the user leaves; return the exit code."""
        self._say(_("chat-tui, line by line. /help lists the commands."))
        if self.private:
            self._say(_("Nothing is kept here."))
        self._say(_("Loading the model…"))
        if self.chat.tools is not None:
            if self.chat.tools.unasked:
                self._say(_(YOLO))
            self.chat.tools.ask = asking(self.read, self._say, self.drain)
        with cancel_on_interrupt() as cancel:
            for event in self.chat.load(cancel):
                self._report(event)
        while True:
            try:
                line = self.read(_("You: ")).strip()
            except EOFError:
                self._say("")
                return 0
            except KeyboardInterrupt:
                self._say("\n" + _("To leave, type /quit or press Ctrl+D."))
                continue
            if line in ("/quit", "/exit", "exit", ":q"):
                return 0
            if line.startswith("/"):
                self._command(*line[1:].split())
            elif line:
                self._answer(lambda cancel: self.chat.ask(line, cancel))  # noqa: B023

    def _command(self, name: str = "", argument: str = "", *rest: str) -> None:
        try:
            self._do(name, argument, *rest)
        except ChatError as error:
            self._say(describe(error))

    def _do(self, name: str, argument: str, *rest: str) -> None:
        """Run a command. Raises ChatError."""
        words = " ".join((argument, *rest)).strip()
        match name:
            case "help":
                self._say(help_text())
            case "new":
                self.chat.new()
                self._say(_("A new conversation."))
            case "reasoning":
                self.show_reasoning = not self.show_reasoning
                shown = self.show_reasoning
                self._say(_("Reasoning is shown.") if shown else _("Reasoning is hidden."))
            case "effort" | "think":
                if argument in list(Effort):
                    self.chat.effort = Effort(argument)
                elif argument:
                    self._no_effort(argument)
                known = _("Effort is {effort}; it can be {efforts}.")
                self._say(known.format(effort=self.chat.effort, efforts=", ".join(Effort)))
            case "regen":
                if argument and argument not in list(Effort):
                    self._no_effort(argument)
                    return
                effort = Effort(argument) if argument else None
                self._answer(lambda cancel: self.chat.regenerate(cancel, effort), effort)
            case "continue":
                self._answer(self.chat.resume)
            case "edit" | "fork" | "version":
                self._go_back(name, argument, *rest)
            case "schema":
                self._say(self._schema(argument))
            case "export":
                self._say(self._export(argument))
            case "tools" | "approve" | "undo":
                self._say(tool_command(self.chat.tools, name, words))
            case "model":
                self._say(self._model())
            case _ if name in ROOM:
                self._say(room_command(self.chat, name, words, self._play))
            case _ if name in OTHERS:
                self._say(self._others.command(name, words))
            case _ if name in EXTRAS:
                self._say(extra_command(self.chat, self.settings, name, words))
            case _ if name in CLOSER:
                self._say(closer_command(self.chat, name, words, self._play, self._say))
            case _:
                unknown = _("There is no command '/{name}'. /help lists them.")
                self._say(unknown.format(name=clean_line(name)))

    def _no_effort(self, argument: str) -> None:
        self._say(_("There is no effort '{argument}'.").format(argument=clean_line(argument)))

    def _go_back(self, name: str, argument: str, *rest: str) -> None:
        """Another branch of the conversation. Raises ChatError."""
        if name != "edit":
            words = (argument, *rest) if argument else ()
            self._say(
                branches.fork(self.chat, argument)
                if name == "fork"
                else branches.version(self.chat, *words)
            )
        elif found := branches.rewritten(self.chat, argument, self.read, self._say):
            self._answer(lambda cancel: self.chat.edit(*found, cancel))

    def _schema(self, file: str) -> str:
        """Set or drop the form of the answers; what to say of it. Raises ChatError."""
        chat = self.chat
        if file == "off":
            chat.response_format = None
        elif file:
            chat.response_format = load_schema(Path(file))
        if chat.response_format is None:
            return _("Answers are free text; /schema FILE gives them a JSON form.")
        return _("Answers are JSON: {name}. /schema off ends that.").format(
            name=chat.response_format.name
        )

    def _export(self, file: str) -> str:
        """Write the conversation down; where. Raises InputError."""
        form, file = form_of(file)
        stored = whole(self.chat, None)
        text = document(self.chat, stored, form, reasoning=False)
        path = write(text, file, default_name(stored.title, self.chat.started), form)
        return _("Written to {path}.").format(path=clean_line(str(path)))

    def _model(self) -> str:
        model = self.chat.engine.model
        if model is None:
            return _("No model is loaded.")
        return _("{name}, {size:.1f} GB, {context:,} tokens of context, on {device}.").format(
            name=clean_line(model.name),
            size=model.size_bytes / 1e9,
            context=model.context,
            device=clean_line(model.device),
        )

    def _answer(
        self, ask: Callable[[Cancel], Iterator[TurnEvent]], effort: Effort | None = None
    ) -> None:
        """Ask and print each part under its own heading."""
        self._play(ask, effort)
        if words := warning(self.chat):
            self._say(words)

    def _play(
        self, ask: Callable[[Cancel], Iterator[TurnEvent]], effort: Effort | None = None
    ) -> None:
        with cancel_on_interrupt() as cancel:
            self._print(ask(cancel), effort or self.chat.effort)

    def _print(self, events: Iterator[TurnEvent], effort: Effort) -> None:
        heading, told, answered, again = "", "", False, False
        cleaner = Cleaner()
        for event in events:
            match event:
                case ReasoningDelta(text) if self.show_reasoning:
                    more = _("Reasoning, going on ({effort}): ")
                    title = (more if again else _("Reasoning ({effort}): ")).format(effort=effort)
                case ReasoningDelta():
                    more, text = _("Thinking, going on ({effort})…"), ""
                    title = (more if again else _("Thinking ({effort})…")).format(effort=effort)
                case PreambleDelta(text):
                    title = _("Note, going on: ") if again else _("Note: ")
                case AnswerDelta(text):
                    title = _("Answer, going on: ") if again else _("Answer: ")
                case Resumed(message):
                    again, effort = True, message.effort or effort
                    continue
                case ToolStarted(call):
                    name = clean_line(call.recipient or _("a tool"))
                    self._say(_("Running {name}…").format(name=name))
                    heading = ""
                    continue
                case ToolProgressed(_call, text):
                    title = _("Output: ")
                    told += text
                case ToolFinished(_call, result):
                    if heading:
                        self._say(cleaner.flush())
                    rest = untold(result.content, told)
                    if rest or not told:
                        self._say(_("Result: {content}").format(content=summary(rest)))
                    heading = told = ""
                    continue
                case MessageCompleted(message):
                    if heading:
                        self._say(cleaner.flush())
                    heading, again = "", False
                    answered |= message.is_final
                    continue
                case TurnEnded(StopReason.LENGTH):
                    self._say(describe(ran_out(event, self.chat.engine.model, answered=answered)))
                    continue
                case ReasoningCircles():
                    said = _("The reasoning goes in circles. Ctrl+\\ answers now, Ctrl+C stops.")
                    self._say(f"\n{said}")
                    heading = ""
                    continue
                case _:
                    self._report(event)
                    continue
            if title != heading:
                self._write(title)
                heading = title
            self._write(cleaner.feed(text))
        if self.chat.is_unfinished:
            self._say(_("/continue goes on with the answer."))

    def _report(self, event: TurnEvent) -> None:
        match event:
            case Loaded(model):
                self._say(
                    _("{name} is ready on {device}.").format(
                        name=clean_line(model.name), device=clean_line(model.device)
                    )
                )
                if model.note and model.note != self._noted:
                    self._noted = model.note
                    print(describe_note(model.note), file=self.aside, flush=True)
            case PromptProgress(done, total) if total - done > 2000:
                left = ngettext("Reading {n} token…", "Reading {n} tokens…", total - done)
                self._say(left.format(n=total - done))
            case TurnFailed(error):
                self._say(describe(error))
            case TurnEnded(StopReason.CANCELLED):
                self._say(_("Stopped."))
            case _:
                pass

    def _say(self, text: str) -> None:
        self._write(text + "\n")

    def _write(self, text: str) -> None:
        self.out.write(text)
        self.out.flush()
