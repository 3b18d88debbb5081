"""Questions that levels are compared with: from words, or from a file with what is expected.

Knows the words of ``chat-tui compare``, text and files; must not know the chat.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chat_tui.conversation import Effort
from chat_tui.errors import InputError, UsageError
from chat_tui.language import N_, _
from chat_tui.plain.numbers import positive
from chat_tui.untrusted import clean_line

MAX_FILE_BYTES = 64 * 1024 * 1024
FORM = N_('One question a line, or in each line {"prompt": "…", "expect": "…"}.')
_KEYS = {"prompt", "expect"}


@dataclass(frozen=True, slots=True)
class Task:
    """A question, and what a right answer contains."""

    prompt: str
    expect: str | None = None

    def is_right(self, answer: str) -> bool | None:
        """Whether the answer contains what is expected, in capitals or not; None: who knows."""
        return None if self.expect is None else _folded(self.expect) in _folded(answer)


def add_compare(commands: argparse._SubParsersAction[Any], run: str) -> argparse.ArgumentParser:
    """Add the parser; it sets ``run``."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "compare",
        help=_("a question at low, medium and high: what each level takes, and says"),
        description=_(
            "Run questions at each effort with the same seed and without tools, and"
            " print the medians. From the second round on the cache holds the prompt,"
            " at every level alike. Nothing is kept. Exit codes are those of ask."
        ),
    )
    parser.add_argument(
        "question",
        nargs="*",
        metavar=_("QUESTION"),
        help=_("words; @FILE for a file's text, - for input"),
    )
    parser.add_argument("--file", type=Path, metavar=_("FILE"), help=_(FORM))
    parser.add_argument(
        "--efforts", type=_efforts, default=tuple(Effort), metavar=_("LIST"), help="low,medium,high"
    )
    parser.add_argument(
        "--repeat",
        type=positive,
        default=1,
        metavar="N",
        help=_("so many times, each its own seed"),
    )
    parser.add_argument("--output", choices=["text", "json"], default="text")
    parser.set_defaults(run=run)
    return parser


def _efforts(text: str) -> tuple[Effort, ...]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in list(Effort):
            raise argparse.ArgumentTypeError(
                _("{name} is no effort: low, medium or high").format(name=name)
            )
    if not names:
        raise argparse.ArgumentTypeError(_("name at least one of low, medium and high"))
    return tuple(effort for effort in Effort if effort in names)


def tasks_of(path: Path) -> tuple[Task, ...]:
    """The questions of a file, see ``FORM``. Raises InputError with the line."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        reason = error.strerror or error
        raise InputError(
            _("The file {path} cannot be read: {reason}.").format(
                path=clean_line(str(path)), reason=reason
            )
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            _("The file {path} is not UTF-8 text.").format(path=clean_line(str(path)))
        ) from error
    if len(data) > MAX_FILE_BYTES:
        raise InputError(
            _("The file holds more than {most} MiB.").format(most=MAX_FILE_BYTES >> 20)
        )
    lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1)]
    lines = [(number, line) for number, line in lines if line]
    if not lines:
        raise InputError(
            _("There is no question in {path}.").format(path=clean_line(str(path))), _(FORM)
        )
    if not lines[0][1].startswith("{"):
        return tuple(Task(line) for _number, line in lines)
    return tuple(_task(line, number) for number, line in lines)


def _task(line: str, number: int) -> Task:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(
            _("Line {number} is not valid JSON: {error}.").format(number=number, error=error),
            _(FORM),
        ) from error
    if not isinstance(found, dict) or not isinstance(found.get("prompt"), str):
        raise InputError(_('Line {number} has no "prompt".').format(number=number), _(FORM))
    if unknown := sorted(map(str, found.keys() - _KEYS)):
        raise InputError(
            _("There is an unknown key {unknown!r} in line {number}.").format(
                unknown=unknown[0], number=number
            ),
            _(FORM),
        )
    expect = found.get("expect")
    if not found["prompt"].strip() or not isinstance(expect, str | None):
        raise InputError(_("Line {number} holds what is no text.").format(number=number), _(FORM))
    return Task(found["prompt"], expect or None)


def tasks_for(words: Sequence[str], file: Path | None, read: Callable[[], str]) -> tuple[Task, ...]:
    """The tasks that a command line names; ``read`` gives the question that its words are.

    Raises InputError, UsageError.
    """
    if file is None:
        return (Task(read()),)
    if words:
        raise UsageError(_("A question and --file are two things."), _("Give one of them."))
    return tasks_of(file)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
