"""Comparing levels and showing the prompt, line by line.

Knows the chat and texts; must not know streams, colours or cursors.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from chat_tui.conversation import Effort
from chat_tui.engine.protocol import Cancel
from chat_tui.errors import EngineCrashed, UsageError
from chat_tui.events import TurnEvent
from chat_tui.language import N_, _, ngettext
from chat_tui.session.chat import Chat
from chat_tui.session.compare import Comparison, Run, State
from chat_tui.session.inspect import Entry, Fate, inspect
from chat_tui.untrusted import clean_line, masked

COMMANDS = ("compare", "prompt")
HELP = (
    (
        "/compare " + N_("[QUESTION]"),
        N_("low, medium and high, one after the other; /version keeps one"),
    ),
    ("/prompt " + N_("[QUESTION]"), N_("exactly what the model would see next")),
)

Play = Callable[[Callable[[Cancel], Iterator[TurnEvent]], Effort | None], None]
"""Prints what happens at a level until it is over."""


def closer_command(
    chat: Chat, name: str, words: str, play: Play, say: Callable[[str], None]
) -> str:
    """Do one of COMMANDS; what to say of it in the end. Raises ChatError."""
    if name == "prompt":
        return prompt_text(chat, words)
    if not words and not any(unit.is_question for unit in chat.units):
        raise UsageError(_("There is no question to compare."), _("/compare QUESTION puts one."))
    say(_("Comparing low, medium and high: the same seed, and no tools."))
    comparison = Comparison(chat, words or None)
    runs: list[Run] = []
    for effort in Effort:
        run = Run(effort)
        runs.append(run)
        play(lambda cancel: _heard(comparison, run, cancel), effort)  # noqa: B023
        crashed = isinstance(run.error, EngineCrashed)
        if run.state is State.STOPPED or (run.error is not None and not crashed):
            break
    lines = [_figures(run) for run in runs]
    number, count = chat.version
    if count > 1:
        lines.append(
            _("This is answer {number} of {count}. /version N goes on with another.").format(
                number=number, count=count
            )
        )
    return "\n".join(lines)


def prompt_text(chat: Chat, question: str) -> str:
    """What the model would see next, message by message. Raises EngineError."""
    found = inspect(chat, question)
    head = _("The prompt has {tokens:,} tokens; {reused:,} of them are read already.").format(
        tokens=found.tokens, reused=found.reused
    )
    parts = [f"{_heading(entry)}\n{masked(entry.text)}".rstrip("\n") for entry in found.entries]
    return "\n\n".join((head, *parts))


def _heard(comparison: Comparison, run: Run, cancel: Cancel) -> Iterator[TurnEvent]:
    run.begin(time.monotonic())
    for event in comparison.answer(run.effort, cancel):
        run.take(event, time.monotonic())
        yield event


def _figures(run: Run) -> str:
    return _(
        "{effort}: {state}, {seconds:.1f} s, {reasoning:,} tokens of reasoning, {answer:,} of the"
        " answer."
    ).format(
        effort=run.effort,
        state=_(run.state),
        seconds=run.seconds(),
        reasoning=run.reasoning_tokens,
        answer=run.answer_tokens,
    )


def _heading(entry: Entry) -> str:
    whose = "" if entry.fate is Fate.MARK else clean_line(entry.name or entry.role)
    facts = [clean_line(fact) for fact in (whose, entry.channel, entry.note) if fact]
    if entry.recipient:
        facts.insert(1, _("to {recipient}").format(recipient=clean_line(entry.recipient)))
    if entry.fate is Fate.READ:
        facts.append(ngettext("{n:,} token", "{n:,} tokens", entry.tokens).format(n=entry.tokens))
    elif entry.fate is not Fate.MARK:
        facts.append(_("not read by the model"))
    return f"{', '.join(facts)}:"
