"""A conversation as a Markdown document, and where it is written.

Knows the conversation's values and files; must not know a face. Making the text is pure. The
texts in it are the conversation's own, without what would act on a terminal that shows the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import count
from pathlib import Path

from chat_tui.conversation import Message, Role
from chat_tui.errors import InputError
from chat_tui.untrusted import clean, clean_line

NAME_CHARACTERS = 40
"""Of a title, those that go into a file's name."""


def title(messages: Sequence[Message]) -> str:
    """The first line of what the user said first; empty before that."""
    said = next((message.content for message in messages if message.role is Role.USER), "")
    return clean_line(said.strip().partition("\n")[0][:200])


def markdown(
    messages: Sequence[Message], *, started: date, model: str = "", reasoning: bool = False
) -> str:
    """All that was said, and with ``reasoning`` what was thought."""
    facts = " · ".join(filter(None, (clean_line(model), started.isoformat())))
    parts = [f"# {title(messages) or 'Conversation'}", f"*{facts}*"]
    parts += [part for message in messages for part in _message(message, reasoning)]
    return "\n\n".join(parts) + "\n"


def write(text: str, file: str, name: str) -> Path:
    """Write ``text`` to ``file``, never over another; return where it lies now.

    Without a ``file`` it goes to the current folder, under ``name`` and a number if need be.
    Raises InputError.
    """
    named = Path(file).expanduser()
    for number in count(1):
        path = named if file else Path(f"{name}{f'-{number}' if number > 1 else ''}.md")
        try:
            with path.open("x", encoding="utf-8", errors="replace", newline="\n") as out:
                out.write(text)
        except FileExistsError as error:
            if file:
                raise InputError(
                    f"{clean_line(str(path))} exists already, and nothing was written.",
                    "Give another name.",
                ) from error
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise InputError(f"{clean_line(str(path))} cannot be written: {why}.") from error
        else:
            return path.absolute()
    raise AssertionError("count() does not end")


def default_name(messages: Sequence[Message], day: date) -> str:
    """A file's name from the title and the day: ``2026-01-31-capital-of-france``."""
    words = re.sub(r"[^\w]+", "-", title(messages).lower())[:NAME_CHARACTERS].strip("-_")
    return f"{day.isoformat()}-{words or 'conversation'}"


def _message(message: Message, reasoning: bool) -> Iterator[str]:
    text = clean(message.content).strip("\n")
    cut = " (broke off)" if message.interrupted else ""
    if message.is_reasoning:
        if reasoning and text:
            effort = f", {message.effort}" if message.effort else ""
            yield f"## Reasoning{effort}{cut}"
            yield "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
    elif message.is_call:
        yield f"## Call of {clean_line(message.recipient or '')}{cut}"
        yield _fenced(text)
    elif message.role is Role.TOOL:
        yield f"## Result of {clean_line(message.name or 'a tool')}"
        yield _fenced(text)
    elif message.role is Role.USER:
        yield "## You"
        yield text
    elif message.role is Role.ASSISTANT and text:
        effort = f", {message.effort}" if message.effort and message.is_final else ""
        yield f"## {'Answer' if message.is_final else 'Note'}{effort}{cut}"
        yield text


def _fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"
