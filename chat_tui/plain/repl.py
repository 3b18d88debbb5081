"""A conversation line by line: for screen readers, dumb terminals and slow connections.

Knows a chat and two text streams; must not know colours, cursors or widgets. Every change of who
speaks is a line of its own, so that nothing depends on layout.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

from chat_tui.conversation import Effort
from chat_tui.engine.protocol import Cancel
from chat_tui.events import (
    AnswerDelta,
    Loaded,
    MessageCompleted,
    PreambleDelta,
    PromptProgress,
    ReasoningDelta,
    StopReason,
    TurnEnded,
    TurnEvent,
    TurnFailed,
)
from chat_tui.plain.ask import describe
from chat_tui.plain.interrupts import cancel_on_interrupt
from chat_tui.session.chat import Chat
from chat_tui.untrusted import Cleaner, clean_line

HELP = """\
/effort low|medium|high  how much the model reasons, from the next question on
/reasoning               show or hide the reasoning
/new                     a new conversation
/help                    this list
/quit                    leave (also Ctrl+D)
Ctrl+C stops an answer."""


@dataclass
class Repl:
    """One conversation with ``chat``; ``read`` gives the next line or raises EOFError."""

    chat: Chat
    read: Callable[[str], str]
    out: TextIO
    show_reasoning: bool = False

    def run(self) -> int:
        """Talk until the user leaves; return the exit code."""
        self._say("chat-tui, line by line. /help lists the commands.")
        self._say("Loading the model…")
        with cancel_on_interrupt() as cancel:
            for event in self.chat.load(cancel):
                self._report(event)
        while True:
            try:
                line = self.read("You: ").strip()
            except EOFError:
                self._say("")
                return 0
            except KeyboardInterrupt:
                self._say("\nTo leave, type /quit or press Ctrl+D.")
                continue
            if line in ("/quit", "/exit", "exit", ":q"):
                return 0
            if line.startswith("/"):
                self._command(*line[1:].split())
            elif line:
                with cancel_on_interrupt() as cancel:
                    self._answer(line, cancel)

    def _command(self, name: str = "", argument: str = "", *_rest: str) -> None:
        match name:
            case "help":
                self._say(HELP)
            case "new":
                self.chat.new()
                self._say("A new conversation.")
            case "reasoning":
                self.show_reasoning = not self.show_reasoning
                self._say(f"Reasoning is {'shown' if self.show_reasoning else 'hidden'}.")
            case "effort" | "think":
                if argument in list(Effort):
                    self.chat.effort = Effort(argument)
                elif argument:
                    self._say(f"There is no effort '{clean_line(argument)}'.")
                self._say(f"Effort is {self.chat.effort}; it can be {', '.join(Effort)}.")
            case _:
                self._say(f"There is no command '/{clean_line(name)}'. /help lists them.")

    def _answer(self, text: str, cancel: Cancel) -> None:
        """Ask and print each part under its own heading."""
        heading = ""
        cleaner = Cleaner()
        for event in self.chat.ask(text, cancel):
            match event:
                case ReasoningDelta(text) if self.show_reasoning:
                    title = f"Reasoning ({self.chat.effort}): "
                case ReasoningDelta():
                    title, text = f"Thinking ({self.chat.effort})…", ""
                case PreambleDelta(text):
                    title = "Note: "
                case AnswerDelta(text):
                    title = "Answer: "
                case MessageCompleted():
                    if heading:
                        self._say(cleaner.flush())
                    heading = ""
                    continue
                case _:
                    self._report(event)
                    continue
            if title != heading:
                self._write(title)
                heading = title
            self._write(cleaner.feed(text))

    def _report(self, event: TurnEvent) -> None:
        match event:
            case Loaded(model):
                self._say(f"{clean_line(model.name)} is ready on {clean_line(model.device)}.")
            case PromptProgress(done, total) if total - done > 2000:
                self._say(f"Reading {total - done} tokens…")
            case TurnFailed(error):
                self._say(describe(error))
            case TurnEnded(StopReason.CANCELLED):
                self._say("Stopped.")
            case TurnEnded(StopReason.LENGTH):
                self._say("The answer was cut: no room is left for more tokens.")
            case _:
                pass

    def _say(self, text: str) -> None:
        self._write(text + "\n")

    def _write(self, text: str) -> None:
        self.out.write(text)
        self.out.flush()
