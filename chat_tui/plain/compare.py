"""``chat-tui compare``: what low, medium and high take for questions of one's own.

Knows a chat and two streams; must not know the engine, files of settings or the screen. Every
question is a conversation of its own, and nothing of it is kept: this measures.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, TextIO

from chat_tui.columns import columns, padded
from chat_tui.conversation import Effort
from chat_tui.engine.protocol import Cancel
from chat_tui.errors import ChatError, EngineCrashed, PromptTooLong
from chat_tui.events import TurnFailed
from chat_tui.language import N_, _, ngettext, number
from chat_tui.plain.ask import describe, exit_code
from chat_tui.plain.questions import Task
from chat_tui.session.chat import Chat
from chat_tui.session.compare import Comparison, Run, State
from chat_tui.untrusted import clean


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of one task."""

    task: Task
    round: int
    """From 1."""
    seed: int
    run: Run

    @property
    def counts(self) -> bool:
        """Whether it came to its end, so that its figures mean something."""
        return self.run.state in (State.DONE, State.CUT)

    @property
    def right(self) -> bool | None:
        """Whether the answer is right; None where nobody said what is."""
        return self.task.is_right(self.run.answer)

    def document(self) -> dict[str, Any]:
        """All of it, for programs; seconds of wall time."""
        run = self.run
        found: dict[str, Any] = {
            "prompt": self.task.prompt,
            "effort": str(run.effort),
            "round": self.round,
            "seed": self.seed,
            "state": str(run.state),
            **figures(run),
            "prompt_tokens": run.usage.prompt_tokens,
            "reused_tokens": run.usage.reused_tokens,
            "answer": run.answer,
            "reasoning": run.reasoning,
        }
        if self.task.expect is not None:
            found |= {"expect": self.task.expect, "right": self.right}
        if run.error is not None:
            found["error"] = {"message": run.error.message, "hint": run.error.hint}
        return found


def figures(run: Run) -> dict[str, float | None]:
    """What a run took."""
    return {
        "seconds": round(run.seconds(), 3),
        "first_word_seconds": None if run.first_word is None else round(run.first_word, 3),
        "reasoning_tokens": run.reasoning_tokens,
        "answer_tokens": run.answer_tokens,
        "tokens_per_second": round(run.tokens_per_second, 2),
    }


@dataclass
class Compare:
    """Runs tasks and prints what came of them."""

    chat: Chat
    tasks: Sequence[Task]
    efforts: Sequence[Effort]
    rounds: int
    stdout: TextIO
    stderr: TextIO
    clock: Callable[[], float] = time.monotonic
    found: list[Measured] = field(default_factory=list)
    error: ChatError | None = None
    """The first that came."""

    def run(self, cancel: Cancel, *, as_document: bool) -> int:
        """Measure and print; the exit code, see ``ask``."""
        for event in self.chat.load(cancel):
            if isinstance(event, TurnFailed):
                raise event.error
        try:
            for measured in self._measured(cancel):
                self.found.append(measured)
        finally:
            self._say("")
        stopped = cancel.is_set()
        if as_document:
            print(json.dumps(self.document()), file=self.stdout, flush=True)
        elif self.found:
            self._print()
        if stopped:
            print(_("Stopped."), file=self.stderr)
            return 130
        if self.error is not None:
            print(describe(self.error), file=self.stderr)
            return exit_code(self.error)
        return 0

    def medians(self) -> Mapping[Effort, Mapping[str, float | None]]:
        """The medians of what came to its end, by level; None where nothing did."""
        found: dict[Effort, Mapping[str, float | None]] = {}
        for effort in self.efforts:
            runs = [one for one in self.found if one.run.effort is effort and one.counts]
            rows = [figures(one.run) for one in runs]
            row: dict[str, float | None] = {"runs": len(runs)}
            for name in figures(Run(effort)):
                values = [value for each in rows if (value := each[name]) is not None]
                row[name] = round(median(values), 3) if values else None
            if judged := [one.right for one in runs if one.right is not None]:
                row |= {"right": sum(judged), "judged": len(judged)}
                row["right_share"] = round(sum(judged) / len(judged), 4)
            found[effort] = row
        return found

    def document(self) -> dict[str, Any]:
        """All figures for programs."""
        model = self.chat.engine.model
        return {
            "model": model.name if model else None,
            "temperature": self.chat.options.sampling.temperature,
            "tools": "off",
            "medians": {str(effort): row for effort, row in self.medians().items()},
            "runs": [one.document() for one in self.found],
        }

    def _measured(self, cancel: Cancel) -> Iterator[Measured]:
        first = Comparison(self.chat).options.sampling.seed or 0
        for turn in range(self.rounds):
            for at, task in enumerate(self.tasks, 1):
                self.chat.new()
                compared = Comparison(self.chat, task.prompt, seed=first + turn)
                for effort in self.efforts:
                    self._say(
                        _("{effort} · question {at} of {count} · run {run}").format(
                            effort=effort, at=at, count=len(self.tasks), run=turn + 1
                        )
                    )
                    run = Run(effort)
                    run.begin(self.clock())
                    for event in compared.answer(effort, cancel):
                        run.take(event, self.clock())
                    yield Measured(task, turn + 1, first + turn, run)
                    if cancel.is_set():
                        return
                    if run.error is not None:
                        self.error = self.error or run.error
                        if not isinstance(run.error, EngineCrashed | PromptTooLong):
                            return
                        if isinstance(run.error, PromptTooLong):
                            break  # it fits no better at another level

    def _print(self) -> None:
        if len(self.found) <= len(self.efforts) and len(self.tasks) == 1:
            for one in self.found:
                what = clean(one.run.answer) or f"({_(one.run.state)})"
                print(f"── {one.run.effort}\n{what}\n", file=self.stdout)
        print(table(self.medians()), file=self.stdout, flush=True)
        count = len(self.tasks) * self.rounds
        text = ngettext(
            "one run at each level · first seed {seed} · no tools",
            "medians of {n:,} runs at each level · first seed {seed} · no tools",
            count,
        ).format(n=count, seed=self.found[0].seed)
        print(text, file=self.stdout, flush=True)

    def _say(self, text: str) -> None:
        """On one line that is gone afterwards, where a person looks."""
        if self.stderr.isatty():
            print(f"\r\x1b[K{text}", end="", file=self.stderr, flush=True)


_COLUMNS = {
    "seconds": (N_("seconds"), 1),
    "first_word_seconds": (N_("first word"), 1),
    "reasoning_tokens": (N_("reasoning"), 0),
    "answer_tokens": (N_("answer"), 0),
    "tokens_per_second": (N_("tok/s"), 1),
}


def table(medians: Mapping[Effort, Mapping[str, float | None]]) -> str:
    """The medians in columns."""
    rows = [[_("effort"), *(_(title) for title, _digits in _COLUMNS.values())]]
    judged = any(row.get("judged") for row in medians.values())
    if judged:
        rows[0].append(_("right"))
    for effort, figure in medians.items():
        row = [str(effort)]
        for name, (_title, digits) in _COLUMNS.items():
            value = figure[name]
            row.append("–" if value is None else number(value, digits))
        if judged:
            right, of = figure.get("right"), figure.get("judged")
            row.append(f"{right:.0f}/{of:.0f}" if right is not None and of else "–")
        rows.append(row)
    widths = [max(columns(row[at]) for row in rows) for at in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            " " * (width - columns(cell)) + cell if at else padded(cell, width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
