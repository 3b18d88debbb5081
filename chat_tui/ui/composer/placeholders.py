"""Short texts that stand for long ones while one writes: pastes and attached files.

Knows texts; must not know widgets. A label that somebody has changed is plain text like any other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from chat_tui.attachments import Attachment, block, joined, parted
from chat_tui.language import _, ngettext
from chat_tui.untrusted import clean, clean_line

MANY_LINES = 8
MANY_CHARACTERS = 1_000
"""A paste of more than one of these is stood for by a label."""
MOST_SENT = 20
"""Texts of which it is known how they were written."""
NAME_CHARACTERS = 40
"""Of a file's name, those that its label shows."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a label stands for: a paste, or a file with its name."""

    text: str
    file: Attachment | None = None
    block: str = ""
    """What the model sees of a file."""
    is_counted: bool = False
    """Whether its label tells the tokens."""


class Placeholders:
    """The labels in one text that is being written."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}
        self._sent: dict[str, tuple[str, dict[str, Kept]]] = {}
        """The last texts that were sent, whole: how they were written, and their labels."""

    def clear(self) -> None:
        """Forget all that stands here."""
        self._kept.clear()

    def sent(self, whole: str, text: str) -> None:
        """``text`` was sent as ``whole``: if that comes back, it is to look as it was written."""
        labels = {text[begin:end] for begin, end in self.found(text)}
        if labels:
            self._sent.pop(whole, None)
            self._sent[whole] = text, {label: self._kept[label] for label in labels}
            while len(self._sent) > MOST_SENT:
                del self._sent[next(iter(self._sent))]

    def paste(self, text: str) -> str:
        """A label for a long paste."""
        lines = text.removesuffix("\n").count("\n") + 1
        count = lines if lines > 1 else len(text)
        said = ngettext("pasted {count:,} character", "pasted {count:,} characters", count)
        if lines > 1:
            said = ngettext("pasted {count:,} line", "pasted {count:,} lines", count)
        return self._add(said.format(count=count), Kept(text))

    def file(self, file: Attachment) -> str:
        """A label for a file."""
        name = clean_line(file.name)
        shown = name if len(name) <= NAME_CHARACTERS else f"…{name[1 - NAME_CHARACTERS :]}"
        return self._add(shown, Kept(file.text, file, block(file)))

    def kept(self, label: str) -> Kept | None:
        """What a label stands for; None where it stands for nothing."""
        return self._kept.get(label)

    def counted(self, label: str, tokens: int) -> str:
        """The label from now on, with how many tokens it stands for."""
        kept = self._kept.pop(label, None)
        if kept is None:
            return label
        bare = label[1:-1].split(" · ", maxsplit=1)[0]
        label = _("{label} · {count:,} tok").format(label=bare, count=tokens)
        return self._add(label, replace(kept, is_counted=True))

    def found(self, text: str) -> list[tuple[int, int]]:
        """Where in ``text`` labels stand, in order: begin and end."""
        if not self._kept:
            return []
        return [match.span() for match in self._pattern().finditer(text)]

    def at(self, text: str, offset: int) -> tuple[int, int] | None:
        """The label that ``offset`` is in or at the end of; else the last one before, or the first.

        None where there is none.
        """
        spans = self.found(text)
        here = [span for span in spans if span[0] <= offset <= span[1]]
        before = [span for span in spans if span[1] < offset]
        return next(iter(here or before[-1:] or spans), None)

    def whole(self, text: str) -> str:
        """``text`` with what the labels stand for: pastes in place, files behind it all."""
        if not self._kept:
            return text
        files: dict[str, None] = {}

        def put(match: re.Match[str]) -> str:
            kept = self._kept[match.group()]
            if kept.file is None:
                return kept.text
            files[kept.block] = None
            return kept.file.name

        bare = self._pattern().sub("", text)
        question = self._pattern().sub(put, text)
        only_files = not bare.strip() and all(
            self._kept[text[begin:end]].file for begin, end in self.found(text)
        )
        return joined("" if only_files else question, list(files))

    def without_files(self, text: str) -> str:
        """``text`` with its pastes in place; files stay labels."""
        if not self._kept:
            return text

        def put(match: re.Match[str]) -> str:
            kept = self._kept[match.group()]
            return match.group() if kept.file else kept.text

        return self._pattern().sub(put, text)

    def labelled(self, whole: str) -> str:
        """What ``whole`` made, as it is written: with labels for its files, and for its pastes."""
        if whole in self._sent:
            text, kept = self._sent[whole]
            self._kept |= kept
            return text
        question, files = parted(whole)
        for file in files:
            label = self.file(file)
            if not question.strip():
                question = label
            elif file.name in question:
                question = question.replace(file.name, label, 1)
            else:
                question = f"{question} {label}"
        return question

    def _add(self, words: str, kept: Kept) -> str:
        words = words.replace("[", "(").replace("]", ")")
        label, number = f"[{words}]", 2
        while label in self._kept and self._kept[label] != kept:
            label, number = f"[{words} · {number}]", number + 1
        self._kept[label] = kept
        return label

    def _pattern(self) -> re.Pattern[str]:
        labels = sorted(self._kept, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, labels)))


def is_long(text: str) -> bool:
    """Whether a paste is stood for by a label."""
    return len(text) > MANY_CHARACTERS or text.count("\n") >= MANY_LINES


def tidy(text: str) -> str:
    """What comes from outside, as it may be written here."""
    return clean(text)
