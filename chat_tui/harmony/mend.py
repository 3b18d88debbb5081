"""What a header says, however badly it was written.

Knows the grammar of harmony headers and the names of the tools that a turn offers; must not know
tokens or state. Whatever ``header.HeaderGuard`` admits is read without a repair; everything else
is read as the model most likely meant it, and each deviation has a name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from chat_tui.conversation import ANALYSIS, CHANNELS, COMMENTARY, FINAL
from chat_tui.harmony.repairs import Repair
from chat_tui.harmony.tokens import Control

Segment = tuple[Control | None, str]
"""Text of a header and the control token before it; None for what precedes the first."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says."""

    channel: str | None = None
    recipient: str | None = None
    content_type: str | None = None
    content: str = ""
    """Text that belongs to the message, where the header had no end."""
    made_up: bool = False
    """Whether the message claims to be someone else's than the assistant's."""
    repairs: tuple[Repair, ...] = ()


_BUILTIN = frozenset({"python", "browser"})
_NOBODY = frozenset({"assistant", "user", "all"})
_OTHER_ROLES = frozenset({"user", "system", "developer", "tool"})
_TYPES = ("json", "code", "text")
_NAME_LIMIT = 128
_ROLE = re.compile(r"\s*((?:assistant)*)")
_CHANNEL_NAME = re.compile(r"\s*(analysis|commentary|final)")
_WORD = re.compile(r"\s*(?!to=)([^\s<]*)")
_TO = re.compile(r"(?<![\w.-])to=( ?)((?:(?!<\|)\S)*)(\S*)")
_OPEN_TO = re.compile(r"\s*to= ?([\w.-]+)")
_OPEN_TYPE = re.compile(rf"\s*({'|'.join(_TYPES)})(?![a-z])")
# To be matched against words with single blanks, so that it cannot take long.
_LIKE_HEADER = re.compile(r"(?:assistant)* ?(?:analysis|commentary|final)? ?(?:to=\S*)?")


def read_header(
    segments: Sequence[Segment], recipients: Collection[str] | None, *, role_due: bool
) -> Header:
    """A header that ended as headers do.

    ``recipients`` are the tools that the turn offers, None when they are not known;
    ``role_due`` says that the role is still to come, as it is after ``<|start|>``.
    """
    found = _Found(recipients)
    for marker, text in segments:
        if marker is None:
            words = found.role(text, due=role_due)
        elif marker is Control.CHANNEL:
            words = found.channel(text)
        else:
            words = text
        words = found.recipient(words)
        if marker is Control.CONSTRAIN:
            words = found.marked_type(words)
        found.words += words.split()
    return found.header()


def read_open_header(
    segments: Sequence[Segment],
    recipients: Collection[str] | None,
    *,
    role_due: bool,
) -> Header:
    """A header that was cut short: what is no header in it is the message's content."""
    if len(segments) == 1 and segments[0][0] is None:
        plain = _read_plain(segments[0][1], recipients, role_due)
        if plain is not None:
            return plain
    found = _Found(recipients)
    found.repairs.append(Repair.MESSAGE_MISSING)
    content: list[str] = []
    unnamed = True
    for marker, segment in segments:
        text = segment
        unnamed = unnamed and marker is not Control.CHANNEL
        if not content:
            if marker is None:
                text = found.role(text, due=role_due)
            elif marker is Control.CHANNEL and (name := _known_channel(text)):
                found.channels.append(name[0])
                text = text[name[1] :]
            if to := _OPEN_TO.match(text):
                found.name(to[1])
                text = text[to.end() :]
            if (found.names or marker is Control.CONSTRAIN) and (kind := _OPEN_TYPE.match(text)):
                found.content_type = kind[1]
                text = text[kind.end() :]
            text = text.lstrip()
        if text.strip():
            content.append(text)
            if unnamed and not found.channels and not found.names:
                found.channels.append(FINAL)
    # A blank in between, so that two halves never join to what looks like markup.
    return found.header(" ".join(content))


def resolve(name: str, recipients: Collection[str] | None) -> tuple[str, bool, Repair | None]:
    """The tool that a recipient means, whether it was offered, and what had to be mended."""
    bare = name.removeprefix("functions.")
    builtin = bare != name and _space(bare) in _BUILTIN
    if recipients is None:
        if builtin:
            return bare, True, Repair.RECIPIENT_OF_BUILTIN
        return name, _space(name) in {"functions", *_BUILTIN}, None
    if name in recipients:
        return name, True, None
    if builtin and bare in recipients:
        return bare, True, Repair.RECIPIENT_OF_BUILTIN
    named = [one for one in recipients if one.rpartition(".")[2] == name]
    if len(named) == 1:
        return named[0], True, Repair.RECIPIENT_COMPLETED
    return name, False, Repair.TOOL_NOT_OFFERED


def _read_plain(text: str, recipients: Collection[str] | None, role_due: bool) -> Header | None:
    """Text without any markup: the answer itself; None where it reads like a header after all."""
    body = text
    if role_due:
        body = text[_role_end(text) :]
        if body.strip() and body.split()[0] in _OTHER_ROLES:
            return Header(made_up=True, repairs=(Repair.ROLE_MADE_UP,))
    words = " ".join(body.split())
    if not words or (_LIKE_HEADER.fullmatch(words) and words not in CHANNELS):
        return Header()
    start = _role_end(text)
    if name := _CHANNEL_NAME.match(text, start):
        if start and name.start(1) == start:
            return None
        start = name.end()
    to = _OPEN_TO.match(text, start)
    if to and resolve(to[1], recipients)[1]:
        return None
    return Header(FINAL, content=body, repairs=(Repair.NO_MARKUP,))


def _role_end(text: str) -> int:
    match = _ROLE.match(text)
    return match.end() if match and match[1] else 0


def _known_channel(text: str) -> tuple[str, int] | None:
    """The channel that a text begins with and where its name ends."""
    if exact := _CHANNEL_NAME.match(text):
        return exact[1], exact.end()
    word = _WORD.match(text)
    if word and (name := _by_prefix(word[1])):
        return name, word.end()
    return None


def _by_prefix(word: str) -> str | None:
    word = word.lower()
    for prefix, name in ((FINAL, FINAL), (ANALYSIS, ANALYSIS), ("comment", COMMENTARY)):
        if word.startswith(prefix):
            return name
    return None


class _Found:
    """What was found in a header so far."""

    def __init__(self, recipients: Collection[str] | None) -> None:
        self.channels: list[str] = []
        self.names: list[str] = []
        self.content_type: str | None = None
        self.words: list[str] = []
        self.repairs: list[Repair] = []
        self.made_up = False
        self._stray_channel: str | None = None
        self._recipients = recipients

    def role(self, text: str, *, due: bool) -> str:
        """Take the role from the front of a text; return what is left."""
        rest = text[_role_end(text) :]
        count = text[: len(text) - len(rest)].count("assistant")
        if count > (1 if due else 0):
            self.repairs.append(Repair.ROLE_REPEATED)
        name = _CHANNEL_NAME.match(rest)
        if name and ((count and not name.start(1)) or not rest[name.end() :][:1].isalnum()):
            self.repairs.append(Repair.ROLE_GLUED)
            self.channels.append(name[1])
            return rest[name.end() :]
        if due and not count and rest.strip():
            word = rest.split()[0]
            if self._is_someone_else(word) or "to=assistant" in rest:
                self.made_up = True
            elif not word.startswith("to="):
                self.repairs.append(Repair.ROLE_UNKNOWN)
        return rest

    def _is_someone_else(self, word: str) -> bool:
        names: Iterable[str] = self._recipients or ()
        spaces = {"functions", *_BUILTIN, *map(_space, names)}
        return word.partition(":")[0] in _OTHER_ROLES or _space(word) in spaces

    def channel(self, text: str) -> str:
        """Take the channel from the front of what follows ``<|channel|>``."""
        if self.channels or self._stray_channel:
            self.repairs.append(Repair.CHANNEL_REPEATED)
        name = _known_channel(text)
        word = _WORD.match(text)
        end = word.end() if word else 0
        if name is None:
            if word and word[1]:
                self._stray_channel = re.sub(r"[^\w.-]", "", word[1])[:_NAME_LIMIT] or None
            return text[end:]
        self.channels.append(name[0])
        if word and word[1] != name[0]:
            self.repairs.append(Repair.CHANNEL_GUESSED)
        # In "commentaryto=f" the word goes on after the name of the channel.
        return text[name[1] :] if text.startswith("to=", name[1]) else text[end:]

    def recipient(self, text: str) -> str:
        """Take every ``to=NAME`` out of a text."""
        for blank, raw, markup in _TO.findall(text):
            if blank and raw:
                self.repairs.append(Repair.EXTRA_WORDS)
            if markup:
                self.repairs.append(Repair.RECIPIENT_CUT)
            reduced = re.sub(r"[^\w.-]", "", raw)
            if reduced != raw:
                self.repairs.append(Repair.RECIPIENT_REDUCED)
            self.name(reduced)
        return _TO.sub(" ", text)

    def name(self, name: str) -> None:
        """Note one recipient."""
        if name in _NOBODY or not name:
            self.repairs.append(Repair.RECIPIENT_NOT_A_TOOL)
        else:
            self.names.append(name[:_NAME_LIMIT])

    def marked_type(self, text: str) -> str:
        """Take the content type from what follows ``<|constrain|>``."""
        word, *others = text.split() or [""]
        self.content_type = self.content_type or _content_type(word)
        return " ".join(others)

    def header(self, content: str = "") -> Header:
        """All that was found, brought together."""
        if self.made_up:
            return Header(made_up=True, repairs=(Repair.ROLE_MADE_UP,))
        channel = self.channels[-1] if self.channels else None
        if len(self.names) > 1:
            self.repairs.append(Repair.RECIPIENT_REPEATED)
        recipient = self.names[0] if self.names else None
        if recipient is not None:
            channel, recipient = self._call(recipient, channel)
        if self.words and self.content_type is None:
            self._bare_type(called=recipient is not None)
        if self.words:
            self.repairs.append(Repair.EXTRA_WORDS)
        if channel is None:
            self.repairs.append(Repair.CHANNEL_UNKNOWN)
        return Header(
            channel=channel or self._stray_channel,
            recipient=recipient,
            content_type=self.content_type,
            content=content,
            repairs=tuple(dict.fromkeys(self.repairs)),
        )

    def _bare_type(self, *, called: bool) -> None:
        """Find the content type among the words: a known one, or the only word there is."""
        known = [word for word in self.words if word in _TYPES]
        word = known[0] if known else self.words[0]
        if known or len(self.words) == 1:
            self.words.remove(word)
            self.content_type = _content_type(word)
            # A model writes "to=python code": that needs no mending.
            if not (known and called):
                self.repairs.append(Repair.CONTENT_TYPE_UNMARKED)

    def _call(self, name: str, channel: str | None) -> tuple[str | None, str | None]:
        """The channel and the recipient of a message that is addressed to someone."""
        recipient, offered, repair = resolve(name, self._recipients)
        if channel == FINAL and not offered:
            self.repairs.append(Repair.RECIPIENT_NOT_A_TOOL)
            return FINAL, None
        if repair:
            self.repairs.append(repair)
        if channel not in (ANALYSIS, COMMENTARY):
            self.repairs.append(Repair.CALL_MOVED)
            channel = COMMENTARY
        return channel, recipient


def _space(name: str) -> str:
    return name.partition(".")[0]


def _content_type(word: str) -> str | None:
    return re.sub(r"[^\w/+.-]", "", word)[:_NAME_LIMIT] or None
