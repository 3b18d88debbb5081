"""A conversation as a Markdown document.

Knows the conversation's values; must not know files or a face. The texts in it are the
conversation's own, without what would act on a terminal that shows the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from chat_tui.conversation import Message, Role
from chat_tui.store.titles import title_of
from chat_tui.untrusted import clean, clean_line


def markdown(
    messages: Sequence[Message],
    *,
    started: date,
    model: str = "",
    title: str = "",
    reasoning: bool = False,
    tools: bool = True,
    decided: Callable[[Message], str] = lambda _call: "",
) -> str:
    """All that was said, as a document.

    With ``tools`` what they were asked and answered, with ``reasoning`` what was thought. Without
    a ``title`` it is made of the first question. ``decided`` says whether a call was allowed.
    """
    said = (message.content for message in messages if message.role is Role.USER)
    heading = clean_line(title) or title_of(next(said, "")) or "Conversation"
    facts = " · ".join(filter(None, (clean_line(model), started.isoformat())))
    parts = [f"# {heading}", f"*{facts}*"]
    parts += [part for message in messages for part in _message(message, reasoning, tools, decided)]
    return "\n\n".join(parts) + "\n"


def heading_of(message: Message) -> str:
    """Who speaks, in words: ``Answer, low``, ``Call of python (broke off)``."""
    cut = " (broke off)" if message.interrupted else ""
    effort = f", {message.effort}" if message.effort else ""
    if message.is_reasoning:
        return f"Reasoning{effort}{cut}"
    if message.is_call:
        return f"Call of {clean_line(message.recipient or '')}{cut}"
    match message.role:
        case Role.TOOL:
            return f"Result of {clean_line(message.name or 'a tool')}"
        case Role.USER:
            return "You"
        case Role.MARK:
            return _mark(message)
        case Role.ASSISTANT:
            return f"Answer{effort}{cut}" if message.is_final else f"Note{cut}"
    return "Instructions"


def _mark(message: Message) -> str:
    """What the model sees from here on, in words."""
    if message.name:
        return clean_line(message.name)
    if not message.hides:
        return "Summary" if message.content else "The model sees everything again"
    of = "the first question" if message.hides == 1 else f"the first {message.hides:,} questions"
    if message.content:
        return f"Summary, which the model sees in place of {of}"
    return f"The model does not see {of} from here on"


def _message(
    message: Message, reasoning: bool, tools: bool, decided: Callable[[Message], str]
) -> Iterator[str]:
    text = clean(message.content).strip("\n")
    if message.is_reasoning:
        if reasoning and text:
            yield f"## {heading_of(message)}"
            yield "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
    elif message.is_call or message.role is Role.TOOL:
        if tools:
            yield f"## {heading_of(message)}"
            yield _fenced(text)
        if tools and message.is_call and (line := clean_line(decided(message))):
            yield f"Decision: {line}"
    elif text or message.role is Role.USER or message.is_mark:
        yield f"## {heading_of(message)}"
        yield text


def _fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"
