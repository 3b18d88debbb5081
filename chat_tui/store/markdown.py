"""A conversation as a Markdown document.

Knows the conversation's values; must not know files or a face. The texts in it are the
conversation's own, without what would act on a terminal that shows the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from chat_tui.conversation import Conversation, Message, Role
from chat_tui.language import _, ngettext
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
    others: int = 0,
) -> str:
    """All that was said, as a document.

    With ``tools`` what they were asked and answered, with ``reasoning`` what was thought. Without
    a ``title`` it is made of the first question. ``decided`` says whether a call was allowed,
    ``others`` how many answers of other branches are not in it.
    """
    said = (message.content for message in messages if message.role is Role.USER)
    heading = clean_line(title) or title_of(next(said, "")) or _("Conversation")
    facts = facts_of(model, started, others)
    parts = [f"# {heading}", f"*{facts}*"]
    parts += [
        part
        for message in without_repeats(messages)
        for part in _message(message, reasoning, tools, decided)
    ]
    return "\n\n".join(parts) + "\n"


def facts_of(model: str, started: date, others: int) -> str:
    """What is to be known of the whole document, on a line."""
    left_out = ngettext(
        "{n:,} other answer is left out: JSON has all",
        "{n:,} other answers are left out: JSON has all",
        others,
    ).format(n=others)
    if not others:
        left_out = ""
    return " · ".join(filter(None, (clean_line(model), started.isoformat(), left_out)))


def other_answers(conversation: Conversation) -> int:
    """How many whole answers stand on other branches than the one that is open."""
    path = set(conversation.path())
    return sum(
        node.message.is_final and not node.message.interrupted
        for at, node in enumerate(conversation.nodes)
        if at not in path
    )


def without_repeats(messages: Sequence[Message]) -> Iterator[Message]:
    """The messages, each summary only where it was made: a later mark may carry it along."""
    summary = ""
    for message in messages:
        if message.is_mark and message.content:
            known, summary = summary, message.content
            again = replace(message, content="", name=heading_of(message))
            yield again if message.content == known else message
        else:
            yield message


def heading_of(message: Message) -> str:
    """Who speaks, in words: ``Answer, low``, ``Call of python (broke off)``."""
    cut = " (" + _("broke off") + ")" if message.interrupted else ""
    effort = f", {message.effort}" if message.effort else ""
    if message.is_reasoning:
        return _("Reasoning") + effort + cut
    if message.is_call:
        return _("Call of {tool}").format(tool=clean_line(message.recipient or "")) + cut
    match message.role:
        case Role.TOOL:
            return _("Result of {tool}").format(tool=clean_line(message.name or _("a tool")))
        case Role.USER:
            return _("You")
        case Role.MARK:
            return _mark(message)
        case Role.ASSISTANT:
            return (_("Answer") + effort if message.is_final else _("Note")) + cut
    return _("Instructions")


def _mark(message: Message) -> str:
    """What the model sees from here on, in words."""
    if message.name:
        return clean_line(message.name)
    if not message.hides:
        return _("Summary") if message.content else _("The model sees everything again")
    if message.hides == 1:
        if message.content:
            return _("Summary, which the model sees in place of the first question")
        return _("The model does not see the first question from here on")
    if message.content:
        what = ngettext(
            "Summary, which the model sees in place of the first {n:,} question",
            "Summary, which the model sees in place of the first {n:,} questions",
            message.hides,
        )
    else:
        what = ngettext(
            "The model does not see the first {n:,} question from here on",
            "The model does not see the first {n:,} questions from here on",
            message.hides,
        )
    return what.format(n=message.hides)


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
            yield _("Decision: {decision}").format(decision=line)
    elif message.is_mark:
        # What the model sees is said beside the conversation; nothing of that is left out here.
        yield f"*{heading_of(message)}*"
        if text:
            yield "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
    elif text or message.role is Role.USER:
        yield f"## {heading_of(message)}"
        yield text


def _fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"
