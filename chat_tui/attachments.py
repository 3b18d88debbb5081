"""Files that go with a question: what the model sees of them, and what people see.

Knows texts and how a file is read; must not know the conversation or a face. A question with files
is one text: the question, then of each file its name and its text in a fence longer than any run
of backticks in it. So it is kept, exported and edited like any other, and can be told apart again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chat_tui.errors import InputError
from chat_tui.home import at_home
from chat_tui.language import _
from chat_tui.untrusted import clean_line

MAX_BYTES = 2 << 20
"""Of a file that is attached; more than any context of gpt-oss holds."""
_HEAD = "File: "
_BLOCK = re.compile(r"File: ([^\n]+)\n(`{3,})([\w+#.-]*)\n")
_STARTS = 100
"""So many places are tried; nobody attaches more."""


class NoSuchFile(InputError):
    """Nothing is there."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as it was when it was attached."""

    name: str
    text: str

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return len(self.text.splitlines())


def with_files(question: str, files: Sequence[Attachment]) -> str:
    """One text of a question and its files."""
    return joined(question, [block(file) for file in files])


def joined(question: str, blocks: Sequence[str]) -> str:
    """One text of a question and what ``block`` made of files."""
    parts = [question.rstrip("\n")] if question.strip() else []
    return "\n\n".join((*parts, *blocks)) if blocks else question


def parted(text: str) -> tuple[str, tuple[Attachment, ...]]:
    """The question and the files of what ``with_files`` made; any other text is all question."""
    if not text.endswith("```") or _HEAD not in text:
        return text, ()
    at = 0 if text.startswith(_HEAD) else text.find(f"\n\n{_HEAD}")
    for _start in range(_STARTS):
        if at < 0:
            break
        begin = at if text.startswith(_HEAD, at) else at + 2
        if files := _blocks(text, begin):
            return text[:at], files
        at = text.find(f"\n\n{_HEAD}", at + 1)
    return text, ()


def read_file(path: Path, name: str = "") -> Attachment:
    """The file's text under that name, else its path; takes as long as the disk. InputError."""
    shown = clean_line(name or str(path)) or "a file"
    try:
        path = at_home(path)
        if path.is_dir():
            problem = _("{name} is a folder.").format(name=shown)
            raise InputError(problem, _("Attach the files in it one by one."))
        if not path.is_file():
            raise NoSuchFile(_("There is no file {name}.").format(name=shown))
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, RuntimeError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        problem = _("{name} cannot be read: {reason}.").format(name=shown, reason=why)
        raise InputError(problem) from error
    if len(data) > MAX_BYTES:
        problem = _("{name} is larger than {count} MiB, more than a context holds.")
        raise InputError(
            problem.format(name=shown, count=MAX_BYTES >> 20),
            _("Attach a part of it, or add it to the library: /library add PATH"),
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = _("{name} is not UTF-8 text.").format(name=shown)
        raise InputError(problem, _("Only text can be attached.")) from error
    if "\0" in text:
        problem = _("{name} is not text.").format(name=shown)
        raise InputError(problem, _("Only text can be attached."))
    return Attachment(shown, text)


def block(file: Attachment) -> str:
    """A file's name and its text in a fence; takes a while for a large one."""
    longest = max((len(run) for run in re.findall("`+", file.text)), default=0)
    fence = "`" * max(3, longest + 1)
    kind = re.fullmatch(r".*\.([A-Za-z0-9+#]{1,12})", file.name)
    text = file.text if file.text.endswith("\n") or not file.text else f"{file.text}\n"
    return f"{_HEAD}{file.name}\n{fence}{kind[1].lower() if kind else ''}\n{text}{fence}"


def _blocks(text: str, at: int) -> tuple[Attachment, ...]:
    """The files from ``at`` to the very end; none where something else stands there."""
    found: list[Attachment] = []
    while match := _BLOCK.match(text, at):
        fence = match[2]
        # It closes at the first line that is nothing but the fence.
        end = match.end() - 1
        while (end := text.find(f"\n{fence}", end)) >= 0:
            after = end + 1 + len(fence)
            if after == len(text) or text[after] == "\n":
                break
            end += 1
        if end < 0:
            return ()
        found.append(Attachment(match[1], text[match.end() : end + 1]))
        if after == len(text):
            return tuple(found)
        at = after + 2
        if text[after:at] != "\n\n":
            return ()
    return ()
