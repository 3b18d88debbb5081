"""The conversation in progress as a document: Markdown, JSON or a page.

Knows the chat, what is kept of it and the makers of documents; must not know files or a face.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from pathlib import PurePath

from chat_tui.conversation import Role
from chat_tui.session.chat import Chat
from chat_tui.session.decisions import Decisions
from chat_tui.session.shelf import Shelf
from chat_tui.store.documents import to_document
from chat_tui.store.markdown import markdown, other_answers
from chat_tui.store.titles import title_of
from chat_tui.store.values import Facts, Stored


class Form(StrEnum):
    """What a conversation is written as; the value is how such a file's name ends."""

    MARKDOWN = "md"
    HTML = "html"
    JSON = "json"


def form_of(words: str) -> tuple[Form, str]:
    """The form and the file that are meant: by a form's name, or by the end of a file's.

    A form's name alone leaves the file's name to the program: an empty one.
    """
    if words in list(Form):
        return Form(words), ""
    ending = PurePath(words).suffix.lower().removeprefix(".")
    return (Form(ending) if ending in list(Form) else Form.MARKDOWN), words


def whole(chat: Chat, shelf: Shelf | None) -> Stored:
    """The conversation with all that is kept beside it, where it is kept.

    Waits for the disk. Raises StoreError.
    """
    return (shelf.stored() if shelf else None) or _bare(chat)


def document(chat: Chat, stored: Stored, form: Form, *, reasoning: bool) -> str:
    """All that was said on this branch; as JSON on the others too, and the reasoning with it."""
    if form is Form.JSON:
        return to_document([stored])
    decisions = chat.tools.decisions if chat.tools else Decisions()
    branch = replace(stored, conversation=chat.conversation, started=chat.started)
    return readable(branch, form, decisions, reasoning=reasoning)


def readable(
    stored: Stored,
    form: Form,
    decisions: Decisions | None = None,
    *,
    reasoning: bool,
    tools: bool = True,
) -> str:
    """The branch that a conversation is on, for people: as Markdown or as a page.

    ``decisions`` are those about its calls; without them the kept ones are told.
    """
    if decisions is None:
        decisions = Decisions()
        messages = (node.message for node in stored.conversation.nodes)
        decisions.recall(zip(messages, (facts.extra for facts in stored.facts), strict=True))
    make: Callable[..., str] = markdown
    if form is Form.HTML:
        from chat_tui.store.html import html  # noqa: PLC0415 - few ask for a page

        make = html
    return make(
        stored.conversation.messages,
        started=stored.started,
        title=stored.title,
        model=stored.model,
        reasoning=reasoning,
        tools=tools,
        decided=decisions.line,
        others=other_answers(stored.conversation),
    )


def _bare(chat: Chat) -> Stored:
    """What the chat itself knows of a conversation that nobody keeps."""
    now, model = time.time(), chat.engine.model
    said = (one.content for one in chat.conversation.messages if one.role is Role.USER)
    return Stored(
        "",
        title_of(next(said, "")),
        created=now,
        updated=now,
        started=chat.started,
        effort=chat.effort,
        model=model.name if model else "",
        conversation=chat.conversation,
        facts=(Facts(now, now),) * len(chat.conversation.nodes),
    )
