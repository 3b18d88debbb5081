"""One question, one answer: the face for scripts and pipes.

Knows events and three streams; must not know the model, files of settings or the terminal.
Standard output carries the answer and nothing else; what is said about it goes to standard error.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from chat_tui.attachments import Attachment, with_files
from chat_tui.columns import columns
from chat_tui.conversation import Effort, Message
from chat_tui.engine.protocol import Cancel
from chat_tui.errors import (
    ChatError,
    EngineError,
    InputError,
    LoadError,
    NoRoom,
    ProgramError,
    PromptTooLong,
)
from chat_tui.events import (
    AnswerDelta,
    Loaded,
    LoadProgress,
    MessageCompleted,
    ModelInfo,
    PromptProgress,
    ReasoningDelta,
    StopReason,
    TurnEnded,
    TurnEvent,
    TurnFailed,
    Usage,
)
from chat_tui.home import at_home
from chat_tui.language import N_, _
from chat_tui.plain.endings import ran_out
from chat_tui.session.chat import Chat
from chat_tui.untrusted import Cleaner, clean_line

MAX_INPUT_BYTES = 64 * 1024 * 1024
"""More than any context holds; a guard against `ask < /dev/zero`."""


WITHOUT_ROOM = N_(
    "Shorten it, use a larger --context, or make room with /compact or /drop"
    " in chat-tui plain --continue."
)


class Output(StrEnum):
    """What standard output carries."""

    TEXT = "text"
    JSON = "json"
    STREAM_JSON = "stream-json"


@dataclass
class Answer:
    """What came of one question, gathered from its events."""

    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    ended: TurnEnded | None = None
    model: ModelInfo | None = None
    load_seconds: float = 0.0
    error: ChatError | None = None

    def take(self, event: TurnEvent) -> None:
        """Add what ``event`` tells."""
        match event:
            case Loaded(model, seconds):
                self.model, self.load_seconds = model, seconds
            case MessageCompleted(message):
                self._take_message(message)
            case TurnEnded(_, usage):
                self.ended, self.usage = event, usage
            case TurnFailed(NoRoom() as error):
                self.error = NoRoom(error.message, _(WITHOUT_ROOM))
            case TurnFailed(error):
                self.error = error
            case _:
                pass

    def _take_message(self, message: Message) -> None:
        self.repairs.extend(message.repairs)
        if message.is_final:
            self.text.append(message.content)
        elif message.is_reasoning:
            self.reasoning.append(message.content)

    @property
    def reason(self) -> StopReason | None:
        """Why it ended; None where it failed."""
        return self.ended.reason if self.ended else None

    def value(self) -> Any:
        """The answer read as JSON; None where it is none, because it was cut."""
        try:
            return json.loads("".join(self.text))
        except ValueError:
            return None

    def as_json(self, effort: Effort) -> dict[str, Any]:
        """The object of ``--output json``; seconds of wall time, tokens as counts."""
        usage = self.usage
        document: dict[str, Any] = {
            "answer": "\n\n".join(self.text),
            "reasoning": "\n\n".join(self.reasoning),
            "effort": str(effort),
            "stop": str(self.reason) if self.reason else None,
            "model": self.model.name if self.model else None,
            "usage": {
                "prompt_tokens": usage.prompt_tokens,
                "reused_tokens": usage.reused_tokens,
                "evaluated_tokens": usage.evaluated_tokens,
                "reasoning_tokens": usage.reasoning_tokens,
                "answer_tokens": usage.answer_tokens,
            },
            "seconds": {
                "load": round(self.load_seconds, 3),
                "first_token": round(usage.first_token_seconds, 3),
                "total": round(usage.total_seconds, 3),
            },
            "tokens_per_second": round(usage.tokens_per_second, 2),
            "repairs": self.repairs,
        }
        if self.error:
            document["error"] = {"message": self.error.message, "hint": self.error.hint}
        return document


def question(words: Sequence[str], stdin: BinaryIO, *, interactive: bool) -> str:
    """The text to ask, from the command line's words.

    A word ``@PATH`` stands for that file, which goes with the question as in the chat; alone it is
    the question. ``@@`` begins a plain word with ``@``. ``-`` and no words at all stand for
    standard input, unless that is a terminal (``interactive``).

    Raises InputError.
    """
    if not words:
        if interactive:
            raise InputError(
                _("There is no question."), _('Say chat-tui ask "your question", or pipe one in.')
            )
        words = ("-",)
    parts: list[str] = []
    plain: list[str] = []
    files: list[Attachment] = []
    for word in words:
        if word == "-":
            source, data = _("Standard input"), stdin.read(MAX_INPUT_BYTES + 1)
        elif word.startswith("@") and not word.startswith("@@"):
            path = at_home(word[1:])
            text = _text(_read(path), _("The file {path}").format(path=path))
            files.append(Attachment(clean_line(str(path)) or "a file", text))
            continue
        else:
            plain.append(word.removeprefix("@") if word.startswith("@@") else word)
            continue
        parts.append(_text(data, source))
    parts.insert(0, " ".join(plain))
    text = "\n\n".join(part for part in parts if part.strip())
    alone = len(files) == 1 and not text
    text = files[0].text if alone else with_files(text, files)
    if not text.strip():
        raise InputError(_("The question is empty."), _("Write something to ask."))
    return text


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_INPUT_BYTES + 1)
    except OSError as error:
        raise InputError(
            _("The file {path} cannot be read: {reason}.").format(
                path=path, reason=error.strerror or error
            ),
            _("A word that begins with @ names a file; write @@ for a plain @."),
        ) from error


def _text(data: bytes, source: str) -> str:
    """``data`` as text; InputError where it is no UTF-8 or too long."""
    if len(data) > MAX_INPUT_BYTES:
        raise InputError(
            _("{source} holds more than {most} MiB.").format(
                source=source, most=MAX_INPUT_BYTES >> 20
            )
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            _("{source} is not UTF-8 text (byte {at} is 0x{byte:02x}).").format(
                source=source, at=error.start, byte=data[error.start]
            ),
            _("Convert it first, for instance with iconv."),
        ) from error


def ask(
    chat: Chat,
    text: str,
    *,
    cancel: Cancel,
    output: Output,
    show_reasoning: bool,
    stdout: TextIO,
    stderr: TextIO,
) -> int:
    """Ask and print; return the exit code.

    0 answered (also when cut at a token limit, which standard error tells) · 1 the engine failed,
    or an answer with a schema was cut and is no JSON · 2 the input could not be used · 130 stopped
    by Ctrl+C.
    """
    started = time.monotonic()
    answer = Answer()
    if chat.engine.model:
        answer.model = chat.engine.model
    for event in _printed(chat.ask(text, cancel), output, show_reasoning, stdout, stderr):
        answer.take(event)
    if output is not Output.TEXT:
        document = answer.as_json(chat.effort)
        if chat.response_format is not None:
            document["value"] = answer.value()
        document["seconds"]["total"] = round(time.monotonic() - started, 3)
        if output is Output.STREAM_JSON:
            document = {"type": "result", **document}
        print(json.dumps(document), file=stdout, flush=True)
    code = _conclude(answer, stderr)
    cut = answer.reason is StopReason.LENGTH and chat.response_format is not None
    return 1 if cut and code == 0 else code


def _printed(
    events: Iterable[TurnEvent],
    output: Output,
    show_reasoning: bool,
    stdout: TextIO,
    stderr: TextIO,
) -> Iterable[TurnEvent]:
    """Pass ``events`` on, printing text as it comes."""
    answer, reasoning = Cleaner(), Cleaner()
    phase, noted = _Phase(stderr), ""
    for event in events:
        phase.show(event)
        match event:
            case Loaded(model) if model.note and model.note != noted:
                noted = model.note
                print(describe_note(noted), file=stderr, flush=True)
            case AnswerDelta(text) if output is Output.TEXT:
                print(answer.feed(text), end="", file=stdout, flush=True)
            case ReasoningDelta(text) if output is not Output.STREAM_JSON and show_reasoning:
                print(reasoning.feed(text), end="", file=stderr, flush=True)
            case AnswerDelta(text) | ReasoningDelta(text) if output is Output.STREAM_JSON:
                kind = "answer" if isinstance(event, AnswerDelta) else "reasoning"
                print(json.dumps({"type": kind, "text": text}), file=stdout, flush=True)
            case MessageCompleted(message) if message.is_final and output is Output.TEXT:
                print(answer.flush(), file=stdout, flush=True)
            case MessageCompleted(message) if message.is_reasoning and show_reasoning:
                print(reasoning.flush(), file=stderr, flush=True)
            case _:
                pass
        yield event


class _Phase:
    """What one waits for, on one line that is gone when it is over; only where a person looks."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream if stream.isatty() else None
        self._width = 0

    def show(self, event: TurnEvent) -> None:
        """Tell of loading and reading; clear the line for anything else."""
        match event:
            case LoadProgress(fraction):
                text = _("loading {fraction:.0%}").format(fraction=fraction)
            case PromptProgress(done, total) if done < total:
                text = _("reading {done:,}/{total:,} tokens").format(done=done, total=total)
            case _:
                text = ""
        if self._stream and (text or self._width):
            blank = " " * self._width
            print(f"\r{blank}\r{text}", end="", file=self._stream, flush=True)
            self._width = columns(text)


def _conclude(answer: Answer, stderr: TextIO) -> int:
    if answer.error:
        print(describe(answer.error), file=stderr)
        return exit_code(answer.error)
    if answer.reason is StopReason.CANCELLED:
        print(_("Stopped."), file=stderr)
        return 130
    if answer.ended and answer.reason is StopReason.LENGTH:
        what = ran_out(answer.ended, answer.model, answered=bool(answer.text))
        print(describe(what), file=stderr)
    return 0


def describe(error: ChatError) -> str:
    """An error as two sentences for a terminal; nothing in it can act on one."""
    return f"chat-tui: {clean_line(error.message)}" + (
        f"\n  {clean_line(error.hint)}" if error.hint else ""
    )


def describe_note(note: str) -> str:
    """What is to be known of how a model was loaded, for a terminal."""
    return f"chat-tui: {clean_line(note)}"


def denied_on(stream: TextIO) -> Callable[[Message, str], None]:
    """Says on ``stream`` that a call did not run."""

    def say(call: Message, reason: str) -> None:
        name, why = clean_line(call.recipient or _("a tool")), clean_line(reason)
        said = _("{name} was not allowed.").format(name=name)
        print(f"chat-tui: {said} {why}".rstrip(), file=stream, flush=True)

    return say


def exit_code(error: ChatError) -> int:
    """2 for what the user can mend in the command, 1 for what broke."""
    broke = isinstance(error, EngineError) and not isinstance(error, (LoadError, PromptTooLong))
    return 1 if broke or isinstance(error, ProgramError) else 2
