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
from chat_tui.untrusted import clean_line

MAX_FILE_BYTES = 64 * 1024 * 1024
FORM = 'One question a line, or in each line {"prompt": "…", "expect": "…"}.'
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
        help="a question at low, medium and high: what each level takes, and says",
        description="Run questions at each effort with the same seed and without tools, and print"
        " the medians. From the second round on the cache holds the prompt, at every level alike."
        " Nothing is kept. Exit codes are those of ask.",
    )
    parser.add_argument("question", nargs="*", help="words; @FILE for a file's text, - for input")
    parser.add_argument("--file", type=Path, metavar="FILE", help=FORM)
    parser.add_argument(
        "--efforts", type=_efforts, default=tuple(Effort), metavar="LIST", help="low,medium,high"
    )
    parser.add_argument(
        "--repeat", type=_rounds, default=1, metavar="N", help="so many times, each its own seed"
    )
    parser.add_argument("--output", choices=["text", "json"], default="text")
    parser.set_defaults(run=run)
    return parser


def _efforts(text: str) -> tuple[Effort, ...]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in list(Effort):
            raise argparse.ArgumentTypeError(f"{name} is no effort: low, medium or high")
    if not names:
        raise argparse.ArgumentTypeError("name at least one of low, medium and high")
    return tuple(effort for effort in Effort if effort in names)


def _rounds(text: str) -> int:
    value = int(text)
    if value <= 0:
        raise ValueError(text)
    return value


_rounds.__name__ = "positive whole number"


def tasks_of(path: Path) -> tuple[Task, ...]:
    """The questions of a file, see ``FORM``. Raises InputError with the line."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
        text = data.decode("utf-8-sig")
    except OSError as error:
        why = error.strerror or error
        raise InputError(f"The file {clean_line(str(path))} cannot be read: {why}.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"The file {clean_line(str(path))} is not UTF-8 text.") from error
    if len(data) > MAX_FILE_BYTES:
        raise InputError(f"The file holds more than {MAX_FILE_BYTES >> 20} MiB.")
    lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), 1)]
    lines = [(number, line) for number, line in lines if line]
    if not lines:
        raise InputError(f"There is no question in {clean_line(str(path))}.", FORM)
    if not lines[0][1].startswith("{"):
        return tuple(Task(line) for _, line in lines)
    return tuple(_task(line, number) for number, line in lines)


def _task(line: str, number: int) -> Task:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"Line {number} is not valid JSON: {error}.", FORM) from error
    if not isinstance(found, dict) or not isinstance(found.get("prompt"), str):
        raise InputError(f'Line {number} has no "prompt".', FORM)
    if unknown := sorted(map(str, found.keys() - _KEYS)):
        raise InputError(f"There is an unknown key {unknown[0]!r} in line {number}.", FORM)
    expect = found.get("expect")
    if not found["prompt"].strip() or not isinstance(expect, str | None):
        raise InputError(f"Line {number} holds what is no text.", FORM)
    return Task(found["prompt"], expect or None)


def tasks_for(words: Sequence[str], file: Path | None, read: Callable[[], str]) -> tuple[Task, ...]:
    """The tasks that a command line names; ``read`` gives the question that its words are.

    Raises InputError, UsageError.
    """
    if file is None:
        return (Task(read()),)
    if words:
        raise UsageError("A question and --file are two things.", "Give one of them.")
    return tasks_of(file)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
