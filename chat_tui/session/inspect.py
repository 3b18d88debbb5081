"""What the model would see next, and what of the conversation it would not.

Knows the chat and the engine's seam; must not know the format or a face. Texts are as they came:
whoever shows them cleans them. One thread at a time, the one that talks to the chat.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from chat_tui.conversation import Message, user
from chat_tui.events import PromptPart
from chat_tui.language import _
from chat_tui.session.chat import Chat


class Fate(StrEnum):
    """What becomes of a message."""

    READ = "read"
    DROPPED = "dropped"
    """The format leaves it out: chain of thought is for the turn that thought it."""
    LEFT_OUT = "left out"
    """The user, or a summary, hides it."""
    MARK = "mark"
    """No message: from here on the user had the model see less, or more."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A message, or what stands in none."""

    role: str
    fate: Fate
    text: str
    """As the model reads it, markup spelled out; of one that it does not read, the content."""
    note: str = ""
    """What it is, where its role does not say it."""
    channel: str = ""
    recipient: str = ""
    name: str = ""
    ends: tuple[int, ...] = ()
    """Where each token ends in the text; empty for what is not read."""
    specials: tuple[int, ...] = ()
    """Which of the tokens are markup."""
    reused: int = 0
    """How many of the tokens, from the first one on, the cache holds."""

    @property
    def tokens(self) -> int:
        """How many tokens the model reads of it."""
        return len(self.ends)


@dataclass(frozen=True, slots=True)
class Inspected:
    """The next prompt in order, with what is not read where it would stand."""

    entries: tuple[Entry, ...]
    context: int
    """Tokens that the context holds."""

    @property
    def tokens(self) -> int:
        """All that the model would read."""
        return sum(entry.tokens for entry in self.entries)

    @property
    def reused(self) -> int:
        """What of it the cache holds."""
        return sum(entry.reused for entry in self.entries)

    @property
    def text(self) -> str:
        """Exactly what the model would read, markup spelled out."""
        return "".join(entry.text for entry in self.entries if entry.fate is Fate.READ)


def inspect(chat: Chat, question: str = "") -> Inspected:
    """What the model would see if ``question`` were put now. Raises EngineError.

    Nothing is sent anywhere, and nothing changes.
    """
    path, draft = chat.conversation.messages, user(question)
    prompt = chat.prompt((*path, draft))
    found = chat.engine.inspect(prompt)
    places = {id(message): at for at, message in enumerate(path)}
    dropped = {id(prompt.messages[at]) for at in found.dropped}
    shown = [None if part.source is None else prompt.messages[part.source] for part in found.parts]
    ahead: list[int] = [len(path)]
    for message in reversed(shown):
        ahead.append(places.get(id(message), ahead[-1]))
    entries: list[Entry] = []
    done, before = 0, 0
    for part, message in zip(found.parts, shown, strict=True):
        until = ahead.pop()
        if message is not None:
            # What stands before the next message of the path that is read was passed over.
            entries += _passed(path[done:until], dropped)
            done = max(done, until + (id(message) in places))
        note = _note(part, message, places, draft)
        tokens = len(part.ends)
        entries.append(_read(part, note, min(max(found.reused - before, 0), tokens)))
        before += tokens
    model = chat.engine.model
    return Inspected(tuple(entries), model.context if model else 0)


def _note(part: PromptPart, message: Message | None, places: dict[int, int], draft: Message) -> str:
    if message is None:
        return _("the answer begins here") if part.role == "assistant" else ""
    if message is draft:
        return _("your question") if draft.content else _("your question, still empty")
    return "" if id(message) in places else _("in place of what is left out")


def _read(part: PromptPart, note: str, reused: int) -> Entry:
    return Entry(
        part.role,
        Fate.READ,
        part.text,
        note,
        part.channel or "",
        part.recipient or "",
        part.name or "",
        part.ends,
        part.specials,
        reused,
    )


def _passed(messages: tuple[Message, ...], dropped: set[int]) -> Iterator[Entry]:
    for message in messages:
        fate = Fate.DROPPED if id(message) in dropped else Fate.LEFT_OUT
        text, note = message.content, ""
        if message.is_mark:
            fate, text, note = Fate.MARK, "", message.name or ""
        yield Entry(
            str(message.role),
            fate,
            text,
            note,
            message.channel or "",
            message.recipient or "",
            "" if message.is_mark else message.name or "",
        )
