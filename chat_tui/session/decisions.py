"""What is kept beside calls and results: who allowed what, when; and the files that were made.

Knows calls and the gate's words for a decision; must not know a face or how anything is kept. A
record is kept beside its call as JSON and read back without trust: a conversation may be imported.
A call is told apart from another that says the same: records belong to the very message.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from chat_tui.conversation import Message, Role
from chat_tui.language import N_, _
from chat_tui.session.gate import By, Choice, Decided
from chat_tui.session.turn import Decision
from chat_tui.tools.base import Attachment, canonical_arguments, canonical_json
from chat_tui.untrusted import clean_line

KEY = "decision"
"""Where a record stands in what is kept beside a call."""
FILES = "files"
"""Where the files that a call made stand in what is kept beside its result."""
_MOST = 100
"""Files of one result that are known again."""
_LONGEST = 300
"""Characters of a reason or a rule in the line for people."""
_LAST = 1e11
"""Seconds since 1970 after which no clock is right."""


@dataclass(frozen=True, slots=True)
class Record:
    """One decision. Every text may come from a file: whoever shows it cleans it."""

    outcome: str
    """``once``, ``always``, ``edited``, ``alone`` (nobody was asked), ``denied``, ``stopped``."""
    by: str
    """A value of ``By``; anything else was written by something else."""
    at: float = 0.0
    """When, in seconds since 1970 (UTC)."""
    mode: str = ""
    """What tools were allowed as a whole."""
    tier: str = ""
    """The sandbox that held when it was decided."""
    risk: str = ""
    title: str = ""
    """The call in a line, as it was shown."""
    asked: str = ""
    """The SHA-256 of the arguments that were decided about, in their canonical form."""
    shown: str = ""
    """The SHA-256 of all that was shown: arguments, diff, what it may touch, files' states."""
    reason: str = ""
    edited: str | None = None
    """The arguments as they ran, where the user changed them."""
    rule: str = ""
    """The permission that was given, or that spared the question."""

    @property
    def ran(self) -> bool:
        """Whether the call was let through."""
        return self.outcome in ("once", "always", "edited", "alone")

    @property
    def words(self) -> str:
        """The decision in a line for people, cleaned."""
        known = _SAID.get((self.outcome, self.by)) or _SAID.get((self.outcome, ""), N_("decided"))
        said = _(known)
        more = self.rule if self.outcome in ("always", "alone") else _(self.reason)
        if more := clean_line(more)[:_LONGEST]:
            said = f"{said}: {more}"
        return f"{said} · {_when(self.at)}" if self.at else said

    def to_json(self) -> dict[str, Any]:
        """For the store; what is empty is left out."""
        return {name: value for name, value in asdict(self).items() if value not in ("", None)}


_SAID = {
    ("once", ""): N_("allowed once by you"),
    ("always", ""): N_("allowed by you for this conversation"),
    ("edited", ""): N_("changed by you, then allowed once"),
    ("alone", By.GRANT): N_("allowed as before in this conversation"),
    ("alone", By.RULE): N_("allowed by your settings"),
    ("alone", By.YOLO): N_("allowed by --yolo"),
    ("alone", By.MODE): N_("allowed: it only reads"),
    ("alone", ""): N_("allowed without a question"),
    ("denied", By.PERSON): N_("denied by you"),
    ("denied", By.TOOL): N_("could not run"),
    ("denied", By.STOP): N_("not answered: the turn was stopped"),
    ("denied", ""): N_("denied without a question"),
    ("stopped", ""): N_("stopped by you"),
}


def record_of(decided: Decided, at: float) -> Record:
    """What is kept of a decision that was made at ``at``."""
    return Record(
        outcome=_outcome(decided),
        by=decided.by.value,
        at=round(at, 3),
        mode=decided.mode.value if decided.mode else "",
        tier=decided.tier,
        risk=decided.view.risk.value if decided.view else "",
        title=decided.view.title if decided.view else "",
        asked=_hash(canonical_arguments(decided.ran or decided.call)),
        shown=_hash(canonical_json(_comparable(decided))) if decided.view else "",
        reason=decided.reason,
        edited=decided.ran.content if decided.ran else None,
        rule=decided.rule.words if decided.rule else "",
    )


def read(extra: Mapping[str, Any]) -> Record | None:
    """The record among what was kept beside a call; None where there is none that makes sense."""
    value = extra.get(KEY)
    if not isinstance(value, Mapping):
        return None
    found: dict[str, Any] = {}
    for field in fields(Record):
        one = value.get(field.name)
        if field.name == "at":
            is_time = isinstance(one, int | float) and 0 <= one < _LAST
            found["at"] = float(one) if is_time else 0.0  # type: ignore[arg-type]
        elif isinstance(one, str):
            found[field.name] = one
    if not found.get("outcome") or "by" not in found:
        return None
    return Record(**found)


def files_to_json(files: Iterable[Attachment]) -> dict[str, Any]:
    """What is kept beside a result of files; empty for none."""
    found = [[file.name, file.media_type, str(file.path)] for file in files]
    return {FILES: found} if found else {}


def read_files(extra: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """The files among what was kept beside a result, as far as it makes sense."""
    value = extra.get(FILES)
    found = []
    for one in value[:_MOST] if isinstance(value, list) else []:
        match one:
            case [str(name), str(kind), str(path)] if "\0" not in path:
                found.append(Attachment(name, kind, Path(path)))
    return tuple(found)


class Decisions:
    """The records of one conversation at a time."""

    def __init__(self) -> None:
        self._of: dict[int, tuple[Message, Record]] = {}
        self._files: dict[int, tuple[Message, tuple[Attachment, ...]]] = {}

    def add(self, call: Message, record: Record) -> None:
        """Remember what was decided about just this message."""
        self._of[id(call)] = (call, record)  # the message is held, so that its id stays its own

    def of(self, call: Message) -> Record | None:
        """What was decided about just this message."""
        found = self._of.get(id(call))
        return found[1] if found else None

    def recall(self, kept: Iterable[tuple[Message, Mapping[str, Any]]]) -> None:
        """Read what was kept beside messages, instead of all that is known."""
        self._of, self._files = {}, {}
        for message, extra in kept:
            if message.is_call and (record := read(extra)) is not None:
                self.add(message, record)
            elif message.role is Role.TOOL and (files := read_files(extra)):
                self.made(message, files)

    def made(self, result: Message, files: tuple[Attachment, ...]) -> None:
        """Remember which files came of just this result."""
        self._files[id(result)] = (result, files)

    def files(self, result: Message) -> tuple[Attachment, ...]:
        """What came of just this result, in this run of the program or an earlier one."""
        found = self._files.get(id(result))
        return found[1] if found else ()

    def line(self, message: Message) -> str:
        """The decision in words; empty where there is none."""
        record = self.of(message)
        return record.words if record else ""


def _outcome(decided: Decided) -> str:
    if decided.decision is Decision.STOP:
        return "stopped"
    if decided.decision is not Decision.ALLOW:
        return "denied"
    if decided.by is not By.PERSON:
        return "alone"
    if decided.ran is not None:
        return "edited"
    return "always" if decided.choice is Choice.CONVERSATION else "once"


def _comparable(decided: Decided) -> list[Any]:
    view = decided.view
    if view is None:
        return []
    return [view.title, view.body, view.diff, view.touches, view.problem, view.fingerprint]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _when(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")
